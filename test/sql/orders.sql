-- FulfillmentsRepository.eraseTrackingNumbers
UPDATE fulfillments f
  SET tracking_number = NULL
  FROM orders o
  WHERE o.id = f.order_id AND o.customer_id = $1 AND f.tracking_number IS NOT NULL;

-- FulfillmentsRepository.find
SELECT f.id, f.order_id AS "orderId", f.carrier, f.tracking_number AS "trackingNumber", f.actor_id AS "actorId", f.created_at AS "createdAt", (SELECT coalesce(json_agg(json_build_object('lineId', fl.line_id, 'quantity', fl.quantity) ORDER BY fl.line_id), '[]') FROM fulfillment_lines fl WHERE fl.fulfillment_id = f.id) AS lines
  FROM fulfillments f
  WHERE f.id = $1;

-- FulfillmentsRepository.insert
WITH inserted AS ( INSERT INTO fulfillments (id, order_id, carrier, tracking_number, actor_id, created_at) VALUES ($1, $2, $3, $4, $5, $6) )
  INSERT INTO fulfillment_lines (fulfillment_id, line_id, quantity)
  SELECT $7::uuid, line."lineId", line.quantity
  FROM jsonb_to_recordset($8::jsonb) AS line ("lineId" uuid, quantity integer);

-- FulfillmentsRepository.readPage
SELECT count(*) AS total
  FROM (SELECT FROM fulfillments f WHERE f.order_id = $1 LIMIT $2) counted;
SELECT f.id, f.order_id AS "orderId", f.carrier, f.tracking_number AS "trackingNumber", f.actor_id AS "actorId", f.created_at AS "createdAt", (SELECT coalesce(json_agg(json_build_object('lineId', fl.line_id, 'quantity', fl.quantity) ORDER BY fl.line_id), '[]') FROM fulfillment_lines fl WHERE fl.fulfillment_id = f.id) AS lines, (f.created_at)::text AS "sortKey"
  FROM fulfillments f
  WHERE f.order_id = $1
  ORDER BY f.created_at ASC, f.id ASC
  LIMIT $2;

-- OrdersHistoryRepository.eraseReasons
UPDATE order_events e
  SET reason = NULL
  FROM orders o
  WHERE o.id = e.order_id AND o.customer_id = $1 AND e.reason IS NOT NULL;

-- OrdersHistoryRepository.insert
INSERT INTO order_events (id, order_id, version, name, status, subject_id, amount, reason, actor_id, request_id, created_at)
  SELECT id, "orderId", version, name, status, "subjectId", amount, reason, "actorId", "requestId", "createdAt"
  FROM jsonb_to_recordset($1::jsonb) AS event ( id uuid, "orderId" uuid, version integer, name text, status text, "subjectId" uuid, amount bigint, reason text, "actorId" uuid, "requestId" text, "createdAt" timestamptz);

-- OrdersHistoryRepository.readPage
SELECT count(*) AS total
  FROM (SELECT FROM order_events e WHERE e.order_id = $1 LIMIT $2) counted;
SELECT e.id, e.order_id AS "orderId", e.version, e.name, e.status, e.subject_id AS "subjectId", e.amount, e.reason, e.actor_id AS "actorId", e.request_id AS "requestId", e.created_at AS "createdAt", (e.created_at)::text AS "sortKey"
  FROM order_events e
  WHERE e.order_id = $1
  ORDER BY e.created_at ASC, e.id ASC
  LIMIT $2;

-- OrdersRepository.addFulfilled
UPDATE order_lines l
  SET fulfilled_quantity = l.fulfilled_quantity + sent.quantity
  FROM jsonb_to_recordset($1::jsonb) AS sent ("lineId" uuid, quantity integer)
  WHERE l.id = sent."lineId" AND l.order_id = $2;

