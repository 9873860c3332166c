import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import sql, { raw, type Sql } from 'sql-template-tag';
import { Repository } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import { isForeignKeyViolation } from '../common/database/constraints.js';
import { queryShared, run } from '../common/database/statements.js';
import { Transactions } from '../common/database/transactions.js';
import { ERASED_DOMAIN, normalizeEmail } from '../common/mail/email-address.js';
import type { Role } from '../common/security/roles.js';
import { Clock } from '../common/time/clock.js';
import { User } from './entities/user.entity.js';

/** What signing in has to know of a user. */
export interface Account {
  id: string;
  email: string;
  passwordHash: string | null;
  verified: boolean;
  disabled: boolean;
}

/** A user to be created. */
export interface NewUser {
  email: string;
  name: string;
  roles: Role[];
  /** Null when there is none yet: the user comes in by a link. */
  passwordHash: string | null;
  /** Whether the e-mail is known to be theirs. */
  verified: boolean;
}

/** A user that was created. */
export interface CreatedUser {
  id: string;
  email: string;
  /** Whether it took the place of a registration that nobody had verified. */
  replaced: boolean;
}

/** What stands for the name of a user who was erased. */
export const ERASED_NAME = 'Erased user';

const ACCOUNT = raw(`id, email, password_hash AS "passwordHash", email_verified_at IS NOT NULL AS verified,
  disabled_at IS NOT NULL AS disabled`);

/**
 * Users as those who may sign in: their e-mail, password and standing.
 *
 * A transaction that changes an account or its links locks the user's row first, by {@link lock} or by a change of
 * it; links and sessions come after. With one order for all there are no deadlocks.
 */
@Injectable()
export class AccountsService {
  constructor(
    @InjectRepository(User) private readonly users: Repository<User>,
    private readonly transactions: Transactions,
    private readonly clock: Clock,
  ) {}

  async findByEmail(email: string): Promise<Account | undefined> {
    return this.find(sql`email = ${normalizeEmail(email)}`);
  }

  async findById(id: string): Promise<Account | undefined> {
    return this.find(sql`id = ${id} AND erased_at IS NULL`);
  }

  /** As {@link findByEmail}; the account stays as it is until the open transaction ends. */
  async lockByEmail(email: string): Promise<Account | undefined> {
    return this.find(sql`email = ${normalizeEmail(email)} FOR NO KEY UPDATE`);
  }

  /**
   * Creates a user; undefined, and nothing created, when the e-mail is taken. A customer's registration that nobody has
   * verified does not take an e-mail: the new user replaces its name, roles and password, and keeps its id.
   * Its links must be revoked.
   */
  async open({ email, name, roles, passwordHash, verified }: NewUser): Promise<CreatedUser | undefined> {
    const id = uuidv7();
    const [user] = await run<{ id: string; email: string }>(
      this.users.manager,
      sql`INSERT INTO users AS u (id, email, name, roles, password_hash, email_verified_at)
          VALUES (${id}, ${normalizeEmail(email)}, ${name.normalize('NFC')}, ${roles}, ${passwordHash},
                  ${verified ? this.clock.now() : null})
          ON CONFLICT ON CONSTRAINT users_email_unique DO UPDATE SET name = excluded.name, roles = excluded.roles,
            password_hash = excluded.password_hash, email_verified_at = excluded.email_verified_at,
            version = u.version + 1, updated_at = ${this.clock.now()}
          WHERE u.email_verified_at IS NULL AND u.password_hash IS NOT NULL AND u.roles = '{customer}'
            AND u.disabled_at IS NULL
          RETURNING id, email`,
    );
    return user && { ...user, replaced: user.id !== id };
  }

