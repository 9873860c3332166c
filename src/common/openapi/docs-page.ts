/*
 * What the page at /docs does beyond Swagger UI: two plugins of it. Both functions run there. Their source text is sent, so
 * they may use nothing from around them but types.
 */

type Component = (props: object) => object;

/** A collection of Immutable.js, which Swagger UI keeps its state in. */
interface Immutable {
  get(name: string): unknown;
  getIn(path: readonly string[]): Immutable | undefined;
  toArray(): Immutable[];
}

type Where = [path: string, method: string];

interface Answer {
  ok: boolean;
  status: number;
  url: string;
  headers: { etag?: string; location?: string };
  obj?: { data?: { id?: string }[] } | null;
}

/** What Swagger UI hands to its plugins, as far as they use it. */
interface System {
  React: { createElement: (type: Component | string, props: object | null, ...children: unknown[]) => object };
  fn: {
    fetch(request: object): Promise<Answer>;
    isFileUploadIntended(schema: unknown, mediaType: string): boolean;
  };
  getConfigs(): { requestInterceptor: unknown };
  authSelectors: { authorized(): Immutable };
  specSelectors: {
    specJS(): { paths: Record<string, Record<string, { operationId: string; security: object[] }>> };
    specJsonWithResolvedSubtrees(): Immutable;
    parameterWithMetaByIdentity(where: Where, field: Immutable): Immutable;
  };
  specActions: { changeParamByIdentity(where: Where, field: Immutable, value: unknown): void };
}

/**
 * Offers in the fields of each operation what works: the id and the `ETag` that the page saw last, and a fresh
 * Idempotency-Key. What a person types stays until it has been sent.
 */
export function offerWhatWorks(): object {
  /** The last resource that was seen of each kind: its address by its path in the document. */
  const seen = new Map<string, string>();
  /** The ETag of each resource, by its address. */
  const etags = new Map<string, string>();
  /** What is in a field and not typed, or not any more. */
  const offered = new Map<string, unknown>();

  const fieldsOf = (system: System, [path, method]: Where): Immutable[] =>
    system.specSelectors.specJsonWithResolvedSubtrees().getIn(['paths', path, method, 'parameters'])?.toArray() ?? [];
  const valueOf = (system: System, where: Where, field: Immutable): unknown =>
    system.specSelectors.parameterWithMetaByIdentity(where, field).get('value');
  const keyOf = (where: Where, field: Immutable): string => [...where, field.get('name')].join(' ');

  function offer(system: System, where: Where, field: Immutable, value: string): void {
    const present = valueOf(system, where, field);
    if (present === value || (present && present !== offered.get(keyOf(where, field)))) return;
    offered.set(keyOf(where, field), value);
    system.specActions.changeParamByIdentity(where, field, value);
  }

  /** Fills in the fields of an operation. */
  function fill(system: System, where: Where): void {
    const [path] = where;
    const names = path.split('/');
    const [, resource = ''] =
      [...seen]
        .sort(([a], [b]) => b.length - a.length)
        .find(([template]) => path === template || path.startsWith(`${template}/`)) ?? [];
    let address = path;
    for (const field of fieldsOf(system, where)) {
      const name = String(field.get('name'));
      if (field.get('in') === 'path') {
        const id = resource.split('/')[names.indexOf(`{${name}}`)];
        if (id) offer(system, where, field, id);
        address = address.replace(`{${name}}`, String(valueOf(system, where, field)));
      } else if (name === 'If-Match') {
        offer(system, where, field, etags.get(address) ?? '*');
      } else if (name === 'Idempotency-Key' && !valueOf(system, where, field)) {
        offer(system, where, field, freshKey());
      }
    }
  }

  const freshKey = (): string => `docs-${Date.now().toString(36)}-${Math.random().toString(36).slice(2)}`;

  /** The operations that have been opened, by their ids. */
  const opened = new Map<string, Where>();
  function fillAll(system: System): void {
    for (const where of opened.values()) fill(system, where);
  }

  /** Keeps in mind which resource an answer is about: one it made, the first one of a list, or the one at its address. */
  function learn(system: System, { url, headers, obj }: Answer): void {
    const { pathname } = new URL(url);
    const [first] = obj?.data ?? [];
    const resource = headers.location
      ? new URL(headers.location, url).pathname
      : first?.id
        ? `${pathname}/${first.id}`
        : pathname;
    if (headers.etag) etags.set(resource, headers.etag);
    const templates = Object.keys(system.specSelectors.specJS().paths);
    const template = templates.includes(resource)
      ? resource
      : templates.find((path) => new RegExp(`^${path.replace(/\{\w+\}/g, '[^/]+')}$`).test(resource));
    if (template) seen.set(template, resource);
  }

  /** Looks at something without its being asked for, as whoever is signed in. */
  async function look(system: System, url: string): Promise<void> {
    const token = system.authSelectors.authorized().getIn(['bearer'])?.get('value');
    const answer = await system.fn.fetch({
      url,
      headers: typeof token === 'string' ? { Authorization: `Bearer ${token}` } : {},
      requestInterceptor: system.getConfigs().requestInterceptor,
    });
    learn(system, answer);
    fillAll(system);
  }

  /** Fills in an operation that is being opened; what it needs an id of is looked for, when none was seen yet. */
  async function open(system: System, operationId: string): Promise<void> {
    const { paths } = system.specSelectors.specJS();
    const where = Object.entries(paths)
      .flatMap(([path, item]) => Object.entries(item).map(([method, operation]) => ({ path, method, operation })))
      .find(({ operation }) => operation.operationId === operationId);
    if (!where) return;
    const { path, method } = where;
    opened.set(operationId, [path, method]);
    fill(system, [path, method]);
    const list = path.slice(0, path.indexOf('/{'));
    const security = paths[list]?.get?.security;
    if (!path.includes('/{') || !security || [...seen.keys()].some((template) => template.startsWith(`${list}/{`)))
      return;
    const closed = security.length > 0 && security.every((way) => 'bearer' in way);
    if (!closed || system.authSelectors.authorized().getIn(['bearer'])) await look(system, list);
  }

  function answered(system: System, where: Where, answer: Answer): void {
    for (const field of fieldsOf(system, where)) {
      const key = keyOf(where, field);
      const sent = valueOf(system, where, field);
      if (field.get('name') !== 'Idempotency-Key') offered.set(key, sent);
      else if (answer.status < 500 && sent === offered.get(key)) offer(system, where, field, freshKey());
    }
    if (!answer.ok) return;
    if (where[1] !== 'delete') learn(system, answer);
    fillAll(system);
    // what was done below a resource may have changed it
    if (where[1] === 'get') return;
    const { pathname } = new URL(answer.url);
    for (const resource of etags.keys()) {
      if (pathname.startsWith(`${resource}/`)) void look(system, resource).catch(() => undefined);
    }
  }

  return {
    statePlugins: {
      layout: {
        wrapActions: {
          show: (show: (...args: unknown[]) => unknown, system: System) => (thing: unknown, shown?: boolean) => {
            if (Array.isArray(thing) && thing[0] === 'operations' && thing.length === 3 && shown !== false) {
              void open(system, String(thing[2])).catch(() => undefined);
            }
            return show(thing, shown);
          },
        },
      },
      spec: {
        wrapActions: {
          changeParamByIdentity:
            (change: (...args: unknown[]) => unknown, system: System) =>
            (where: Where, field: Immutable, ...rest: unknown[]) => {
              const action = change(where, field, ...rest);
              // another id: another resource, and its ETag
              if (field.get('in') === 'path' && rest[0]) fill(system, where);
              return action;
            },
          setResponse:
            (set: (...args: unknown[]) => unknown, system: System) =>
            (path: string, method: string, result: Answer & { err?: { response?: Answer } }) => {
              const action = set(path, method, result);
              const answer = result.err ? result.err.response : result;
              if (answer) answered(system, [path, method], answer);
              return action;
            },
        },
      },
    },
  };
}

