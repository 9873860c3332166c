import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * The ledger: transactions of two entries or more, which are zero in each currency, and never change. A transaction says how many
 * entries it has, so that none can be added to it later. No row has a balance, so that no row is written by every sale.
 *
 * `customer_id`, `order_id` and `cause_id` have no foreign keys: what happens to those rows must change nothing here.
 *
 * A sealed transaction has a place in a chain of hashes: in a table of its own, since transactions are never updated. What waits for its
 * seal is in `ledger_unsealed`, however late it committed.
 */
export class Ledger1763640081000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE ledger_accounts (
        code text,
        currency text,
        kind text NOT NULL,
        created_at timestamptz(3) NOT NULL DEFAULT now(),
        CONSTRAINT ledger_accounts_pk PRIMARY KEY (code, currency),
        CONSTRAINT ledger_accounts_kind_known CHECK (kind IN ('asset', 'liability', 'income', 'expense')),
        CONSTRAINT ledger_accounts_currency_code CHECK (currency ~ '^[A-Z]{3}$')
      )`);
    await runner.query(`
      CREATE TABLE ledger_transactions (
        id uuid CONSTRAINT ledger_transactions_pk PRIMARY KEY,
        kind text NOT NULL,
        cause_type text NOT NULL,
        cause_id uuid NOT NULL,
        customer_id uuid,
        order_id uuid NOT NULL,
        description text NOT NULL,
        entry_count smallint NOT NULL,
        posted_at timestamptz(3) NOT NULL,
        request_id text,
        CONSTRAINT ledger_transactions_unique_by_cause UNIQUE (cause_type, cause_id, kind),
        CONSTRAINT ledger_transactions_kind_known CHECK (kind IN ('payment', 'refund')),
        CONSTRAINT ledger_transactions_description_length CHECK (char_length(description) BETWEEN 1 AND 200),
        CONSTRAINT ledger_transactions_two_entries CHECK (entry_count >= 2)
      )`);
    await runner.query('CREATE INDEX ledger_transactions_by_time ON ledger_transactions (posted_at, id)');
    await runner.query('CREATE INDEX ledger_transactions_by_kind ON ledger_transactions (kind, posted_at, id)');
    await runner.query(
      'CREATE INDEX ledger_transactions_of_customer ON ledger_transactions (customer_id, posted_at, id)',
    );
    await runner.query('CREATE INDEX ledger_transactions_of_order ON ledger_transactions (order_id, posted_at, id)');
    await runner.query(`
      CREATE TABLE ledger_entries (
        transaction_id uuid CONSTRAINT ledger_entries_transaction_fk REFERENCES ledger_transactions (id),
        line smallint,
        account text NOT NULL,
        currency text NOT NULL,
        amount bigint NOT NULL,
        CONSTRAINT ledger_entries_pk PRIMARY KEY (transaction_id, line),
        CONSTRAINT ledger_entries_account_fk FOREIGN KEY (account, currency) REFERENCES ledger_accounts (code, currency),
        CONSTRAINT ledger_entries_line_counted CHECK (line >= 1),
        CONSTRAINT ledger_entries_amount_exact CHECK (amount <> 0 AND amount BETWEEN -9007199254740991 AND 9007199254740991)
      )`);
    await runner.query('CREATE INDEX ledger_entries_of_account ON ledger_entries (account, currency)');
    await runner.query(`
      CREATE TABLE ledger_unsealed (
        transaction_id uuid CONSTRAINT ledger_unsealed_pk PRIMARY KEY
          CONSTRAINT ledger_unsealed_transaction_fk REFERENCES ledger_transactions (id)
      )`);
    await runner.query(`
      CREATE TABLE ledger_seals (
        sequence bigint CONSTRAINT ledger_seals_pk PRIMARY KEY,
        transaction_id uuid NOT NULL
          CONSTRAINT ledger_seals_transaction_fk REFERENCES ledger_transactions (id),
        hash bytea NOT NULL,
        sealed_at timestamptz(3) NOT NULL,
        CONSTRAINT ledger_seals_unique_by_transaction UNIQUE (transaction_id),
        CONSTRAINT ledger_seals_sequence_counted CHECK (sequence >= 1),
        CONSTRAINT ledger_seals_sha256 CHECK (octet_length(hash) = 32)
      )`);
    await runner.query(`
      CREATE TABLE ledger_snapshots (
        sequence bigint CONSTRAINT ledger_snapshots_seal_fk REFERENCES ledger_seals (sequence),
        account text,
        currency text,
        balance bigint NOT NULL,
        CONSTRAINT ledger_snapshots_pk PRIMARY KEY (sequence, account, currency),
        CONSTRAINT ledger_snapshots_account_fk FOREIGN KEY (account, currency) REFERENCES ledger_accounts (code, currency)
      )`);
    await runner.query('CREATE INDEX ledger_snapshots_of_account ON ledger_snapshots (account, currency)');

    await runner.query(`
      CREATE FUNCTION ledger_transaction_balanced() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE
          entries bigint;
          unbalanced text;
        BEGIN
          SELECT coalesce(sum(s.entries), 0), string_agg(s.currency, ', ' ORDER BY s.currency) FILTER (WHERE s.total <> 0)
          INTO entries, unbalanced
          FROM (
            SELECT currency, count(*) AS entries, sum(amount) AS total
            FROM ledger_entries WHERE transaction_id = NEW.id GROUP BY currency
          ) s;
          IF unbalanced IS NOT NULL THEN
            RAISE check_violation USING
              CONSTRAINT = 'ledger_transactions_balanced',
              MESSAGE = format('the entries of ledger transaction %s are not zero in %s', NEW.id, unbalanced);
          ELSIF entries <> NEW.entry_count THEN
            RAISE check_violation USING
              CONSTRAINT = 'ledger_transactions_balanced',
              MESSAGE = format('ledger transaction %s has %s entries instead of %s', NEW.id, entries, NEW.entry_count);
          END IF;
          RETURN NULL;
        END
      $$`);
    await runner.query(`
      CREATE CONSTRAINT TRIGGER ledger_transactions_balanced AFTER INSERT ON ledger_transactions
      DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ledger_transaction_balanced()`);
    await runner.query(`
      CREATE FUNCTION ledger_entries_counted() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          IF EXISTS (
            SELECT FROM inserted i JOIN ledger_transactions t ON t.id = i.transaction_id WHERE i.line > t.entry_count
          ) THEN
            RAISE check_violation USING
              CONSTRAINT = 'ledger_entries_counted',
              MESSAGE = 'a ledger transaction has no more entries than it was posted with';
          END IF;
          RETURN NULL;
        END
      $$`);
    await runner.query(`
      CREATE TRIGGER ledger_entries_counted AFTER INSERT ON ledger_entries REFERENCING NEW TABLE AS inserted
      FOR EACH STATEMENT EXECUTE FUNCTION ledger_entries_counted()`);
    await runner.query(`
      CREATE FUNCTION ledger_transactions_queued() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          INSERT INTO ledger_unsealed (transaction_id) SELECT id FROM inserted;
          RETURN NULL;
        END
      $$`);
    await runner.query(`
      CREATE TRIGGER ledger_transactions_queued AFTER INSERT ON ledger_transactions REFERENCING NEW TABLE AS inserted
      FOR EACH STATEMENT EXECUTE FUNCTION ledger_transactions_queued()`);
    await runner.query(`
      CREATE FUNCTION refuse_change_of_ledger() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          RAISE restrict_violation USING
            MESSAGE = format('%s of %s: the ledger is never changed', TG_OP, TG_TABLE_NAME),
            HINT = 'Post a transaction that makes up for it.';
        END
      $$`);
    for (const table of APPEND_ONLY) {
      await runner.query(`
        CREATE TRIGGER ${table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ${table}
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_ledger()`);
    }
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE ledger_snapshots, ledger_seals, ledger_unsealed, ledger_entries');
    await runner.query('DROP TABLE ledger_transactions, ledger_accounts');
    await runner.query('DROP FUNCTION refuse_change_of_ledger');
    await runner.query('DROP FUNCTION ledger_transactions_queued');
    await runner.query('DROP FUNCTION ledger_entries_counted');
    await runner.query('DROP FUNCTION ledger_transaction_balanced');
  }
}

const APPEND_ONLY = ['ledger_accounts', 'ledger_transactions', 'ledger_entries', 'ledger_seals', 'ledger_snapshots'];
