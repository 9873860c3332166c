-- ProductsBulkRepository.findIdsBelow
WITH RECURSIVE below AS ( SELECT $1::uuid AS id UNION ALL SELECT c.id FROM categories c JOIN below ON c.parent_id = below.id )
  SELECT DISTINCT placed.product_id AS id
  FROM below
  CROSS JOIN LATERAL ( SELECT product_id FROM product_categories WHERE category_id = below.id AND product_id > $2 ORDER BY product_id LIMIT $3 ) placed
  ORDER BY id
  LIMIT $4;

-- ProductsBulkRepository.findSlugs
SELECT slug
  FROM products
  WHERE slug = ANY ($1);

-- ProductsBulkRepository.insert
INSERT INTO products (id, sku, slug, name, description, price_amount, price_currency, attributes, status)
  SELECT id, sku, slug, name, description, "priceAmount", "priceCurrency", attributes, status
  FROM jsonb_to_recordset($1::jsonb) AS draft ( id uuid, sku text, slug text, name text, description text, "priceAmount" bigint, "priceCurrency" text, attributes jsonb, status text)
  ORDER BY lower(sku COLLATE "C")
  ON CONFLICT (lower(sku COLLATE "C")) DO NOTHING
  RETURNING sku;

-- ProductsBulkRepository.lock
SELECT id, sku, name, description, price_amount AS "priceAmount", price_currency AS "priceCurrency", attributes, status
  FROM products
  WHERE lower(sku COLLATE "C") = ANY ($1)
  ORDER BY id FOR UPDATE;

-- ProductsExportRepository.findBatch
SELECT p.id, p.sku, p.name, p.description, p.price_amount AS "priceAmount", p.price_currency AS "priceCurrency", p.status, p.attributes, coalesce(l.on_hand, 0) AS "onHand", coalesce(( SELECT json_agg(way.names ORDER BY way.names) FROM product_categories pc CROSS JOIN LATERAL ( WITH RECURSIVE up AS ( SELECT c.parent_id, ARRAY[c.name] AS names FROM categories c WHERE c.id = pc.category_id UNION ALL SELECT c.parent_id, c.name || up.names FROM up JOIN categories c ON c.id = up.parent_id ) SELECT up.names FROM up WHERE up.parent_id IS NULL ) way WHERE pc.product_id = p.id ), '[]') AS categories
  FROM products p
  LEFT JOIN stock_levels l ON l.product_id = p.id
  WHERE true AND p.id > $1
  ORDER BY p.id
  LIMIT $2;

-- ProductsExportRepository.surveyBatch
WITH batch AS MATERIALIZED ( SELECT p.id, p.attributes FROM products p LEFT JOIN stock_levels l ON l.product_id = p.id WHERE true AND p.id > $1 ORDER BY p.id LIMIT $2 ), named AS ( SELECT a.key AS name, CASE WHEN bool_and( CASE jsonb_typeof(a.value) WHEN 'number' THEN length(ltrim(translate(trim_scale(a.value::numeric)::text, '-.', ''), '0')) <= 15 AND (a.value::numeric = 0 OR abs(a.value::numeric) BETWEEN 0.000001 AND 999999999999999) ELSE false END) THEN 'number' WHEN bool_and(jsonb_typeof(a.value) = 'boolean') THEN 'boolean' WHEN bool_and(jsonb_typeof(a.value) = 'string' AND a.value <> '""') THEN 'text' ELSE 'json' END AS type FROM batch CROSS JOIN LATERAL jsonb_each(batch.attributes) a GROUP BY a.key )
  SELECT count(*) AS count, (SELECT id FROM batch ORDER BY id DESC LIMIT 1) AS last, (SELECT coalesce(json_agg(named), '[]') FROM named) AS attributes
  FROM batch;

-- ProductsFamiliesRepository.lock
SELECT id, family_id AS "familyId", family_name AS "familyName", family_options AS "familyOptions"
  FROM products
  WHERE id = ANY ($1) OR family_id = ANY ($2)
  ORDER BY id FOR NO KEY UPDATE;

-- ProductsFamiliesRepository.update
UPDATE products p
  SET family_id = place."familyId", family_name = place."familyName", family_options = place."familyOptions", family_key = place."familyKey"
  FROM jsonb_to_recordset($1::jsonb) AS place ( "productId" uuid, "familyId" uuid, "familyName" text, "familyOptions" jsonb, "familyKey" text)
  WHERE p.id = place."productId"
  RETURNING p.id, p.version, p.sku, p.status;

