import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Payments: each request to the provider is an attempt, whose outcome may be unknown for a while. */
export class Payments1763640086000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE payment_attempts (
        id uuid CONSTRAINT payment_attempts_pk PRIMARY KEY,
        order_id uuid NOT NULL CONSTRAINT payment_attempts_order_fk REFERENCES orders (id),
        operation text NOT NULL
          CONSTRAINT payment_attempts_operation_known CHECK (operation IN ('authorize', 'capture', 'void', 'refund')),
        parent_id uuid CONSTRAINT payment_attempts_parent_fk REFERENCES payment_attempts (id),
        amount bigint NOT NULL CONSTRAINT payment_attempts_amount_positive CHECK (amount > 0),
        currency char(3) NOT NULL,
        provider text NOT NULL CONSTRAINT payment_attempts_provider_bounded CHECK (length(provider) BETWEEN 1 AND 50),
        provider_reference text CONSTRAINT payment_attempts_reference_bounded CHECK (length(provider_reference) <= 200),
        state text NOT NULL DEFAULT 'created' CONSTRAINT payment_attempts_state_known
          CHECK (state IN ('created', 'sent', 'succeeded', 'declined', 'unknown', 'needs_review')),
        decline_code text CONSTRAINT payment_attempts_decline_code_bounded CHECK (length(decline_code) <= 100),
        checks integer NOT NULL DEFAULT 0 CONSTRAINT payment_attempts_checks_counted CHECK (checks >= 0),
        next_check_at timestamptz(3),
        sealed_token text CONSTRAINT payment_attempts_token_bounded CHECK (length(sealed_token) <= 1000),
        cause text CONSTRAINT payment_attempts_cause_unique UNIQUE
          CONSTRAINT payment_attempts_cause_bounded CHECK (length(cause) <= 100),
        reason text CONSTRAINT payment_attempts_reason_bounded CHECK (length(reason) <= 500),
        restock boolean NOT NULL DEFAULT false,
        actor_id uuid,
        version integer NOT NULL DEFAULT 1,
        created_at timestamptz(3) NOT NULL DEFAULT now(),
        updated_at timestamptz(3) NOT NULL DEFAULT now(),
        CONSTRAINT payment_attempts_parent_of_follow_ups CHECK (
          CASE operation WHEN 'authorize' THEN parent_id IS NULL WHEN 'capture' THEN true ELSE parent_id IS NOT NULL END),
        CONSTRAINT payment_attempts_reference_of_succeeded CHECK (state <> 'succeeded' OR provider_reference IS NOT NULL),
        CONSTRAINT payment_attempts_decline_code_of_declined CHECK ((decline_code IS NOT NULL) = (state = 'declined')),
        CONSTRAINT payment_attempts_checked_while_open
          CHECK ((next_check_at IS NOT NULL) = (state IN ('created', 'sent', 'unknown'))),
        CONSTRAINT payment_attempts_token_while_open CHECK (sealed_token IS NULL OR state NOT IN ('succeeded', 'declined'))
      )`);
    await runner.query(
      'CREATE TRIGGER count_version BEFORE UPDATE ON payment_attempts FOR EACH ROW EXECUTE FUNCTION count_version()',
    );
    // of two payments of one order at once, one is refused
    await runner.query(`
      CREATE UNIQUE INDEX payment_attempts_open_unique ON payment_attempts (order_id)
      WHERE operation IN ('authorize', 'capture') AND state IN ('created', 'sent', 'unknown', 'needs_review')`);
    // an authorization is captured, or given up, once
    await runner.query(`
      CREATE UNIQUE INDEX payment_attempts_parent_unique ON payment_attempts (parent_id)
      WHERE operation IN ('capture', 'void') AND state <> 'declined'`);
    await runner.query('CREATE INDEX payment_attempts_by_order ON payment_attempts (order_id, created_at, id)');
    await runner.query('CREATE INDEX payment_attempts_by_parent ON payment_attempts (parent_id)');
    await runner.query('CREATE INDEX payment_attempts_by_created_at ON payment_attempts (created_at, id)');
    await runner.query('CREATE INDEX payment_attempts_by_state ON payment_attempts (state, created_at, id)');
    await runner.query(`
      CREATE TABLE refund_lines (
        attempt_id uuid CONSTRAINT refund_lines_attempt_fk REFERENCES payment_attempts (id),
        line_id uuid CONSTRAINT refund_lines_line_fk REFERENCES order_lines (id),
        quantity integer NOT NULL CONSTRAINT refund_lines_quantity_positive CHECK (quantity > 0),
        amount bigint NOT NULL CONSTRAINT refund_lines_amount_not_negative CHECK (amount >= 0),
        CONSTRAINT refund_lines_pk PRIMARY KEY (attempt_id, line_id)
      )`);
    await runner.query('CREATE INDEX refund_lines_by_line ON refund_lines (line_id)');
    await runner.query(`
      CREATE TABLE payment_webhooks (
        provider text CONSTRAINT payment_webhooks_provider_bounded CHECK (length(provider) BETWEEN 1 AND 50),
        event_id text CONSTRAINT payment_webhooks_event_id_bounded CHECK (length(event_id) BETWEEN 1 AND 255),
        received_at timestamptz(3) NOT NULL,
        CONSTRAINT payment_webhooks_pk PRIMARY KEY (provider, event_id)
      )`);
    await runner.query('CREATE INDEX payment_webhooks_by_received_at ON payment_webhooks (received_at)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE payment_webhooks');
    await runner.query('DROP TABLE refund_lines');
    await runner.query('DROP TABLE payment_attempts');
  }
}
