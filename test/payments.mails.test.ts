import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mailsTo, settled } from './support/accounts.js';
import { Till } from './support/orders.js';
import { Shop } from './support/shop.js';

describe('the mails of payments', () => {
  let shop: Shop;
  let till: Till;
  beforeAll(async () => {
    shop = await Shop.open();
    till = await Till.open(shop);
  });
  afterAll(() => shop.close());

  const mails = (): string[] => mailsTo(shop, till.customer.email).map(({ subject, text }) => `${subject}\n${text}`);

  it('come when one is declined, with what to do, and not when one succeeds', async () => {
    const order = await till.order();
    await till.pay(order.id, 'tok_declined');
    await settled(shop);
    const declined = mails();
    await till.pay(order.id, 'tok_success');
    await settled(shop);

    expect(declined).toHaveLength(1);
    expect(declined[0]).toMatch(
      new RegExp(
        `^The payment of your order ${order.number} failed\n[^]*GBP 10\\.00 for the order ${order.number} was declined\\. ` +
          'No money was taken\\. Your order is reserved until \\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d UTC',
      ),
    );
    expect(mails().map((mail) => mail.split('\n')[0])).toEqual([
      `Your order ${order.number} is confirmed`,
      `The payment of your order ${order.number} failed`,
    ]);
  });

  it('come with each refund, once, and not when one is declined', async () => {
    const order = await till.paidOrder();
    await till.refund(order.id, { amount: 300 });
    await settled(shop);
    await till.refund(order.id, { amount: 200 });
    await settled(shop);
    const kept = await till.paidOrder(1, 'tok_refund_declined');
    await till.refund(kept.id, { amount: 100 });
    await settled(shop);

    const refunds = mails().filter((mail) => mail.startsWith('A refund'));
    expect(refunds).toEqual([
      expect.stringContaining(
        `refunded GBP 2.00 of your order ${order.number}, to what you paid with. It may take a few days until you see it there.\n\nTotal of the order: GBP 10.00\nRefunded so far: GBP 5.00`,
      ),
      expect.stringContaining('Refunded so far: GBP 3.00'),
    ]);
  });
});