-- ProductsPhotosRepository.delete
DELETE FROM "product_photos"
  WHERE "photo_id" = $1;

-- ProductsPhotosRepository.findOf
SELECT ph.id, ph.width, ph.height, ph.thumb_hash AS "thumbHash", ph.state, pp.alt
  FROM product_photos pp
  JOIN photos ph ON ph.id = pp.photo_id
  WHERE pp.product_id = $1
  ORDER BY pp.position;

-- ProductsPhotosRepository.insert
INSERT INTO "product_photos"("photo_id", "product_id", "position", "alt")
  VALUES ($1, $2, $3, $4);

-- ProductsPhotosRepository.order
UPDATE product_photos pp
  SET position = ordered.position
  FROM (VALUES ($1::uuid, $2::integer)) AS ordered (photo_id, position)
  WHERE pp.photo_id = ordered.photo_id AND pp.position <> ordered.position;

-- ProductsPhotosRepository.update
UPDATE "product_photos"
  SET "alt" = $1
  WHERE "photo_id" = $2;

-- ProductsRepository.delete
DELETE FROM "products"
  WHERE "id" = $1;

-- ProductsRepository.find
SELECT p.id, p.sku, p.slug, p.name, p.description, p.price_amount AS "priceAmount", p.price_currency AS "priceCurrency", p.rating_count AS "ratingCount", p.rating_sum AS "ratingSum", p.attributes, p.status, p.version, p.family_id AS "familyId", p.family_name AS "familyName", p.family_options AS "familyOptions", p.created_at AS "createdAt", p.updated_at AS "updatedAt", l.on_hand AS "onHand", l.reserved, l.version AS "stockVersion", coalesce(( SELECT json_agg(json_build_object('id', c.id, 'name', c.name, 'slug', c.slug, 'version', c.version) ORDER BY c.name) FROM product_categories pc JOIN categories c ON c.id = pc.category_id WHERE pc.product_id = p.id ), '[]') AS categories, coalesce(( SELECT json_agg(json_build_object('id', ph.id, 'width', ph.width, 'height', ph.height, 'thumbHash', ph.thumb_hash, 'state', ph.state, 'alt', pp.alt) ORDER BY pp.position) FROM product_photos pp JOIN photos ph ON ph.id = pp.photo_id WHERE pp.product_id = p.id ), '[]') AS photos
  FROM products p
  LEFT JOIN stock_levels l ON l.product_id = p.id
  WHERE p.id = $1;

-- ProductsRepository.findBySlug
SELECT p.id, p.sku, p.slug, p.name, p.description, p.price_amount AS "priceAmount", p.price_currency AS "priceCurrency", p.rating_count AS "ratingCount", p.rating_sum AS "ratingSum", p.attributes, p.status, p.version, p.family_id AS "familyId", p.family_name AS "familyName", p.family_options AS "familyOptions", p.created_at AS "createdAt", p.updated_at AS "updatedAt", l.on_hand AS "onHand", l.reserved, l.version AS "stockVersion", coalesce(( SELECT json_agg(json_build_object('id', c.id, 'name', c.name, 'slug', c.slug, 'version', c.version) ORDER BY c.name) FROM product_categories pc JOIN categories c ON c.id = pc.category_id WHERE pc.product_id = p.id ), '[]') AS categories, coalesce(( SELECT json_agg(json_build_object('id', ph.id, 'width', ph.width, 'height', ph.height, 'thumbHash', ph.thumb_hash, 'state', ph.state, 'alt', pp.alt) ORDER BY pp.position) FROM product_photos pp JOIN photos ph ON ph.id = pp.photo_id WHERE pp.product_id = p.id ), '[]') AS photos
  FROM products p
  LEFT JOIN stock_levels l ON l.product_id = p.id
  WHERE p.slug = $1;

-- ProductsRepository.findForOrder
SELECT id, sku, name, status, price_amount AS "priceAmount", price_currency AS "priceCurrency"
  FROM products
  WHERE id = ANY ($1);

-- ProductsRepository.findState
SELECT p.version, l.version AS "stockVersion", p.rating_count AS "ratingCount", p.rating_sum AS "ratingSum", coalesce((SELECT sum(c.version - 1) FROM product_categories pc JOIN categories c ON c.id = pc.category_id WHERE pc.product_id = p.id), 0) AS "categoryChanges"
  FROM products p
  LEFT JOIN stock_levels l ON l.product_id = p.id
  WHERE p.id = $1 AND ($2 OR p.status = 'active');

