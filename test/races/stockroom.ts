import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import pg from 'pg';
import type { LedgerTransactionPage } from '../../src/ledger/dto/ledger-transaction.dto.js';
import type { TrialBalanceDto } from '../../src/ledger/dto/trial-balance.dto.js';
import type { StockMovementPage } from '../../src/inventory/dto/stock-movement.dto.js';
import type { OrderDto, OrderPage } from '../../src/orders/dto/order.dto.js';
import type { PaymentDto, PaymentPage } from '../../src/payments/dto/payment.dto.js';
import type { ProductDto } from '../../src/products/dto/product.dto.js';
import { type Account, Accounts } from './accounts.js';
import { type Answer, Client, problemOf, type Request } from './client.js';
import type { RacesDatabase } from './database.js';
import { Processes } from './processes.js';
import type {
  Buyer,
  Card,
  CrashingOperation,
  CrashPoint,
  Item,
  LineQuantity,
  OrderState,
  Payment,
  ProductState,
  ProviderOperation,
  Refund,
  Result,
  Sending,
  ShopUnderTest,
} from './shop-under-test.js';

const SIZE = 2;

/** What the sandbox calls the cards. */
const TOKENS: Record<Card, string> = {
  accepted: 'tok_success',
  declined: 'tok_declined',
  unanswered: 'tok_timeout',
  'unanswered, declined': 'tok_timeout_declined',
  lost: 'tok_timeout_lost',
  'announced twice': 'tok_duplicate',
  'announced late': 'tok_webhook_late',
  'announced three times': 'tok_webhook_repeated',
  'announced in the wrong order': 'tok_webhook_reordered',
  'refund unanswered': 'tok_refund_timeout',
  'refund declined': 'tok_refund_declined',
};

/** The moments of `instruments.ts`, in the order in which an operation comes to them. */
const CRASH_POINTS: Record<CrashingOperation, readonly string[]> = {
  place: ['an order is inserted', 'stock is reserved', 'an order is placed'],
  pay: [
    'a capture is inserted',
    'a capture is prepared',
    'a capture is called',
    'a capture is recorded',
    'stock is sold',
    'a capture is committed',
  ],
  refund: [
    'a refund is inserted',
    'a refund is prepared',
    'a refund is called',
    'a refund is recorded',
    'stock is returned',
    'a refund is committed',
  ],
  cancel: [
    'stock is returned',
    'a return is committed',
    'a refund is inserted',
    'a refund is prepared',
    'a refund is called',
    'a refund is recorded',
    'a refund is committed',
  ],
  expire: ['stock is released', 'a release is committed'],
};

/** The shop of this project: two built processes on one database, with the sandbox as its payment provider. */
export class Stockroom implements ShopUnderTest {
  readonly size = SIZE;
  readonly reservationTime: number;
  readonly crashPoints: readonly CrashPoint[] = Object.entries(CRASH_POINTS).flatMap(([operation, names]) =>
    names.map((name) => ({ operation: operation as CrashingOperation, name })),
  );

  private constructor(
    private readonly database: RacesDatabase,
    private readonly processes: Processes,
    private readonly client: Client,
    private readonly accounts: Accounts,
    private readonly staff: Account,
  ) {
    this.reservationTime = processes.reservationTime;
  }

  /** Opens it on a database that is empty. */
  static async open(database: RacesDatabase): Promise<Stockroom> {
    const processes = await Processes.start(SIZE, database.url);
    try {
      const client = new Client(() => processes.urls);
      const accounts = new Accounts(client, () => processes.urls);
      return new Stockroom(database, processes, client, accounts, await accounts.openAdmin(processes.environment));
    } catch (error) {
      await processes.close();
      throw error;
    }
  }

  set onFailure(report: (text: string) => void) {
    this.client.onFailure = report;
  }

  async close(): Promise<void> {
    await this.processes.close();
  }

  async buyers(count: number): Promise<readonly Buyer[]> {
    return this.accounts.openCustomers(count);
  }

  async createProduct(units: number, price: number): Promise<string> {
    const { id } = await this.require<ProductDto>(this.staff, {
      method: 'POST',
      path: 'products',
      json: {
        sku: randomUUID().slice(0, 20),
        name: 'Lantern',
        price: { amount: price, currency: 'GBP' },
        status: 'active',
      },
    });
    if (units > 0) await this.adjust(id, units);
    return id;
  }

  async adjust(productId: string, delta: number, sending: Sending = {}): Promise<Result<unknown>> {
    const json = { delta, reason: 'Count' };
    return this.ask(this.staff, { ...sending, method: 'POST', path: `products/${productId}/stock-adjustments`, json });
  }

