import { randomUUID } from 'node:crypto';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Retention } from '../common/background/retention.js';
import { Transactions } from '../common/database/transactions.js';
import { type ExpectedVersions, requireVersion } from '../common/database/versions.js';
import { AppError } from '../common/errors/app-error.js';
import { NotFound } from '../common/errors/errors.js';
import { EventsService } from '../common/events/events.service.js';
import { IdempotencyKeys } from '../common/http/idempotency/idempotency-keys.js';
import { mapPage, Pages } from '../common/http/paging/pages.js';
import { ERASED_DOMAIN } from '../common/mail/email-address.js';
import { Mailer } from '../common/mail/mailer.js';
import type { Caller } from '../common/security/caller.js';
import type { Role } from '../common/security/roles.js';
import { SecurityLog } from '../common/security/security-log.js';
import { Clock } from '../common/time/clock.js';
import type { PhotoRow } from '../photos/dto/photo.dto.js';
import { PhotosService } from '../photos/photos.service.js';
import { AccountsService, ERASED_NAME, type NewUser } from './accounts.service.js';
import type { InviteUserDto, UpdateUserDto, UserQuery } from './dto/user-input.dto.js';
import { toUserDto, type UserDto, type UserPage } from './dto/user.dto.js';
import type { User } from './entities/user.entity.js';
import { erasedMail } from './erased-mail.js';
import { LinksService } from './links.service.js';
import { EmailTaken, LastAdmin, UserIsErased, UserUnverified } from './users.errors.js';
import { UserErased, UserUpdated } from './users.events.js';
import { UsersRepository } from './users.repository.js';

/** How long a registration or an invitation may wait for its e-mail to be verified, in seconds. */
const UNVERIFIED_LIFETIME = 30 * 24 * 3600;

/** The people of the shop, as they see themselves and as administrators see them. */
@Injectable()
export class UsersService implements OnModuleInit {
  constructor(
    private readonly users: UsersRepository,
    private readonly accounts: AccountsService,
    private readonly links: LinksService,
    private readonly photos: PhotosService,
    private readonly events: EventsService,
    private readonly transactions: Transactions,
    private readonly pages: Pages,
    private readonly security: SecurityLog,
    private readonly mailer: Mailer,
    private readonly retention: Retention,
    private readonly idempotencyKeys: IdempotencyKeys,
    private readonly clock: Clock,
  ) {}

  onModuleInit(): void {
    this.events.handle('answers about users', [UserErased], ({ aggregateId }) =>
      this.idempotencyKeys.forget([aggregateId]),
    );
    this.retention.register({
      name: 'unverified users',
      deleteBatch: (limit) => this.accounts.deleteUnverified(this.clock.in(-UNVERIFIED_LIFETIME), limit),
    });
  }

  /** Lists users. Erased users are not listed. */
  async list(asked: UserQuery): Promise<UserPage> {
    return mapPage(await this.users.readPage(this.pages.open(asked)), toUserDto);
  }

  /** How many users there ever were. */
  async count(): Promise<number> {
    return this.users.count();
  }

  /** @throws AppError 404. */
  async read(id: string): Promise<UserDto> {
    const row = await this.users.find(id);
    if (!row) throw notFound(id);
    return toUserDto(row);
  }

  /** The version of what {@link read} shows; undefined where that throws. */
  async versionOf(id: string): Promise<number | undefined> {
    return this.users.findVersion(id);
  }

  /** Creates a user who is there at once, without a mail: the demo's, and those that tests stand on. @throws AppError 409. */
  async create(user: NewUser): Promise<UserDto> {
    return this.transactions.run(async () => {
      const created = await this.accounts.open(user);
      if (!created) throw new AppError(EmailTaken, 'There is already a user with this e-mail.');
      if (created.replaced) await this.links.revokeAll(created.id);
      return this.read(created.id);
    });
  }

  /**
   * Creates a user who has no password yet, and mails them a link to choose one. A registration of the e-mail that nobody has
   * verified is replaced. @throws AppError 409.
   */
  async invite({ email, name, roles = ['customer'] }: InviteUserDto, caller: Caller): Promise<UserDto> {
    return this.transactions.run(async () => {
      const user = await this.create({ email, name, roles, passwordHash: null, verified: false });
      await this.links.send(user, 'invite');
      this.security.report({ event: 'user_created', userId: user.id, by: caller.userId, roles });
      return user;
    });
  }

  /**
   * @throws AppError 404; 412 when the user has changed; 409 for the last administrator, for somebody erased, and for another role
   * of somebody who registered and has not verified the e-mail.
   */
  async update(id: string, change: UpdateUserDto, expected: ExpectedVersions, caller: Caller): Promise<UserDto> {
    return this.transactions.run(async () => {
      const admins = (change.roles ?? change.disabled) ? await this.lockAdmins() : [];
      const user = await this.lock(id);
      requireVersion(expected, user.version);
      if (user.erasedAt) throw new AppError(UserIsErased, 'An erased user cannot be changed.');
      if (change.roles) requireKnownOwner(user, change.roles);

      const { roles, disabledAt, version } = user;
      Object.assign(user, columnsOf(change, user, this.clock.now()));
      if (!user.roles.includes('admin') || user.disabledAt) requireAnother(admins, id);

      await this.users.save(user);
      if (user.disabledAt && !disabledAt) await this.links.revokeAll(id);
      this.security.report({ event: 'user_updated', userId: id, by: caller.userId, members: Object.keys(change) });
      if (change.roles) {
        this.security.report({
          event: 'privilege_permissions_changed',
          userId: id,
          by: caller.userId,
          from: roles,
          to: user.roles,
        });
      }
      const updated = await this.read(id);
      if (updated.version !== version) {
        const { disabled, emailVerified: verified } = updated;
        this.events.publish(UserUpdated, updated, { roles: updated.roles, disabled, verified });
      }
      return updated;
    });
  }