-- ProductsRepository.insert
WITH inserted AS ( INSERT INTO products AS p ( id, sku, slug, name, description, price_amount, price_currency, attributes, status, category_names ) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, category_names($10)) RETURNING p.id, p.sku, p.slug, p.name, p.description, p.price_amount AS "priceAmount", p.price_currency AS "priceCurrency", p.rating_count AS "ratingCount", p.rating_sum AS "ratingSum", p.attributes, p.status, p.version, p.family_id AS "familyId", p.family_name AS "familyName", p.family_options AS "familyOptions", p.created_at AS "createdAt", p.updated_at AS "updatedAt" ), known AS (SELECT c.id FROM categories c WHERE c.id = ANY ($11)), placed AS ( INSERT INTO product_categories (product_id, category_id) SELECT $12::uuid, known.id FROM known ON CONFLICT DO NOTHING RETURNING 1 )
  SELECT inserted.*, coalesce(( SELECT json_agg(json_build_object('id', c.id, 'name', c.name, 'slug', c.slug, 'version', c.version) ORDER BY c.name) FROM categories c JOIN known ON known.id = c.id ), '[]') AS categories
  FROM inserted;

-- ProductsRepository.lock
SELECT "Product"."id" AS "Product_id", "Product"."created_at" AS "Product_created_at", "Product"."updated_at" AS "Product_updated_at", "Product"."version" AS "Product_version", "Product"."sku" AS "Product_sku", "Product"."slug" AS "Product_slug", "Product"."name" AS "Product_name", "Product"."description" AS "Product_description", "Product"."price_amount" AS "Product_price_amount", "Product"."price_currency" AS "Product_price_currency", "Product"."attributes" AS "Product_attributes", "Product"."status" AS "Product_status", "Product"."rating_count" AS "Product_rating_count", "Product"."rating_sum" AS "Product_rating_sum", "Product"."family_id" AS "Product_family_id", "Product"."family_name" AS "Product_family_name", "Product"."family_options" AS "Product_family_options"
  FROM "products" "Product"
  WHERE (("Product"."id" = $1))
  LIMIT 1 FOR UPDATE;

-- ProductsRepository.lockForRating
SELECT id
  FROM products
  WHERE id = $1 FOR NO KEY UPDATE;

-- ProductsRepository.replaceCategories
WITH left_out AS ( DELETE FROM product_categories WHERE product_id = $1 AND category_id <> ALL ($2) RETURNING 1 ), known AS (SELECT c.id FROM categories c WHERE c.id = ANY ($3)), placed AS ( INSERT INTO product_categories (product_id, category_id) SELECT $4::uuid, known.id FROM known ON CONFLICT DO NOTHING RETURNING 1 )
  SELECT known.id, false AS moved
  FROM known
  UNION ALL
  SELECT NULL, (SELECT count(*) FROM left_out) + (SELECT count(*) FROM placed) > 0;

-- ProductsRepository.update
UPDATE "products"
  SET "sku" = $1, "name" = $2, "status" = $3, "description" = $4, "price_amount" = $5, "price_currency" = $6, "attributes" = $7, "version" = $8
  WHERE "id" = $9;
UPDATE "products"
  SET "version" = $1
  WHERE "id" = $2;

-- ProductsRepository.updateRating
UPDATE products
  SET rating_count = $1, rating_sum = $2
  WHERE id = $3 AND (rating_count, rating_sum) <> ($4::integer, $5::integer);

-- ProductsSearchRepository.readPage
SELECT count(*) AS total
  FROM (SELECT FROM products p LEFT JOIN stock_levels l ON l.product_id = p.id WHERE p.status = 'active' LIMIT $1) counted;
SELECT p.id, p.sku, p.slug, p.name, p.description, p.price_amount AS "priceAmount", p.price_currency AS "priceCurrency", p.rating_count AS "ratingCount", p.rating_sum AS "ratingSum", p.attributes, p.status, p.version, p.family_id AS "familyId", p.family_name AS "familyName", p.family_options AS "familyOptions", p.created_at AS "createdAt", p.updated_at AS "updatedAt", l.on_hand AS "onHand", l.reserved, l.version AS "stockVersion", coalesce(( SELECT json_agg(json_build_object('id', c.id, 'name', c.name, 'slug', c.slug, 'version', c.version) ORDER BY c.name) FROM product_categories pc JOIN categories c ON c.id = pc.category_id WHERE pc.product_id = p.id ), '[]') AS categories, coalesce(( SELECT json_agg(json_build_object('id', ph.id, 'width', ph.width, 'height', ph.height, 'thumbHash', ph.thumb_hash, 'state', ph.state, 'alt', pp.alt) ORDER BY pp.position) FROM product_photos pp JOIN photos ph ON ph.id = pp.photo_id WHERE pp.product_id = p.id ), '[]') AS photos, (p.created_at)::text AS "sortKey"
  FROM products p
  LEFT JOIN stock_levels l ON l.product_id = p.id
  WHERE p.status = 'active'
  ORDER BY p.created_at ASC, p.id ASC
  LIMIT 21;
