/** Posts a transaction with its entries, and adds the accounts that have no entry yet. */
export const POST_TO_LEDGER = `
  WITH given AS (
    SELECT * FROM jsonb_to_recordset($1::jsonb) AS given (line smallint, account text, currency text, kind text, amount bigint)
  ), accounts AS (
    INSERT INTO ledger_accounts (code, currency, kind, created_at)
    SELECT DISTINCT g.account, g.currency, g.kind, $2::timestamptz FROM given g
    WHERE NOT EXISTS (SELECT FROM ledger_accounts a WHERE a.code = g.account AND a.currency = g.currency)
    ORDER BY 1, 2
    ON CONFLICT (code, currency) DO NOTHING
  ), posted AS (
    INSERT INTO ledger_transactions (id, kind, cause_type, cause_id, customer_id, order_id, description, entry_count,
      posted_at, request_id)
    VALUES ($3, 'payment', 'payment-attempt', $4, $5, $6, $7, 2, $8, $9)
  )
  INSERT INTO ledger_entries (transaction_id, line, account, currency, amount)
  SELECT $10::uuid, line, account, currency, amount FROM given`;