interface Fault {
  pointer?: string;
  parameter?: string;
  header?: string;
  detail: string;
}

interface LiveResponseProps {
  response: Immutable;
}

interface ResponseProps {
  code: string;
  response: Immutable;
  getComponent: (name: string, container: true) => Component;
}

interface RequestBodyProps {
  isExecute: boolean;
  requestBody?: Immutable;
  requestBodyValue: unknown;
  requestBodyErrors: Immutable;
  contentType: string;
  onChange: (value: unknown) => void;
  getComponent: (name: string) => Component;
}

/**
 * Shows what Swagger UI does not: what a problem says, with a link to what to do about it; failures that may come, in a line
 * each; and for a body that is a file, besides, the example to write in.
 */
export function showMore(): object {
  const problemIn = (response: Immutable): { title?: string; detail?: string; type?: string; errors?: Fault[] } => {
    try {
      return JSON.parse(String(response.get('text'))) as object;
    } catch {
      return {};
    }
  };

  return {
    wrapComponents: {
      liveResponse:
        (Original: Component, { React: { createElement: h } }: System) =>
        (props: LiveResponseProps): object => {
          const { title, detail, type, errors = [] } = problemIn(props.response);
          if (!title || !type) return h(Original, props);
          const faults = errors.map(({ pointer, parameter, header, detail: reason }) =>
            h('li', null, [pointer ?? parameter ?? header, reason].join(' ')),
          );
          return h(
            'div',
            null,
            h(
              'div',
              { className: 'problem', role: 'alert' },
              h('strong', null, title),
              h('p', null, detail),
              h('ul', null, ...faults),
              // the page is where the API is, whatever public address it has
              h('a', { href: new URL(type).pathname, target: '_blank' }, 'What it means, and what to do'),
            ),
            h(Original, props),
          );
        },
      response:
        (Original: Component, { React: { createElement: h } }: System) =>
        (props: ResponseProps): object => {
          const { code, response, getComponent } = props;
          if (code < '400') return h(Original, props);
          return h(
            'tr',
            { className: 'response', 'data-code': code },
            h('td', { className: 'response-col_status' }, code),
            h('td', { colSpan: 2 }, h(getComponent('Markdown', true), { source: response.get('description') })),
          );
        },
      RequestBody:
        (Original: Component, { React: { createElement: h }, fn }: System) =>
        (props: RequestBodyProps): object => {
          const { isExecute, contentType, onChange, getComponent } = props;
          const { requestBodyValue: value, requestBodyErrors: errors } = props;
          const media = props.requestBody?.getIn(['content', contentType]);
          const example = media?.get('example');
          const isFile = fn.isFileUploadIntended(media?.get('schema'), contentType);
          const chosen = value && typeof value !== 'string';
          if (!isExecute || !example || !isFile || chosen) return h(Original, props);
          return h(
            'div',
            null,
            h(Original, props),
            h('p', null, 'Choose a file, or send what is written here.'),
            h(getComponent('RequestBodyEditor'), { value, defaultValue: example, errors, onChange, getComponent }),
          );
        },
    },
  };
}
