-- DeliveriesRepository.advanceIdle
WITH own AS (SELECT own.name, own.events, own."nothingUpTo" FROM jsonb_to_recordset($1::jsonb) AS own (name text, events text[], "nothingUpTo" bigint))
  UPDATE event_consumers c
  SET seen_at = $2, position = CASE WHEN EXISTS ( SELECT FROM unnest(own.events) wanted (event) WHERE ( SELECT o.position FROM outbox o WHERE o.name = wanted.event AND o.position > c.position ORDER BY o.position LIMIT 1 ) IS NOT NULL) THEN c.position ELSE greatest(c.position, (SELECT position FROM event_sequencer)) END
  FROM own
  JOIN (SELECT name FROM event_consumers FOR UPDATE SKIP LOCKED) free ON free.name = own.name
  WHERE c.name = own.name;

-- DeliveriesRepository.deleteUnused
WITH deleted AS (DELETE FROM event_consumers WHERE name IN ( SELECT name FROM event_consumers WHERE seen_at <= $1 AND name <> ALL ($2::text[]) LIMIT $3 FOR UPDATE SKIP LOCKED ) RETURNING 1)
  SELECT count(*) AS deleted
  FROM deleted;

-- DeliveriesRepository.find
SELECT d.id, d.consumer, d.event_id AS "eventId", d.state, d.attempts, d.next_attempt_at AS "nextAttemptAt", d.last_error AS "lastError", (SELECT e.name FROM outbox e WHERE e.id = d.event_id) AS "eventName", d.position, d.aggregate_type AS "aggregateType", d.aggregate_id AS "aggregateId", d.created_at AS "createdAt", d.updated_at AS "updatedAt"
  FROM event_deliveries d
  WHERE d.id = $1;

-- DeliveriesRepository.findPending
WITH own AS (SELECT own.name, own.events, own."nothingUpTo" FROM jsonb_to_recordset($1::jsonb) AS own (name text, events text[], "nothingUpTo" bigint))
  SELECT (SELECT position FROM event_sequencer) AS end, EXISTS (SELECT FROM outbox WHERE position IS NULL) AS "isUnpublished", ARRAY( SELECT c.name FROM event_consumers c JOIN own ON own.name = c.name WHERE EXISTS ( SELECT FROM unnest(own.events) wanted (event) WHERE ( SELECT o.position FROM outbox o WHERE o.name = wanted.event AND o.position > greatest(c.position, own."nothingUpTo") ORDER BY o.position LIMIT 1 ) IS NOT NULL) ) AS behind, ARRAY( SELECT own.name FROM own WHERE EXISTS ( SELECT FROM event_deliveries d JOIN outbox o ON o.id = d.event_id AND o.name = ANY (own.events) WHERE d.consumer = own.name AND d.next_attempt_at <= $2 ) ) AS due;

-- DeliveriesRepository.lock
SELECT d.id, d.consumer, d.event_id AS "eventId", d.state, d.attempts, d.next_attempt_at AS "nextAttemptAt", d.last_error AS "lastError", (SELECT e.name FROM outbox e WHERE e.id = d.event_id) AS "eventName", d.position, d.aggregate_type AS "aggregateType", d.aggregate_id AS "aggregateId", d.created_at AS "createdAt", d.updated_at AS "updatedAt"
  FROM event_deliveries d
  WHERE d.id = $1 FOR UPDATE OF d;

-- DeliveriesRepository.lockConsumer
SELECT position
  FROM event_consumers
  WHERE name = $1 FOR UPDATE SKIP LOCKED;

-- DeliveriesRepository.lockConsumerOf
SELECT
  FROM event_consumers
  WHERE name = (SELECT consumer FROM event_deliveries WHERE id = $1) FOR UPDATE;

-- DeliveriesRepository.moveConsumer
UPDATE event_consumers
  SET position = $1
  WHERE name = $2;

-- DeliveriesRepository.readNext
SELECT o.id, o.position, o.name, o.schema_version AS "schemaVersion", o.aggregate_type AS "aggregateType", o.aggregate_id AS "aggregateId", o.version, o.data, o.context, o.occurred_at AS "occurredAt", EXISTS ( SELECT FROM event_deliveries d WHERE d.consumer = $1 AND d.aggregate_type = o.aggregate_type AND d.aggregate_id = o.aggregate_id ) AS "isBlocked"
  FROM unnest($2::text[]) wanted (event)
  CROSS JOIN LATERAL ( SELECT * FROM outbox n WHERE n.name = wanted.event AND n.position > $3 ORDER BY n.position LIMIT $4 ) o
  ORDER BY o.position
  LIMIT $5;

