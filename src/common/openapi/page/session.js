/** @import { Answer, System, User, Where } from './types.js' */

const API = '/api/v1';
const REFRESH_TOKEN = 'stockroom.refreshToken';
/** How long before its end an access token is replaced, in milliseconds. */
const MARGIN = 10_000;

const ENDED = 'You are signed out: your session has ended. Sign in again.';

/**
 * Who the page is signed in as: knows its tokens, refreshes them, and notices when the session is gone.
 * @fires change when another person is signed in, or nobody any more, or there are other tokens.
 */
export class Session extends EventTarget {
  /** Who is signed in, once the API has said so. @type {User | undefined} */
  user;
  /** What a person should know about it. */
  notice = '';

  /** @type {System | undefined} */
  #system;
  /** @type {Promise<string | undefined> | undefined} */
  #refreshing;
  /** The access token that the refresh token belongs to. */
  #adopted = '';

  /** The plugin of Swagger UI that tells of tokens which are given or taken away in its own dialog. */
  plugin = () => ({
    /** @param {System} system */
    afterLoad: (system) => {
      this.#system = system;
    },
    statePlugins: {
      auth: {
        wrapActions: {
          authorizeWithPersistOption: this.#then(() => {
            // a token that was pasted comes without a refresh token
            if (this.#adopted !== this.token) localStorage.removeItem(REFRESH_TOKEN);
            return this.check();
          }),
          logoutWithPersistOption: this.#then(() => this.#forget()),
        },
      },
    },
  });

  /** The access token, if the page has one. @returns {string | undefined} */
  get token() {
    const token = this.#system?.authSelectors.authorized().getIn(['bearer'])?.get('value');
    return typeof token === 'string' && token !== '' ? token : undefined;
  }

  /** The refresh token that works next. */
  get refreshToken() {
    return localStorage.getItem(REFRESH_TOKEN) ?? undefined;
  }

  /**
   * Signs in with e-mail and password, and creates a session.
   * @param {string} email
   * @param {string} password
   */
  async signIn(email, password) {
    const answer = await post('/auth/login', { email, password });
    if (answer.ok) this.adopt(await answer.json());
    else this.#tell(`Signing in as ${email} failed: ${(await answer.json()).detail}`);
  }

  /** Ends the session. */
  async signOut() {
    const token = this.token;
    this.#signedOut('');
    if (token) await fetch(`${API}/auth/logout`, { method: 'POST', headers: { Authorization: `Bearer ${token}` } });
  }

  /** Takes the tokens of a login or a refresh. @param {{ accessToken: string, refreshToken: string }} tokens */
  adopt({ accessToken, refreshToken }) {
    this.#adopted = accessToken;
    localStorage.setItem(REFRESH_TOKEN, refreshToken);
    this.#system?.authActions.authorizeWithPersistOption({
      bearer: { name: 'bearer', schema: { type: 'http', scheme: 'bearer' }, value: accessToken },
    });
  }

  /** Asks the API who is signed in. */
  async check() {
    if (!this.token) return;
    const answer = await this.fetch(`${API}/users/me`);
    if (answer.ok) this.#become(await answer.json());
    else if (answer.status === 401) this.#signedOut(ENDED);
  }

  /** Gets something as the person who is signed in. @param {string} url */
  async fetch(url) {
    return fetch(url, { headers: this.token ? (await this.authorize({ url, headers: this.#headers() })).headers : {} });
  }

  /**
   * Replaces the access token of a request when it is about to run out, so that the page stays signed in as long as the
   * session lasts.
   * @template {{ url: string, headers?: Record<string, string> }} R
   * @param {R} request
   * @returns {Promise<R>}
   */
  async authorize(request) {
    const token = request.headers?.Authorization?.split(' ')[1];
    if (!request.headers || !token || !this.refreshToken || request.url.endsWith('/auth/refresh')) return request;
    if (endOf(token) > Date.now() + MARGIN) return request;
    this.#refreshing ??= this.#refresh().finally(() => {
      this.#refreshing = undefined;
    });
    const fresh = await this.#refreshing;
    if (fresh) request.headers.Authorization = `Bearer ${fresh}`;
    return request;
  }

  /**
   * Learns from the answer to an executed operation whether the session is another one, or gone.
   * @param {Where} where
   * @param {Answer} answer
   */
  async answered([path, method], answer) {
    if (isTokens(answer.obj) && answer.ok) this.adopt(answer.obj);
    else if (answer.ok && path === `${API}/auth/logout`) this.#signedOut('You are signed out.');
    else if (answer.status === 401 && answer.headers['www-authenticate']?.includes('invalid_token')) {
      this.#signedOut(ENDED);
    } else if (answer.ok && method !== 'get' && /\/(auth|users)\//.test(path)) await this.check();
  }

  async #refresh() {
    const answer = await post('/auth/refresh', { refreshToken: this.refreshToken });
    if (!answer.ok) {
      if (answer.status === 401) this.#signedOut(ENDED);
      return undefined;
    }
    const tokens = await answer.json();
    this.adopt(tokens);
    return String(tokens.accessToken);
  }

  /** @param {string} notice */
  #signedOut(notice) {
    this.notice = notice;
    this.#system?.authActions.logoutWithPersistOption(['bearer']);
  }

  #forget() {
    localStorage.removeItem(REFRESH_TOKEN);
    this.user = undefined;
    this.#changed();
  }

  /** @param {User} user */
  #become(user) {
    this.user = user;
    this.notice = '';
    this.#changed();
  }

  /** @param {string} notice */
  #tell(notice) {
    this.notice = notice;
    this.#changed();
  }

  #changed() {
    this.dispatchEvent(new Event('change'));
  }

  /** @returns {Record<string, string>} */
  #headers() {
    return { Authorization: `Bearer ${this.token}` };
  }

  /**
   * An action of Swagger UI that has something done after it.
   * @param {() => unknown} next
   */
  #then(next) {
    return (/** @type {(payload: unknown) => unknown} */ act) => (/** @type {unknown} */ payload) => {
      const action = act(payload);
      next();
      return action;
    };
  }
}

/**
 * When a JWT runs out, in milliseconds since 1970; `Infinity` if it does not say.
 * @param {string} token
 */
function endOf(token) {
  try {
    const payload = (token.split('.')[1] ?? '').replaceAll('-', '+').replaceAll('_', '/');
    return Number(JSON.parse(atob(payload)).exp) * 1000;
  } catch {
    return Infinity;
  }
}

/**
 * @param {string} path
 * @param {object} body
 */
function post(path, body) {
  return fetch(API + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
}

/**
 * @param {unknown} value
 * @returns {value is { accessToken: string, refreshToken: string }}
 */
function isTokens(value) {
  return typeof value === 'object' && value !== null && 'accessToken' in value && 'refreshToken' in value;
}
