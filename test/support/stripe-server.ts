import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What happens to one request: it gets an answer of this status, none at all, or none although it has its effect. */
type Fault = number | 'reset' | 'lost answer';

/** A payment intent or a refund, as far as the shop reads it. */
interface Resource {
  id: string;
  [member: string]: unknown;
}

interface Reply {
  status: number;
  body: object;
}

type Form = Readonly<Record<string, string>>;

/** Payment methods that Stripe declines, with the code of the issuer. */
const DECLINED: Readonly<Record<string, string>> = {
  pm_card_chargeDeclined: 'generic_decline',
  pm_card_chargeDeclinedInsufficientFunds: 'insufficient_funds',
};

/**
 * A server that speaks the wire format of Stripe for payment intents and refunds: forms in, JSON out, idempotency keys that
 * repeat the first answer, and its errors.
 */
export class StripeServer {
  /** What happens to the next requests, in order. */
  readonly faults: Fault[] = [];
  /** Requests as they came: method, path, key. */
  readonly requests: { method: string; path: string; key: string | undefined; form: Form }[] = [];
  /** Requests that had an effect: not those that a key repeated. */
  effects = 0;
  readonly intents = new Map<string, Resource & { amount: number; amount_received: number; status: string }>();
  readonly refunds = new Map<string, Resource & { amount: number; payment_intent: string }>();
  private readonly replies = new Map<string, { form: string; reply: Reply }>();

  private constructor(private readonly server: Server) {}

  static async start(): Promise<StripeServer> {
    const server = createServer();
    const stripe = new StripeServer(server);
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      void stripe.answer(request, response);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return stripe;
  }

  get url(): string {
    return `http://127.0.0.1:${String((this.server.address() as AddressInfo).port)}`;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks = await Array.fromAsync(request as AsyncIterable<Buffer>);
    const url = new URL(request.url ?? '/', this.url);
    const form = Object.fromEntries(new URLSearchParams(Buffer.concat(chunks).toString('utf8')));
    const key = request.headers['idempotency-key'];
    const asked = { method: request.method ?? '', path: url.pathname, key: key?.toString(), form };
    this.requests.push(asked);
    const fault = this.faults.shift();
    if (fault === 'reset') {
      request.socket.destroy();
      return;
    }
    if (typeof fault === 'number') {
      send(response, { status: fault, body: errorOf('api_error', 'unavailable') });
      return;
    }
    const reply = this.repeatable(asked, url);
    if (fault === 'lost answer') request.socket.destroy();
    else send(response, reply);
  }

  private repeatable(asked: StripeServer['requests'][number], url: URL): Reply {
    if (asked.method !== 'POST') return this.read(url);
    const form = JSON.stringify([asked.path, asked.form]);
    const known = asked.key === undefined ? undefined : this.replies.get(asked.key);
    if (known && known.form !== form) return { status: 400, body: errorOf('idempotency_error', 'idempotency_error') };
    if (known) return known.reply;
    this.effects++;
    const reply = this.write(asked.path, asked.form);
    if (asked.key !== undefined) this.replies.set(asked.key, { form, reply });
    return reply;
  }

  private read({ pathname, searchParams }: URL): Reply {
    const [, , resource, id = ''] = pathname.split('/');
    if (resource === 'refunds') {
      const payment = searchParams.get('payment_intent');
      const data = [...this.refunds.values()].filter((refund) => refund.payment_intent === payment).reverse();
      return { status: 200, body: { object: 'list', data, has_more: false, url: pathname } };
    }
    const intent = this.intents.get(id);
    return intent ? { status: 200, body: intent } : MISSING;
  }

  private write(path: string, form: Form): Reply {
    const [, , resource, id = '', action] = path.split('/');
    if (resource === 'refunds') return this.refund(form);
    if (id === '') return this.create(form);
    const intent = this.intents.get(id);
    if (!intent) return MISSING;
    if (intent.status !== 'requires_capture') return UNEXPECTED_STATE;
    Object.assign(
      intent,
      action === 'capture'
        ? { status: 'succeeded', amount_received: Number(form.amount_to_capture), amount_capturable: 0 }
        : { status: 'canceled', amount_capturable: 0 },
      { metadata: { ...(intent.metadata as object), ...metadataOf(form) } },
    );
    return { status: 200, body: { ...intent } };
  }

  private create(form: Form): Reply {
    const amount = Number(form.amount);
    const isHeld = form.capture_method === 'manual';
    const intent = {
      id: `pi_${randomUUID().replaceAll('-', '')}`,
      object: 'payment_intent',
      amount,
      amount_received: isHeld ? 0 : amount,
      amount_capturable: isHeld ? amount : 0,
      currency: form.currency,
      status: isHeld ? 'requires_capture' : 'succeeded',
      metadata: metadataOf(form),
    };
    this.intents.set(intent.id, intent);
    const code = DECLINED[form.payment_method ?? ''];
    if (code === undefined) return { status: 200, body: { ...intent } };
    Object.assign(intent, {
      status: 'requires_payment_method',
      amount_received: 0,
      amount_capturable: 0,
      last_payment_error: { type: 'card_error', code: 'card_declined', decline_code: code },
    });
    const error = { type: 'card_error', code: 'card_declined', decline_code: code, message: 'declined' };
    return { status: 402, body: { error: { ...error, payment_intent: { ...intent } } } };
  }

  private refund(form: Form): Reply {
    const intent = this.intents.get(form.payment_intent ?? '');
    if (!intent) return MISSING;
    const refunded = [...this.refunds.values()]
      .filter(({ payment_intent }) => payment_intent === intent.id)
      .reduce((sum, { amount }) => sum + amount, 0);
    const amount = Number(form.amount);
    if (amount > intent.amount_received - refunded) {
      return { status: 400, body: errorOf('invalid_request_error', 'charge_already_refunded') };
    }
    const refund = {
      id: `re_${randomUUID().replaceAll('-', '')}`,
      object: 'refund',
      amount,
      currency: intent.currency,
      status: 'succeeded',
      payment_intent: intent.id,
      metadata: metadataOf(form),
    };
    this.refunds.set(refund.id, refund);
    return { status: 200, body: refund };
  }
}

const errorOf = (type: string, code: string): object => ({ error: { type, code, message: code } });

const MISSING: Reply = { status: 404, body: errorOf('invalid_request_error', 'resource_missing') };
const UNEXPECTED_STATE: Reply = {
  status: 400,
  body: errorOf('invalid_request_error', 'payment_intent_unexpected_state'),
};

function send(response: ServerResponse, { status, body }: Reply): void {
  response.writeHead(status, { 'content-type': 'application/json', 'request-id': `req_${randomUUID()}` });
  response.end(JSON.stringify(body));
}

/** `metadata[attempt]` of a form. */
const metadataOf = (form: Form): Record<string, string> =>
  Object.fromEntries(
    Object.entries(form).flatMap(([name, value]) => {
      const member = /^metadata\[(\w+)\]$/.exec(name)?.[1];
      return member === undefined ? [] : [[member, value]];
    }),
  );
