import type {
  Buyer,
  Card,
  Item,
  LineQuantity,
  OrderState,
  Payment,
  Refund,
  Result,
  Sending,
  ShopUnderTest,
} from './shop-under-test.js';

/** What clients know of an order: what they asked for, and what they were answered. */
export interface KnownOrder {
  readonly id: string;
  readonly buyer: Buyer;
  /** The order as it was placed. */
  readonly placed: OrderState;
  /** How many requests made a payment or an authorization, also one that was declined. */
  payments: number;
  /** How many captures of an authorization were made, also declined ones. */
  captures: number;
  /** How many requests made a refund, also one that was declined. */
  refunds: number;
  /** The payments and refunds that were answered with success: they are there for ever. */
  readonly succeeded: Map<string, Payment>;
  /** What was asked to be refunded by line, by the id of the refund; `isLate` when the order had been cancelled before. */
  readonly lineRefunds: Map<string, { lines: readonly LineQuantity[]; restock: boolean; isLate: boolean }>;
  isCancelled: boolean;
}

/** The answers that are right when an operation is refused: it cannot be done now, or the provider declines it. */
const REFUSALS = {
  place: [409],
  pay: [402, 409],
  capture: [402, 409],
  refund: [409, 422],
  cancel: [409],
  fulfill: [409, 422],
  adjust: [409],
} as const;

/** Sells at a shop, and keeps what clients know of it: what they were answered has to be true at the end. */
export class Trader {
  /** The units that staff brought and took, by product. */
  readonly products = new Map<string, number>();
  readonly orders = new Map<string, KnownOrder>();

  /**
   * @param reference a word that all orders have.
   * @param report gets each answer that is wrong.
   */
  constructor(
    readonly shop: ShopUnderTest,
    readonly reference: string,
    private readonly report: (anomaly: string) => void,
  ) {}

  async createProduct(units: number, price = 1000): Promise<string> {
    const id = await this.shop.createProduct(units, price);
    this.products.set(id, units);
    return id;
  }

  async adjust(productId: string, delta: number, sending?: Sending): Promise<void> {
    const result = this.judge('adjust', await this.shop.adjust(productId, delta, sending));
    if (result.isDone) this.products.set(productId, (this.products.get(productId) ?? 0) + delta);
  }

  async place(buyer: Buyer, items: readonly Item[], sending?: Sending): Promise<Result<KnownOrder>> {
    const result = this.judge('place', await this.shop.place(buyer, items, this.reference, sending));
    if (!result.isDone) return result;
    const { value: placed } = result;
    const { id } = placed;
    const known = this.orders.get(id) ?? {
      id,
      buyer,
      placed,
      payments: 0,
      captures: 0,
      refunds: 0,
      succeeded: new Map<string, Payment>(),
      lineRefunds: new Map(),
      isCancelled: false,
    };
    this.orders.set(id, known);
    return { isDone: true, value: known };
  }

  /** Places an order that has to succeed. @throws Error when it does not. */
  async placeSurely(buyer: Buyer, items: readonly Item[], sending?: Sending): Promise<KnownOrder> {
    const result = await this.place(buyer, items, sending);
    if (result.isDone) return result.value;
    throw new Error(`an order was not placed: ${String(result.status)} ${result.problem}`);
  }

  async pay(order: KnownOrder, card: Card, sending?: Sending, isCaptured = true): Promise<Result<Payment>> {
    const result = this.judge('pay', await this.shop.pay(order.buyer, order.id, card, sending, isCaptured));
    if (result.isDone || result.status === 402) order.payments++;
    this.keep(order, result);
    return result;
  }

  async capture(order: KnownOrder, paymentId: string, sending?: Sending): Promise<Result<Payment>> {
    const result = this.judge('capture', await this.shop.capture(order.id, paymentId, sending));
    if (result.isDone || result.status === 402) order.captures++;
    this.keep(order, result);
    return result;
  }

  async refund(order: KnownOrder, refund: Refund, sending?: Sending): Promise<Result<Payment>> {
    const isLate = order.isCancelled;
    const result = this.judge('refund', await this.shop.refund(order.id, refund, sending));
    if (result.isDone || result.problem === 'refund-declined') order.refunds++;
    this.keep(order, result);
    if (result.isDone && 'lines' in refund) order.lineRefunds.set(result.value.id, { ...refund, isLate });
    return result;
  }

  async cancel(order: KnownOrder, sending?: Sending): Promise<Result<unknown>> {
    const result = this.judge('cancel', await this.shop.cancel(order.id, sending));
    if (result.isDone) order.isCancelled = true;
    return result;
  }

  async fulfill(order: KnownOrder, lines: readonly LineQuantity[], sending?: Sending): Promise<Result<unknown>> {
    return this.judge('fulfill', await this.shop.fulfill(order.id, lines, sending));
  }

  private keep(order: KnownOrder, result: Result<Payment>): void {
    if (result.isDone && result.value.state === 'succeeded') order.succeeded.set(result.value.id, result.value);
  }

  private judge<T>(operation: keyof typeof REFUSALS, result: Result<T>): Result<T> {
    const refusals: readonly number[] = REFUSALS[operation];
    // failures of the shop (5xx) are reported by the client
    if (!result.isDone && result.status < 500 && !refusals.includes(result.status)) {
      this.report(`${operation} was answered ${String(result.status)} ${result.problem}`);
    }
    return result;
  }
}
