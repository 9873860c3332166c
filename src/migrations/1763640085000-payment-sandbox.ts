import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What the payment sandbox remembers of the requests that it was sent. */
export class PaymentSandbox1763640085000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE sandbox_operations (
        key uuid CONSTRAINT sandbox_operations_pk PRIMARY KEY,
        operation text NOT NULL
          CONSTRAINT sandbox_operations_operation_known CHECK (operation IN ('authorize', 'capture', 'void', 'refund')),
        reference text NOT NULL CONSTRAINT sandbox_operations_reference_bounded CHECK (length(reference) <= 100),
        payment text CONSTRAINT sandbox_operations_payment_bounded CHECK (length(payment) <= 100),
        amount bigint NOT NULL CONSTRAINT sandbox_operations_amount_positive CHECK (amount > 0),
        currency char(3) NOT NULL,
        token text CONSTRAINT sandbox_operations_token_bounded CHECK (length(token) <= 200),
        state text NOT NULL
          CONSTRAINT sandbox_operations_state_known CHECK (state IN ('succeeded', 'declined', 'pending', 'lost')),
        code text CONSTRAINT sandbox_operations_code_bounded CHECK (length(code) <= 100),
        calls integer NOT NULL DEFAULT 1,
        created_at timestamptz(3) NOT NULL DEFAULT now()
      )`);
    await runner.query('CREATE INDEX sandbox_operations_by_reference ON sandbox_operations (reference)');
    await runner.query(
      'CREATE INDEX sandbox_operations_by_payment ON sandbox_operations (payment) WHERE payment IS NOT NULL',
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE sandbox_operations');
  }
}
