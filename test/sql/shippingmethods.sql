-- ShippingMethodsRepository.delete
DELETE FROM "shipping_methods"
  WHERE "id" = $1;

-- ShippingMethodsRepository.find
SELECT m.id, m.name, m.price_amount AS "priceAmount", m.price_currency AS "priceCurrency", m.countries, m.free_from AS "freeFrom", m.active, m.version, m.created_at AS "createdAt", m.updated_at AS "updatedAt"
  FROM shipping_methods m
  WHERE m.id = $1 AND m.active;
SELECT m.id, m.name, m.price_amount AS "priceAmount", m.price_currency AS "priceCurrency", m.countries, m.free_from AS "freeFrom", m.active, m.version, m.created_at AS "createdAt", m.updated_at AS "updatedAt"
  FROM shipping_methods m
  WHERE m.id = $1 AND true;

-- ShippingMethodsRepository.findVersion
SELECT m.version
  FROM shipping_methods m
  WHERE m.id = $1 AND m.active;

-- ShippingMethodsRepository.insert
INSERT INTO shipping_methods AS m (id, name, price_amount, price_currency, countries, free_from, active)
  VALUES ($1, $2, $3, $4, $5, $6, $7)
  RETURNING m.id, m.name, m.price_amount AS "priceAmount", m.price_currency AS "priceCurrency", m.countries, m.free_from AS "freeFrom", m.active, m.version, m.created_at AS "createdAt", m.updated_at AS "updatedAt";

-- ShippingMethodsRepository.lock
SELECT "ShippingMethod"."id" AS "ShippingMethod_id", "ShippingMethod"."created_at" AS "ShippingMethod_created_at", "ShippingMethod"."updated_at" AS "ShippingMethod_updated_at", "ShippingMethod"."version" AS "ShippingMethod_version", "ShippingMethod"."name" AS "ShippingMethod_name", "ShippingMethod"."price_amount" AS "ShippingMethod_price_amount", "ShippingMethod"."price_currency" AS "ShippingMethod_price_currency", "ShippingMethod"."countries" AS "ShippingMethod_countries", "ShippingMethod"."free_from" AS "ShippingMethod_free_from", "ShippingMethod"."active" AS "ShippingMethod_active"
  FROM "shipping_methods" "ShippingMethod"
  WHERE (("ShippingMethod"."id" = $1))
  LIMIT 1 FOR UPDATE;

-- ShippingMethodsRepository.readPage
SELECT count(*) AS total
  FROM (SELECT FROM shipping_methods m WHERE m.active LIMIT $1) counted;
SELECT m.id, m.name, m.price_amount AS "priceAmount", m.price_currency AS "priceCurrency", m.countries, m.free_from AS "freeFrom", m.active, m.version, m.created_at AS "createdAt", m.updated_at AS "updatedAt", (m.name COLLATE "und-x-icu")::text AS "sortKey"
  FROM shipping_methods m
  WHERE m.active
  ORDER BY m.name COLLATE "und-x-icu" ASC, m.id ASC
  LIMIT 21;

-- ShippingMethodsRepository.update
UPDATE "shipping_methods"
  SET "name" = $1, "countries" = $2, "active" = $3, "price_amount" = $4, "price_currency" = $5, "free_from" = $6
  WHERE "id" = $7;
