import { beforeEach, describe, expect, it } from '@jest/globals';
import { FakeEvents, FakeTransactions, refusalOf, standInFor, TestClock, updateRow } from '../../test/support/fakes.js';
import { runInRequest } from '../common/context/request-context.js';
import { EventsService } from '../common/events/events.service.js';
import { ReservationsService } from '../inventory/reservations.service.js';
import type { OrderRow } from './dto/order.dto.js';
import type { OrderEvent } from './entities/order-event.entity.js';
import { OrderActionNotAllowed } from './orders.errors.js';
import { OrdersHistoryRepository } from './orders.history.repository.js';
import { type OrderChange, OrdersRepository } from './orders.repository.js';
import { OrdersTransitionsService } from './orders.transitions.service.js';

const LINE: OrderRow['lines'][number] = {
  id: 'line',
  type: 'item',
  productId: 'lantern',
  sku: 'LANT',
  name: 'Lantern',
  quantity: 3,
  unitAmount: 1000,
  total: 3000,
  fulfilledQuantity: 0,
  refundedQuantity: 0,
};

const orderWith = (more: Partial<OrderRow> = {}): OrderRow => ({
  id: 'order',
  number: '7K2M-93XD-Q0AB',
  customerId: 'cleo',
  status: 'pending',
  paymentStatus: 'unpaid',
  fulfillmentStatus: 'unfulfilled',
  currency: 'GBP',
  total: 3000,
  refunded: 0,
  reference: null,
  shippingAddress: null,
  shippingMethodId: null,
  expiresAt: new Date('2026-11-26T12:15:00.000Z'),
  version: 4,
  createdAt: new Date(0),
  updatedAt: new Date(0),
  lines: [LINE],
  ...more,
});

describe('OrdersTransitionsService', () => {
  let row: OrderRow;
  /** What was done, in order. */
  let done: string[];
  let history: OrderEvent[];
  let isReserved: boolean;
  let transactions: FakeTransactions;
  let events: FakeEvents;
  let transitions: OrdersTransitionsService;
  beforeEach(() => {
    [done, history, isReserved] = [[], [], true];
    transactions = new FakeTransactions();
    events = new FakeEvents(transactions);
    const settle = (what: string): Promise<boolean> => {
      done.push(what);
      return Promise.resolve(isReserved);
    };
    transitions = new OrdersTransitionsService(
      standInFor(OrdersRepository, {
        update: (_id: string, change: OrderChange) => {
          done.push('order');
          row = updateRow(row, change);
          return Promise.resolve(row);
        },
      }),
      standInFor(OrdersHistoryRepository, {
        insert: (added) => {
          history.push(...added);
        },
      }),
      standInFor(ReservationsService, {
        consume: (id, actorId) => settle(`consume ${id} by ${String(actorId)}`),
        release: (id) => settle(`release ${id}`),
        restock: (quantities, { refundId }) =>
          settle(`restock ${JSON.stringify(quantities)} for ${refundId}`).then(() => undefined),
      }),
      standInFor(EventsService, events),
      new TestClock(),
    );
  });

  const apply = (...[order, ...rest]: Parameters<OrdersTransitionsService['apply']>): Promise<OrderRow> => {
    row = order;
    return transactions.run(() => transitions.apply(order, ...rest));
  };
  const facts = { paymentStatus: 'paid', isCovered: true, fulfilledUnits: 0, openUnits: 3 };

  it('confirms an order that is covered: it does not expire any more, and its stock is consumed last', async () => {
    const confirmed = await apply(orderWith(), 'confirm', { actorId: 'cleo' }, { facts });

    expect(confirmed).toMatchObject({ status: 'confirmed', expiresAt: null, version: 5 });
    expect(done).toEqual(['order', 'consume order by cleo']);
    expect(events.published).toMatchObject([{ name: 'order.confirmed', id: 'order', version: 5 }]);
  });

  it('does not confirm an order whose stock is gone', async () => {
    isReserved = false;

    await expect(apply(orderWith(), 'confirm', { actorId: null }, { facts })).rejects.toThrow('nothing is reserved');
    expect(events.published).toEqual([]);
  });

  it('says what is allowed in place of what is not, and changes nothing', async () => {
    const { kind, extras, detail } = await refusalOf(apply(orderWith(), 'complete', { actorId: null }));

    expect([kind, extras.members]).toEqual([
      OrderActionNotAllowed,
      { orderStatus: 'pending', allowed: ['cancel', 'expire'] },
    ]);
    expect(detail).toContain('Allowed: cancel, expire.');
    expect([done, history, events.published]).toEqual([[], [], []]);
  });

  it('writes down who did it, why, for which request, and what it was about', async () => {
    const cause = { actorId: 'sam', reason: 'Ordered twice', subjectId: 'attempt', amount: 3000 };
    await runInRequest({ requestId: 'cancel-7' }, () =>
      apply(orderWith(), 'cancel', cause, { earlier: ['payment_captured'] }),
    );

    expect(history.map(({ name, id: _id, ...event }) => [name, event])).toEqual(
      ['payment_captured', 'cancelled'].map((name) => [
        name,
        {
          ...cause,
          orderId: 'order',
          version: 5,
          status: 'cancelled',
          requestId: 'cancel-7',
          createdAt: new TestClock().time,
        },
      ]),
    );
  });

  it('releases what is reserved for an order that is cancelled or expires', async () => {
    await apply(orderWith(), 'cancel', { actorId: 'cleo' });
    await apply(orderWith(), 'expire', { actorId: null });

    expect(done.filter((what) => what.startsWith('re'))).toEqual(['release order', 'release order']);
  });

  it('restocks what was sold of an order that is cancelled, but for the units that were paid back', async () => {
    const lines = [
      { ...LINE, refundedQuantity: 1 },
      { ...LINE, id: 'other', productId: 'candle', refundedQuantity: 3 },
      { ...LINE, id: 'shipping', type: 'shipping' as const, productId: null, quantity: 1 },
    ];
    await apply(orderWith({ status: 'confirmed', expiresAt: null, lines }), 'cancel', { actorId: 'sam' });

    expect(done.at(-1)).toBe(`restock [{"productId":"lantern","quantity":2}] for ${history.at(-1)?.id ?? ''}`);
  });

  it('names a parcel in the event that it caused, and no payment', async () => {
    const confirmed = orderWith({ status: 'confirmed', paymentStatus: 'paid', expiresAt: null });
    const cause = { actorId: 'sam', subjectId: 'parcel' };
    await apply(confirmed, 'fulfill', cause, { change: { fulfillmentStatus: 'partially_fulfilled' } });
    await apply(orderWith(), 'confirm', { actorId: null, subjectId: 'attempt' }, { facts });

    expect(
      events.published.map(({ name, data }) => [name, 'fulfillmentId' in data ? data.fulfillmentId : null]),
    ).toEqual([
      ['order.updated', 'parcel'],
      ['order.confirmed', null],
    ]);
  });
});
