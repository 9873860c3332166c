import { Injectable } from '@nestjs/common';
import { Config } from '../common/config/config.js';
import { Transactions } from '../common/database/transactions.js';
import { EventsService } from '../common/events/events.service.js';
import { normalizeEmail } from '../common/mail/email-address.js';
import type { Mail } from '../common/mail/mailer.js';
import { SecurityLog } from '../common/security/security-log.js';
import { AccountsService } from './accounts.service.js';
import { linkMail, linkOf } from './link-mail.js';
import { LinksService } from './links.service.js';
import { UserUpdated } from './users.events.js';
import { UsersRepository } from './users.repository.js';

/** What was done to make somebody an administrator. */
export type AdminInvitation =
  /** They choose a password by this link: mail it, or hand it over. */
  | { outcome: 'invited'; mail: Mail; instructions: string }
  /** They have a password already, and are an administrator from their next request on. */
  | { outcome: 'granted' }
  /** They were an administrator who can sign in before. */
  | { outcome: 'unchanged' }
  /** They may not sign in; nothing was done. */
  | { outcome: 'disabled' };

/** The actor of a security event that was caused by a command on the server. */
const BY = 'command line';

/** Makes administrators, for somebody who can run commands on the server: the first one above all. */
@Injectable()
export class AdminInvitationsService {
  constructor(
    private readonly users: UsersRepository,
    private readonly accounts: AccountsService,
    private readonly links: LinksService,
    private readonly events: EventsService,
    private readonly transactions: Transactions,
    private readonly security: SecurityLog,
    private readonly config: Config,
  ) {}

  /** Sees that the owner of the e-mail is an administrator who can sign in, or gets a link for it. Nothing is mailed. */
  async invite(email: string, name: string): Promise<AdminInvitation> {
    return this.transactions.run(async () => {
      const created = await this.accounts.open({ email, name, roles: ['admin'], passwordHash: null, verified: false });
      if (created) {
        this.security.report({ event: 'user_created', userId: created.id, by: BY, roles: ['admin'] });
        return this.issueLink(created);
      }
      const user = await this.users.lockByEmail(normalizeEmail(email));
      if (user.disabledAt) return { outcome: 'disabled' };

      const canSignIn = user.emailVerifiedAt !== null && user.passwordHash !== null;
      const { roles, version } = user;
      if (!roles.includes('admin')) {
        user.roles = [...roles, 'admin'];
        const event = { userId: user.id, by: BY, from: roles, to: user.roles };
        this.security.report({ event: 'privilege_permissions_changed', ...event });
      }
      // a password that came before the e-mail was verified may be a stranger's
      if (!canSignIn) user.passwordHash = null;
      await this.users.save(user);
      if (user.roles !== roles) {
        const facts = { roles: user.roles, disabled: false, verified: user.emailVerifiedAt !== null };
        this.events.publish(UserUpdated, { id: user.id, version: version + 1 }, facts);
      }
      if (!canSignIn) return this.issueLink(user);
      return { outcome: roles.includes('admin') ? 'unchanged' : 'granted' };
    });
  }

  private async issueLink({ id, email }: { id: string; email: string }): Promise<AdminInvitation> {
    await this.links.revokeAll(id);
    const token = await this.links.issue(id, 'invite');
    return {
      outcome: 'invited',
      mail: linkMail({ to: email, occasion: 'invite', token, pages: this.config }),
      instructions: linkOf(this.config, 'reset-password', token, '7 days'),
    };
  }
}
