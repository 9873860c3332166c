-- AccountsRepository.deleteUnverified
WITH due AS (SELECT id FROM users WHERE email_verified_at IS NULL AND erased_at IS NULL AND updated_at <= $1 ORDER BY updated_at LIMIT $2 FOR UPDATE SKIP LOCKED), links AS (DELETE FROM one_time_tokens t USING due WHERE t.user_id = due.id), deleted AS (DELETE FROM users u USING due WHERE u.id = due.id RETURNING u.id, u.version)
  SELECT id, version
  FROM deleted;

-- AccountsRepository.findByEmail
SELECT id, email, password_hash AS "passwordHash", email_verified_at IS NOT NULL AS verified, disabled_at IS NOT NULL AS disabled
  FROM users
  WHERE email = $1;

-- AccountsRepository.findById
SELECT id, email, password_hash AS "passwordHash", email_verified_at IS NOT NULL AS verified, disabled_at IS NOT NULL AS disabled
  FROM users
  WHERE id = $1 AND erased_at IS NULL;

-- AccountsRepository.insertOrReplace
INSERT INTO users AS u (id, email, name, roles, password_hash, email_verified_at)
  VALUES ($1, $2, $3, $4, $5, $6)
  ON CONFLICT ON CONSTRAINT users_email_unique DO UPDATE
  SET name = excluded.name, roles = excluded.roles, password_hash = excluded.password_hash, email_verified_at = excluded.email_verified_at
  WHERE u.email_verified_at IS NULL AND u.password_hash IS NOT NULL AND u.roles = '{customer}' AND u.disabled_at IS NULL
  RETURNING u.email, u.id, u.version, u.roles, u.email_verified_at IS NOT NULL AS verified, u.disabled_at IS NOT NULL AS disabled;

-- AccountsRepository.lockByEmail
SELECT id, email, password_hash AS "passwordHash", email_verified_at IS NOT NULL AS verified, disabled_at IS NOT NULL AS disabled
  FROM users
  WHERE email = $1 FOR NO KEY UPDATE;

-- AccountsRepository.markVerified
WITH known AS ( SELECT id, email_verified_at FROM users WHERE id = $1 AND erased_at IS NULL FOR NO KEY UPDATE )
  UPDATE users u
  SET email_verified_at = $2
  FROM known
  WHERE u.id = known.id AND known.email_verified_at IS NULL
  RETURNING u.id, u.version, u.roles, u.email_verified_at IS NOT NULL AS verified, u.disabled_at IS NOT NULL AS disabled;

-- AccountsRepository.replaceHash
UPDATE users
  SET password_hash = $1
  WHERE id = $2 AND password_hash = $3 AND disabled_at IS NULL
  RETURNING id;

-- AccountsRepository.setPassword
WITH known AS ( SELECT id, email_verified_at FROM users WHERE id = $1 AND disabled_at IS NULL AND erased_at IS NULL FOR NO KEY UPDATE )
  UPDATE users u
  SET password_hash = $2, email_verified_at = COALESCE(known.email_verified_at, $3)
  FROM known
  WHERE u.id = known.id
  RETURNING u.id, u.version, u.roles, u.email_verified_at IS NOT NULL AS verified, u.disabled_at IS NOT NULL AS disabled, known.email_verified_at IS NOT NULL AS "wasVerified";

-- LinksRepository.deleteExpired
WITH deleted AS (DELETE FROM one_time_tokens WHERE id IN ( SELECT id FROM one_time_tokens WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2 FOR UPDATE SKIP LOCKED ) RETURNING 1)
  SELECT count(*) AS deleted
  FROM deleted;

-- LinksRepository.deleteOfUser
DELETE FROM "one_time_tokens"
  WHERE "user_id" = $1;

-- LinksRepository.findHolder
SELECT user_id AS "userId"
  FROM one_time_tokens
  WHERE token_hash = $1 AND purpose = ANY ($2) AND used_at IS NULL AND expires_at > $3;

-- LinksRepository.markUsed
UPDATE one_time_tokens
  SET used_at = $1
  WHERE token_hash = $2 AND purpose = ANY ($3) AND used_at IS NULL AND expires_at > $4
  RETURNING id;

-- LinksRepository.upsert
INSERT INTO "one_time_tokens"("id", "created_at", "updated_at", "user_id", "purpose", "token_hash", "expires_at", "used_at")
  VALUES ($1, DEFAULT, DEFAULT, $2, $3, $4, $5, $6)
  ON CONFLICT ( "user_id", "purpose" ) DO UPDATE
  SET "user_id" = EXCLUDED."user_id", "purpose" = EXCLUDED."purpose", "id" = EXCLUDED."id", "token_hash" = EXCLUDED."token_hash", "expires_at" = EXCLUDED."expires_at", "used_at" = EXCLUDED."used_at"
  RETURNING "created_at", "updated_at";