-- OrdersRepository.erasePersonal
WITH locked AS ( SELECT id FROM orders WHERE customer_id = $1 AND (reference IS NOT NULL OR shipping_address ->> 'street' IS NOT NULL) ORDER BY id FOR NO KEY UPDATE )
  UPDATE orders o
  SET reference = NULL, shipping_address = o.shipping_address || jsonb_build_object('name', NULL, 'phone', NULL, 'street', NULL, 'postcode', left(o.shipping_address ->> 'postcode', 3))
  FROM locked
  WHERE o.id = locked.id
  RETURNING o.id, o.number, o.customer_id AS "customerId", o.status, o.payment_status AS "paymentStatus", o.fulfillment_status AS "fulfillmentStatus", o.currency, o.total, o.refunded, o.reference, o.shipping_address AS "shippingAddress", o.shipping_method_id AS "shippingMethodId", o.expires_at AS "expiresAt", o.version, o.created_at AS "createdAt", o.updated_at AS "updatedAt", '[]'::json AS lines;

-- OrdersRepository.find
SELECT o.id, o.number, o.customer_id AS "customerId", o.status, o.payment_status AS "paymentStatus", o.fulfillment_status AS "fulfillmentStatus", o.currency, o.total, o.refunded, o.reference, o.shipping_address AS "shippingAddress", o.shipping_method_id AS "shippingMethodId", o.expires_at AS "expiresAt", o.version, o.created_at AS "createdAt", o.updated_at AS "updatedAt", (SELECT coalesce(json_agg(json_build_object( 'id', l.id, 'type', l.type, 'productId', l.product_id, 'sku', l.sku, 'name', l.name, 'quantity', l.quantity, 'unitAmount', l.unit_amount, 'total', l.total, 'fulfilledQuantity', l.fulfilled_quantity, 'refundedQuantity', l.refunded_quantity) ORDER BY l.position), '[]') FROM order_lines l WHERE l.order_id = o.id) AS lines
  FROM orders o
  WHERE o.id = $1;

-- OrdersRepository.findIdsOf
SELECT id
  FROM orders
  WHERE customer_id = $1;

-- OrdersRepository.findState
SELECT customer_id AS "customerId", version
  FROM orders
  WHERE id = $1;

-- OrdersRepository.insert
WITH customer AS ( SELECT id FROM users WHERE id = $1 AND erased_at IS NULL FOR SHARE ), o AS ( INSERT INTO orders (id, number, customer_id, status, payment_status, currency, total, reference, shipping_address, shipping_method_id, expires_at, created_at, updated_at) SELECT $2::uuid, $3, customer.id, $4, $5, $6, $7::bigint, $8, $9::jsonb, $10::uuid, $11::timestamptz, $12::timestamptz, $13::timestamptz FROM customer RETURNING * ), l AS ( INSERT INTO order_lines (id, order_id, position, type, product_id, sku, name, quantity, unit_amount, total) SELECT line.id, o.id, line.position, line.type, line."productId", line.sku, line.name, line.quantity, line."unitAmount", line.total FROM o, jsonb_to_recordset($14::jsonb) AS line (id uuid, position integer, type text, "productId" uuid, sku text, name text, quantity integer, "unitAmount" bigint, total bigint) RETURNING * )
  SELECT o.id, o.number, o.customer_id AS "customerId", o.status, o.payment_status AS "paymentStatus", o.fulfillment_status AS "fulfillmentStatus", o.currency, o.total, o.refunded, o.reference, o.shipping_address AS "shippingAddress", o.shipping_method_id AS "shippingMethodId", o.expires_at AS "expiresAt", o.version, o.created_at AS "createdAt", o.updated_at AS "updatedAt", (SELECT coalesce(json_agg(json_build_object( 'id', l.id, 'type', l.type, 'productId', l.product_id, 'sku', l.sku, 'name', l.name, 'quantity', l.quantity, 'unitAmount', l.unit_amount, 'total', l.total, 'fulfilledQuantity', l.fulfilled_quantity, 'refundedQuantity', l.refunded_quantity) ORDER BY l.position), '[]') FROM l) AS lines
  FROM o;

