import { Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import { isForeignKeyViolation } from '../common/database/constraints.js';
import { Transactions } from '../common/database/transactions.js';
import { EventsService } from '../common/events/events.service.js';
import { ERASED_DOMAIN, normalizeEmail } from '../common/mail/email-address.js';
import type { Role } from '../common/security/roles.js';
import { Clock } from '../common/time/clock.js';
import { type Account, AccountsRepository } from './accounts.repository.js';
import { UserCreated, UserErased, UserUpdated } from './users.events.js';

export type { Account };

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

/**
 * Users as those who may sign in: their e-mail, password and standing.
 *
 * A transaction that changes an account or its links locks the user's row first, by {@link lock} or by a change of
 * it; links and sessions come after. With one order for all there are no deadlocks.
 */
@Injectable()
export class AccountsService {
  constructor(
    private readonly accounts: AccountsRepository,
    private readonly events: EventsService,
    private readonly transactions: Transactions,
    private readonly clock: Clock,
  ) {}

  async findByEmail(email: string): Promise<Account | undefined> {
    return this.accounts.findByEmail(normalizeEmail(email));
  }

  async findById(id: string): Promise<Account | undefined> {
    return this.accounts.findById(id);
  }

  /** As {@link findByEmail}; the account stays as it is until the open transaction ends. */
  async lockByEmail(email: string): Promise<Account | undefined> {
    return this.accounts.lockByEmail(normalizeEmail(email));
  }

  /**
   * Creates a user; undefined, and nothing created, when the e-mail is taken. A customer's registration that nobody has
   * verified does not take an e-mail: the new user replaces its name, roles and password, and keeps its id.
   * Its links must be revoked. Call it in a unit of work.
   */
  async open({ email, name, roles, passwordHash, verified }: NewUser): Promise<CreatedUser | undefined> {
    const id = uuidv7();
    const now = this.clock.now();
    const user = await this.accounts.insertOrReplace({
      id,
      email: normalizeEmail(email),
      name: name.normalize('NFC'),
      roles,
      passwordHash,
      emailVerifiedAt: verified ? now : null,
    });
    if (!user) return undefined;
    const replaced = user.id !== id;
    this.events.publish(replaced ? UserUpdated : UserCreated, user, user);
    return { id: user.id, email: user.email, replaced };
  }

  /**
   * Replaces the hash of the password that was checked, if it is still the account's and the account may sign in.
   * @returns whether it was replaced.
   */
  async replaceHash(id: string, checked: string, hash: string): Promise<boolean> {
    return this.accounts.replaceHash(id, checked, hash);
  }

  /**
   * Sets the password of somebody who has shown that the e-mail is theirs. Call it in a unit of work.
   * @returns whether there is such an account, and it may sign in.
   */
  async setPassword(id: string, hash: string): Promise<boolean> {
    const user = await this.accounts.setPassword(id, hash, this.clock.now());
    if (user && !user.wasVerified) this.events.publish(UserUpdated, user, user);
    return user !== undefined;
  }

  /** Records that the e-mail is the user's; the first time counts. Call it in a unit of work: the user is locked. */
  async markVerified(id: string): Promise<void> {
    const user = await this.accounts.markVerified(id, this.clock.now());
    if (user) this.events.publish(UserUpdated, user, user);
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
    await this.transactions.run(async () => {
      const pseudonym = { name: ERASED_NAME, domain: ERASED_DOMAIN };
      const erased = await this.accounts.eraseUnverified(moment, pseudonym, this.clock.now());
      if (erased) this.events.publish(UserErased, erased, {});
    });
    return true;
  }

  /** In a transaction: when it throws, the rows that it has locked are free again. */
  private async deleteDue(moment: Date, limit: number): Promise<number> {
    return this.transactions.run(async () => {
      const deleted = await this.accounts.deleteUnverified(moment, limit);
      const announced = deleted.map(({ id, version }) => ({ id, version: version + 1, data: {} }));
      this.events.publishAll(UserErased, announced);
      return deleted.length;
    });
  }
}
