/** @import { Answer, OpenApiDocument, Where } from './types.js' */
/** @import { Session } from './session.js' */

const UUID = /^[0-9a-f-]{36}$/i;

/**
 * What the page has seen of the API: the ids in each list, and the ETag of each resource.
 * @fires change when it has learned or forgotten something.
 * @fires other-resource when a person, or the page, puts another id into the field of one.
 */
export class Memory extends EventTarget {
  /** The ids in each list, by its address; those to offer first. @type {Map<string, string[]>} */
  #ids = new Map();
  /** Ids that are offered only when there is no other: the session of this page, and who is signed in. @type {Set<string>} */
  #own = new Set();
  /** The ETag of each resource, by its address. @type {Map<string, string>} */
  #etags = new Map();
  /** The ids of what each resource has in it, by its address and the name of the member. @type {Map<string, Promise<string | undefined>>} */
  #parts = new Map();
  /** What may not be looked at, or isn't there. @type {Set<string>} */
  #refused = new Set();
  /** What is being looked at, by its address. @type {Map<string, Promise<void>>} */
  #looking = new Map();

  /**
   * @param {OpenApiDocument} document
   * @param {Session} session
   */
  constructor({ paths }, session) {
    super();
    this.paths = paths;
    this.session = session;
    let user = session.user?.id;
    session.addEventListener('change', () => {
      if (user !== session.user?.id) this.#clear();
      user = session.user?.id;
      this.dispatchEvent(new Event('change'));
    });
  }

  /** An id to offer of those in a list. @param {string} list its address */
  idIn(list) {
    const ids = this.#ids.get(list) ?? [];
    return ids.find((id) => !this.#isOwn(id)) ?? ids[0];
  }

  /** @param {string} address */
  etagOf(address) {
    return this.#etags.get(address);
  }

  /**
   * The id of the first thing that a resource has in one of its members.
   * @param {string} address
   * @param {string} member
   */
  partOf(address, member) {
    const key = `${address} ${member}`;
    const known = this.#parts.get(key) ?? this.#readPart(address, member);
    this.#parts.set(key, known);
    return known;
  }

  /**
   * @param {string} address
   * @param {string} member
   * @returns {Promise<string | undefined>}
   */
  async #readPart(address, member) {
    const response = await this.session.fetch(address);
    return response.ok ? (await response.json())[member]?.[0]?.id : undefined;
  }

  /**
   * What goes where no list is: below a list what its first thing has (`products/by-slug/{slug}`), below a resource what the first of
   * its parts has (`product-families/…/members/{productId}`), else the id of something that is called so.
   * @param {string} address what is before it
   * @param {string} name of the parameter
   * @returns {Promise<string | undefined>}
   */
  async nameIn(address, name) {
    const [of, part] = split(address);
    const response = of.endsWith('/') ? undefined : await this.session.fetch(of);
    const body = response?.ok ? await response.json() : {};
    const [list] = Object.keys(this.paths).filter((path) => path.endsWith(`/${name.replace(/Id$/, 's')}`));
    if (!list) return (body.data ?? body[part])?.[0]?.[name];
    await this.look(list, list);
    return body[part]?.[0]?.[name] ?? this.idIn(list);
  }

