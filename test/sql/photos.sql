-- PhotosRepository.delete
DELETE FROM photos
  WHERE id = ANY ($1);
SELECT id
  FROM photo_files
  WHERE id IN (SELECT file_id FROM photo_variants WHERE photo_id = ANY ($1))
  ORDER BY sha256 FOR UPDATE;
SELECT id
  FROM photos
  WHERE id = ANY ($1)
  ORDER BY id FOR UPDATE;
UPDATE photo_files f
  SET state = 'deleted', changed_at = now()
  WHERE f.id = ANY ($1) AND f.state <> 'deleted' AND NOT EXISTS (SELECT FROM photo_variants v WHERE v.file_id = f.id)
  RETURNING f.id;

-- PhotosRepository.deleteFileRows
DELETE FROM photo_files
  WHERE id = ANY ($1) AND state = 'deleted';

-- PhotosRepository.find
SELECT "Photo"."id" AS "Photo_id", "Photo"."uploaded_by" AS "Photo_uploaded_by", "Photo"."state" AS "Photo_state", "Photo"."width" AS "Photo_width", "Photo"."height" AS "Photo_height", "Photo"."has_alpha" AS "Photo_has_alpha", "Photo"."thumb_hash" AS "Photo_thumb_hash", "Photo"."size" AS "Photo_size", "Photo"."is_complete" AS "Photo_is_complete", "Photo"."created_at" AS "Photo_created_at"
  FROM "photos" "Photo"
  WHERE (("Photo"."id" = $1))
  LIMIT 1;

-- PhotosRepository.findAbandoned
SELECT id
  FROM photos
  WHERE NOT is_complete AND state = 'pending' AND created_at < $1
  ORDER BY created_at
  LIMIT $2;

-- PhotosRepository.findDeletedFiles
SELECT id, sha256, media_type AS "mediaType", size
  FROM photo_files
  WHERE state = 'deleted'
  ORDER BY changed_at, id
  LIMIT $1;

-- PhotosRepository.findFiles
SELECT f.id, f.sha256, f.media_type AS "mediaType", f.size, v.variant
  FROM photo_variants v
  JOIN photo_files f ON f.id = v.file_id AND f.state = 'ready'
  WHERE v.photo_id = $1;

-- PhotosRepository.findVariant
SELECT f.id, f.sha256, f.media_type AS "mediaType", f.size, v.variant, p.is_complete AS "isComplete"
  FROM photos p
  JOIN photo_variants v ON v.photo_id = p.id AND (v.variant = $1 OR v.variant = 'original' AND NOT p.is_complete)
  JOIN photo_files f ON f.id = v.file_id AND f.state = 'ready'
  WHERE p.id = $2 AND p.state = 'ready';

-- PhotosRepository.insert
INSERT INTO "photos"("id", "uploaded_by", "state", "width", "height", "has_alpha", "thumb_hash", "size", "is_complete", "created_at")
  VALUES ($1, $2, DEFAULT, $3, $4, $5, $6, $7, DEFAULT, DEFAULT)
  RETURNING "state", "is_complete", "created_at";

-- PhotosRepository.insertFiles
INSERT INTO photo_files AS f (id, sha256, media_type, size)
  VALUES ($1::uuid, $2, $3, $4::integer),($5::uuid, $6, $7, $8::integer)
  ON CONFLICT (sha256)
  WHERE state <> 'deleted' DO UPDATE
  SET changed_at = now()
  RETURNING f.id, f.sha256, f.media_type AS "mediaType", f.size;
INSERT INTO photo_files AS f (id, sha256, media_type, size)
  VALUES ($1::uuid, $2, $3, $4::integer),($5::uuid, $6, $7, $8::integer),($9::uuid, $10, $11, $12::integer),($13::uuid, $14, $15, $16::integer)
  ON CONFLICT (sha256)
  WHERE state <> 'deleted' DO UPDATE
  SET changed_at = now()
  RETURNING f.id, f.sha256, f.media_type AS "mediaType", f.size;
INSERT INTO photo_variants (photo_id, variant, media_type, width, height, file_id)
  VALUES ($1::uuid, $2, $3, $4::integer, $5::integer, $6::uuid),($7::uuid, $8, $9, $10::integer, $11::integer, $12::uuid),($13::uuid, $14, $15, $16::integer, $17::integer, $18::uuid),($19::uuid, $20, $21, $22::integer, $23::integer, $24::uuid)
  ON CONFLICT (photo_id, variant, media_type) DO UPDATE
  SET file_id = excluded.file_id, width = excluded.width, height = excluded.height;
INSERT INTO photo_variants (photo_id, variant, media_type, width, height, file_id)
  VALUES ($1::uuid, $2, $3, $4::integer, $5::integer, $6::uuid),($7::uuid, $8, $9, $10::integer, $11::integer, $12::uuid),($13::uuid, $14, $15, $16::integer, $17::integer, $18::uuid),($19::uuid, $20, $21, $22::integer, $23::integer, $24::uuid),($25::uuid, $26, $27, $28::integer, $29::integer, $30::uuid),($31::uuid, $32, $33, $34::integer, $35::integer, $36::uuid),($37::uuid, $38, $39, $40::integer, $41::integer, $42::uuid),($43::uuid, $44, $45, $46::integer, $47::integer, $48::uuid)
  ON CONFLICT (photo_id, variant, media_type) DO UPDATE
  SET file_id = excluded.file_id, width = excluded.width, height = excluded.height;

-- PhotosRepository.lock
SELECT id
  FROM photos
  WHERE id = $1 FOR UPDATE;

-- PhotosRepository.markStored
WITH locked AS ( SELECT id FROM photo_files WHERE id = ANY ($1) AND state <> 'deleted' ORDER BY sha256 FOR UPDATE )
  UPDATE photo_files f
  SET state = 'ready', changed_at = now()
  FROM locked
  WHERE f.id = locked.id
  RETURNING f.id;

-- PhotosRepository.releaseAbandonedFiles
SELECT f.id
  FROM photo_files f
  WHERE f.state = 'pending' AND f.changed_at < $1 AND NOT EXISTS (SELECT FROM photo_variants v WHERE v.file_id = f.id)
  ORDER BY f.sha256
  LIMIT $2 FOR UPDATE;
UPDATE photo_files f
  SET state = 'deleted', changed_at = now()
  WHERE f.id = ANY ($1) AND f.state <> 'deleted' AND NOT EXISTS (SELECT FROM photo_variants v WHERE v.file_id = f.id)
  RETURNING f.id;

-- PhotosRepository.sumSizes
SELECT coalesce(sum(size), 0)::bigint AS size
  FROM photos
  WHERE uploaded_by = $1;

-- PhotosRepository.update
UPDATE "photos"
  SET "is_complete" = $1
  WHERE "id" = $2;
UPDATE "photos"
  SET "state" = $1
  WHERE "id" = $2;

-- What the test does not call by itself:
-- PhotoVerificationRepository.findIds
-- PhotoVerificationRepository.findPosition
-- PhotoVerificationRepository.readBatch
-- PhotoVerificationRepository.savePosition
-- PhotoVerificationRepository.takeAway
-- PhotosRepository.findIncomplete
-- PhotosRepository.findSame
-- PhotosRepository.publishComplete
-- PhotosRepository.releaseFiles
