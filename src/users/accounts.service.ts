import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import sql, { type Sql } from 'sql-template-tag';
import { IsNull, Repository } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import { lookUp, run } from '../common/database/statements.js';
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

/** A user to be made. */
export interface NewUser {
  email: string;
  name: string;
  roles: Role[];
  /** Null when there is none yet: the user comes in by a link. */
  passwordHash: string | null;
  /** Whether the e-mail is known to be theirs. */
  verified: boolean;
}

/** The one form that an e-mail is kept and looked for in: NFC, lower case. */
export const normalizeEmail = (email: string): string => email.toLowerCase().normalize('NFC');

/** Users as those who may sign in: their e-mail, password and standing. */
@Injectable()
export class AccountsService {
  constructor(
    @InjectRepository(User) private readonly users: Repository<User>,
    private readonly clock: Clock,
  ) {}

  async findByEmail(email: string): Promise<Account | undefined> {
    return this.find(sql`email = ${normalizeEmail(email)}`);
  }

  async findById(id: string): Promise<Account | undefined> {
    return this.find(sql`id = ${id} AND erased_at IS NULL`);
  }

  /** Makes a user; undefined, and nothing made, when the e-mail is taken. */
  async open({
    email,
    name,
    roles,
    passwordHash,
    verified,
  }: NewUser): Promise<{ id: string; email: string } | undefined> {
    const [made] = await run<{ id: string; email: string }>(
      this.users.manager,
      sql`INSERT INTO users (id, email, name, roles, password_hash, email_verified_at)
          VALUES (${uuidv7()}, ${normalizeEmail(email)}, ${name.normalize('NFC')}, ${roles}, ${passwordHash},
                  ${verified ? this.clock.now() : null})
          ON CONFLICT ON CONSTRAINT users_email_unique DO NOTHING RETURNING id, email`,
    );
    return made;
  }

  /** Puts a stronger hash of the same password in the place of `weaker`, unless the password has changed meanwhile. */
  async renewHash(id: string, weaker: string, stronger: string): Promise<void> {
    await run(
      this.users.manager,
      sql`UPDATE users SET password_hash = ${stronger} WHERE id = ${id} AND password_hash = ${weaker}`,
    );
  }

  async setPassword(id: string, passwordHash: string): Promise<void> {
    await run(
      this.users.manager,
      sql`UPDATE users SET password_hash = ${passwordHash} WHERE id = ${id} AND erased_at IS NULL`,
    );
  }

  /** Notes that the e-mail is the user's; the first time counts. */
  async markVerified(id: string): Promise<void> {
    await this.users.update(
      { id, emailVerifiedAt: IsNull(), erasedAt: IsNull() },
      { emailVerifiedAt: this.clock.now() },
    );
  }

  private async find(which: Sql): Promise<Account | undefined> {
    const [account] = await lookUp<Account>(
      this.users.manager,
      sql`SELECT id, email, password_hash AS "passwordHash", email_verified_at IS NOT NULL AS verified,
            disabled_at IS NOT NULL AS disabled
          FROM users WHERE ${which}`,
    );
    return account;
  }
}
