/** How a card behaves at the payment provider. */
export type Card =
  | 'accepted'
  | 'declined'
  /** The provider charges it, and its answer does not arrive. */
  | 'unanswered'
  /** The provider declines it, and its answer does not arrive. */
  | 'unanswered, declined'
  /** The first request does not arrive. */
  | 'lost'
  /** The provider charges it at once, and announces that once more at the same time. */
  | 'announced twice'
  /** No answer arrives, and the provider announces the charge later. */
  | 'announced late'
  /** The provider announces the charge three times. */
  | 'announced three times'
  /** The provider announces first that it charged the card, and then that it has yet to. */
  | 'announced in the wrong order'
  /** It is charged; when it is refunded, no answer arrives. */
  | 'refund unanswered'
  /** It is charged; a refund is declined. */
  | 'refund declined';

/** How a request is sent. */
export interface Sending {
  /** The key of the request: sent again with it, the request is the same. A new one unless it is given. */
  key?: string;
  /** The process that it is sent to first; when that one does not answer, the other one is asked. */
  at?: number;
}

/** What became of a request, after all that a client repeats: cut connections, and answers that say to try again. */
export type Result<T> =
  | { readonly isDone: true; readonly value: T }
  | { readonly isDone: false; readonly status: number; readonly problem: string };

/** A customer who is signed in. */
export interface Buyer {
  readonly email: string;
}

/** So many units of a product. */
export interface Item {
  readonly productId: string;
  readonly quantity: number;
}

/** So many units of a line of an order. */
export interface LineQuantity {
  readonly lineId: string;
  readonly quantity: number;
}

/** A product as staff see it. */
export interface ProductState {
  readonly onHand: number;
  readonly reserved: number;
  readonly available: number;
  /** The sum of all its stock movements. */
  readonly moved: number;
}

/** A line of an order; amounts are in minor units. */
interface OrderLine {
  readonly id: string;
  readonly productId: string;
  readonly quantity: number;
  readonly total: number;
  readonly refundedQuantity: number;
  readonly fulfilledQuantity: number;
}

/** An order as staff see it; amounts are in minor units. */
export interface OrderState {
  readonly id: string;
  readonly status: 'pending' | 'confirmed' | 'completed' | 'cancelled' | 'expired';
  readonly paymentStatus: 'unpaid' | 'authorized' | 'paid' | 'partially_refunded' | 'refunded' | 'unresolved';
  readonly lines: readonly OrderLine[];
  readonly total: number;
  readonly refunded: number;
}

/** What the shop asked the payment provider for. */
export interface Payment {
  readonly id: string;
  readonly operation: 'authorize' | 'capture' | 'void' | 'refund';
  /** `open`: its outcome is not known yet. */
  readonly state: 'open' | 'succeeded' | 'declined';
  /** In minor units. */
  readonly amount: number;
  /** Whether the shop asked by itself, and not for somebody. */
  readonly isByShop: boolean;
}

/** What the payment provider did, by its own books. */
export interface ProviderOperation {
  /** The id of the payment that the shop asked for. */
  readonly paymentId: string;
  readonly operation: Payment['operation'];
  readonly amount: number;
}

/** What is refunded: some lines, or an amount in minor units. */
export type Refund =
  { readonly amount: number } | { readonly lines: readonly LineQuantity[]; readonly restock: boolean };

/** What a process is doing when it is killed. */
export type CrashingOperation = 'place' | 'pay' | 'refund' | 'cancel' | 'expire';

/** A moment at which a process can be killed, and how to get there. */
export interface CrashPoint {
  readonly operation: CrashingOperation;
  readonly name: string;
}

/**
 * A shop that the races are run against: several processes on one database, reached over HTTP alone. Another shop takes part by another
 * implementation of this.
 */
export interface ShopUnderTest {
  /** How many processes there are. */
  readonly size: number;
  /** The moments at which {@link crashAt} can kill a process. */
  readonly crashPoints: readonly CrashPoint[];
  /** For how long the stock of an order is reserved, in seconds. */
  readonly reservationTime: number;
  /** Gets each answer that no client should ever get: a failure of the shop (5xx) that does not say when to try again. */
  onFailure: (text: string) => void;

  /** Customers of whom there are at least so many; the same ones each time. */
  buyers(count: number): Promise<readonly Buyer[]>;
  /** Creates a product that is sold, with so many units. @param price in minor units. @returns its id. */
  createProduct(units: number, price: number): Promise<string>;
  /** Adds units to the stock of a product, or removes some. */
  adjust(productId: string, delta: number, sending?: Sending): Promise<Result<unknown>>;
  /** @param reference a word that the order is found by later. */
  place(buyer: Buyer, items: readonly Item[], reference: string, sending?: Sending): Promise<Result<OrderState>>;
  /** @param isCaptured false only authorizes the payment, as staff may for the buyer. */
  pay(buyer: Buyer, orderId: string, card: Card, sending?: Sending, isCaptured?: boolean): Promise<Result<Payment>>;
  /** Takes the money of an authorized payment. */
  capture(orderId: string, paymentId: string, sending?: Sending): Promise<Result<Payment>>;
  refund(orderId: string, refund: Refund, sending?: Sending): Promise<Result<Payment>>;
  cancel(orderId: string, sending?: Sending): Promise<Result<unknown>>;
  /** Records that units were sent. */
  fulfill(orderId: string, lines: readonly LineQuantity[], sending?: Sending): Promise<Result<unknown>>;

  readOrder(orderId: string): Promise<OrderState>;
  /** The orders of a reference, of all buyers. */
  findOrders(reference: string): Promise<OrderState[]>;
  readPayments(orderId: string): Promise<Payment[]>;
  readProduct(productId: string): Promise<ProductState>;
  /** What was posted to the ledger for an order: how much of it came in and went out, one number for each transaction. */
  readPostings(orderId: string): Promise<number[]>;
  /** The sums of the ledger in each currency, which are to be zero; and what the provider owes the shop by it. */
  readTrialBalance(): Promise<{ readonly totals: readonly number[]; readonly clearing: number }>;
  /** What succeeded at the payment provider of these payments. */
  readProvider(paymentIds: readonly string[]): Promise<ProviderOperation[]>;
  /** What the provider owes the shop by its own books. */
  readProviderBalance(): Promise<number>;
  /** How many deadlocks the database has resolved so far. */
  countDeadlocks(): Promise<number>;
  /** Compares stock and ledger with their records, as an operator does. @returns what is wrong, in lines. */
  verify(): Promise<string[]>;

  /** It is so many seconds later for the shop. */
  pass(seconds: number): void;
  /** Kills a process (`kill -9`), and waits until it has ended. */
  kill(process: number): Promise<void>;
  /** Has the next process that comes to this moment be killed there. @returns which one that was, once it has ended. */
  crashAt(point: CrashPoint): Promise<number>;
  /** Starts a process again that was killed, and waits until it is open. */
  restart(process: number): Promise<void>;
  close(): Promise<void>;
}
