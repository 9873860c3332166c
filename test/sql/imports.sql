-- ImportsChunksRepository.deleteAll
DELETE FROM import_chunks
  WHERE import_id = $1;

-- ImportsChunksRepository.find
SELECT bytes
  FROM import_chunks
  WHERE import_id = $1 AND number = $2;

-- ImportsChunksRepository.insert
INSERT INTO import_chunks (import_id, number, bytes)
  VALUES ($1, $2, $3);

-- ImportsFaultsRepository.insertMany
INSERT INTO import_faults (id, import_id, line, "column", code, detail)
  SELECT id, $1::uuid, line, "column", code, detail
  FROM jsonb_to_recordset($2::jsonb) AS fault ( id uuid, line bigint, "column" text, code text, detail text);

-- ImportsFaultsRepository.readFirst
SELECT f.id, f.line, f."column", f.code, f.detail
  FROM import_faults f
  WHERE f.import_id = $1
  ORDER BY f.line, f.id
  LIMIT $2;

-- ImportsFaultsRepository.readPage
SELECT count(*) AS total
  FROM (SELECT FROM import_faults f WHERE f.import_id = $1 LIMIT $2) counted;
SELECT f.id, f.line, f."column", f.code, f.detail, (f.line)::text AS "sortKey"
  FROM import_faults f
  WHERE f.import_id = $1
  ORDER BY f.line ASC, f.id ASC
  LIMIT $2;

-- ImportsFaultyLinesRepository.insertMany
INSERT INTO import_faulty_lines (import_id, line, cells, bytes)
  SELECT $1::uuid, line, cells, bytes
  FROM ( SELECT line, cells, bytes, sum(bytes) OVER (ORDER BY line) AS so_far FROM jsonb_to_recordset($2::jsonb) AS given (line bigint, cells text[], bytes integer) ) given
  WHERE so_far + ( SELECT coalesce(sum(bytes), 0) FROM import_faulty_lines WHERE import_id = $3 ) <= $4
  ON CONFLICT DO NOTHING;

-- ImportsFaultyLinesRepository.readAll
SELECT l.line, l.cells, ( SELECT string_agg(coalesce(f."column" || ' ', '') || f.detail, '; ' ORDER BY f.id) FROM import_faults f WHERE f.import_id = l.import_id AND f.line = l.line ) AS faults
  FROM import_faulty_lines l
  WHERE l.import_id = $1
  ORDER BY l.line;

-- ImportsRepository.addBatch
WITH recorded AS ( UPDATE imports SET lines_done = $1, bytes_done = $2, created = created + $3, updated = updated + $4, unchanged = unchanged + $5, faulty = faulty + $6, busy_milliseconds = busy_milliseconds + $7, attempts = 0, faults_found = faults_found + $8, updated_at = $9 WHERE id = $10 AND lease_id = $11 AND state = 'running' RETURNING faults_found )
  SELECT faults_found AS "faultsFound"
  FROM recorded;

-- ImportsRepository.addFaults
UPDATE "imports"
  SET "faults_found" = "faults_found" + 1
  WHERE "id" = $1;

-- ImportsRepository.begin
WITH i AS ( UPDATE imports SET state = 'running', lease_id = $1, updated_at = $2, attempts = attempts + 1 WHERE id = $3 AND file IS NULL AND state IN ('queued', 'running') RETURNING * )
  SELECT i.id, i.state, i.format, i.options, i.encoding, i.delimiter, i.layout, i.skipped_columns AS "skippedColumns", i.file, i.fingerprint, i.bytes, i.bytes_done AS "bytesDone", i.lines_done AS "linesDone", i.created, i.updated, i.unchanged, i.faulty, i.faults_found AS "faultsFound", i.attempts, i.busy_milliseconds AS "busyMilliseconds", i.failure, i.lease_id AS "leaseId", i.lease_until AS "leaseUntil", i.actor_id AS "actorId", i.created_at AS "createdAt", i.updated_at AS "updatedAt", i.finished_at AS "finishedAt"
  FROM i;

-- ImportsRepository.deleteAbandoned
WITH deleted AS (DELETE FROM imports WHERE id IN ( SELECT id FROM imports WHERE state = 'receiving' AND lease_until < $1 LIMIT $2 FOR UPDATE SKIP LOCKED ) RETURNING 1)
  SELECT count(*) AS deleted
  FROM deleted;

