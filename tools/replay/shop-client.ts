import { setTimeout as pause } from 'node:timers/promises';
import createClient, { type Client } from 'openapi-fetch';
import type { components, paths } from '../../generated/api.js';
import { StartError } from '../../src/common/config/start-error.js';

/** The shapes of the API, by their names in its document. */
export type Schemas = components['schemas'];

/** What the API says of a failure; what stands before it may answer something else. */
type Failure = Partial<Schemas['ProblemDto']>;

/** What a request of the typed client comes to. */
interface Reply<T> {
  data?: T;
  error?: Failure;
  response: Response;
}

/** One page of a list. */
interface Page<T> {
  data: T[];
  page: { next: string | null };
}

export interface Credentials {
  email: string;
  password: string;
}

/** The most items of a page. */
const PAGE = 100;

const LOGIN = '/api/v1/auth/login';

/** How often a request is sent before it is given up: the shop was busy, or did not answer. */
const ATTEMPTS = 6;

/** A request that the shop refused; `message` is a line for the person at the terminal. */
class Refused extends StartError {
  constructor(
    what: string,
    readonly status: number,
    { detail, errors = [] }: Failure,
  ) {
    const faults = errors.map((fault) => ` ${fault.pointer ?? ''} ${fault.detail}`.trimEnd());
    super([`${what}: ${String(status)}`, detail ?? '', ...faults].join(' ').trim());
  }
}

/** The public API of a shop, asked as one account that is signed in. */
export class ShopClient {
  private readonly client: Client<paths>;
  private token = '';
  private signingIn: Promise<void> | undefined;

  private constructor(
    private readonly url: string,
    private readonly credentials: Credentials,
    private readonly signal: AbortSignal,
  ) {
    this.client = createClient<paths>({ baseUrl: url });
    this.client.use({
      onRequest: ({ request, schemaPath }) => {
        if (schemaPath !== LOGIN) request.headers.set('authorization', `Bearer ${this.token}`);
        return request;
      },
    });
  }

  /** @throws StartError when no shop answers, or it does not let the account in. */
  static async signIn(url: string, credentials: Credentials, signal: AbortSignal): Promise<ShopClient> {
    const client = new ShopClient(url, credentials, signal);
    await client.signIn();
    return client;
  }

  /**
   * Sends a request, again while the shop is busy or does not answer: it must be safe to repeat, by its method or its Idempotency-Key.
   * @param what names the request in messages.
   * @throws Refused
   */
  async send<T>(what: string, request: (client: Client<paths>) => Promise<Reply<T>>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      const reply = await this.reply(request);
      if (reply?.data !== undefined) return reply.data;
      if (reply?.response.status === 401 && attempt < ATTEMPTS) {
        await this.signIn();
        continue;
      }
      if (attempt >= ATTEMPTS || (reply && !isBusy(reply))) {
        if (reply) throw new Refused(what, reply.response.status, reply.error ?? {});
        throw new StartError(`${what}: no shop answers at ${this.url}. Start it, or correct --url.`);
      }
      const seconds = Number(reply?.response.headers.get('retry-after') ?? attempt / 2);
      // the next attempt throws the reason of the signal
      await pause(Math.min(seconds, 60) * 1000, undefined, { signal: this.signal }).catch(() => undefined);
    }
  }

  /** All items of a list, page by page. */
  async *list<T>(
    what: string,
    read: (client: Client<paths>, query: { limit: number; cursor?: string }) => Promise<Reply<Page<T>>>,
  ): AsyncGenerator<T> {
    let next: string | null | undefined;
    do {
      const cursor = next ?? undefined;
      const { data, page } = await this.send(what, (client) => read(client, { limit: PAGE, cursor }));
      yield* data;
      next = page.next;
    } while (next !== null);
  }

  /** Requests whose token has run out at the same time sign in once. */
  private async signIn(): Promise<void> {
    this.signingIn ??= this.login().finally(() => (this.signingIn = undefined));
    return this.signingIn;
  }

  private async login(): Promise<void> {
    const body = this.credentials;
    const reply = await this.reply((client) => client.POST(LOGIN, { body }));
    if (!reply) throw new StartError(`No shop answers at ${this.url}. Start it, or correct --url.`);
    if (!reply.data) throw new Refused(`Signing in as ${body.email}`, reply.response.status, reply.error ?? {});
    this.token = reply.data.accessToken;
  }

  /** @returns undefined when no answer came. */
  private async reply<T>(request: (client: Client<paths>) => Promise<Reply<T>>): Promise<Reply<T> | undefined> {
    this.signal.throwIfAborted();
    try {
      return await request(this.client);
    } catch (error) {
      // what fetch throws when the connection fails
      if (error instanceof TypeError) return undefined;
      throw error;
    }
  }
}

/** Whether the same request may succeed later: limits, a shop that stops or starts, or the first one of the same key still runs. */
const isBusy = ({ response, error }: Reply<unknown>): boolean =>
  response.status === 429 ||
  response.status === 503 ||
  (response.status === 409 && error?.code === 'idempotency-key-in-use');