-- DeliveriesRepository.readPage
SELECT count(*) AS total
  FROM (SELECT FROM event_deliveries d LIMIT $1) counted;
SELECT d.id, d.consumer, d.event_id AS "eventId", d.state, d.attempts, d.next_attempt_at AS "nextAttemptAt", d.last_error AS "lastError", (SELECT e.name FROM outbox e WHERE e.id = d.event_id) AS "eventName", d.position, d.aggregate_type AS "aggregateType", d.aggregate_id AS "aggregateId", d.created_at AS "createdAt", d.updated_at AS "updatedAt", (d.created_at)::text AS "sortKey"
  FROM event_deliveries d
  ORDER BY d.created_at ASC, d.id ASC
  LIMIT 21;

-- DeliveriesRepository.remove
WITH removed AS ( DELETE FROM event_deliveries WHERE id = $1 RETURNING consumer, aggregate_type, aggregate_id )
  UPDATE event_deliveries d
  SET next_attempt_at = $2, updated_at = $3
  WHERE d.state = 'waiting' AND d.id = ( SELECT n.id FROM event_deliveries n JOIN removed r ON r.consumer = n.consumer AND r.aggregate_type = n.aggregate_type AND r.aggregate_id = n.aggregate_id WHERE n.id <> $4 ORDER BY n.position LIMIT 1 );

-- DeliveriesRepository.update
UPDATE event_deliveries
  SET state = $1, attempts = $2, next_attempt_at = $3, last_error = $4, updated_at = $5
  WHERE id = $6;

-- OutboxRepository.deleteOld
WITH deleted AS (DELETE FROM outbox WHERE id IN ( SELECT o.id FROM outbox o WHERE o.published_at <= $1 AND NOT EXISTS (SELECT FROM event_consumers c WHERE c.position < o.position) AND NOT EXISTS (SELECT FROM event_deliveries d WHERE d.event_id = o.id) ORDER BY o.published_at LIMIT $2 FOR UPDATE SKIP LOCKED ) RETURNING 1)
  SELECT count(*) AS deleted
  FROM deleted;

-- OutboxRepository.insert
INSERT INTO outbox (id, aggregate_type, aggregate_id, version, name, schema_version, data, context, occurred_at)
  SELECT id, "aggregateType", "aggregateId", version, name, "schemaVersion", data, context, "occurredAt"
  FROM jsonb_to_recordset($1::jsonb) AS event ( id uuid, "aggregateType" text, "aggregateId" uuid, version integer, name text, "schemaVersion" integer, data jsonb, context jsonb, "occurredAt" timestamptz);

-- OutboxRepository.publishNext
COMMIT;
SELECT position
  FROM event_sequencer FOR UPDATE SKIP LOCKED;
START TRANSACTION;
WITH oldest AS ( SELECT aggregate_type, aggregate_id, version FROM outbox WHERE position IS NULL ORDER BY id LIMIT $1 ), bounds AS ( SELECT aggregate_type, aggregate_id, max(version) AS version FROM oldest GROUP BY aggregate_type, aggregate_id ), ordered AS ( SELECT id, row_number() OVER (ORDER BY reached, aggregate_type, aggregate_id, version) AS rank FROM ( SELECT o.id, o.aggregate_type, o.aggregate_id, o.version, max(o.id::text COLLATE "C") OVER ( PARTITION BY o.aggregate_type, o.aggregate_id ORDER BY o.version ) AS reached FROM bounds b JOIN outbox o ON o.aggregate_type = b.aggregate_type AND o.aggregate_id = b.aggregate_id AND o.version <= b.version AND o.position IS NULL ) reaching ORDER BY rank LIMIT $2 ), stamped AS ( UPDATE outbox o SET position = $3::bigint + ordered.rank, published_at = $4 FROM ordered WHERE o.id = ordered.id RETURNING 1 )
  UPDATE event_sequencer
  SET position = position + (SELECT count(*) FROM stamped)
  RETURNING position;

-- What the test does not call by itself:
-- DeliveriesRepository.findDue
-- DeliveriesRepository.insert
-- DeliveriesRepository.query
-- DeliveriesRepository.register
-- OutboxRepository.read