SELECT p.id, p.sku, p.slug, p.name, p.description, p.price_amount AS "priceAmount", p.price_currency AS "priceCurrency", p.rating_count AS "ratingCount", p.rating_sum AS "ratingSum", p.attributes, p.status, p.version, p.family_id AS "familyId", p.family_name AS "familyName", p.family_options AS "familyOptions", p.created_at AS "createdAt", p.updated_at AS "updatedAt", l.on_hand AS "onHand", l.reserved, l.version AS "stockVersion", coalesce(( SELECT json_agg(json_build_object('id', c.id, 'name', c.name, 'slug', c.slug, 'version', c.version) ORDER BY c.name) FROM product_categories pc JOIN categories c ON c.id = pc.category_id WHERE pc.product_id = p.id ), '[]') AS categories, coalesce(( SELECT json_agg(json_build_object('id', ph.id, 'width', ph.width, 'height', ph.height, 'thumbHash', ph.thumb_hash, 'state', ph.state, 'alt', pp.alt) ORDER BY pp.position) FROM product_photos pp JOIN photos ph ON ph.id = pp.photo_id WHERE pp.product_id = p.id ), '[]') AS photos, (p.created_at)::text AS "sortKey"
  FROM products p
  LEFT JOIN stock_levels l ON l.product_id = p.id
  WHERE p.status = 'active'
  ORDER BY p.created_at DESC, p.id DESC
  LIMIT 21;
SELECT p.id, p.sku, p.slug, p.name, p.description, p.price_amount AS "priceAmount", p.price_currency AS "priceCurrency", p.rating_count AS "ratingCount", p.rating_sum AS "ratingSum", p.attributes, p.status, p.version, p.family_id AS "familyId", p.family_name AS "familyName", p.family_options AS "familyOptions", p.created_at AS "createdAt", p.updated_at AS "updatedAt", l.on_hand AS "onHand", l.reserved, l.version AS "stockVersion", coalesce(( SELECT json_agg(json_build_object('id', c.id, 'name', c.name, 'slug', c.slug, 'version', c.version) ORDER BY c.name) FROM product_categories pc JOIN categories c ON c.id = pc.category_id WHERE pc.product_id = p.id ), '[]') AS categories, coalesce(( SELECT json_agg(json_build_object('id', ph.id, 'width', ph.width, 'height', ph.height, 'thumbHash', ph.thumb_hash, 'state', ph.state, 'alt', pp.alt) ORDER BY pp.position) FROM product_photos pp JOIN photos ph ON ph.id = pp.photo_id WHERE pp.product_id = p.id ), '[]') AS photos, (p.name COLLATE "und-x-icu")::text AS "sortKey"
  FROM products p
  LEFT JOIN stock_levels l ON l.product_id = p.id
  WHERE p.status = 'active'
  ORDER BY p.name COLLATE "und-x-icu" ASC, p.id ASC
  LIMIT 21;
SELECT p.id, p.sku, p.slug, p.name, p.description, p.price_amount AS "priceAmount", p.price_currency AS "priceCurrency", p.rating_count AS "ratingCount", p.rating_sum AS "ratingSum", p.attributes, p.status, p.version, p.family_id AS "familyId", p.family_name AS "familyName", p.family_options AS "familyOptions", p.created_at AS "createdAt", p.updated_at AS "updatedAt", l.on_hand AS "onHand", l.reserved, l.version AS "stockVersion", coalesce(( SELECT json_agg(json_build_object('id', c.id, 'name', c.name, 'slug', c.slug, 'version', c.version) ORDER BY c.name) FROM product_categories pc JOIN categories c ON c.id = pc.category_id WHERE pc.product_id = p.id ), '[]') AS categories, coalesce(( SELECT json_agg(json_build_object('id', ph.id, 'width', ph.width, 'height', ph.height, 'thumbHash', ph.thumb_hash, 'state', ph.state, 'alt', pp.alt) ORDER BY pp.position) FROM product_photos pp JOIN photos ph ON ph.id = pp.photo_id WHERE pp.product_id = p.id ), '[]') AS photos, (p.name COLLATE "und-x-icu")::text AS "sortKey"
  FROM products p
  LEFT JOIN stock_levels l ON l.product_id = p.id
  WHERE p.status = 'active'
  ORDER BY p.name COLLATE "und-x-icu" DESC, p.id DESC
  LIMIT 21;