-- OrdersRepository.isReserved
SELECT count(*) AS missing
  FROM order_lines l
  WHERE l.order_id = $1 AND l.type = 'item' AND NOT EXISTS ( SELECT FROM reservations r WHERE r.order_id = l.order_id AND r.product_id = l.product_id AND r.state = 'active');

-- OrdersRepository.lock
SELECT id
  FROM orders
  WHERE id = $1 FOR NO KEY UPDATE;
SELECT o.id, o.number, o.customer_id AS "customerId", o.status, o.payment_status AS "paymentStatus", o.fulfillment_status AS "fulfillmentStatus", o.currency, o.total, o.refunded, o.reference, o.shipping_address AS "shippingAddress", o.shipping_method_id AS "shippingMethodId", o.expires_at AS "expiresAt", o.version, o.created_at AS "createdAt", o.updated_at AS "updatedAt", (SELECT coalesce(json_agg(json_build_object( 'id', l.id, 'type', l.type, 'productId', l.product_id, 'sku', l.sku, 'name', l.name, 'quantity', l.quantity, 'unitAmount', l.unit_amount, 'total', l.total, 'fulfilledQuantity', l.fulfilled_quantity, 'refundedQuantity', l.refunded_quantity) ORDER BY l.position), '[]') FROM order_lines l WHERE l.order_id = o.id) AS lines
  FROM orders o
  WHERE o.id = $1;

-- OrdersRepository.readPage
SELECT count(*) AS total
  FROM (SELECT FROM orders o LIMIT $1) counted;
SELECT o.id, o.number, o.customer_id AS "customerId", o.status, o.payment_status AS "paymentStatus", o.fulfillment_status AS "fulfillmentStatus", o.currency, o.total, o.refunded, o.reference, o.shipping_address AS "shippingAddress", o.shipping_method_id AS "shippingMethodId", o.expires_at AS "expiresAt", o.version, o.created_at AS "createdAt", o.updated_at AS "updatedAt", (SELECT coalesce(json_agg(json_build_object( 'id', l.id, 'type', l.type, 'productId', l.product_id, 'sku', l.sku, 'name', l.name, 'quantity', l.quantity, 'unitAmount', l.unit_amount, 'total', l.total, 'fulfilledQuantity', l.fulfilled_quantity, 'refundedQuantity', l.refunded_quantity) ORDER BY l.position), '[]') FROM order_lines l WHERE l.order_id = o.id) AS lines, (o.created_at)::text AS "sortKey"
  FROM orders o
  ORDER BY o.created_at ASC, o.id ASC
  LIMIT 21;
SELECT o.id, o.number, o.customer_id AS "customerId", o.status, o.payment_status AS "paymentStatus", o.fulfillment_status AS "fulfillmentStatus", o.currency, o.total, o.refunded, o.reference, o.shipping_address AS "shippingAddress", o.shipping_method_id AS "shippingMethodId", o.expires_at AS "expiresAt", o.version, o.created_at AS "createdAt", o.updated_at AS "updatedAt", (SELECT coalesce(json_agg(json_build_object( 'id', l.id, 'type', l.type, 'productId', l.product_id, 'sku', l.sku, 'name', l.name, 'quantity', l.quantity, 'unitAmount', l.unit_amount, 'total', l.total, 'fulfilledQuantity', l.fulfilled_quantity, 'refundedQuantity', l.refunded_quantity) ORDER BY l.position), '[]') FROM order_lines l WHERE l.order_id = o.id) AS lines, (o.created_at)::text AS "sortKey"
  FROM orders o
  ORDER BY o.created_at DESC, o.id DESC
  LIMIT 21;

