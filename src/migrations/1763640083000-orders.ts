import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Orders with their lines, parcels and history. An order refers to its customer, whose row is kept for that when they are erased. It does not
 * refer to products and shipping methods: it has its own copy of names and prices, and those may be deleted.
 */
export class Orders1763640083000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE orders (
        id uuid CONSTRAINT orders_pk PRIMARY KEY,
        number text NOT NULL CONSTRAINT orders_number_unique UNIQUE,
        customer_id uuid NOT NULL CONSTRAINT orders_customer_fk REFERENCES users (id),
        status text NOT NULL,
        payment_status text NOT NULL,
        fulfillment_status text NOT NULL DEFAULT 'unfulfilled',
        currency char(3) NOT NULL,
        total bigint NOT NULL,
        refunded bigint NOT NULL DEFAULT 0,
        reference text,
        shipping_address jsonb,
        shipping_method_id uuid,
        expires_at timestamptz(3),
        version integer NOT NULL DEFAULT 1,
        created_at timestamptz(3) NOT NULL DEFAULT now(),
        updated_at timestamptz(3) NOT NULL DEFAULT now(),
        CONSTRAINT orders_status_known CHECK (status IN ('pending', 'confirmed', 'completed', 'cancelled', 'expired')),
        CONSTRAINT orders_payment_status_known CHECK (payment_status IN (
          'unpaid', 'authorized', 'paid', 'partially_refunded', 'refunded', 'unresolved')),
        CONSTRAINT orders_fulfillment_status_known CHECK (fulfillment_status IN (
          'unfulfilled', 'partially_fulfilled', 'fulfilled')),
        CONSTRAINT orders_sent_when_confirmed CHECK (
          fulfillment_status = 'unfulfilled' OR status IN ('confirmed', 'completed')),
        CONSTRAINT orders_completed_when_sent CHECK ((status = 'completed') = (fulfillment_status = 'fulfilled')),
        CONSTRAINT orders_total_valid CHECK (total BETWEEN 0 AND 999999999999),
        CONSTRAINT orders_refunded_valid CHECK (refunded >= 0),
        CONSTRAINT orders_reference_valid CHECK (char_length(reference) BETWEEN 1 AND 100),
        CONSTRAINT orders_expires_while_pending CHECK ((status = 'pending') = (expires_at IS NOT NULL))
      )`);
    await runner.query('CREATE INDEX orders_by_created_at ON orders (created_at, id)');
    await runner.query('CREATE INDEX orders_of_customer ON orders (customer_id, created_at, id)');
    await runner.query('CREATE INDEX orders_by_status ON orders (status, created_at, id)');
    await runner.query('CREATE INDEX orders_by_payment_status ON orders (payment_status, created_at, id)');
    await runner.query('CREATE INDEX orders_by_fulfillment_status ON orders (fulfillment_status, created_at, id)');
    await runner.query(
      'CREATE INDEX orders_by_reference ON orders (reference, created_at, id) WHERE reference IS NOT NULL',
    );
    await runner.query("CREATE INDEX orders_expiring ON orders (expires_at) WHERE status = 'pending'");
    await runner.query(
      'CREATE TRIGGER count_version BEFORE UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION count_version()',
    );

    await runner.query(`
      CREATE TABLE order_lines (
        id uuid CONSTRAINT order_lines_pk PRIMARY KEY,
        order_id uuid NOT NULL CONSTRAINT order_lines_order_fk REFERENCES orders (id) ON DELETE CASCADE,
        position integer NOT NULL,
        type text NOT NULL,
        product_id uuid,
        sku text,
        name text NOT NULL,
        quantity integer NOT NULL,
        unit_amount bigint NOT NULL,
        total bigint NOT NULL,
        fulfilled_quantity integer NOT NULL DEFAULT 0,
        refunded_quantity integer NOT NULL DEFAULT 0,
        CONSTRAINT order_lines_position_unique UNIQUE (order_id, position),
        CONSTRAINT order_lines_type_known CHECK (type IN ('item', 'shipping', 'discount', 'tax', 'adjustment')),
        CONSTRAINT order_lines_item_complete CHECK (
          type <> 'item' OR (product_id IS NOT NULL AND sku IS NOT NULL)),
        CONSTRAINT order_lines_quantity_valid CHECK (quantity > 0),
        CONSTRAINT order_lines_unit_amount_valid CHECK (
          CASE type WHEN 'discount' THEN unit_amount <= 0 WHEN 'adjustment' THEN true ELSE unit_amount >= 0 END),
        CONSTRAINT order_lines_total_valid CHECK (total = quantity * unit_amount),
        CONSTRAINT order_lines_fulfilled_valid CHECK (
          fulfilled_quantity BETWEEN 0 AND CASE type WHEN 'item' THEN quantity ELSE 0 END),
        CONSTRAINT order_lines_refunded_valid CHECK (refunded_quantity BETWEEN 0 AND quantity)
      )`);

    await runner.query(`
      CREATE TABLE order_events (
        id uuid CONSTRAINT order_events_pk PRIMARY KEY,
        order_id uuid NOT NULL CONSTRAINT order_events_order_fk REFERENCES orders (id),
        version integer NOT NULL,
        name text NOT NULL,
        status text NOT NULL,
        subject_id uuid,
        amount bigint,
        reason text,
        actor_id uuid,
        request_id text,
        created_at timestamptz(3) NOT NULL DEFAULT now(),
        CONSTRAINT order_events_name_known CHECK (name IN (
          'placed', 'confirmed', 'fulfilled', 'completed', 'cancelled', 'expired', 'payment_authorized', 'payment_captured',
          'payment_declined', 'payment_unresolved', 'payment_refunded')),
        CONSTRAINT order_events_status_known CHECK (
          status IN ('pending', 'confirmed', 'completed', 'cancelled', 'expired')),
        CONSTRAINT order_events_version_valid CHECK (version > 0),
        CONSTRAINT order_events_reason_valid CHECK (char_length(reason) BETWEEN 1 AND 200)
      )`);
    await runner.query('CREATE INDEX order_events_of_order ON order_events (order_id, created_at, id)');
    await runner.query(`
      CREATE FUNCTION refuse_change_of_order_event() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          -- the words of somebody who is erased are forgotten
          IF TG_OP = 'UPDATE' AND NEW.reason IS NULL AND to_jsonb(NEW) - 'reason' = to_jsonb(OLD) - 'reason' THEN
            RETURN NEW;
          END IF;
          RAISE restrict_violation USING MESSAGE = format('%s of an order event: what happened is never changed', TG_OP);
        END
      $$`);
    await runner.query(`
      CREATE TRIGGER order_events_append_only BEFORE UPDATE OR DELETE ON order_events
      FOR EACH ROW EXECUTE FUNCTION refuse_change_of_order_event()`);
    await runner.query(`
      CREATE TRIGGER order_events_kept BEFORE TRUNCATE ON order_events
      FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_order_event()`);

    await runner.query(`
      CREATE TABLE fulfillments (
        id uuid CONSTRAINT fulfillments_pk PRIMARY KEY,
        order_id uuid NOT NULL CONSTRAINT fulfillments_order_fk REFERENCES orders (id) ON DELETE CASCADE,
        carrier text,
        tracking_number text,
        actor_id uuid NOT NULL,
        created_at timestamptz(3) NOT NULL DEFAULT now(),
        CONSTRAINT fulfillments_carrier_valid CHECK (char_length(carrier) BETWEEN 1 AND 100),
        CONSTRAINT fulfillments_tracking_number_valid CHECK (char_length(tracking_number) BETWEEN 1 AND 100)
      )`);
    await runner.query('CREATE INDEX fulfillments_of_order ON fulfillments (order_id, created_at, id)');
    await runner.query(`
      CREATE TABLE fulfillment_lines (
        fulfillment_id uuid CONSTRAINT fulfillment_lines_fulfillment_fk REFERENCES fulfillments (id) ON DELETE CASCADE,
        line_id uuid CONSTRAINT fulfillment_lines_line_fk REFERENCES order_lines (id) ON DELETE CASCADE,
        quantity integer NOT NULL CONSTRAINT fulfillment_lines_quantity_valid CHECK (quantity > 0),
        CONSTRAINT fulfillment_lines_pk PRIMARY KEY (fulfillment_id, line_id)
      )`);
    await runner.query('CREATE INDEX fulfillment_lines_of_line ON fulfillment_lines (line_id)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE fulfillment_lines');
    await runner.query('DROP TABLE fulfillments');
    await runner.query('DROP TABLE order_events');
    await runner.query('DROP FUNCTION refuse_change_of_order_event');
    await runner.query('DROP TABLE order_lines');
    await runner.query('DROP TABLE orders');
  }
}
