import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import sql, { raw, type Sql } from 'sql-template-tag';
import { Repository } from 'typeorm';
import { declareLock } from '../common/database/locks.js';
import { queryShared, run } from '../common/database/statements.js';
import { User } from './entities/user.entity.js';

/** What signing in has to know of a user. */
export interface Account {
  id: string;
  email: string;
  passwordHash: string | null;
  verified: boolean;
  disabled: boolean;
}

/** What events say of a user. */
export type UserFacts = Pick<User, 'id' | 'version' | 'roles'> & { verified: boolean; disabled: boolean };

/** The row of a user who is created. */
type NewAccount = Pick<User, 'id' | 'email' | 'name' | 'roles' | 'passwordHash' | 'emailVerifiedAt'>;

/** What is left of an erased user. */
interface Pseudonym {
  name: string;
  /** The domain of the e-mail: `erased-<id>@<domain>`. */
  domain: string;
}

const ACCOUNT = raw(`id, email, password_hash AS "passwordHash", email_verified_at IS NOT NULL AS verified,
  disabled_at IS NOT NULL AS disabled`);

/** The columns of {@link UserFacts}, of `users u`. */
const FACTS = raw(`u.id, u.version, u.roles, u.email_verified_at IS NOT NULL AS verified,
  u.disabled_at IS NOT NULL AS disabled`);

/** The rows of users as those who may sign in, and all SQL about that. E-mails are in the form of `normalizeEmail`. */
@Injectable()
export class AccountsRepository {
  constructor(@InjectRepository(User) private readonly rows: Repository<User>) {}

  async findByEmail(email: string): Promise<Account | undefined> {
    const [account] = await queryShared<Account>(
      this.rows.manager,
      sql`SELECT ${ACCOUNT} FROM users WHERE email = ${email}`,
    );
    return account;
  }

  /** Not for a user who is erased. */
  async findById(id: string): Promise<Account | undefined> {
    const [account] = await queryShared<Account>(
      this.rows.manager,
      sql`SELECT ${ACCOUNT} FROM users WHERE id = ${id} AND erased_at IS NULL`,
    );
    return account;
  }

  /** Locks a row until the end of the transaction, but not for sessions, which refer to it. */
  async lockByEmail(email: string): Promise<Account | undefined> {
    declareLock('user');
    const [account] = await run<Account>(
      this.rows.manager,
      sql`SELECT ${ACCOUNT} FROM users WHERE email = ${email} FOR NO KEY UPDATE`,
    );
    return account;
  }

  /**
   * Inserts a user. A customer's registration that nobody has verified does not take an e-mail: its row is given the name,
   * roles and password, and keeps its id. @returns undefined when the e-mail is taken.
   */
  async insertOrReplace({
    id,
    email,
    name,
    roles,
    passwordHash,
    emailVerifiedAt,
  }: NewAccount): Promise<(UserFacts & Pick<User, 'email'>) | undefined> {
    const [user] = await run<UserFacts & Pick<User, 'email'>>(
      this.rows.manager,
      sql`INSERT INTO users AS u (id, email, name, roles, password_hash, email_verified_at)
          VALUES (${id}, ${email}, ${name}, ${roles}, ${passwordHash}, ${emailVerifiedAt})
          ON CONFLICT ON CONSTRAINT users_email_unique DO UPDATE SET name = excluded.name, roles = excluded.roles,
            password_hash = excluded.password_hash, email_verified_at = excluded.email_verified_at
          WHERE u.email_verified_at IS NULL AND u.password_hash IS NOT NULL AND u.roles = '{customer}'
            AND u.disabled_at IS NULL
          RETURNING u.email, ${FACTS}`,
    );
    return user;
  }

  /**
   * Replaces the hash `checked` by another, unless the user is disabled.
   * @returns whether it was replaced: not when the user has another one.
   */
  async replaceHash(id: string, checked: string, hash: string): Promise<boolean> {
    const replaced = await run(
      this.rows.manager,
      sql`UPDATE users SET password_hash = ${hash}
          WHERE id = ${id} AND password_hash = ${checked} AND disabled_at IS NULL RETURNING id`,
    );
    return replaced.length > 0;
  }

  /**
   * Sets a password and marks the e-mail as verified; the first time counts.
   * @returns the user, and whether the e-mail was verified before; undefined when there is none who is not disabled and not erased.
   */
  async setPassword(id: string, hash: string, now: Date): Promise<(UserFacts & { wasVerified: boolean }) | undefined> {
    declareLock('user');
    const [user] = await run<UserFacts & { wasVerified: boolean }>(
      this.rows.manager,
      sql`WITH known AS (
            SELECT id, email_verified_at FROM users
            WHERE id = ${id} AND disabled_at IS NULL AND erased_at IS NULL FOR NO KEY UPDATE
          )
          UPDATE users u SET password_hash = ${hash}, email_verified_at = COALESCE(known.email_verified_at, ${now})
          FROM known WHERE u.id = known.id RETURNING ${FACTS}, known.email_verified_at IS NOT NULL AS "wasVerified"`,
    );
    return user;
  }

  /** Locks the user, and marks the e-mail as verified. @returns the user; undefined when it is verified already. */
  async markVerified(id: string, now: Date): Promise<UserFacts | undefined> {
    declareLock('user');
    const [user] = await run<UserFacts>(
      this.rows.manager,
      sql`WITH known AS (
            SELECT id, email_verified_at FROM users WHERE id = ${id} AND erased_at IS NULL FOR NO KEY UPDATE
          )
          UPDATE users u SET email_verified_at = ${now} FROM known
          WHERE u.id = known.id AND known.email_verified_at IS NULL RETURNING ${FACTS}`,
    );
    return user;
  }

  /**
   * Deletes unverified users who have not changed since `before`, with their links.
   * @returns who they were. @throws QueryFailedError for a row that another table refers to: see `isForeignKeyViolation`.
   */
  async deleteUnverified(before: Date, limit: number): Promise<Pick<User, 'id' | 'version'>[]> {
    return run(
      this.rows.manager,
      sql`WITH due AS (${selectUnverified(before, limit)}),
          links AS (DELETE FROM one_time_tokens t USING due WHERE t.user_id = due.id),
          deleted AS (DELETE FROM users u USING due WHERE u.id = due.id RETURNING u.id, u.version)
          SELECT id, version FROM deleted`,
    );
  }

  /**
   * Erases the first of the users that {@link deleteUnverified} deletes, and deletes their links.
   * @returns who that was; undefined when there is none.
   */
  async eraseUnverified(
    before: Date,
    { name, domain }: Pseudonym,
    now: Date,
  ): Promise<Pick<User, 'id' | 'version'> | undefined> {
    const [user] = await run<Pick<User, 'id' | 'version'>>(
      this.rows.manager,
      sql`WITH due AS (${selectUnverified(before, 1)}),
          links AS (DELETE FROM one_time_tokens t USING due WHERE t.user_id = due.id)
          UPDATE users u SET email = ${'erased-'} || u.id || ${`@${domain}`}, name = ${name},
            roles = ${['customer']}, password_hash = NULL, erased_at = ${now}
          FROM due WHERE u.id = due.id RETURNING u.id, u.version`,
    );
    return user;
  }
}

/** Users whom nobody has verified, the oldest first; those that another process deletes are left to it. */
const selectUnverified = (before: Date, limit: number): Sql =>
  sql`SELECT id FROM users WHERE email_verified_at IS NULL AND erased_at IS NULL AND updated_at <= ${before}
      ORDER BY updated_at LIMIT ${limit} FOR UPDATE SKIP LOCKED`;
