import type { MigrationInterface, QueryRunner } from 'typeorm';

const NAMES = [
  'placed',
  'confirmed',
  'fulfilled',
  'completed',
  'cancelled',
  'expired',
  'payment_authorized',
  'payment_captured',
  'payment_declined',
  'payment_unresolved',
  'payment_refunded',
];

/** The history of an order says when an authorized payment was given up. */
export class VoidedPayments1763640087000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await this.allow(runner, [...NAMES, 'payment_voided']);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE order_events DISABLE TRIGGER order_events_append_only');
    await runner.query("UPDATE order_events SET name = 'payment_refunded' WHERE name = 'payment_voided'");
    await runner.query('ALTER TABLE order_events ENABLE TRIGGER order_events_append_only');
    await this.allow(runner, NAMES);
  }

  private async allow(runner: QueryRunner, names: readonly string[]): Promise<void> {
    const list = names.map((name) => `'${name}'`).join(', ');
    await runner.query(`
      ALTER TABLE order_events
        DROP CONSTRAINT order_events_name_known,
        ADD CONSTRAINT order_events_name_known CHECK (name IN (${list}))`);
  }
}