  async place(
    buyer: Buyer,
    items: readonly Item[],
    reference: string,
    sending: Sending = {},
  ): Promise<Result<OrderState>> {
    const request: Request = { ...sending, method: 'POST', path: 'orders', json: { items, reference } };
    return mapped(await this.ask<OrderDto>(this.accounts.of(buyer), request), toOrder);
  }

  async pay(
    buyer: Buyer,
    orderId: string,
    card: Card,
    sending: Sending = {},
    isCaptured = true,
  ): Promise<Result<Payment>> {
    const json = { token: TOKENS[card], capture: isCaptured };
    const request: Request = { ...sending, method: 'POST', path: `orders/${orderId}/payments`, json };
    const payer = isCaptured ? this.accounts.of(buyer) : this.staff;
    return mapped(await this.ask<PaymentDto>(payer, request), toPayment);
  }

  async capture(orderId: string, paymentId: string, sending: Sending = {}): Promise<Result<Payment>> {
    const path = `orders/${orderId}/payments/${paymentId}/captures`;
    return mapped(await this.ask<PaymentDto>(this.staff, { ...sending, method: 'POST', path, json: {} }), toPayment);
  }

  async refund(orderId: string, refund: Refund, sending: Sending = {}): Promise<Result<Payment>> {
    const json = { ...refund, reason: 'Broken' };
    const request: Request = { ...sending, method: 'POST', path: `orders/${orderId}/refunds`, json };
    return mapped(await this.ask<PaymentDto>(this.staff, request), toPayment);
  }

  async cancel(orderId: string, sending: Sending = {}): Promise<Result<unknown>> {
    const cancelled = await this.changeVersion(orderId, (headers) => ({
      ...sending,
      method: 'POST',
      path: `orders/${orderId}/cancel`,
      json: {},
      headers,
    }));
    if (cancelled.isDone) return cancelled;
    // a cancellation has no key: when its connection was cut, the order shows whether it was done
    const { status } = await this.readOrder(orderId);
    return status === 'cancelled' ? { isDone: true, value: undefined } : cancelled;
  }

  async fulfill(
    orderId: string,
    lines: readonly LineQuantity[],
    { at, key = randomUUID() }: Sending = {},
  ): Promise<Result<unknown>> {
    const path = `orders/${orderId}/fulfillments`;
    return this.changeVersion(orderId, (headers) => ({ at, key, method: 'POST', path, json: { lines }, headers }));
  }

  async readOrder(orderId: string): Promise<OrderState> {
    return toOrder(await this.require<OrderDto>(this.staff, { path: `orders/${orderId}` }));
  }

  async findOrders(reference: string): Promise<OrderState[]> {
    const pages = this.pages<OrderDto, OrderPage>(`orders?reference=${encodeURIComponent(reference)}&limit=100`);
    return (await Array.fromAsync(pages)).map(toOrder);
  }

  async readPayments(orderId: string): Promise<Payment[]> {
    const pages = this.pages<PaymentDto, PaymentPage>(`orders/${orderId}/payments?limit=100`);
    return (await Array.fromAsync(pages)).map(toPayment);
  }

  async readProduct(productId: string): Promise<ProductState> {
    const { stock } = await this.require<ProductDto>(this.staff, { path: `products/${productId}` });
    const { available, onHand = Number.NaN, reserved = Number.NaN } = stock;
    let moved = 0;
    const path = `products/${productId}/stock-movements?limit=100`;
    for await (const { delta } of this.pages<{ delta: number }, StockMovementPage>(path)) moved += delta;
    return { available, onHand, reserved, moved };
  }

  async readPostings(orderId: string): Promise<number[]> {
    const { data } = await this.require<LedgerTransactionPage>(this.staff, {
      path: `ledger/transactions?orderId=${orderId}&limit=100`,
    });
    return data.map(({ entries }) =>
      entries.reduce((sum, { account, amount }) => sum + (account === 'clearing' ? amount.amount : 0), 0),
    );
  }

  async readTrialBalance(): Promise<{ totals: readonly number[]; clearing: number }> {
    const { totals, balances } = await this.require<TrialBalanceDto>(this.staff, { path: 'ledger/trial-balance' });
    const clearing = balances.find(({ account }) => account === 'clearing');
    return { totals: totals.map(({ amount }) => amount), clearing: clearing?.balance.amount ?? 0 };
  }

  async readProvider(paymentIds: readonly string[]): Promise<ProviderOperation[]> {
    return this.database.query<ProviderOperation & pg.QueryResultRow>(
      `SELECT key AS "paymentId", operation, amount::int AS amount FROM sandbox_operations
       WHERE key = ANY ($1) AND state = 'succeeded'`,
      [paymentIds],
    );
  }

