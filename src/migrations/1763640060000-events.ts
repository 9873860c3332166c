import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * What features announce (`outbox`), the one row that counts positions, how far each handler is, and what handlers could not do.
 */
export class Events1763640060000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE outbox (
        id uuid CONSTRAINT outbox_pk PRIMARY KEY,
        aggregate_type text NOT NULL,
        aggregate_id uuid NOT NULL,
        version integer NOT NULL CONSTRAINT outbox_version_valid CHECK (version > 0),
        name text NOT NULL,
        schema_version integer NOT NULL,
        data jsonb NOT NULL,
        context jsonb NOT NULL,
        occurred_at timestamptz(3) NOT NULL,
        position bigint,
        published_at timestamptz(3),
        CONSTRAINT outbox_version_unique UNIQUE (aggregate_type, aggregate_id, version),
        CONSTRAINT outbox_published_valid CHECK ((position IS NULL) = (published_at IS NULL))
      )`);
    await runner.query('CREATE INDEX outbox_unpublished ON outbox (id) WHERE position IS NULL');
    await runner.query('CREATE UNIQUE INDEX outbox_position_unique ON outbox (position) WHERE position IS NOT NULL');
    await runner.query('CREATE INDEX outbox_by_name ON outbox (name, position) WHERE position IS NOT NULL');
    await runner.query('CREATE INDEX outbox_by_published_at ON outbox (published_at) WHERE published_at IS NOT NULL');
    await runner.query(`
      CREATE TABLE event_sequencer (
        is_only boolean NOT NULL DEFAULT true CONSTRAINT event_sequencer_pk PRIMARY KEY,
        position bigint NOT NULL,
        CONSTRAINT event_sequencer_one_row CHECK (is_only)
      )`);
    await runner.query('INSERT INTO event_sequencer (position) VALUES (0)');
    await runner.query(`
      CREATE TABLE event_consumers (
        name text CONSTRAINT event_consumers_pk PRIMARY KEY,
        position bigint NOT NULL,
        seen_at timestamptz(3) NOT NULL
      )`);
    await runner.query(`
      CREATE TABLE event_deliveries (
        id uuid CONSTRAINT event_deliveries_pk PRIMARY KEY,
        consumer text NOT NULL CONSTRAINT event_deliveries_consumer_fk REFERENCES event_consumers (name) ON DELETE CASCADE,
        event_id uuid NOT NULL CONSTRAINT event_deliveries_event_fk REFERENCES outbox (id),
        aggregate_type text NOT NULL,
        aggregate_id uuid NOT NULL,
        position bigint NOT NULL,
        state text NOT NULL CONSTRAINT event_deliveries_state_known CHECK (state IN ('waiting', 'failed', 'dead')),
        attempts integer NOT NULL,
        next_attempt_at timestamptz(3),
        last_error text,
        created_at timestamptz(3) NOT NULL,
        updated_at timestamptz(3) NOT NULL,
        CONSTRAINT event_deliveries_event_unique UNIQUE (event_id, consumer),
        CONSTRAINT event_deliveries_next_attempt_valid CHECK (
          state = 'waiting' OR (state = 'failed') = (next_attempt_at IS NOT NULL))
      )`);
    await runner.query(
      'CREATE INDEX event_deliveries_of_aggregate ON event_deliveries (consumer, aggregate_type, aggregate_id, position)',
    );
    await runner.query(
      'CREATE INDEX event_deliveries_due ON event_deliveries (consumer, next_attempt_at) WHERE next_attempt_at IS NOT NULL',
    );
    await runner.query('CREATE INDEX event_deliveries_by_created_at ON event_deliveries (created_at, id)');
    await runner.query('CREATE INDEX event_deliveries_by_state ON event_deliveries (state, created_at, id)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE event_deliveries');
    await runner.query('DROP TABLE event_consumers');
    await runner.query('DROP TABLE event_sequencer');
    await runner.query('DROP TABLE outbox');
  }
}
