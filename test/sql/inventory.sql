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

-- InventoryRepository.readPage
SELECT count(*) AS total
  FROM (SELECT FROM stock_movements m WHERE m.product_id = $1 LIMIT $2) counted;
SELECT m.id, m.product_id AS "productId", m.delta, m.on_hand AS "onHand", m.reason, m.actor_id AS "actorId", m.created_at AS "createdAt", (m.created_at)::text AS "sortKey"
  FROM stock_movements m
  WHERE m.product_id = $1
  ORDER BY m.created_at DESC, m.id DESC
  LIMIT $2;

-- What the test does not call by itself:
-- InventoryRepository.lockLevels
-- InventoryRepository.updateLevels
-- ReservationsRepository.end
-- ReservationsRepository.extend
-- ReservationsRepository.move
-- ReservationsRepository.release
-- ReservationsRepository.reserve
-- StockVerificationRepository.readBatch
-- StockVerificationRepository.readLevels
-- StockVerificationRepository.repair
