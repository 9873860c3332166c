import { setTimeout as delay } from 'node:timers/promises';
import { inParallel } from './parallel.js';
import type { OrderState, Payment, ShopUnderTest } from './shop-under-test.js';
import type { KnownOrder, Trader } from './trader.js';

/** How many orders are read at a time. */
const AT_A_TIME = 8;
/** How often time passes until all is settled, by how many seconds, and what the shop gets each time to do what is due, in milliseconds. */
const STEPS = 30;
const STEP_SECONDS = 61;
const STEP_PAUSE = 700;

/** An order with its payments, as the shop shows them. */
interface Shown {
  readonly order: OrderState;
  readonly payments: readonly Payment[];
}

/**
 * Has time pass until nothing is on its way any more, and then compares what the shop, its ledger and the provider say with one another,
 * and with what clients were answered.
 * @returns what is wrong.
 */
export async function audit(trader: Trader): Promise<string[]> {
  const { shop } = trader;
  const { shown, anomalies } = await settle(trader);
  anomalies.push(...(await compareOrders(trader)));
  const perOrder = await inParallel([...shown.values()], AT_A_TIME, (one) => {
    const known = trader.orders.get(one.order.id);
    return known ? auditOrder(shop, known, one) : Promise.resolve([]);
  });
  anomalies.push(...perOrder.flat(), ...(await auditStock(trader, shown)), ...(await auditLedger(shop)));
  return anomalies;
}

/** Lets time pass until no order waits, no payment is open, and no money is owed. */
async function settle({ shop, orders }: Trader): Promise<{ shown: Map<string, Shown>; anomalies: string[] }> {
  const shown = new Map<string, Shown>();
  let left = [...orders.keys()];
  for (let step = 0; step < STEPS; step++) {
    await inParallel(left, AT_A_TIME, async (id) => {
      // the order last: what its payments say by then, it has to say as well
      const payments = await shop.readPayments(id);
      shown.set(id, { order: await shop.readOrder(id), payments });
    });
    left = left.filter((id) => {
      const one = shown.get(id);
      return !one || whatWaits(one) !== undefined;
    });
    if (left.length === 0) return { shown, anomalies: [] };
    shop.pass(STEP_SECONDS);
    await delay(STEP_PAUSE);
  }
  const anomalies = left.map((id) => {
    const one = shown.get(id);
    return `order ${id} does not settle: ${(one && whatWaits(one)) ?? ''}`;
  });
  return { shown, anomalies };
}

/** Why an order is not settled; undefined when it is. */
function whatWaits({ order, payments }: Shown): string | undefined {
  // the provider declined to return the money: it is asked again later than this waits, and then it is for staff
  const isDeclined = payments.some(
    ({ operation, state, isByShop }) => operation === 'refund' && state === 'declined' && isByShop,
  );
  const isOpen = ({ state, operation, isByShop }: Payment): boolean =>
    state === 'open' && !(isDeclined && operation === 'refund' && isByShop);
  if (payments.some(isOpen)) return 'a payment has no outcome';
  if (order.status === 'pending') return 'it is pending';
  if (isDeclined) return undefined;
  const { captured, held, refunded } = sumsOf(payments);
  const isDead = order.status === 'cancelled' || order.status === 'expired';
  const owed = isDead ? captured - refunded : Math.max(captured - Math.max(order.total, refunded), 0);
  if (owed > 0) return `${String(owed)} are to be paid back`;
  return isDead && held > 0 ? `${String(held)} are still authorized` : undefined;
}

interface Sums {
  readonly captured: number;
  readonly refunded: number;
  /** Authorized, and neither captured nor given up. */
  readonly held: number;
}

function sumsOf(payments: readonly Payment[]): Sums {
  const sum = (operation: Payment['operation']): number =>
    payments
      .filter((payment) => payment.operation === operation && payment.state === 'succeeded')
      .reduce((total, { amount }) => total + amount, 0);
  const [authorized, captured] = [sum('authorize'), sum('capture')];
  const held = authorized === 0 ? 0 : authorized - sum('void') - captured;
  return { captured, refunded: sum('refund'), held };
}

/** Whether the orders of the shop are those that clients know of: none is lost, none is there twice. */
async function compareOrders({ shop, reference, orders }: Trader): Promise<string[]> {
  const found = new Set((await shop.findOrders(reference)).map(({ id }) => id));
  return [
    ...[...found].filter((id) => !orders.has(id)).map((id) => `order ${id} is there, and no client was answered so`),
    ...[...orders.keys()].filter((id) => !found.has(id)).map((id) => `order ${id} was placed, and is gone`),
  ];
}

