-- PaymentWebhooksRepository.deleteOld
WITH deleted AS (DELETE FROM payment_webhooks WHERE (provider, event_id) IN ( SELECT provider, event_id FROM payment_webhooks WHERE received_at <= $1 ORDER BY received_at LIMIT $2 FOR UPDATE SKIP LOCKED ) RETURNING 1)
  SELECT count(*) AS deleted
  FROM deleted;

-- PaymentWebhooksRepository.insert
INSERT INTO payment_webhooks (provider, event_id, received_at)
  VALUES ($1, $2, $3)
  ON CONFLICT DO NOTHING
  RETURNING event_id;

-- PaymentsRepository.eraseReasons
UPDATE payment_attempts
  SET reason = NULL
  WHERE order_id = ANY ($1) AND reason IS NOT NULL;

-- PaymentsRepository.find
SELECT a.id, a.order_id AS "orderId", a.operation, a.parent_id AS "parentId", a.amount, a.currency, a.provider, a.provider_reference AS "providerReference", a.state, a.decline_code AS "declineCode", a.checks, a.next_check_at AS "nextCheckAt", a.sealed_token AS "sealedToken", a.cause, a.reason, a.restock, a.actor_id AS "actorId", a.version, a.created_at AS "createdAt", a.updated_at AS "updatedAt"
  FROM payment_attempts a
  WHERE a.id = $1;

-- PaymentsRepository.findCaptured
SELECT c.id, (c.amount - coalesce(sum(r.amount), 0))::bigint AS refundable
  FROM payment_attempts c
  LEFT JOIN payment_attempts r ON r.parent_id = c.id AND r.operation = 'refund' AND r.state <> 'declined'
  WHERE c.order_id = $1 AND c.operation = 'capture' AND c.state = 'succeeded' GROUP BY c.id
  ORDER BY refundable DESC, c.id;

-- PaymentsRepository.findHeld
SELECT a.id, a.order_id AS "orderId", a.operation, a.parent_id AS "parentId", a.amount, a.currency, a.provider, a.provider_reference AS "providerReference", a.state, a.decline_code AS "declineCode", a.checks, a.next_check_at AS "nextCheckAt", a.sealed_token AS "sealedToken", a.cause, a.reason, a.restock, a.actor_id AS "actorId", a.version, a.created_at AS "createdAt", a.updated_at AS "updatedAt"
  FROM payment_attempts a
  WHERE a.order_id = $1 AND a.operation = 'authorize' AND a.state = 'succeeded' AND NOT EXISTS (SELECT FROM payment_attempts f WHERE f.parent_id = a.id AND f.state <> 'declined')
  ORDER BY a.id;

-- PaymentsRepository.findOpen
SELECT a.id, a.order_id AS "orderId", a.operation, a.parent_id AS "parentId", a.amount, a.currency, a.provider, a.provider_reference AS "providerReference", a.state, a.decline_code AS "declineCode", a.checks, a.next_check_at AS "nextCheckAt", a.sealed_token AS "sealedToken", a.cause, a.reason, a.restock, a.actor_id AS "actorId", a.version, a.created_at AS "createdAt", a.updated_at AS "updatedAt"
  FROM payment_attempts a
  WHERE a.order_id = $1 AND a.operation IN ('authorize', 'capture') AND a.state = ANY ($2);

-- PaymentsRepository.insert
INSERT INTO payment_attempts AS a (id, order_id, operation, parent_id, amount, currency, provider, next_check_at, sealed_token, cause, reason, restock, actor_id, created_at, updated_at)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
  RETURNING a.id, a.order_id AS "orderId", a.operation, a.parent_id AS "parentId", a.amount, a.currency, a.provider, a.provider_reference AS "providerReference", a.state, a.decline_code AS "declineCode", a.checks, a.next_check_at AS "nextCheckAt", a.sealed_token AS "sealedToken", a.cause, a.reason, a.restock, a.actor_id AS "actorId", a.version, a.created_at AS "createdAt", a.updated_at AS "updatedAt";

-- PaymentsRepository.lock
SELECT a.id, a.order_id AS "orderId", a.operation, a.parent_id AS "parentId", a.amount, a.currency, a.provider, a.provider_reference AS "providerReference", a.state, a.decline_code AS "declineCode", a.checks, a.next_check_at AS "nextCheckAt", a.sealed_token AS "sealedToken", a.cause, a.reason, a.restock, a.actor_id AS "actorId", a.version, a.created_at AS "createdAt", a.updated_at AS "updatedAt"
  FROM payment_attempts a
  WHERE a.id = $1 FOR NO KEY UPDATE;

-- PaymentsRepository.markSent
UPDATE payment_attempts a
  SET state = 'sent'
  WHERE a.id = $1 AND a.state = 'created'
  RETURNING a.id, a.order_id AS "orderId", a.operation, a.parent_id AS "parentId", a.amount, a.currency, a.provider, a.provider_reference AS "providerReference", a.state, a.decline_code AS "declineCode", a.checks, a.next_check_at AS "nextCheckAt", a.sealed_token AS "sealedToken", a.cause, a.reason, a.restock, a.actor_id AS "actorId", a.version, a.created_at AS "createdAt", a.updated_at AS "updatedAt";