SELECT p.id, p.sku, p.slug, p.name, p.description, p.price_amount AS "priceAmount", p.price_currency AS "priceCurrency", p.rating_count AS "ratingCount", p.rating_sum AS "ratingSum", p.attributes, p.status, p.version, p.family_id AS "familyId", p.family_name AS "familyName", p.family_options AS "familyOptions", p.created_at AS "createdAt", p.updated_at AS "updatedAt", l.on_hand AS "onHand", l.reserved, l.version AS "stockVersion", coalesce(( SELECT json_agg(json_build_object('id', c.id, 'name', c.name, 'slug', c.slug, 'version', c.version) ORDER BY c.name) FROM product_categories pc JOIN categories c ON c.id = pc.category_id WHERE pc.product_id = p.id ), '[]') AS categories, coalesce(( SELECT json_agg(json_build_object('id', ph.id, 'width', ph.width, 'height', ph.height, 'thumbHash', ph.thumb_hash, 'state', ph.state, 'alt', pp.alt) ORDER BY pp.position) FROM product_photos pp JOIN photos ph ON ph.id = pp.photo_id WHERE pp.product_id = p.id ), '[]') AS photos, (p.price_amount)::text AS "sortKey"
  FROM products p
  LEFT JOIN stock_levels l ON l.product_id = p.id
  WHERE p.status = 'active' AND p.price_currency = $1
  ORDER BY p.price_amount ASC, p.id ASC
  LIMIT $2;
SELECT p.id, p.sku, p.slug, p.name, p.description, p.price_amount AS "priceAmount", p.price_currency AS "priceCurrency", p.rating_count AS "ratingCount", p.rating_sum AS "ratingSum", p.attributes, p.status, p.version, p.family_id AS "familyId", p.family_name AS "familyName", p.family_options AS "familyOptions", p.created_at AS "createdAt", p.updated_at AS "updatedAt", l.on_hand AS "onHand", l.reserved, l.version AS "stockVersion", coalesce(( SELECT json_agg(json_build_object('id', c.id, 'name', c.name, 'slug', c.slug, 'version', c.version) ORDER BY c.name) FROM product_categories pc JOIN categories c ON c.id = pc.category_id WHERE pc.product_id = p.id ), '[]') AS categories, coalesce(( SELECT json_agg(json_build_object('id', ph.id, 'width', ph.width, 'height', ph.height, 'thumbHash', ph.thumb_hash, 'state', ph.state, 'alt', pp.alt) ORDER BY pp.position) FROM product_photos pp JOIN photos ph ON ph.id = pp.photo_id WHERE pp.product_id = p.id ), '[]') AS photos, (p.price_amount)::text AS "sortKey"
  FROM products p
  LEFT JOIN stock_levels l ON l.product_id = p.id
  WHERE p.status = 'active' AND p.price_currency = $1
  ORDER BY p.price_amount DESC, p.id DESC
  LIMIT $2;

-- What the test does not call by itself:
-- ProductsBulkRepository.countChanges
-- ProductsBulkRepository.deleteOtherCategories
-- ProductsBulkRepository.findCategories
-- ProductsBulkRepository.insertCategories
-- ProductsBulkRepository.lockContent
-- ProductsBulkRepository.refreshCategoryNames
-- ProductsBulkRepository.update
-- ProductsCollapseRepository.findVariants
-- ProductsFacetsRepository.count
-- ProductsFacetsRepository.countRows
-- ProductsFacetsRepository.expect
-- ProductsPhotosRepository.findWithoutPhotos
-- ProductsRepository.findIds
-- ProductsRepository.findOne
-- ProductsSearchRepository.exceeds
-- ProductsSearchRepository.findSimilar
-- ProductsSearchRepository.findTiers
-- ProductsSearchRepository.findVariants
-- ProductsSearchRepository.hasMatch
-- ProductsSearchRepository.isBounded
-- ProductsSearchRepository.isIndexed
