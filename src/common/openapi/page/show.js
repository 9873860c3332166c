/** @import { Component, Immutable, Settings, System } from './types.js' */

/**
 * @typedef {{ pointer?: string, parameter?: string, header?: string, detail: string }} Fault
 * @typedef {{ title?: string, detail?: string, type?: string, errors?: Fault[] }} ProblemBody
 */

/**
 * Shows what Swagger UI does not: what a problem says, with a link to what to do about it; failures that may come, in a line
 * each; whether signing in is needed; and, for a body that is a file, also the example to write in.
 * @param {Settings} settings
 */
export function showMore(settings) {
  return {
    wrapComponents: {
      liveResponse:
        (/** @type {Component} */ Original, /** @type {System} */ { React: { createElement: h } }) =>
        (/** @type {{ response: Immutable }} */ props) => {
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
              // the page has the same origin as the API, which may have another public address
              h(
                'a',
                { href: new URL(type, location.href).pathname, target: '_blank' },
                'What it means, and what to do',
              ),
            ),
            h(Original, props),
          );
        },

      response:
        (/** @type {Component} */ Original, /** @type {System} */ { React: { createElement: h } }) =>
        (/** @type {{ code: string, response: Immutable, getComponent: System['getComponent'] }} */ props) => {
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
        (/** @type {Component} */ Original, /** @type {System} */ { React: { createElement: h }, fn }) =>
        (
          /** @type {{ isExecute: boolean, requestBody?: Immutable, requestBodyValue: unknown, requestBodyErrors: Immutable, contentType: string, onChange: (value: unknown) => void, getComponent: System['getComponent'] }} */ props,
        ) => {
          const { isExecute, contentType, onChange, getComponent } = props;
          const { requestBodyValue: value, requestBodyErrors: errors } = props;
          const media = props.requestBody?.getIn(['content', contentType]);
          const example = media?.get('example');
          const isFile = fn.isFileUploadIntended(media?.get('schema'), contentType);
          const chosen = value && typeof value !== 'string';
          const isMailed = media?.getIn(['schema', 'properties', 'token']) !== undefined;
          return h(
            'div',
            null,
            ...(isMailed && settings.mailbox ? [mailboxNote(h, settings.mailbox)] : []),
            h(Original, props),
            ...(isExecute && example && isFile && !chosen
              ? [
                  h('p', null, 'Choose a file, or send what is written here.'),
                  h(getComponent('RequestBodyEditor'), {
                    value,
                    defaultValue: example,
                    errors,
                    onChange,
                    getComponent,
                  }),
                ]
              : []),
          );
        },

      // a padlock says that signing in is needed, so there is none where it is optional
      OperationSummary:
        (/** @type {Component} */ Original, /** @type {System} */ { React: { createElement: h } }) =>
        (/** @type {{ operationProps: Immutable }} */ props) => {
          const security = /** @type {Immutable | undefined} */ (props.operationProps.get('security'));
          const isOptional = security?.some((way) => way.isEmpty());
          return h(
            Original,
            isOptional ? { ...props, operationProps: props.operationProps.set('security', undefined) } : props,
          );
        },

      authorizeOperationBtn:
        (/** @type {Component} */ _original, /** @type {System} */ { React: { createElement: h } }) =>
        (
          /** @type {{ isAuthorized: boolean, onClick: () => void, getComponent: System['getComponent'] }} */ {
            isAuthorized,
            onClick,
            getComponent,
          },
        ) => {
          const title = isAuthorized ? 'Needs signing in: you are signed in' : 'Needs signing in';
          const Icon = getComponent(isAuthorized ? 'UnlockAuthOperationIcon' : 'LockAuthOperationIcon', true);
          return h(
            'button',
            {
              className: 'authorization__btn',
              title,
              'aria-label': title,
              onClick: (/** @type {{ stopPropagation(): void }} */ event) => {
                event.stopPropagation();
                onClick();
              },
            },
            h(Icon, { className: isAuthorized ? 'unlocked' : 'locked' }),
          );
        },

      // one server is no choice
      ServersContainer:
        (
          /** @type {Component} */ Original,
          /** @type {System & { specSelectors: { servers(): { size: number } } }} */ system,
        ) =>
        (/** @type {object} */ props) =>
          system.specSelectors.servers().size > 1 ? system.React.createElement(Original, props) : null,
    },
  };
}

/**
 * @param {System['React']['createElement']} h
 * @param {string} mailbox
 */
function mailboxNote(h, mailbox) {
  return h(
    'p',
    { className: 'mailbox-note' },
    'The token comes by mail. That of the latest mail is filled in; the mails are in the ',
    h('a', { href: mailbox, target: '_blank' }, 'mailbox'),
    '.',
  );
}

/**
 * @param {Immutable} response
 * @returns {ProblemBody}
 */
function problemIn(response) {
  try {
    return JSON.parse(String(response.get('text')));
  } catch {
    return {};
  }
}
