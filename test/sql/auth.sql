-- KnownNetworksRepository.deleteOfUser
DELETE FROM "known_networks"
  WHERE "user_id" = $1;

-- KnownNetworksRepository.deleteUnused
WITH deleted AS (DELETE FROM known_networks WHERE (user_id, network) IN ( SELECT user_id, network FROM known_networks WHERE seen_at <= $1 ORDER BY seen_at LIMIT $2 FOR UPDATE SKIP LOCKED ) RETURNING 1)
  SELECT count(*) AS deleted
  FROM deleted;

-- KnownNetworksRepository.record
INSERT INTO known_networks AS k (user_id, network, seen_at)
  SELECT user_id, $1::text, $2::timestamptz
  FROM (SELECT $3::uuid AS user_id) u
  WHERE NOT EXISTS ( SELECT 1 FROM known_networks WHERE user_id = u.user_id AND network = $4 AND seen_at > $5 )
  ON CONFLICT ON CONSTRAINT known_networks_pk DO UPDATE
  SET seen_at = GREATEST(k.seen_at, excluded.seen_at);

-- SessionsRepository.deleteEnded
WITH deleted AS (DELETE FROM sessions WHERE id IN ( SELECT id FROM sessions WHERE COALESCE(ended_at, expires_at) <= $1 ORDER BY COALESCE(ended_at, expires_at) LIMIT $2 FOR UPDATE SKIP LOCKED ) RETURNING 1)
  SELECT count(*) AS deleted
  FROM deleted;

-- SessionsRepository.deleteOfUser
DELETE FROM "sessions"
  WHERE "user_id" = $1;

-- SessionsRepository.end
WITH going AS (SELECT id FROM sessions WHERE id = $1 AND ended_at IS NULL ORDER BY id FOR UPDATE)
  UPDATE sessions
  SET ended_at = $2, ended_reason = $3
  WHERE id = ANY (ARRAY (SELECT id FROM going))
  RETURNING id;
WITH going AS (SELECT id FROM sessions WHERE id = $1 AND user_id = $2 AND ended_at IS NULL ORDER BY id FOR UPDATE)
  UPDATE sessions
  SET ended_at = $3, ended_reason = $4
  WHERE id = ANY (ARRAY (SELECT id FROM going))
  RETURNING id;
WITH going AS (SELECT id FROM sessions WHERE user_id = $1 AND ended_at IS NULL ORDER BY id FOR UPDATE)
  UPDATE sessions
  SET ended_at = $2, ended_reason = $3
  WHERE id = ANY (ARRAY (SELECT id FROM going))
  RETURNING id;
WITH going AS (SELECT id FROM sessions WHERE user_id = $1 AND id <> $2 AND ended_at IS NULL ORDER BY id FOR UPDATE)
  UPDATE sessions
  SET ended_at = $3, ended_reason = $4
  WHERE id = ANY (ARRAY (SELECT id FROM going))
  RETURNING id;

-- SessionsRepository.findRoles
SELECT u.roles, s.last_seen_at < $1 AS stale
  FROM sessions s
  JOIN users u ON u.id = s.user_id
  WHERE s.id = $2 AND s.user_id = $3 AND s.ended_at IS NULL AND s.expires_at > $4 AND s.last_seen_at > $5 AND u.disabled_at IS NULL AND u.erased_at IS NULL AND s.user_version >= u.sessions_from_version;

-- SessionsRepository.insert
WITH opened AS ( INSERT INTO sessions (id, user_id, user_version, refresh_hash, rotated_at, user_agent, address, created_at, last_seen_at, expires_at) SELECT $1, u.id, u.version, $2, $3, $4, $5, $6, $7, $8 FROM users u WHERE u.id = $9 AND u.disabled_at IS NULL AND u.erased_at IS NULL AND ($10::text IS NULL OR u.password_hash = $11) FOR SHARE RETURNING user_id, token_key ), surplus AS ( SELECT id FROM sessions WHERE user_id = $12 AND ended_at IS NULL AND EXISTS (SELECT FROM opened) ORDER BY last_seen_at DESC, id DESC OFFSET $13 FOR UPDATE SKIP LOCKED ), ended AS ( UPDATE sessions SET ended_at = $14, ended_reason = $15 WHERE id = ANY (ARRAY (SELECT id FROM surplus)) ), known AS (INSERT INTO known_networks AS k (user_id, network, seen_at) SELECT user_id, $16::text, $17::timestamptz FROM (SELECT user_id FROM opened) u WHERE NOT EXISTS ( SELECT 1 FROM known_networks WHERE user_id = u.user_id AND network = $18 AND seen_at > $19 ) ON CONFLICT ON CONSTRAINT known_networks_pk DO UPDATE SET seen_at = GREATEST(k.seen_at, excluded.seen_at))
  SELECT token_key AS "tokenKey"
  FROM opened;

-- SessionsRepository.isLive
SELECT 1
  FROM sessions s
  JOIN users u ON u.id = s.user_id
  WHERE s.id = $1 AND s.user_id = $2 AND s.ended_at IS NULL AND s.expires_at > $3 AND s.last_seen_at > $4 AND u.disabled_at IS NULL AND u.erased_at IS NULL AND s.user_version >= u.sessions_from_version;

-- SessionsRepository.readPage
SELECT count(*) AS total
  FROM (SELECT FROM sessions s JOIN users u ON u.id = s.user_id WHERE s.user_id = $1 AND s.ended_at IS NULL AND s.expires_at > $2 AND s.last_seen_at > $3 AND u.disabled_at IS NULL AND u.erased_at IS NULL AND s.user_version >= u.sessions_from_version LIMIT $4) counted;
SELECT s.id, s.user_agent AS "userAgent", s.address, s.created_at AS "createdAt", s.last_seen_at AS "lastSeenAt", s.expires_at AS "expiresAt", (s.created_at)::text AS "sortKey"
  FROM sessions s
  JOIN users u ON u.id = s.user_id
  WHERE s.user_id = $1 AND s.ended_at IS NULL AND s.expires_at > $2 AND s.last_seen_at > $3 AND u.disabled_at IS NULL AND u.erased_at IS NULL AND s.user_version >= u.sessions_from_version
  ORDER BY s.created_at DESC, s.id DESC
  LIMIT $4;

-- SessionsRepository.rotate
WITH rotated AS ( UPDATE sessions s SET refresh_hash = $1, rotated_at = $2, last_seen_at = $3, address = $4, user_agent = $5 FROM users u WHERE u.id = s.user_id AND s.id = $6 AND s.refresh_hash = $7 AND s.ended_at IS NULL AND s.expires_at > $8 AND s.last_seen_at > $9 AND u.disabled_at IS NULL AND u.erased_at IS NULL AND s.user_version >= u.sessions_from_version RETURNING s.user_id, s.token_key ), known AS (INSERT INTO known_networks AS k (user_id, network, seen_at) SELECT user_id, $10::text, $11::timestamptz FROM (SELECT user_id FROM rotated) u WHERE NOT EXISTS ( SELECT 1 FROM known_networks WHERE user_id = u.user_id AND network = $12 AND seen_at > $13 ) ON CONFLICT ON CONSTRAINT known_networks_pk DO UPDATE SET seen_at = GREATEST(k.seen_at, excluded.seen_at))
  SELECT user_id AS "userId", token_key AS "tokenKey"
  FROM rotated;

-- What the test does not call by itself:
-- KnownNetworksRepository.isKnown
-- SessionsRepository.findTokens
-- SessionsRepository.touch
