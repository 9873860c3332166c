import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { findPackageJSON } from 'node:module';
import { dirname, join } from 'node:path';
import { Injectable } from '@nestjs/common';
import { parse } from 'csv-parse';
import { StartError } from '../common/config/start-error.js';
import { type PhasedRequest, runInPhases } from '../common/http/idempotency/phased-requests.js';
import type { Caller } from '../common/security/caller.js';
import { permissionsOf } from '../common/security/permissions.js';
import type { Role } from '../common/security/roles.js';
import { Clock } from '../common/time/clock.js';
import { FulfillmentsService } from '../orders/fulfillments.service.js';
import type { OrderDto } from '../orders/dto/order.dto.js';
import { OrdersPlacingService } from '../orders/orders.placing.service.js';
import { OrdersService } from '../orders/orders.service.js';
import { PaymentsService } from '../payments/payments.service.js';
import { RefundsService } from '../payments/refunds.service.js';
import { ProductsService } from '../products/products.service.js';

/** Beside the catalogue, and derived with it. */
const ORDERS = join(dirname(findPackageJSON(import.meta.url) ?? '.'), 'src', 'demo', 'data', 'orders.csv');

/** How long after its order a parcel is sent, in minutes: one day. Orders that are younger wait for it. */
const SENT_AFTER = 24 * 60;

/** A customer of the demo orders: the demo customer is number 1, and the others are only numbers. */
export interface DemoCustomer {
  number: number;
  id: string;
}

/** An order of the demo shop. Times are in minutes before the shop is opened. */
export interface DemoOrder {
  customer: number;
  minutesAgo: number;
  items: { sku: string; quantity: number; returned: number }[];
  /** When something of it was returned; undefined where nothing was. */
  returnedMinutesAgo: number | undefined;
}

/** One thing that happens to an order. */
interface Step {
  minutesAgo: number;
  work: () => Promise<void>;
}

/** The orders of the demo shop: a few weeks of a real shop's, placed, paid, sent, cancelled and refunded by the services. */
@Injectable()
export class DemoOrdersService {
  constructor(
    private readonly placing: OrdersPlacingService,
    private readonly orders: OrdersService,
    private readonly fulfillments: FulfillmentsService,
    private readonly payments: PaymentsService,
    private readonly refunds: RefundsService,
    private readonly products: ProductsService,
    private readonly clock: Clock,
  ) {}

  /** Plays all orders, in the order of their times; each step is recorded at its time. Calls the payment provider: not in a unit of work. */
  async open(customers: readonly DemoCustomer[], staffId: string): Promise<void> {
    const orders = await readDemoOrders();
    const skus = orders.flatMap(({ items }) => items.map(({ sku }) => sku));
    const products = await this.products.idsOf([...new Set(skus)]);
    const now = this.clock.now().getTime();
    const steps = orders
      .flatMap((order) => this.stepsOf(order, idOf(customers, order.customer), products, staffId))
      // sort() keeps the order of those at the same time
      .sort((one, other) => other.minutesAgo - one.minutesAgo);
    for (const { minutesAgo, work } of steps) await this.clock.runAt(new Date(now - minutesAgo * 60_000), work);
  }

  private stepsOf(
    order: DemoOrder,
    customerId: string,
    products: ReadonlyMap<string, string>,
    staffId: string,
  ): Step[] {
    const { minutesAgo, returnedMinutesAgo, items } = order;
    const [customer, staff] = [callerOf(customerId, 'customer'), callerOf(staffId, 'staff')];
    let id = '';
    const buy = async (): Promise<void> => {
      const asked = items.map(({ sku, quantity }) => ({ productId: productOf(products, sku), quantity }));
      ({ id } = await this.placing.place({ items: asked }, customer));
      await inPhases(`orders/${id}/payments`, customer, () =>
        this.payments.pay(id, { token: 'tok_success' }, customer),
      );
    };
    const steps: Step[] = [{ minutesAgo, work: buy }];
    if (returnedMinutesAgo !== undefined && items.every(({ quantity, returned }) => returned === quantity)) {
      const cancel = async (): Promise<void> => {
        await this.orders.cancel(id, { reason: 'Ordered by mistake' }, '*', customer);
      };
      return [...steps, { minutesAgo: returnedMinutesAgo, work: cancel }];
    }
    // a parcel that came back was sent before
    const sentMinutesAgo = Math.max(minutesAgo - SENT_AFTER, returnedMinutesAgo ?? 0);
    if (sentMinutesAgo > 0) {
      steps.push({ minutesAgo: sentMinutesAgo, work: async () => this.send(await this.orders.read(id, staff), staff) });
    }
    if (returnedMinutesAgo !== undefined) {
      const work = async (): Promise<void> => this.refund(await this.orders.read(id, staff), order, staff);
      steps.push({ minutesAgo: returnedMinutesAgo, work });
    }
    return steps;
  }

  private async send({ id, items }: OrderDto, staff: Caller): Promise<void> {
    const lines = items.map(({ id: lineId, quantity }) => ({ lineId, quantity }));
    await this.fulfillments.create(id, { lines, carrier: 'Parcel Post' }, '*', staff);
  }

  private async refund({ id, items: bought }: OrderDto, { items }: DemoOrder, staff: Caller): Promise<void> {
    const units = new Map(items.map(({ sku, returned }) => [sku, returned]));
    const lines = bought
      .map(({ id: lineId, sku }) => ({ lineId, quantity: units.get(sku) ?? 0 }))
      .filter(({ quantity }) => quantity > 0);
    await inPhases(`orders/${id}/refunds`, staff, () =>
      this.refunds.refund(id, { lines, reason: 'Returned by the customer' }, staff),
    );
  }
}

/** Reads `orders.csv`; each order has its lines one after the other. */
export async function readDemoOrders(): Promise<DemoOrder[]> {
  const orders = new Map<string, DemoOrder>();
  const records = createReadStream(ORDERS).pipe(parse({ columns: true })) as AsyncIterable<Record<string, string>>;
  for await (const { order = '', customer, minutesAgo, sku = '', quantity, returned, returnedMinutesAgo } of records) {
    const known = orders.get(order) ?? {
      customer: Number(customer),
      minutesAgo: Number(minutesAgo),
      items: [],
      returnedMinutesAgo: returnedMinutesAgo ? Number(returnedMinutesAgo) : undefined,
    };
    known.items.push({ sku, quantity: Number(quantity), returned: Number(returned) });
    orders.set(order, known);
  }
  return [...orders.values()];
}

/** Somebody of a role, who has no session. */
const callerOf = (userId: string, role: Role): Caller => ({
  userId,
  sessionId: '',
  roles: [role],
  permissions: permissionsOf([role]),
});

/** Does what a request to a phased route does; each of them is sent once. */
function inPhases<T>(path: string, { userId }: Caller, work: () => Promise<T>): Promise<T> {
  const fingerprint = createHash('sha256').update(path).digest();
  const request: PhasedRequest = { userId, route: `POST /api/v1/${path}`, key: 'demo', fingerprint };
  return runInPhases(request, work);
}

function idOf(customers: readonly DemoCustomer[], number: number): string {
  const customer = customers.find((one) => one.number === number);
  if (!customer) throw new StartError(`The demo shop has no customer ${String(number)} to place an order.`);
  return customer.id;
}

function productOf(products: ReadonlyMap<string, string>, sku: string): string {
  const id = products.get(sku);
  if (id === undefined) throw new StartError(`The demo shop has no ${sku} to order.`);
  return id;
}
