import { randomUUID } from 'node:crypto';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DataSource } from 'typeorm';
import { createApp } from '../../src/app.js';
import { Config } from '../../src/common/config/config.js';
import { Transactions } from '../../src/common/database/transactions.js';
import { InventoryService } from '../../src/inventory/inventory.service.js';
import { ReservationsService } from '../../src/inventory/reservations.service.js';
import type { ProductDto } from '../../src/products/dto/product.dto.js';
import { type Account, openAccount } from './accounts.js';
import { callerOf } from './fakes.js';
import { Shop } from './shop.js';

/** Of one product, so many units. */
export type Asked = [productId: string, quantity: number];

/** Until when reservations of tests are kept. */
export const LATER = new Date('2030-01-01T00:00:00.000Z');

/** A product, but for its SKU. */
export const LANTERN = { name: 'Red Metal Lantern', price: { amount: 1999, currency: 'GBP' } };

/** A shop whose stock is reserved: on a server by two processes, among which the units of work are divided by number. */
export class ReservingShop {
  private constructor(
    readonly shop: Shop,
    readonly staff: Account,
    private readonly apps: readonly NestFastifyApplication[],
  ) {}

  static async open(): Promise<ReservingShop> {
    const shop = await Shop.open();
    const staff = await openAccount(shop, 'staff');
    // the embedded engine belongs to one application
    if (!process.env.TEST_DATABASE_URL) return new ReservingShop(shop, staff, [shop.app]);
    const other = await createApp(shop.app.get(Config), shop.app.get(DataSource).options);
    await other.init();
    return new ReservingShop(shop, staff, [shop.app, other]);
  }

  async close(): Promise<void> {
    for (const app of this.apps.slice(1)) await app.close();
    await this.shop.close();
  }

  sql<R>(text: string, values?: unknown[]): Promise<R[]> {
    return this.shop.app.get(DataSource).query<R[]>(text, values);
  }

  /** Does something with reservations in a unit of work of one of the processes. */
  inUnit<T>(work: (reservations: ReservationsService) => Promise<T>, n = 0): Promise<T> {
    const app = this.apps[n % this.apps.length] ?? this.shop.app;
    return app.get(Transactions).run(() => work(app.get(ReservationsService)));
  }

  reserve(orderId: string, asked: readonly Asked[], n = 0): Promise<void> {
    return this.inUnit((reservations) => reservations.reserve(orderId, asked.map(toQuantity), LATER), n);
  }

  consume(orderId: string, n = 0): Promise<boolean> {
    return this.inUnit((reservations) => reservations.consume(orderId, this.staff.id), n);
  }

  release(orderId: string, n = 0): Promise<boolean> {
    return this.inUnit((reservations) => reservations.release(orderId), n);
  }

  restock(refundId: string, asked: readonly Asked[]): Promise<void> {
    const restocking = { refundId, reason: 'Returned', actorId: this.staff.id };
    return this.inUnit((reservations) => reservations.restock(asked.map(toQuantity), restocking));
  }

  /** Creates a product with so many units. @returns its id. */
  async create(units: number): Promise<string> {
    const json = { ...LANTERN, sku: randomUUID() };
    const { body } = await this.shop.ask<ProductDto>('products', { method: 'POST', token: this.staff.token, json });
    if (units > 0) await this.adjust(body.id, units);
    return body.id;
  }

  adjust(productId: string, delta: number): Promise<unknown> {
    const staff = callerOf(this.staff.id, 'staff');
    return this.shop.app.get(InventoryService).adjust(productId, { delta, reason: 'Count' }, staff);
  }

  async levelOf(productId: string): Promise<{ onHand: number; reserved: number } | undefined> {
    const levels = await this.sql<{ onHand: number; reserved: number }>(
      'SELECT on_hand AS "onHand", reserved FROM stock_levels WHERE product_id = $1',
      [productId],
    );
    return levels[0];
  }

  reservationsOf(orderId: string): Promise<unknown[]> {
    return this.sql(
      `SELECT product_id AS id, quantity, state FROM reservations WHERE order_id = $1 ORDER BY quantity, product_id`,
      [orderId],
    );
  }

  /** The products whose counters are not the sums of the rows. */
  unbalanced(): Promise<unknown[]> {
    return this.sql(`
      SELECT product_id AS id, on_hand, reserved FROM stock_levels l
      WHERE on_hand <> (SELECT coalesce(sum(delta), 0) FROM stock_movements m WHERE m.product_id = l.product_id)
         OR reserved <> (SELECT coalesce(sum(quantity), 0) FROM reservations r
                         WHERE r.product_id = l.product_id AND r.state = 'active')`);
  }
}

const toQuantity = ([productId, quantity]: Asked): { productId: string; quantity: number } => ({ productId, quantity });
