-- IdempotencyKeysRepository.deleteOld
WITH deleted AS (DELETE FROM idempotency_keys WHERE (user_id, route, key) IN ( SELECT user_id, route, key FROM idempotency_keys WHERE created_at <= $1 AND finished_at IS NOT NULL ORDER BY created_at LIMIT $2 FOR UPDATE SKIP LOCKED ) RETURNING 1)
  SELECT count(*) AS deleted
  FROM deleted;

-- IdempotencyKeysRepository.find
SELECT fingerprint, status, headers, body, flow, prepared, finished_at IS NOT NULL AS "isFinished"
  FROM idempotency_keys
  WHERE user_id = $1 AND route = $2 AND key = $3 AND (created_at > $4 OR finished_at IS NULL);

-- IdempotencyKeysRepository.tryLock
SELECT pg_try_advisory_xact_lock($1::bigint) AS free;

-- IdempotencyKeysRepository.upsert
INSERT INTO idempotency_keys (user_id, route, key, fingerprint, status, headers, body, created_at, finished_at)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
  ON CONFLICT ON CONSTRAINT idempotency_keys_pk DO UPDATE
  SET fingerprint = excluded.fingerprint, status = excluded.status, headers = excluded.headers, body = excluded.body, created_at = excluded.created_at, finished_at = excluded.finished_at;

-- What the test does not call by itself:
-- IdempotencyKeysRepository.findPhased
-- IdempotencyKeysRepository.finish
-- IdempotencyKeysRepository.insertPrepared
-- IdempotencyKeysRepository.lockPhased
