-- LedgerChainRepository.findHead
SELECT sequence, hash, sealed_at AS "sealedAt"
  FROM ledger_seals
  ORDER BY sequence DESC
  LIMIT 1;

-- LedgerRepository.find
SELECT t.id, t.kind, t.cause_type AS "causeType", t.cause_id AS "causeId", t.customer_id AS "customerId", t.order_id AS "orderId", t.description, t.posted_at AS "postedAt", t.request_id AS "requestId", s.sequence, (SELECT json_agg(json_build_object('account', e.account, 'currency', e.currency, 'amount', e.amount) ORDER BY e.line) FROM ledger_entries e WHERE e.transaction_id = t.id) AS entries
  FROM ledger_transactions t
  LEFT JOIN ledger_seals s ON s.transaction_id = t.id
  WHERE t.id = $1;

-- LedgerRepository.insert
WITH lines AS MATERIALIZED ( SELECT * FROM jsonb_to_recordset($1::jsonb) AS line ( id uuid, "postedAt" timestamptz, line smallint, account text, currency text, kind text, amount bigint) ), accounts AS ( INSERT INTO ledger_accounts (code, currency, kind, created_at) SELECT l.account, l.currency, min(l.kind), min(l."postedAt") FROM lines l WHERE NOT EXISTS (SELECT FROM ledger_accounts a WHERE a.code = l.account AND a.currency = l.currency) GROUP BY 1, 2 ORDER BY 1, 2 ON CONFLICT (code, currency) DO NOTHING ), posted AS ( INSERT INTO ledger_transactions (id, kind, cause_type, cause_id, customer_id, order_id, description, entry_count, posted_at, request_id) SELECT id, kind, "causeType", "causeId", "customerId", "orderId", description, "entryCount", "postedAt", "requestId" FROM jsonb_to_recordset($2::jsonb) AS posted ( id uuid, kind text, "causeType" text, "causeId" uuid, "customerId" uuid, "orderId" uuid, description text, "entryCount" smallint, "postedAt" timestamptz, "requestId" text) )
  INSERT INTO ledger_entries (transaction_id, line, account, currency, amount)
  SELECT id, line, account, currency, amount
  FROM lines;

-- LedgerRepository.readPage
SELECT count(*) AS total
  FROM (SELECT FROM ledger_transactions t LEFT JOIN ledger_seals s ON s.transaction_id = t.id LIMIT $1) counted;
SELECT t.id, t.kind, t.cause_type AS "causeType", t.cause_id AS "causeId", t.customer_id AS "customerId", t.order_id AS "orderId", t.description, t.posted_at AS "postedAt", t.request_id AS "requestId", s.sequence, (SELECT json_agg(json_build_object('account', e.account, 'currency', e.currency, 'amount', e.amount) ORDER BY e.line) FROM ledger_entries e WHERE e.transaction_id = t.id) AS entries, (t.posted_at)::text AS "sortKey"
  FROM ledger_transactions t
  LEFT JOIN ledger_seals s ON s.transaction_id = t.id
  ORDER BY t.posted_at DESC, t.id DESC
  LIMIT 21;

-- LedgerRepository.readPageOf
SELECT count(*) AS total
  FROM (SELECT FROM ledger_transactions t WHERE t.customer_id = $1 LIMIT $2) counted;
SELECT t.id, t.kind, t.order_id AS "orderId", t.description, t.posted_at AS "postedAt", (SELECT json_build_object('amount', sum(e.amount), 'currency', min(e.currency)) FROM ledger_entries e WHERE e.transaction_id = t.id AND e.account = ANY ($1)) AS money, (t.posted_at)::text AS "sortKey"
  FROM ledger_transactions t
  WHERE t.customer_id = $2
  ORDER BY t.posted_at DESC, t.id DESC
  LIMIT $3;

-- LedgerRepository.sumBalances
WITH latest AS ( SELECT coalesce(max(sequence), 0) AS sequence FROM ledger_snapshots ), moved AS ( SELECT account, currency, balance AS amount FROM ledger_snapshots WHERE sequence = (SELECT sequence FROM latest) UNION ALL SELECT e.account, e.currency, e.amount FROM ledger_seals s JOIN ledger_entries e ON e.transaction_id = s.transaction_id WHERE s.sequence > (SELECT sequence FROM latest) UNION ALL SELECT e.account, e.currency, e.amount FROM ledger_unsealed u JOIN ledger_entries e ON e.transaction_id = u.transaction_id )
  SELECT a.code AS account, a.kind, a.currency, coalesce(sum(m.amount), 0)::bigint AS amount
  FROM ledger_accounts a
  LEFT JOIN moved m ON m.account = a.code AND m.currency = a.currency GROUP BY a.code, a.currency
  ORDER BY a.code, a.currency;

-- What the test does not call by itself:
-- LedgerChainRepository.countLinks
-- LedgerChainRepository.findLastSnapshot
-- LedgerChainRepository.insertSeals
-- LedgerChainRepository.insertSnapshot
-- LedgerChainRepository.readLinks
-- LedgerChainRepository.readSnapshots
-- LedgerChainRepository.readUnsealed
-- LedgerChainRepository.tryLock
-- LedgerVerificationRepository.findForgotten
-- LedgerVerificationRepository.findLostTransactions
-- LedgerVerificationRepository.findRepeatedCauses
-- LedgerVerificationRepository.readAccounts
-- LedgerVerificationRepository.readCauseIds
-- LedgerVerificationRepository.sumCauses