  /**
   * Gives a user a photo, or none. The former one is removed.
   * @throws AppError 404.
   */
  async setPhoto(id: string, photo: Pick<PhotoRow, 'id'> | null): Promise<void> {
    await this.transactions.run(async () => {
      const user = await this.lock(id);
      const { photoId: former, version } = user;
      if (former === null && photo === null) return;
      user.photoId = photo?.id ?? null;
      await this.users.save(user);
      const subject = { type: 'user', id } as const;
      if (photo) await this.photos.publish(photo, subject);
      if (former !== null) await this.photos.remove([former], subject);
      const { roles, disabledAt, emailVerifiedAt } = user;
      const data = { roles, disabled: disabledAt !== null, verified: emailVerifiedAt !== null };
      this.events.publish(UserUpdated, { id, version: version + 1 }, data);
    });
  }

  /**
   * Erases a user: name, e-mail and password go for good, and what else is theirs and personal. A pseudonym stays, for their
   * orders to refer to; the e-mail may be registered again.
   * @throws AppError 404; 412 when the user has changed; 409 for the last administrator.
   */
  async erase(id: string, expected: ExpectedVersions, caller: Caller): Promise<void> {
    await this.transactions.run(async () => {
      const admins = await this.lockAdmins();
      const user = await this.lock(id);
      requireVersion(expected, user.version);
      if (user.erasedAt) return;
      requireAnother(admins, id);

      const { email, emailVerifiedAt, photoId, version } = user;
      await this.links.revokeAll(id);
      Object.assign(user, {
        email: await this.pseudonymOf(id),
        name: ERASED_NAME,
        roles: ['customer'],
        passwordHash: null,
        photoId: null,
        emailVerifiedAt: null,
        erasedAt: this.clock.now(),
      });
      await this.users.save(user);
      if (photoId) await this.photos.remove([photoId], { type: 'user', id });
      this.events.publish(UserErased, { id, version: version + 1 }, {});
      if (emailVerifiedAt) await this.mailer.send(erasedMail(email));
      this.security.report({ event: 'user_deleted', userId: id, by: caller.userId });
    });
  }

  /** Nobody may register under the domain; a former version let them. */
  private async pseudonymOf(id: string): Promise<string> {
    const pseudonym = `erased-${id}@${ERASED_DOMAIN}`;
    return (await this.accounts.findByEmail(pseudonym)) ? `erased-${randomUUID()}@${ERASED_DOMAIN}` : pseudonym;
  }

  /**
   * The administrators who can sign in: verified, with a password, not disabled. They stay so until the transaction ends.
   * Every change that could leave the shop without one takes this lock first: so two administrators can't remove each other.
   */
  private async lockAdmins(): Promise<string[]> {
    return this.users.lockAdmins();
  }

  /** Leaves sessions alone, which refer to the user: signing in goes on. */
  private async lock(id: string): Promise<User> {
    const user = await this.users.lock(id);
    if (!user) throw notFound(id);
    return user;
  }
}

const notFound = (id: string): AppError => new AppError(NotFound, `There is no user ${id}.`);

function columnsOf({ name, roles, disabled }: UpdateUserDto, user: User, now: Date): Partial<User> {
  return {
    ...(name !== undefined && { name: name.normalize('NFC') }),
    ...(roles !== undefined && { roles }),
    // the sessions that are open end here, in the version that this change makes
    ...(disabled === true && !user.disabledAt && { disabledAt: now, sessionsFromVersion: user.version + 1 }),
    ...(disabled === false && { disabledAt: null }),
  };
}

/**
 * A registration has a password before anybody has shown that the e-mail is theirs; an invitation has none until then.
 * @throws AppError 409 when a role would be given to somebody whose password may be a stranger's.
 */
function requireKnownOwner({ emailVerifiedAt, passwordHash, roles: present }: User, roles: readonly Role[]): void {
  const isGranted = roles.some((role) => role !== 'customer' && !present.includes(role));
  if (isGranted && !emailVerifiedAt && passwordHash !== null) {
    throw new AppError(
      UserUnverified,
      'The user registered, and has not verified the e-mail. Invite them with POST /users.',
    );
  }
}

/** @throws AppError 409 when no other administrator can sign in. */
function requireAnother(admins: readonly string[], id: string): void {
  if (admins.length === 1 && admins[0] === id) {
    throw new AppError(
      LastAdmin,
      'No other administrator can sign in: make somebody else one first, who has a password.',
    );
  }
}