async function auditOrder(shop: ShopUnderTest, known: KnownOrder, { order, payments }: Shown): Promise<string[]> {
  const [operations, postings] = await Promise.all([
    shop.readProvider(payments.map(({ id }) => id)),
    shop.readPostings(order.id),
  ]);
  const { captured, refunded } = sumsOf(payments);
  const sumOfLines = order.lines.reduce((sum, { total }) => sum + total, 0);
  const done = payments.filter(({ state }) => state === 'succeeded');
  const moved = done.filter(({ operation }) => operation === 'capture' || operation === 'refund');
  const isSold = order.status === 'confirmed' || order.status === 'completed';
  const count = (operation: Payment['operation'], isByShop = false): number =>
    payments.filter((payment) => payment.operation === operation && payment.isByShop === isByShop).length;

  const checks: [isRight: boolean, fault: string][] = [
    [order.total === sumOfLines, `its total ${String(order.total)} is not the sum of its lines ${String(sumOfLines)}`],
    [refunded <= captured, `${String(refunded)} of ${String(captured)} captured were refunded`],
    [
      order.refunded === refunded,
      `it says that ${String(order.refunded)} were refunded, its payments say ${String(refunded)}`,
    ],
    [
      !isSold || captured === order.total || sumsOf(payments).held > 0,
      `it is ${order.status}, and ${String(captured)} of ${String(order.total)} were captured`,
    ],
    [
      order.paymentStatus === paymentStatusOf(order, payments),
      `its payment status ${order.paymentStatus} is not what its payments say`,
    ],
    [isSame(operations, done), `the provider says ${textOf(operations)}, the shop ${textOf(done)}`],
    [
      postings.length === moved.length && sumOf(postings) === captured - refunded,
      `the ledger has ${postings.join(', ')}, its payments say ${textOf(moved)}`,
    ],
    [
      known.isCancelled === (order.status === 'cancelled'),
      `it is ${order.status}, and was${known.isCancelled ? '' : ' not'} cancelled`,
    ],
    [
      count('authorize') + count('capture') === known.payments + known.captures,
      `it has ${String(count('authorize') + count('capture'))} payments, and ${String(known.payments + known.captures)} were asked for`,
    ],
    [
      count('refund') === known.refunds,
      `it has ${String(count('refund'))} refunds, and ${String(known.refunds)} were asked for`,
    ],
    [
      order.lines.every(
        ({ quantity, refundedQuantity, fulfilledQuantity }) =>
          refundedQuantity <= quantity && fulfilledQuantity <= quantity,
      ),
      'more units of a line were sent or refunded than it has',
    ],
  ];
  for (const { id, operation, amount } of known.succeeded.values()) {
    const isThere = done.some(
      (payment) => payment.id === id && payment.operation === operation && payment.amount === amount,
    );
    checks.push([isThere, `the ${operation} of ${String(amount)} that a client was answered is gone`]);
    if (operation === 'capture' && !known.isCancelled)
      checks.push([isSold || refunded === captured, `it was paid, and is ${order.status}`]);
  }
  return checks.filter(([isRight]) => !isRight).map(([, fault]) => `order ${order.id}: ${fault}`);
}

/** How far an order is paid, by its payments alone. */
function paymentStatusOf({ total }: OrderState, payments: readonly Payment[]): OrderState['paymentStatus'] {
  const { captured, refunded, held } = sumsOf(payments);
  if (captured > 0 && refunded >= captured) return 'refunded';
  if (refunded > 0) return 'partially_refunded';
  if (captured >= total) return 'paid';
  return held > 0 || captured > 0 ? 'authorized' : 'unpaid';
}

interface Operation {
  readonly operation: Payment['operation'];
  readonly amount: number;
}

const textOf = (operations: readonly Operation[]): string =>
  operations.map(({ operation, amount }) => `${operation} ${String(amount)}`).join(', ') || 'nothing';

const isSame = (one: readonly Operation[], other: readonly Operation[]): boolean =>
  textOf(one).split(', ').sort().join() === textOf(other).split(', ').sort().join();

const sumOf = (numbers: readonly number[]): number => numbers.reduce((sum, number) => sum + number, 0);

/** Whether units are where the orders say: all that was brought and not sold is on hand, and nothing is reserved that no order waits for. */
async function auditStock({ shop, products, orders }: Trader, shown: ReadonlyMap<string, Shown>): Promise<string[]> {
  const expected = new Map(products);
  const reserved = new Map<string, number>();
  const add = (to: Map<string, number>, productId: string, units: number): void => {
    to.set(productId, (to.get(productId) ?? 0) + units);
  };
  for (const { order, payments } of shown.values()) {
    const { status, lines } = order;
    const isSold = status === 'confirmed' || status === 'completed';
    for (const { productId, quantity } of lines) {
      if (isSold) add(expected, productId, -quantity);
      if (status === 'pending') add(reserved, productId, quantity);
    }
    for (const [id, { lines: refunded, restock, isLate }] of orders.get(order.id)?.lineRefunds ?? []) {
      if (payments.find((payment) => payment.id === id)?.state !== 'succeeded') continue;
      for (const { lineId, quantity } of refunded) {
        const { productId = '' } = lines.find((line) => line.id === lineId) ?? {};
        if (isSold && restock) add(expected, productId, quantity);
        // they were not fit for the stock before the order was cancelled
        if (!isSold && !restock && !isLate) add(expected, productId, -quantity);
      }
    }
  }
  const perProduct = await inParallel([...expected], AT_A_TIME, async ([id, units]) => {
    const { onHand, reserved: isReserved, available, moved } = await shop.readProduct(id);
    const checks: [isRight: boolean, fault: string][] = [
      [onHand === units, `${String(onHand)} are on hand, and its orders leave ${String(units)}`],
      [
        isReserved === (reserved.get(id) ?? 0),
        `${String(isReserved)} are reserved, and orders wait for ${String(reserved.get(id) ?? 0)}`,
      ],
      [
        available === onHand - isReserved,
        `${String(available)} are available of ${String(onHand)} with ${String(isReserved)} reserved`,
      ],
      [moved === onHand, `its movements sum to ${String(moved)}, and ${String(onHand)} are on hand`],
    ];
    return checks.filter(([isRight]) => !isRight).map(([, fault]) => `product ${id}: ${fault}`);
  });
  return perProduct.flat();
}

async function auditLedger(shop: ShopUnderTest): Promise<string[]> {
  const [{ totals, clearing }, balance] = await Promise.all([shop.readTrialBalance(), shop.readProviderBalance()]);
  const isZero = totals.every((total) => total === 0);
  return [
    ...(isZero ? [] : [`the trial balance is ${totals.join(', ')}`]),
    ...(clearing === balance
      ? []
      : [`the ledger has ${String(clearing)} at the provider, which has ${String(balance)}`]),
  ];
}