-- PaymentsRepository.readPage
SELECT a.id, a.order_id AS "orderId", a.operation, a.parent_id AS "parentId", a.amount, a.currency, a.provider, a.provider_reference AS "providerReference", a.state, a.decline_code AS "declineCode", a.checks, a.next_check_at AS "nextCheckAt", a.sealed_token AS "sealedToken", a.cause, a.reason, a.restock, a.actor_id AS "actorId", a.version, a.created_at AS "createdAt", a.updated_at AS "updatedAt", (a.created_at)::text AS "sortKey"
  FROM payment_attempts a
  ORDER BY a.created_at DESC, a.id DESC
  LIMIT 21;
SELECT count(*) AS total
  FROM (SELECT FROM payment_attempts a LIMIT $1) counted;

-- PaymentsRepository.readPageOf
SELECT a.id, a.order_id AS "orderId", a.operation, a.parent_id AS "parentId", a.amount, a.currency, a.provider, a.provider_reference AS "providerReference", a.state, a.decline_code AS "declineCode", a.checks, a.next_check_at AS "nextCheckAt", a.sealed_token AS "sealedToken", a.cause, a.reason, a.restock, a.actor_id AS "actorId", a.version, a.created_at AS "createdAt", a.updated_at AS "updatedAt", (a.created_at)::text AS "sortKey"
  FROM payment_attempts a
  WHERE a.order_id = $1
  ORDER BY a.created_at ASC, a.id ASC
  LIMIT $2;
SELECT count(*) AS total
  FROM (SELECT FROM payment_attempts a WHERE a.order_id = $1 LIMIT $2) counted;

-- PaymentsRepository.sum
SELECT (coalesce(sum(amount) FILTER (WHERE operation = 'authorize' AND state = 'succeeded'), 0) - coalesce(sum(amount) FILTER (WHERE operation = 'void' AND state = 'succeeded'), 0))::bigint AS authorized, coalesce(sum(amount) FILTER (WHERE operation = 'capture' AND state = 'succeeded'), 0)::bigint AS captured, coalesce(sum(amount) FILTER (WHERE operation = 'refund' AND state = 'succeeded'), 0)::bigint AS refunded, coalesce(bool_or(operation IN ('authorize', 'capture') AND state IN ('unknown', 'needs_review')), false) AS "isUnresolved"
  FROM payment_attempts
  WHERE order_id = $1;

-- PaymentsRepository.update
UPDATE payment_attempts a
  SET state = $1,decline_code = $2,next_check_at = $3
  WHERE a.id = $4
  RETURNING a.id, a.order_id AS "orderId", a.operation, a.parent_id AS "parentId", a.amount, a.currency, a.provider, a.provider_reference AS "providerReference", a.state, a.decline_code AS "declineCode", a.checks, a.next_check_at AS "nextCheckAt", a.sealed_token AS "sealedToken", a.cause, a.reason, a.restock, a.actor_id AS "actorId", a.version, a.created_at AS "createdAt", a.updated_at AS "updatedAt";
UPDATE payment_attempts a
  SET state = $1,provider_reference = $2,decline_code = $3,next_check_at = $4,sealed_token = $5
  WHERE a.id = $6
  RETURNING a.id, a.order_id AS "orderId", a.operation, a.parent_id AS "parentId", a.amount, a.currency, a.provider, a.provider_reference AS "providerReference", a.state, a.decline_code AS "declineCode", a.checks, a.next_check_at AS "nextCheckAt", a.sealed_token AS "sealedToken", a.cause, a.reason, a.restock, a.actor_id AS "actorId", a.version, a.created_at AS "createdAt", a.updated_at AS "updatedAt";
UPDATE payment_attempts a
  SET state = $1,provider_reference = $2,decline_code = $3,next_check_at = $4,sealed_token = $5,reason = $6
  WHERE a.id = $7
  RETURNING a.id, a.order_id AS "orderId", a.operation, a.parent_id AS "parentId", a.amount, a.currency, a.provider, a.provider_reference AS "providerReference", a.state, a.decline_code AS "declineCode", a.checks, a.next_check_at AS "nextCheckAt", a.sealed_token AS "sealedToken", a.cause, a.reason, a.restock, a.actor_id AS "actorId", a.version, a.created_at AS "createdAt", a.updated_at AS "updatedAt";

-- SandboxOperationsRepository.insert
INSERT INTO sandbox_operations (key, operation, reference, payment, amount, currency, token, state, code)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
  ON CONFLICT ON CONSTRAINT sandbox_operations_pk DO UPDATE
  SET calls = sandbox_operations.calls + 1
  RETURNING calls;

-- What the test does not call by itself:
-- PaymentsRepository.countReturns
-- PaymentsRepository.findRefundLines
-- PaymentsRepository.insertOnce
-- PaymentsRepository.insertRefundLines
-- PaymentsRepository.readMovedIds
-- PaymentsRepository.sumMoved
-- PaymentsRepository.sumRefundLines
-- SandboxOperationsRepository.arrive
-- SandboxOperationsRepository.find
-- SandboxOperationsRepository.findToken
-- SandboxOperationsRepository.lockPayment
-- SandboxOperationsRepository.sum
