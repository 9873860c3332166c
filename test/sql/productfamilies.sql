-- ProductFamiliesRepository.delete
DELETE FROM "product_families"
  WHERE "id" = $1;

-- ProductFamiliesRepository.find
SELECT f.id, f.code, f.name, f.slug, f.options, f.version, f.created_at AS "createdAt", f.updated_at AS "updatedAt", coalesce(( SELECT json_agg(json_build_object('productId', p.id, 'options', p.family_options) ORDER BY p.id) FROM products p WHERE p.family_id = f.id ), '[]') AS members
  FROM product_families f
  WHERE f.id = $1;
SELECT f.id, f.code, f.name, f.slug, f.options, f.version, f.created_at AS "createdAt", f.updated_at AS "updatedAt", coalesce(( SELECT json_agg(json_build_object('productId', p.id, 'options', p.family_options) ORDER BY p.id) FROM products p WHERE p.family_id = f.id AND p.status = 'active' ), '[]') AS members
  FROM product_families f
  WHERE f.id = $1;

-- ProductFamiliesRepository.findState
SELECT f.version, array(SELECT p.id::text FROM products p WHERE p.family_id = f.id AND p.status = 'active' ORDER BY p.id) AS "memberIds"
  FROM product_families f
  WHERE f.id = $1;

-- ProductFamiliesRepository.insert
INSERT INTO "product_families"("id", "created_at", "updated_at", "version", "code", "name", "slug", "options")
  VALUES ($1, DEFAULT, DEFAULT, DEFAULT, $2, $3, $4, $5)
  RETURNING "created_at", "updated_at", "version";

-- ProductFamiliesRepository.lock
SELECT "ProductFamily"."id" AS "ProductFamily_id", "ProductFamily"."created_at" AS "ProductFamily_created_at", "ProductFamily"."updated_at" AS "ProductFamily_updated_at", "ProductFamily"."version" AS "ProductFamily_version", "ProductFamily"."code" AS "ProductFamily_code", "ProductFamily"."name" AS "ProductFamily_name", "ProductFamily"."slug" AS "ProductFamily_slug", "ProductFamily"."options" AS "ProductFamily_options"
  FROM "product_families" "ProductFamily"
  WHERE (("ProductFamily"."id" = $1))
  LIMIT 1 FOR UPDATE;

-- ProductFamiliesRepository.readPage
SELECT count(*) AS total
  FROM (SELECT FROM product_families f WHERE EXISTS (SELECT FROM products p WHERE p.family_id = f.id AND p.status = 'active') LIMIT $1) counted;
SELECT f.id, f.code, f.name, f.slug, f.options, f.version, f.created_at AS "createdAt", f.updated_at AS "updatedAt", (f.created_at)::text AS "sortKey"
  FROM product_families f
  WHERE EXISTS (SELECT FROM products p WHERE p.family_id = f.id AND p.status = 'active')
  ORDER BY f.created_at ASC, f.id ASC
  LIMIT 21;
SELECT f.id, f.code, f.name, f.slug, f.options, f.version, f.created_at AS "createdAt", f.updated_at AS "updatedAt", (f.created_at)::text AS "sortKey"
  FROM product_families f
  WHERE EXISTS (SELECT FROM products p WHERE p.family_id = f.id AND p.status = 'active')
  ORDER BY f.created_at DESC, f.id DESC
  LIMIT 21;
SELECT f.id, f.code, f.name, f.slug, f.options, f.version, f.created_at AS "createdAt", f.updated_at AS "updatedAt", (f.name COLLATE "und-x-icu")::text AS "sortKey"
  FROM product_families f
  WHERE EXISTS (SELECT FROM products p WHERE p.family_id = f.id AND p.status = 'active')
  ORDER BY f.name COLLATE "und-x-icu" ASC, f.id ASC
  LIMIT 21;
SELECT f.id, f.code, f.name, f.slug, f.options, f.version, f.created_at AS "createdAt", f.updated_at AS "updatedAt", (f.name COLLATE "und-x-icu")::text AS "sortKey"
  FROM product_families f
  WHERE EXISTS (SELECT FROM products p WHERE p.family_id = f.id AND p.status = 'active')
  ORDER BY f.name COLLATE "und-x-icu" DESC, f.id DESC
  LIMIT 21;

-- ProductFamiliesRepository.update
UPDATE "product_families"
  SET "name" = $1, "options" = $2, "code" = $3, "version" = $4
  WHERE "id" = $5;
UPDATE "product_families"
  SET "version" = $1
  WHERE "id" = $2;

-- What the test does not call by itself:
-- ProductFamiliesRepository.insertMissing
-- ProductFamiliesRepository.lockByCodes
-- ProductFamiliesRepository.updateMany