  async readProviderBalance(): Promise<number> {
    const [row] = await this.database.query<{ balance: number }>(
      `SELECT coalesce(sum(CASE operation WHEN 'capture' THEN amount WHEN 'refund' THEN -amount ELSE 0 END), 0)::int AS balance
       FROM sandbox_operations WHERE state = 'succeeded'`,
    );
    return row?.balance ?? 0;
  }

  countDeadlocks(): Promise<number> {
    return this.database.countDeadlocks();
  }

  async verify(): Promise<string[]> {
    const commands = ['inventory-verify', 'ledger-verify'].map((name) =>
      run(process.execPath, [`dist/src/commands/${name}.command.js`], this.processes.environment),
    );
    return (await Promise.all(commands)).flat();
  }

  pass(seconds: number): void {
    this.processes.pass(seconds);
  }

  kill(process: number): Promise<void> {
    return this.processes.kill(process);
  }

  crashAt({ name }: CrashPoint): Promise<number> {
    return this.processes.crashAt(name);
  }

  restart(process: number): Promise<void> {
    return this.processes.restart(process);
  }

  /** Sends a request that is about the order as it is; again when it has changed meanwhile. */
  private async changeVersion(
    orderId: string,
    requestOf: (headers: Record<string, string>) => Request,
  ): Promise<Result<unknown>> {
    for (;;) {
      const { headers } = await this.answer(this.staff, { path: `orders/${orderId}` });
      const result = await this.ask(this.staff, requestOf({ 'if-match': headers.get('etag') ?? '' }));
      if (result.isDone || result.status !== 412) return result;
    }
  }

  private async *pages<Row, Page extends { data: Row[]; page: { next: string | null } }>(
    path: string,
  ): AsyncGenerator<Row> {
    let cursor: string | null = '';
    while (cursor !== null) {
      const more: string = cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`;
      const { data, page }: Page = await this.require<Page>(this.staff, { path: `${path}${more}` });
      yield* data;
      cursor = page.next;
    }
  }

  private async ask<T>(account: Account, request: Request): Promise<Result<T>> {
    const { status, body } = await this.answer<T>(account, request);
    return status < 300 ? { isDone: true, value: body } : { isDone: false, status, problem: problemOf(body) };
  }

  /** @throws Error for anything but success. */
  private async require<T>(account: Account, request: Request): Promise<T> {
    const { status, body } = await this.answer<T>(account, request);
    if (status < 300) return body;
    throw new Error(`${request.method ?? 'GET'} ${request.path} answers ${String(status)}: ${JSON.stringify(body)}`);
  }

  /** Signed in again when the access token has run out. */
  private async answer<T>(account: Account, request: Request): Promise<Answer<T>> {
    // the same key when it is sent again
    const keyed: Request = { ...request, key: request.key ?? randomUUID(), path: `/api/v1/${request.path}` };
    for (let attempt = 1; ; attempt++) {
      const { token } = account;
      const headers = { ...request.headers, authorization: `Bearer ${token}` };
      const answer = await this.client.send<T>({ ...keyed, headers });
      if (answer.status !== 401 || attempt > 3) return answer;
      await this.accounts.renew(account, token);
      await delay(20);
    }
  }
}

const mapped = <T, R>(result: Result<T>, map: (value: T) => R): Result<R> =>
  result.isDone ? { isDone: true, value: map(result.value) } : result;

const toOrder = ({ id, status, paymentStatus, items, total, refunded }: OrderDto): OrderState => ({
  id,
  status,
  paymentStatus,
  lines: items.map((item) => ({
    id: item.id,
    productId: item.productId,
    quantity: item.quantity,
    total: item.total.amount,
    refundedQuantity: item.refundedQuantity,
    fulfilledQuantity: item.fulfilledQuantity,
  })),
  total: total.amount,
  refunded: refunded.amount,
});

const STATES: Record<PaymentDto['state'], Payment['state']> = {
  pending: 'open',
  unknown: 'open',
  needs_review: 'open',
  declined: 'declined',
  authorized: 'succeeded',
  captured: 'succeeded',
  voided: 'succeeded',
  refunded: 'succeeded',
};

const toPayment = ({ id, operation, state, amount, actorId }: PaymentDto): Payment => ({
  id,
  operation,
  state: STATES[state],
  amount: amount.amount,
  isByShop: actorId === null,
});

/** @returns what a command printed when it failed; nothing when it succeeded. */
async function run(program: string, args: string[], env: NodeJS.ProcessEnv): Promise<string[]> {
  try {
    await promisify(execFile)(program, args, { env });
    return [];
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
    return `${args.join(' ')}: ${stdout}${stderr}`.trim().split('\n');
  }
}
