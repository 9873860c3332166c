-- IdempotencyKeysRepository.deleteAbout
DELETE FROM idempotency_keys
  WHERE finished_at IS NOT NULL AND (user_id = ANY ($1::uuid[]) OR EXISTS ( SELECT FROM unnest($2::text[]) AS given (id) WHERE position(given.id IN body::text) > 0));

-- IdempotencyKeysRepository.deleteOld
WITH deleted AS (DELETE FROM idempotency_keys WHERE (user_id, route, key) IN ( SELECT user_id, route, key FROM idempotency_keys WHERE created_at <= $1 AND finished_at IS NOT NULL ORDER BY created_at LIMIT $2 FOR UPDATE SKIP LOCKED ) RETURNING 1)
  SELECT count(*) AS deleted
  FROM deleted;

-- IdempotencyKeysRepository.find
SELECT fingerprint, status, headers, body, flow, prepared, finished_at IS NOT NULL AS "isFinished"
  FROM idempotency_keys
  WHERE user_id = $1 AND route = $2 AND key = $3 AND (created_at > $4 OR finished_at IS NULL);

-- IdempotencyKeysRepository.finish
UPDATE idempotency_keys
  SET body = $1, finished_at = $2
  WHERE user_id = $3 AND route = $4 AND key = $5;

-- IdempotencyKeysRepository.insertPrepared
INSERT INTO idempotency_keys (user_id, route, key, fingerprint, status, headers, created_at, flow, prepared)
  VALUES ($1, $2, $3, $4, 202, '{}', $5, $6, $7)
  ON CONFLICT ON CONSTRAINT idempotency_keys_pk DO UPDATE
  SET fingerprint = excluded.fingerprint, status = excluded.status, headers = excluded.headers, body = NULL, created_at = excluded.created_at, flow = excluded.flow, prepared = excluded.prepared, finished_at = NULL;

-- IdempotencyKeysRepository.lockPhased
SELECT flow, prepared, finished_at IS NOT NULL AS "isFinished", body
  FROM idempotency_keys
  WHERE user_id = $1 AND route = $2 AND key = $3 FOR UPDATE;

-- IdempotencyKeysRepository.tryLock
SELECT pg_try_advisory_xact_lock($1::bigint) AS free;

-- IdempotencyKeysRepository.upsert
INSERT INTO idempotency_keys (user_id, route, key, fingerprint, status, headers, body, created_at, finished_at)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
  ON CONFLICT ON CONSTRAINT idempotency_keys_pk DO UPDATE
  SET fingerprint = excluded.fingerprint, status = excluded.status, headers = excluded.headers, body = excluded.body, created_at = excluded.created_at, finished_at = excluded.finished_at;

-- What the test does not call by itself:
-- IdempotencyKeysRepository.findPhased