  /**
   * Replaces the hash of the password that was checked, if it is still the account's and the account may sign in.
   * @returns whether it was replaced.
   */
  async replaceHash(id: string, checked: string, hash: string): Promise<boolean> {
    const replaced = await run(
      this.users.manager,
      sql`UPDATE users SET password_hash = ${hash}
          WHERE id = ${id} AND password_hash = ${checked} AND disabled_at IS NULL RETURNING id`,
    );
    return replaced.length > 0;
  }

  /**
   * Sets the password of somebody who has shown that the e-mail is theirs.
   * @returns whether there is such an account, and it may sign in.
   */
  async setPassword(id: string, hash: string): Promise<boolean> {
    const set = await run(
      this.users.manager,
      sql`UPDATE users SET password_hash = ${hash}, ${this.verified()}
          WHERE id = ${id} AND disabled_at IS NULL AND erased_at IS NULL RETURNING id`,
    );
    return set.length > 0;
  }

  /** Records that the e-mail is the user's; the first time counts. */
  async markVerified(id: string): Promise<void> {
    await run(this.users.manager, sql`UPDATE users SET ${this.verified()} WHERE id = ${id} AND erased_at IS NULL`);
  }

  /**
   * Deletes users whom nobody has verified, and who have not changed since `moment`, with their links. One whom a row of
   * another table refers to is erased instead. @returns how many.
   */
  async deleteUnverified(moment: Date, limit: number): Promise<number> {
    try {
      return await this.deleteDue(moment, limit);
    } catch (error) {
      if (!isForeignKeyViolation(error)) throw error;
    }
    let deleted = 0;
    for (let more = true; more && deleted < limit; deleted += Number(more)) more = await this.deleteOrErase(moment);
    return deleted;
  }

  /** For the first user who is due. @returns whether there is one. */
  private async deleteOrErase(moment: Date): Promise<boolean> {
    try {
      return (await this.deleteDue(moment, 1)) > 0;
    } catch (error) {
      if (!isForeignKeyViolation(error)) throw error;
    }
    await run(
      this.users.manager,
      sql`WITH due AS (${due(moment, 1)}),
          links AS (DELETE FROM one_time_tokens t USING due WHERE t.user_id = due.id)
          UPDATE users u SET email = ${'erased-'} || u.id || ${`@${ERASED_DOMAIN}`}, name = ${ERASED_NAME},
            roles = ${['customer']}, password_hash = NULL, version = u.version + 1,
            erased_at = ${this.clock.now()}, updated_at = ${this.clock.now()}
          FROM due WHERE u.id = due.id`,
    );
    return true;
  }

  /** In a transaction: when it throws, the rows that it has locked are free again. */
  private async deleteDue(moment: Date, limit: number): Promise<number> {
    const [row] = await this.transactions.run(() =>
      run<{ deleted: number }>(
        this.users.manager,
        sql`WITH due AS (${due(moment, limit)}),
            links AS (DELETE FROM one_time_tokens t USING due WHERE t.user_id = due.id),
            deleted AS (DELETE FROM users u USING due WHERE u.id = due.id RETURNING 1)
            SELECT count(*) AS deleted FROM deleted`,
      ),
    );
    return row?.deleted ?? 0;
  }

  private verified(): Sql {
    const now = this.clock.now();
    return sql`email_verified_at = COALESCE(email_verified_at, ${now}),
      version = version + (email_verified_at IS NULL)::integer,
      updated_at = CASE WHEN email_verified_at IS NULL THEN ${now} ELSE updated_at END`;
  }

  private async find(which: Sql): Promise<Account | undefined> {
    const [account] = await queryShared<Account>(this.users.manager, sql`SELECT ${ACCOUNT} FROM users WHERE ${which}`);
    return account;
  }
}

/** Users whom nobody has verified, the oldest first; those that another process deletes are left to it. */
const due = (moment: Date, limit: number): Sql =>
  sql`SELECT id FROM users WHERE email_verified_at IS NULL AND erased_at IS NULL AND updated_at <= ${moment}
      ORDER BY updated_at LIMIT ${limit} FOR UPDATE SKIP LOCKED`;
