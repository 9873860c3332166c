-- ReviewsRepository.delete
DELETE FROM "reviews"
  WHERE "id" = $1;

-- ReviewsRepository.find
SELECT r.id, r.owner_id AS "ownerId", u.name AS "authorName", r.product_id AS "productId", r.rating, r.title, r.body, r.version, r.created_at AS "createdAt", r.updated_at AS "updatedAt"
  FROM reviews r
  LEFT JOIN users u ON u.id = r.owner_id
  WHERE r.id = $1 AND (EXISTS (SELECT FROM products p WHERE p.id = r.product_id AND p.status = 'active') OR r.owner_id = $2);
SELECT r.id, r.owner_id AS "ownerId", u.name AS "authorName", r.product_id AS "productId", r.rating, r.title, r.body, r.version, r.created_at AS "createdAt", r.updated_at AS "updatedAt"
  FROM reviews r
  LEFT JOIN users u ON u.id = r.owner_id
  WHERE r.id = $1 AND EXISTS (SELECT FROM products p WHERE p.id = r.product_id AND p.status = 'active');
SELECT r.id, r.owner_id AS "ownerId", u.name AS "authorName", r.product_id AS "productId", r.rating, r.title, r.body, r.version, r.created_at AS "createdAt", r.updated_at AS "updatedAt"
  FROM reviews r
  LEFT JOIN users u ON u.id = r.owner_id
  WHERE r.id = $1 AND true;

-- ReviewsRepository.findState
SELECT r.version, u.name AS "authorName"
  FROM reviews r
  LEFT JOIN users u ON u.id = r.owner_id
  WHERE r.id = $1 AND EXISTS (SELECT FROM products p WHERE p.id = r.product_id AND p.status = 'active');

-- ReviewsRepository.insert
INSERT INTO reviews (id, owner_id, product_id, rating, title, body)
  SELECT $1::uuid, $2::uuid, p.id, $3::integer, $4::text, $5::text
  FROM products p
  WHERE p.id = $6 AND ($7 OR p.status = 'active')
  RETURNING id;

-- ReviewsRepository.lock
SELECT "Review"."id" AS "Review_id", "Review"."created_at" AS "Review_created_at", "Review"."updated_at" AS "Review_updated_at", "Review"."version" AS "Review_version", "Review"."owner_id" AS "Review_owner_id", "Review"."product_id" AS "Review_product_id", "Review"."rating" AS "Review_rating", "Review"."title" AS "Review_title", "Review"."body" AS "Review_body"
  FROM "reviews" "Review"
  WHERE (("Review"."id" = $1))
  LIMIT 1 FOR UPDATE;

-- ReviewsRepository.readPage
SELECT count(*) AS total
  FROM (SELECT FROM reviews r LEFT JOIN users u ON u.id = r.owner_id WHERE EXISTS (SELECT FROM products p WHERE p.id = r.product_id AND p.status = 'active') LIMIT $1) counted;
SELECT r.id, r.owner_id AS "ownerId", u.name AS "authorName", r.product_id AS "productId", r.rating, r.title, r.body, r.version, r.created_at AS "createdAt", r.updated_at AS "updatedAt", (r.created_at)::text AS "sortKey"
  FROM reviews r
  LEFT JOIN users u ON u.id = r.owner_id
  WHERE EXISTS (SELECT FROM products p WHERE p.id = r.product_id AND p.status = 'active')
  ORDER BY r.created_at ASC, r.id ASC
  LIMIT 21;
SELECT r.id, r.owner_id AS "ownerId", u.name AS "authorName", r.product_id AS "productId", r.rating, r.title, r.body, r.version, r.created_at AS "createdAt", r.updated_at AS "updatedAt", (r.created_at)::text AS "sortKey"
  FROM reviews r
  LEFT JOIN users u ON u.id = r.owner_id
  WHERE EXISTS (SELECT FROM products p WHERE p.id = r.product_id AND p.status = 'active')
  ORDER BY r.created_at DESC, r.id DESC
  LIMIT 21;
SELECT r.id, r.owner_id AS "ownerId", u.name AS "authorName", r.product_id AS "productId", r.rating, r.title, r.body, r.version, r.created_at AS "createdAt", r.updated_at AS "updatedAt", (r.rating)::text AS "sortKey"
  FROM reviews r
  LEFT JOIN users u ON u.id = r.owner_id
  WHERE EXISTS (SELECT FROM products p WHERE p.id = r.product_id AND p.status = 'active')
  ORDER BY r.rating ASC, r.id ASC
  LIMIT 21;
SELECT r.id, r.owner_id AS "ownerId", u.name AS "authorName", r.product_id AS "productId", r.rating, r.title, r.body, r.version, r.created_at AS "createdAt", r.updated_at AS "updatedAt", (r.rating)::text AS "sortKey"
  FROM reviews r
  LEFT JOIN users u ON u.id = r.owner_id
  WHERE EXISTS (SELECT FROM products p WHERE p.id = r.product_id AND p.status = 'active')
  ORDER BY r.rating DESC, r.id DESC
  LIMIT 21;

-- ReviewsRepository.sumRatings
SELECT count(*)::integer AS "ratingCount", coalesce(sum(rating), 0)::integer AS "ratingSum"
  FROM reviews
  WHERE product_id = $1;

-- ReviewsRepository.update
UPDATE "reviews"
  SET "rating" = $1, "title" = $2, "body" = $3
  WHERE "id" = $4;
