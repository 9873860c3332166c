-- InventoryRepository.addToLevel
UPDATE stock_levels
  SET on_hand = on_hand + $1
  WHERE product_id = $2 AND on_hand + $3 BETWEEN reserved AND $4
  RETURNING product_id AS "productId", on_hand AS "onHand", reserved, version;

-- InventoryRepository.findAvailable
SELECT on_hand - reserved AS available
  FROM stock_levels
  WHERE product_id = $1;

-- InventoryRepository.insertLevel
INSERT INTO stock_levels (product_id)
  VALUES ($1)
  RETURNING product_id AS "productId", on_hand AS "onHand", reserved, version;

-- InventoryRepository.insertLevels
WITH moved AS ( SELECT * FROM jsonb_to_recordset($1::jsonb) AS moved ( id uuid, "productId" uuid, delta integer, "onHand" integer) ), levels AS ( INSERT INTO stock_levels (product_id, on_hand) SELECT "productId", "onHand" FROM moved )
  INSERT INTO stock_movements (id, product_id, delta, on_hand, cause, reason, actor_id, created_at)
  SELECT id, "productId", delta, "onHand", $2, $3, $4::uuid, $5
  FROM moved
  WHERE delta <> 0;

-- InventoryRepository.insertMovement
INSERT INTO "stock_movements"("id", "product_id", "delta", "on_hand", "cause", "cause_id", "reason", "actor_id", "created_at")
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
  RETURNING "created_at";

-- InventoryRepository.lockLevels
SELECT product_id AS "productId", on_hand AS "onHand", reserved
  FROM stock_levels
  WHERE product_id = ANY ($1)
  ORDER BY product_id FOR NO KEY UPDATE;

-- InventoryRepository.readPage
SELECT count(*) AS total
  FROM (SELECT FROM stock_movements m WHERE m.product_id = $1 LIMIT $2) counted;
SELECT m.id, m.product_id AS "productId", m.delta, m.on_hand AS "onHand", m.reason, m.actor_id AS "actorId", m.created_at AS "createdAt", (m.created_at)::text AS "sortKey"
  FROM stock_movements m
  WHERE m.product_id = $1
  ORDER BY m.created_at DESC, m.id DESC
  LIMIT $2;

-- ReservationsRepository.end
WITH active AS (SELECT id FROM reservations WHERE order_id = $1 AND state = 'active' ORDER BY product_id FOR NO KEY UPDATE)
  UPDATE reservations r
  SET state = $2, updated_at = $3
  FROM active
  WHERE r.id = active.id
  RETURNING r.product_id AS "productId", r.quantity;

-- ReservationsRepository.extend
WITH active AS (SELECT id FROM reservations WHERE order_id = $1 AND state = 'active' ORDER BY product_id FOR NO KEY UPDATE)
  UPDATE reservations r
  SET expires_at = $2, updated_at = $3
  FROM active
  WHERE r.id = active.id AND r.expires_at < $4;

-- ReservationsRepository.move
WITH changes AS ( SELECT * FROM jsonb_to_recordset($1::jsonb) AS changes ( id uuid, "productId" uuid, delta integer, released integer) ), levels AS (SELECT product_id FROM stock_levels WHERE product_id = ANY ($2) ORDER BY product_id FOR NO KEY UPDATE), changed AS ( UPDATE stock_levels l SET on_hand = l.on_hand + c.delta, reserved = greatest(l.reserved - c.released, 0) FROM levels JOIN changes c ON c."productId" = levels.product_id WHERE l.product_id = levels.product_id RETURNING l.product_id, l.on_hand, l.reserved, l.version, c.id, c.delta ), movements AS ( INSERT INTO stock_movements (id, product_id, delta, on_hand, cause, cause_id, reason, actor_id, created_at) SELECT id, product_id, delta, on_hand, $3, $4::uuid, $5, $6::uuid, $7::timestamptz FROM changed )
  SELECT product_id AS "productId", on_hand AS "onHand", reserved, version
  FROM changed;

-- ReservationsRepository.release
WITH units AS ( SELECT * FROM jsonb_to_recordset($1::jsonb) AS units ("productId" uuid, quantity integer) ), levels AS (SELECT product_id FROM stock_levels WHERE product_id = ANY ($2) ORDER BY product_id FOR NO KEY UPDATE)
  UPDATE stock_levels l
  SET reserved = greatest(l.reserved - u.quantity, 0)
  FROM levels
  JOIN units u ON u."productId" = levels.product_id
  WHERE l.product_id = levels.product_id AND l.reserved > 0
  RETURNING l.product_id AS "productId", l.on_hand AS "onHand", l.reserved, l.version;

-- ReservationsRepository.reserve
WITH asked AS ( SELECT * FROM jsonb_to_recordset($1::jsonb) AS asked ( id uuid, "productId" uuid, quantity bigint) ), levels AS ( SELECT product_id, on_hand - reserved AS available FROM stock_levels WHERE product_id = ANY ($2) ORDER BY product_id FOR NO KEY UPDATE ), decided AS ( SELECT a.id, a."productId", a.quantity, coalesce(l.available, 0) AS available, bool_and(coalesce(l.available, 0) >= a.quantity) OVER () AS suffices FROM asked a LEFT JOIN levels l ON l.product_id = a."productId" ), changed AS ( UPDATE stock_levels l SET reserved = l.reserved + d.quantity FROM decided d WHERE l.product_id = d."productId" AND d.suffices RETURNING l.product_id, l.on_hand, l.reserved, l.version ), inserted AS ( INSERT INTO reservations (id, order_id, product_id, quantity, expires_at, created_at, updated_at) SELECT id, $3::uuid, "productId", quantity, $4::timestamptz, $5::timestamptz, $6::timestamptz FROM decided WHERE suffices )
  SELECT d."productId", d.available, c.on_hand AS "onHand", c.reserved, c.version
  FROM decided d
  LEFT JOIN changed c ON c.product_id = d."productId"
  WHERE d.suffices OR d.available < d.quantity
  ORDER BY d."productId";

-- What the test does not call by itself:
-- InventoryRepository.updateLevels
-- StockVerificationRepository.readBatch
-- StockVerificationRepository.readLevels
-- StockVerificationRepository.repair
