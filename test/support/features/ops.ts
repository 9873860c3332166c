import { randomUUID } from 'node:crypto';
import { DataSource } from 'typeorm';
import type { Feature } from '../feature.js';
import type { Shop } from '../shop.js';

export const feature: Feature = {
  statements: {
    'GET /api/v1/ops/jobs': 2,
    'GET /api/v1/ops/job-counts': 2,
    'GET /api/v1/ops/jobs/{id}': 2,
    'POST /api/v1/ops/jobs/{id}/retries': 6,
    'GET /api/v1/ops/events': 2,
    'GET /api/v1/ops/events/{id}': 2,
    // the handler, and then its event, are locked in a unit of their own
    'POST /api/v1/ops/events/{id}/retries': 9,
    'POST /api/v1/ops/events/{id}/skips': 6,
  },
  things: {
    ops: ({ shop, path }) => (path.includes('/events') ? makeDelivery(shop) : makeJob(shop)),
  },
  rows: { 'jobs (id, kind, due_at)': "'test.waiting', now()" },
};

/** A job that was given up, of a kind that nothing handles. */
async function makeJob(shop: Shop): Promise<string> {
  const id = randomUUID();
  await shop.app
    .get(DataSource)
    .query(`INSERT INTO jobs (id, kind, state, due_at, finished_at) VALUES ($1, 'test.dead', 'dead', now(), now())`, [
      id,
    ]);
  return id;
}

/** An event that was given up for a handler that no process has. */
async function makeDelivery(shop: Shop): Promise<string> {
  const [id, event] = [randomUUID(), randomUUID()];
  const database = shop.app.get(DataSource);
  await database.query(
    `INSERT INTO event_consumers (name, position, seen_at) VALUES ('of an old version', 0, now()) ON CONFLICT DO NOTHING`,
  );
  await database.query(
    `WITH next AS (UPDATE event_sequencer SET position = position + 1 RETURNING position)
     INSERT INTO outbox (id, aggregate_type, aggregate_id, version, name, schema_version, data, context, occurred_at, position, published_at)
     SELECT $1, 'test', $1, 1, 'test.failed', 1, '{}', '{}', now(), position, now() FROM next`,
    [event],
  );
  await database.query(
    `INSERT INTO event_deliveries (id, consumer, event_id, aggregate_type, aggregate_id, position, state, attempts, created_at, updated_at)
     SELECT $1, 'of an old version', o.id, 'test', o.id, o.position, 'dead', 8, now(), now() FROM outbox o WHERE o.id = $2`,
    [id, event],
  );
  return id;
}