-- ImportsRepository.deleteOld
WITH deleted AS (DELETE FROM imports WHERE id IN ( SELECT id FROM imports WHERE finished_at <= $1 ORDER BY finished_at LIMIT $2 FOR UPDATE SKIP LOCKED ) RETURNING 1)
  SELECT count(*) AS deleted
  FROM deleted;

-- ImportsRepository.describe
UPDATE "imports"
  SET "encoding" = $1, "delimiter" = $2, "layout" = $3, "skipped_columns" = $4
  WHERE ("id" = $5 AND "lease_id" = $6);

-- ImportsRepository.end
UPDATE "imports"
  SET "state" = $1, "failure" = $2, "lease_id" = $3, "lease_until" = $4, "updated_at" = $5, "finished_at" = $6
  WHERE ("id" = $7 AND "lease_id" = $8);

-- ImportsRepository.find
SELECT i.id, i.state, i.format, i.options, i.encoding, i.delimiter, i.layout, i.skipped_columns AS "skippedColumns", i.file, i.fingerprint, i.bytes, i.bytes_done AS "bytesDone", i.lines_done AS "linesDone", i.created, i.updated, i.unchanged, i.faulty, i.faults_found AS "faultsFound", i.attempts, i.busy_milliseconds AS "busyMilliseconds", i.failure, i.lease_id AS "leaseId", i.lease_until AS "leaseUntil", i.actor_id AS "actorId", i.created_at AS "createdAt", i.updated_at AS "updatedAt", i.finished_at AS "finishedAt"
  FROM imports i
  WHERE i.id = $1 AND i.state <> 'receiving';

-- ImportsRepository.insert
INSERT INTO "imports"("id", "created_at", "updated_at", "state", "format", "options", "encoding", "delimiter", "layout", "skipped_columns", "file", "fingerprint", "bytes", "bytes_done", "lines_done", "created", "updated", "unchanged", "faulty", "faults_found", "attempts", "busy_milliseconds", "failure", "lease_id", "lease_until", "actor_id", "finished_at")
  VALUES ($1, $2, $3, $4, $5, $6, DEFAULT, DEFAULT, DEFAULT, DEFAULT, DEFAULT, DEFAULT, DEFAULT, DEFAULT, DEFAULT, DEFAULT, DEFAULT, DEFAULT, DEFAULT, DEFAULT, DEFAULT, DEFAULT, DEFAULT, DEFAULT, $7, $8, DEFAULT)
  RETURNING "created_at", "updated_at", "options", "skipped_columns", "bytes_done", "lines_done", "created", "updated", "unchanged", "faulty", "faults_found", "attempts", "busy_milliseconds";

-- ImportsRepository.queue
UPDATE "imports"
  SET "state" = $1, "bytes" = $2, "lease_until" = $3
  WHERE ("id" = $4 AND "state" = $5);

-- ImportsRepository.readPage
SELECT count(*) AS total
  FROM (SELECT FROM imports i WHERE i.state <> 'receiving' LIMIT $1) counted;
SELECT i.id, i.state, i.format, i.options, i.encoding, i.delimiter, i.layout, i.skipped_columns AS "skippedColumns", i.file, i.fingerprint, i.bytes, i.bytes_done AS "bytesDone", i.lines_done AS "linesDone", i.created, i.updated, i.unchanged, i.faulty, i.faults_found AS "faultsFound", i.attempts, i.busy_milliseconds AS "busyMilliseconds", i.failure, i.lease_id AS "leaseId", i.lease_until AS "leaseUntil", i.actor_id AS "actorId", i.created_at AS "createdAt", i.updated_at AS "updatedAt", i.finished_at AS "finishedAt", (i.created_at)::text AS "sortKey"
  FROM imports i
  WHERE i.state <> 'receiving'
  ORDER BY i.created_at DESC, i.id DESC
  LIMIT 21;

-- What the test does not call by itself:
-- ImportsRepository.deleteReceiving
-- ImportsRepository.lockUnfinished
-- ImportsRepository.read
-- ImportsRepository.release
-- ImportsRepository.take
