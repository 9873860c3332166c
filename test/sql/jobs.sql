-- JobsOverviewRepository.count
SELECT kind, state, count(*) AS count
  FROM jobs GROUP BY kind, state
  ORDER BY kind, state
  LIMIT $1;

-- JobsOverviewRepository.find
SELECT j.id, j.kind, j.key, j.state, j.due_at AS "dueAt", j.attempts, j.progress_done AS "progressDone", j.progress_total AS "progressTotal", j.last_error AS "lastError", j.request_id AS "requestId", j.user_id AS "userId", j.created_at AS "createdAt", j.updated_at AS "updatedAt", j.finished_at AS "finishedAt"
  FROM jobs j
  WHERE j.id = $1;

-- JobsOverviewRepository.lock
SELECT state
  FROM jobs
  WHERE id = $1 FOR UPDATE;

-- JobsOverviewRepository.readPage
SELECT count(*) AS total
  FROM (SELECT FROM jobs j LIMIT $1) counted;
SELECT j.id, j.kind, j.key, j.state, j.due_at AS "dueAt", j.attempts, j.progress_done AS "progressDone", j.progress_total AS "progressTotal", j.last_error AS "lastError", j.request_id AS "requestId", j.user_id AS "userId", j.created_at AS "createdAt", j.updated_at AS "updatedAt", j.finished_at AS "finishedAt", (j.created_at)::text AS "sortKey"
  FROM jobs j
  ORDER BY j.created_at DESC, j.id DESC
  LIMIT 21;

-- JobsOverviewRepository.revive
UPDATE jobs
  SET state = 'waiting', attempts = 0, due_at = $1, finished_at = NULL, updated_at = $2
  WHERE id = $3 AND state = 'dead';

-- JobsRepository.claim
WITH due AS MATERIALIZED ( SELECT found.id, found.attempts < wanted.attempts AS is_left, wanted.lease FROM unnest( $1::text[], $2::integer[], $3::integer[], $4::integer[] ) AS wanted (kind, free, attempts, lease) CROSS JOIN LATERAL ( SELECT j.id, j.attempts FROM jobs j WHERE j.kind = wanted.kind AND j.state IN ('waiting', 'running') AND j.due_at <= $5 AND j.id <> ALL ($6::uuid[]) ORDER BY j.due_at, j.id LIMIT wanted.free FOR UPDATE SKIP LOCKED ) found )
  UPDATE jobs
  SET state = CASE WHEN due.is_left THEN 'running' ELSE 'dead' END, attempts = CASE WHEN due.is_left THEN jobs.attempts + 1 ELSE jobs.attempts END, lease_id = CASE WHEN due.is_left THEN $7::uuid END, due_at = CASE WHEN due.is_left THEN $8::timestamptz + due.lease * interval '1 second' ELSE jobs.due_at END, last_error = CASE WHEN due.is_left THEN jobs.last_error ELSE coalesce(jobs.last_error, $9) END, finished_at = CASE WHEN due.is_left THEN NULL ELSE $10::timestamptz END, updated_at = $11
  FROM due
  WHERE jobs.id = due.id
  RETURNING jobs.id, jobs.kind, jobs.state, jobs.data, jobs.attempts, $12 AS "leaseId", jobs.request_id AS "requestId", jobs.trace_id AS "traceId", jobs.user_id AS "userId";

-- JobsRepository.deleteOld
DELETE FROM jobs
  WHERE id IN ( SELECT id FROM jobs WHERE finished_at <= $1 AND (state = 'finished' OR finished_at <= $2) ORDER BY finished_at LIMIT $3 FOR UPDATE SKIP LOCKED )
  RETURNING 1;

-- JobsRepository.finish
UPDATE jobs
  SET state = 'finished', data = NULL, lease_id = NULL, last_error = NULL, finished_at = $1, updated_at = $2, progress_done = coalesce($3, progress_done), progress_total = coalesce($4, progress_total)
  WHERE jobs.id = $5 AND jobs.lease_id = $6 AND jobs.state = 'running'
  RETURNING id;

-- JobsRepository.insert
INSERT INTO jobs (id, kind, key, data, due_at, request_id, trace_id, user_id, created_at, updated_at)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
  ON CONFLICT (kind, key)
  WHERE state = 'waiting' AND key IS NOT NULL DO UPDATE
  SET due_at = least(jobs.due_at, excluded.due_at), attempts = 0
  RETURNING id;

-- JobsRepository.insertLast
INSERT INTO jobs (id, kind, data, due_at, request_id, trace_id, user_id, created_at, updated_at)
  SELECT id, kind, data, "dueAt", "requestId", "traceId", "userId", now, now
  FROM jsonb_to_recordset($1::jsonb) AS job ( id uuid, kind text, data jsonb, "dueAt" timestamptz, "requestId" text, "traceId" text, "userId" uuid, now timestamptz);

-- JobsRepository.renew
UPDATE jobs
  SET due_at = $1
  WHERE jobs.id = $2 AND jobs.lease_id = $3 AND jobs.state = 'running'
  RETURNING id;

-- JobsRepository.updateProgress
UPDATE jobs
  SET progress_done = $1, progress_total = $2, updated_at = $3
  WHERE jobs.id = $4 AND jobs.lease_id = $5 AND jobs.state = 'running';

-- What the test does not call by itself:
-- JobSchedulesRepository.insert
-- JobSchedulesRepository.lock
-- JobSchedulesRepository.update
-- JobsRepository.bury
-- JobsRepository.giveBack