-- OrdersRepository.update
UPDATE orders o
  SET fulfillment_status = $1,status = $2,expires_at = $3, version = version + 1
  WHERE o.id = $4
  RETURNING o.id, o.number, o.customer_id AS "customerId", o.status, o.payment_status AS "paymentStatus", o.fulfillment_status AS "fulfillmentStatus", o.currency, o.total, o.refunded, o.reference, o.shipping_address AS "shippingAddress", o.shipping_method_id AS "shippingMethodId", o.expires_at AS "expiresAt", o.version, o.created_at AS "createdAt", o.updated_at AS "updatedAt", (SELECT coalesce(json_agg(json_build_object( 'id', l.id, 'type', l.type, 'productId', l.product_id, 'sku', l.sku, 'name', l.name, 'quantity', l.quantity, 'unitAmount', l.unit_amount, 'total', l.total, 'fulfilledQuantity', l.fulfilled_quantity, 'refundedQuantity', l.refunded_quantity) ORDER BY l.position), '[]') FROM order_lines l WHERE l.order_id = o.id) AS lines;
UPDATE orders o
  SET payment_status = $1,refunded = $2,expires_at = $3, version = version + 1
  WHERE o.id = $4
  RETURNING o.id, o.number, o.customer_id AS "customerId", o.status, o.payment_status AS "paymentStatus", o.fulfillment_status AS "fulfillmentStatus", o.currency, o.total, o.refunded, o.reference, o.shipping_address AS "shippingAddress", o.shipping_method_id AS "shippingMethodId", o.expires_at AS "expiresAt", o.version, o.created_at AS "createdAt", o.updated_at AS "updatedAt", (SELECT coalesce(json_agg(json_build_object( 'id', l.id, 'type', l.type, 'productId', l.product_id, 'sku', l.sku, 'name', l.name, 'quantity', l.quantity, 'unitAmount', l.unit_amount, 'total', l.total, 'fulfilledQuantity', l.fulfilled_quantity, 'refundedQuantity', l.refunded_quantity) ORDER BY l.position), '[]') FROM order_lines l WHERE l.order_id = o.id) AS lines;
UPDATE orders o
  SET payment_status = $1,refunded = $2,status = $3,expires_at = $4, version = version + 1
  WHERE o.id = $5
  RETURNING o.id, o.number, o.customer_id AS "customerId", o.status, o.payment_status AS "paymentStatus", o.fulfillment_status AS "fulfillmentStatus", o.currency, o.total, o.refunded, o.reference, o.shipping_address AS "shippingAddress", o.shipping_method_id AS "shippingMethodId", o.expires_at AS "expiresAt", o.version, o.created_at AS "createdAt", o.updated_at AS "updatedAt", (SELECT coalesce(json_agg(json_build_object( 'id', l.id, 'type', l.type, 'productId', l.product_id, 'sku', l.sku, 'name', l.name, 'quantity', l.quantity, 'unitAmount', l.unit_amount, 'total', l.total, 'fulfilledQuantity', l.fulfilled_quantity, 'refundedQuantity', l.refunded_quantity) ORDER BY l.position), '[]') FROM order_lines l WHERE l.order_id = o.id) AS lines;
UPDATE orders o
  SET status = $1,expires_at = $2, version = version + 1
  WHERE o.id = $3
  RETURNING o.id, o.number, o.customer_id AS "customerId", o.status, o.payment_status AS "paymentStatus", o.fulfillment_status AS "fulfillmentStatus", o.currency, o.total, o.refunded, o.reference, o.shipping_address AS "shippingAddress", o.shipping_method_id AS "shippingMethodId", o.expires_at AS "expiresAt", o.version, o.created_at AS "createdAt", o.updated_at AS "updatedAt", (SELECT coalesce(json_agg(json_build_object( 'id', l.id, 'type', l.type, 'productId', l.product_id, 'sku', l.sku, 'name', l.name, 'quantity', l.quantity, 'unitAmount', l.unit_amount, 'total', l.total, 'fulfilledQuantity', l.fulfilled_quantity, 'refundedQuantity', l.refunded_quantity) ORDER BY l.position), '[]') FROM order_lines l WHERE l.order_id = o.id) AS lines;

-- What the test does not call by itself:
-- OrdersRepository.addRefunded
-- OrdersRepository.lockDue