  /**
   * Looks at a list or a resource, unless that has been done, or may not be done by who is signed in.
   * @param {string} template its path in the document
   * @param {string} address
   */
  async look(template, address) {
    const security = this.paths[template]?.get?.security;
    if (!security || !(this.session.token || security.length === 0 || security.some((way) => !('bearer' in way))))
      return;
    const known = template.endsWith('}') ? this.#etags.has(address) : this.idIn(address) !== undefined;
    const isId = !template.endsWith('}') || UUID.test(address.split('/').at(-1) ?? '');
    if (known || !isId || this.#refused.has(address)) return;
    const looking = this.#looking.get(address) ?? this.#get(address).finally(() => this.#looking.delete(address));
    this.#looking.set(address, looking);
    await looking;
  }

  /**
   * Learns from the answer to an executed operation.
   * @param {Where} where
   * @param {Answer} answer
   */
  learn([template, method], { ok, status, url, headers, obj }) {
    const address = new URL(url, location.href).pathname;
    if (status === 404 || (ok && method === 'delete')) this.#forget(template, address);
    if (status === 412 && headers.etag) this.#etags.set(address, headers.etag);
    if (ok && method !== 'delete') this.#learnOfSuccess([template, method], address, headers, obj);
    this.dispatchEvent(new Event('change'));
  }

  /**
   * @param {Where} where
   * @param {string} address
   * @param {Answer['headers']} headers
   * @param {unknown} body
   */
  #learnOfSuccess([template, method], address, { location: to, etag }, body) {
    const made = to && new URL(to, new URL(address, location.href)).pathname;
    if (made && this.#isResource(made)) this.#see(made, etag);
    else if (template.endsWith('}')) this.#see(address, etag);
    else if (method === 'get') this.#seeList(address, body);
    for (const url of filesOf(body)) this.#see(split(url)[0], undefined);
    if (method !== 'get') this.#changedBelow(address);
    if (/\/auth\/.*-password$/.test(address)) this.#forgetBelow(address.replace(/[^/]+$/, 'sessions'));
  }

  /** @param {string} address */
  async #get(address) {
    const response = await this.session.fetch(address);
    if (!response.ok) {
      this.#refused.add(address);
      return;
    }
    const obj = await response.json();
    if (Array.isArray(obj.data)) this.#seeList(address, obj);
    else this.#etags.set(address, response.headers.get('etag') ?? '');
  }

  /**
   * @param {string} address
   * @param {string | undefined} etag
   */
  #see(address, etag) {
    if (etag) this.#etags.set(address, etag);
    const [list, id] = split(address);
    this.#ids.set(list, [id, ...(this.#ids.get(list) ?? []).filter((other) => other !== id)]);
  }

  /**
   * The ETag of a list is not that of a thing in it.
   * @param {string} address
   * @param {unknown} body
   */
  #seeList(address, body) {
    if (!isList(body)) return;
    for (const { id, current } of body.data) if (id && current) this.#own.add(id);
    const ids = body.data.flatMap(({ id }) => (id ? [id] : []));
    this.#ids.set(address, ids);
  }

  /**
   * Forgets what is gone, and all below it.
   * @param {string} template
   * @param {string} address
   */
  #forget(template, address) {
    const names = template.split('/');
    const last = names.findLastIndex((name) => name.startsWith('{'));
    const gone =
      last < 0
        ? address
        : address
            .split('/')
            .slice(0, last + 1)
            .join('/');
    this.#forgetBelow(gone);
    const [list, id] = split(gone);
    const ids = this.#ids.get(list);
    if (ids)
      this.#ids.set(
        list,
        ids.filter((other) => other !== id),
      );
  }

  /** @param {string} address */
  #forgetBelow(address) {
    for (const known of [this.#ids, this.#etags]) {
      for (const other of known.keys()) if (other === address || other.startsWith(`${address}/`)) known.delete(other);
    }
  }

  /** What was done below a resource may have changed it. @param {string} address */
  #changedBelow(address) {
    for (const resource of this.#etags.keys()) if (address.startsWith(`${resource}/`)) this.#etags.delete(resource);
  }

  #clear() {
    this.#ids.clear();
    this.#own.clear();
    this.#etags.clear();
    this.#parts.clear();
    this.#refused.clear();
  }

  /** @param {string} id */
  #isOwn(id) {
    return this.#own.has(id) || id === this.session.user?.id;
  }

  /** Whether an address is that of one thing. @param {string} address */
  #isResource(address) {
    return Object.keys(this.paths).some(
      (path) => path.endsWith('}') && new RegExp(`^${path.replace(/\{\w+\}/g, '[^/]+')}$`).test(address),
    );
  }
}

/**
 * Where the files are of what is answered.
 * @param {unknown} body
 * @returns {string[]}
 */
function filesOf(body) {
  const urls = typeof body === 'object' && body !== null && 'urls' in body ? body.urls : undefined;
  return typeof urls === 'object' && urls !== null ? Object.values(urls).map(String) : [];
}

/**
 * The address of the list, and the id in it.
 * @param {string} address
 * @returns {[string, string]}
 */
function split(address) {
  const at = address.lastIndexOf('/');
  return [address.slice(0, at), address.slice(at + 1)];
}

/**
 * @param {unknown} body
 * @returns {body is { data: { id?: string, current?: boolean }[] }}
 */
function isList(body) {
  return typeof body === 'object' && body !== null && 'data' in body && Array.isArray(body.data);
}