-- UsersRepository.find
SELECT u.id, u.email, u.name, u.roles, u.email_verified_at AS "emailVerifiedAt", u.disabled_at AS "disabledAt", u.erased_at AS "erasedAt", u.version, u.created_at AS "createdAt", u.updated_at AS "updatedAt", (SELECT json_build_object('id', ph.id, 'width', ph.width, 'height', ph.height, 'thumbHash', ph.thumb_hash, 'state', ph.state) FROM photos ph WHERE ph.id = u.photo_id) AS photo
  FROM users u
  WHERE u.id = $1;

-- UsersRepository.findVersion
SELECT version
  FROM users
  WHERE id = $1;

-- UsersRepository.lock
SELECT "User"."id" AS "User_id", "User"."created_at" AS "User_created_at", "User"."updated_at" AS "User_updated_at", "User"."version" AS "User_version", "User"."email" AS "User_email", "User"."name" AS "User_name", "User"."password_hash" AS "User_password_hash", "User"."roles" AS "User_roles", "User"."email_verified_at" AS "User_email_verified_at", "User"."disabled_at" AS "User_disabled_at", "User"."photo_id" AS "User_photo_id", "User"."sessions_from_version" AS "User_sessions_from_version", "User"."erased_at" AS "User_erased_at"
  FROM "users" "User"
  WHERE (("User"."id" = $1))
  LIMIT 1 FOR NO KEY UPDATE;

-- UsersRepository.lockAdmins
SELECT id
  FROM users
  WHERE 'admin' = ANY (roles) AND disabled_at IS NULL AND email_verified_at IS NOT NULL AND password_hash IS NOT NULL
  ORDER BY id FOR NO KEY UPDATE;

-- UsersRepository.readPage
SELECT count(*) AS total
  FROM (SELECT FROM users u WHERE u.erased_at IS NULL LIMIT $1) counted;
SELECT u.id, u.email, u.name, u.roles, u.email_verified_at AS "emailVerifiedAt", u.disabled_at AS "disabledAt", u.erased_at AS "erasedAt", u.version, u.created_at AS "createdAt", u.updated_at AS "updatedAt", (SELECT json_build_object('id', ph.id, 'width', ph.width, 'height', ph.height, 'thumbHash', ph.thumb_hash, 'state', ph.state) FROM photos ph WHERE ph.id = u.photo_id) AS photo, (u.created_at)::text AS "sortKey"
  FROM users u
  WHERE u.erased_at IS NULL
  ORDER BY u.created_at ASC, u.id ASC
  LIMIT 21;
SELECT u.id, u.email, u.name, u.roles, u.email_verified_at AS "emailVerifiedAt", u.disabled_at AS "disabledAt", u.erased_at AS "erasedAt", u.version, u.created_at AS "createdAt", u.updated_at AS "updatedAt", (SELECT json_build_object('id', ph.id, 'width', ph.width, 'height', ph.height, 'thumbHash', ph.thumb_hash, 'state', ph.state) FROM photos ph WHERE ph.id = u.photo_id) AS photo, (u.created_at)::text AS "sortKey"
  FROM users u
  WHERE u.erased_at IS NULL
  ORDER BY u.created_at DESC, u.id DESC
  LIMIT 21;
SELECT u.id, u.email, u.name, u.roles, u.email_verified_at AS "emailVerifiedAt", u.disabled_at AS "disabledAt", u.erased_at AS "erasedAt", u.version, u.created_at AS "createdAt", u.updated_at AS "updatedAt", (SELECT json_build_object('id', ph.id, 'width', ph.width, 'height', ph.height, 'thumbHash', ph.thumb_hash, 'state', ph.state) FROM photos ph WHERE ph.id = u.photo_id) AS photo, (u.email COLLATE "C")::text AS "sortKey"
  FROM users u
  WHERE u.erased_at IS NULL
  ORDER BY u.email COLLATE "C" ASC, u.id ASC
  LIMIT 21;

-- UsersRepository.save
SELECT "User"."id" AS "User_id", "User"."created_at" AS "User_created_at", "User"."updated_at" AS "User_updated_at", "User"."version" AS "User_version", "User"."email" AS "User_email", "User"."name" AS "User_name", "User"."password_hash" AS "User_password_hash", "User"."roles" AS "User_roles", "User"."email_verified_at" AS "User_email_verified_at", "User"."disabled_at" AS "User_disabled_at", "User"."photo_id" AS "User_photo_id", "User"."sessions_from_version" AS "User_sessions_from_version", "User"."erased_at" AS "User_erased_at"
  FROM "users" "User"
  WHERE "User"."id" = $1;
UPDATE "users"
  SET "email" = $1, "name" = $2, "password_hash" = $3, "email_verified_at" = $4, "erased_at" = $5
  WHERE "id" = $6;
UPDATE "users"
  SET "email" = $1, "name" = $2, "password_hash" = $3, "roles" = $4, "email_verified_at" = $5, "erased_at" = $6
  WHERE "id" = $7;
UPDATE "users"
  SET "name" = $1
  WHERE "id" = $2;
UPDATE "users"
  SET "name" = $1, "roles" = $2
  WHERE "id" = $3;
UPDATE "users"
  SET "photo_id" = $1
  WHERE "id" = $2;

-- What the test does not call by itself:
-- AccountsRepository.eraseUnverified
-- UsersRepository.count
-- UsersRepository.lockByEmail
