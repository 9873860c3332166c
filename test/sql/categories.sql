-- CategoriesRepository.countLevels
WITH RECURSIVE below AS ( SELECT id, 1 AS level FROM categories WHERE id = $1 UNION ALL SELECT c.id, below.level + 1 FROM categories c JOIN below ON c.parent_id = below.id )
  SELECT max(level) AS levels
  FROM below;

-- CategoriesRepository.delete
DELETE FROM "categories"
  WHERE "id" = $1;

-- CategoriesRepository.find
SELECT c.id, c.parent_id AS "parentId", c.name, c.slug, c.path, c.version, c.created_at AS "createdAt", c.updated_at AS "updatedAt"
  FROM ( SELECT c.*, ( WITH RECURSIVE above AS ( SELECT c.parent_id, ARRAY[c.name] AS names UNION ALL SELECT p.parent_id, p.name || above.names FROM categories p JOIN above ON p.id = above.parent_id ) SELECT names FROM above WHERE parent_id IS NULL ) AS path FROM categories c WHERE c.id = $1 ) c;

-- CategoriesRepository.findAllNames
SELECT "Category"."id" AS "Category_id", "Category"."parent_id" AS "Category_parent_id", "Category"."name" AS "Category_name"
  FROM "categories" "Category";

-- CategoriesRepository.findBranch
WITH RECURSIVE above AS ( SELECT id, parent_id FROM categories WHERE id = $1 UNION ALL SELECT c.id, c.parent_id FROM categories c JOIN above ON c.id = above.parent_id )
  SELECT id
  FROM above;

-- CategoriesRepository.findVersion
SELECT version
  FROM categories
  WHERE id = $1;

-- CategoriesRepository.insert
INSERT INTO "categories"("id", "created_at", "updated_at", "version", "parent_id", "name", "slug")
  VALUES ($1, DEFAULT, DEFAULT, DEFAULT, $2, $3, $4)
  RETURNING "created_at", "updated_at", "version";

-- CategoriesRepository.lock
SELECT "Category"."id" AS "Category_id", "Category"."created_at" AS "Category_created_at", "Category"."updated_at" AS "Category_updated_at", "Category"."version" AS "Category_version", "Category"."parent_id" AS "Category_parent_id", "Category"."name" AS "Category_name", "Category"."slug" AS "Category_slug"
  FROM "categories" "Category"
  WHERE (("Category"."id" = $1))
  LIMIT 1 FOR NO KEY UPDATE;

-- CategoriesRepository.lockTree
SELECT pg_advisory_xact_lock($1);

-- CategoriesRepository.readPage
SELECT c.id, c.parent_id AS "parentId", c.name, c.slug, c.path, c.version, c.created_at AS "createdAt", c.updated_at AS "updatedAt", (array_to_string(c.path, E'\t') COLLATE "und-x-icu")::text AS "sortKey"
  FROM ( WITH RECURSIVE tree AS ( SELECT c.*, ARRAY[c.name] AS path FROM categories c WHERE c.parent_id IS NULL UNION ALL SELECT c.*, tree.path || c.name FROM categories c JOIN tree ON c.parent_id = tree.id ) SELECT * FROM tree ) c
  ORDER BY array_to_string(c.path, E'\t') COLLATE "und-x-icu" ASC, c.id ASC
  LIMIT 21;
SELECT count(*) AS total
  FROM (SELECT FROM ( WITH RECURSIVE tree AS ( SELECT c.*, ARRAY[c.name] AS path FROM categories c WHERE c.parent_id IS NULL UNION ALL SELECT c.*, tree.path || c.name FROM categories c JOIN tree ON c.parent_id = tree.id ) SELECT * FROM tree ) c LIMIT $1) counted;

-- CategoriesRepository.touchBelow
WITH RECURSIVE below AS ( SELECT id FROM categories WHERE parent_id = $1 UNION ALL SELECT c.id FROM categories c JOIN below ON c.parent_id = below.id )
  UPDATE categories
  SET version = version + 1
  WHERE id IN (SELECT id FROM below)
  RETURNING id, parent_id AS "parentId", version;

-- CategoriesRepository.update
UPDATE "categories"
  SET "name" = $1, "parent_id" = $2
  WHERE "id" = $3;
