import { beforeEach, describe, expect, it } from '@jest/globals';
import { callerOf, FakeEvents, FakeTransactions, refusalOf, standInFor, TestClock } from '../../test/support/fakes.js';
import { UsersInMemory } from '../../test/support/user-rows.js';
import { Retention, type RetentionRule } from '../common/background/retention.js';
import { Transactions } from '../common/database/transactions.js';
import { NotFound } from '../common/errors/errors.js';
import { EventsService } from '../common/events/events.service.js';
import { IdempotencyKeys } from '../common/http/idempotency/idempotency-keys.js';
import { Pages } from '../common/http/paging/pages.js';
import { type Mail, Mailer } from '../common/mail/mailer.js';
import { type SecurityEvent, SecurityLog } from '../common/security/security-log.js';
import { PhotosService } from '../photos/photos.service.js';
import { AccountsService, type CreatedUser, type NewUser } from './accounts.service.js';
import type { UpdateUserDto } from './dto/user-input.dto.js';
import { LinksService } from './links.service.js';
import { EmailTaken, LastAdmin, UserIsErased, UserUnverified } from './users.errors.js';
import { UsersRepository } from './users.repository.js';
import { UsersService } from './users.service.js';

const root = callerOf('root', 'admin');

describe('UsersService', () => {
  let rows: UsersInMemory;
  let events: FakeEvents;
  let clock: TestClock;
  let links: string[];
  let photos: string[];
  let mails: Mail[];
  let reports: SecurityEvent[];
  let rules: RetentionRule[];
  let deletedBefore: Date[];
  /** What opening an account answers; a new user by default. */
  let open: (user: NewUser) => CreatedUser | undefined;
  let users: UsersService;
  beforeEach(() => {
    rows = new UsersInMemory();
    clock = new TestClock();
    [links, photos, mails, reports, rules, deletedBefore] = [[], [], [], [], [], []];
    open = ({ email, name, roles }) => ({ ...rows.add({ id: 'new', email, name, roles }), replaced: false });
    const transactions = new FakeTransactions();
    events = new FakeEvents(transactions);
    const accounts = standInFor(AccountsService, {
      open: (user) => Promise.resolve(open(user)),
      findByEmail: (email) => {
        const row = [...rows.rows.values()].find((user) => user.email === email);
        return Promise.resolve(row && { ...row, verified: true, disabled: false });
      },
      deleteUnverified: (moment, limit) => {
        deletedBefore.push(moment);
        return Promise.resolve(limit);
      },
    });
    const collect = <T>(into: T[], one: T): Promise<void> => {
      transactions.afterCommit(() => {
        into.push(one);
      });
      return Promise.resolve();
    };
    users = new UsersService(
      standInFor(UsersRepository, rows),
      accounts,
      standInFor(LinksService, {
        send: ({ id }, purpose) => collect(links, `${purpose} to ${id}`),
        revokeAll: (id) => collect(links, `none for ${id}`),
      }),
      standInFor(PhotosService, {
        publish: ({ id }, of) => collect(photos, `${id} of ${of.type} ${of.id}`),
        remove: (ids, of) => collect(photos, `not ${ids.join()} of ${of.type} ${of.id}`),
      }),
      standInFor(EventsService, events),
      standInFor(Transactions, transactions),
      standInFor(Pages, {}),
      standInFor(SecurityLog, {
        report: (event) => {
          void collect(reports, event);
        },
      }),
      standInFor(Mailer, { send: (mail) => collect(mails, mail) }),
      standInFor(Retention, {
        register: (rule) => {
          rules.push(rule);
        },
      }),
      standInFor(IdempotencyKeys, {}),
      clock,
    );
  });

  describe('inviting', () => {
    const invitation = { email: 'new@example.com', name: 'New' };

    it('mails a link to a customer, and logs who did it', async () => {
      expect((await users.invite(invitation, root)).roles).toEqual(['customer']);
      expect(links).toEqual(['invite to new']);
      expect(reports).toEqual([{ event: 'user_created', userId: 'new', by: 'root', roles: ['customer'] }]);
    });

    it('mails and logs nothing for an e-mail that is taken', async () => {
      open = () => undefined;

      expect((await refusalOf(users.invite(invitation, root))).kind).toBe(EmailTaken);
      expect([links, reports]).toEqual([[], []]);
    });

    it('stops the links of the registration that it replaces, before it sends its own', async () => {
      open = ({ email }) => ({ ...rows.add({ id: 'old', email }), replaced: true });
      await users.invite(invitation, root);

      expect(links).toEqual(['none for old', 'invite to old']);
    });
  });

  describe('changing', () => {
    it('announces the new version without the name, which is personal', async () => {
      rows.add({ version: 4 });

      expect(await users.update('ada', { name: 'Ame\u0301lie' }, [4], root)).toMatchObject({
        name: 'Am\u00e9lie',
        version: 5,
      });
      const data = { roles: ['customer'], disabled: false, verified: true };
      expect(events.published).toEqual([{ name: 'user.updated', id: 'ada', version: 5, data }]);
      expect([rows.locks, links]).toEqual([0, []]);
    });

    it('announces nothing when nothing changed', async () => {
      rows.add();

      expect((await users.update('ada', { name: 'ada', roles: ['customer'] }, '*', root)).version).toBe(1);
      expect(events.published).toEqual([]);
    });

    it('disables from now on, stops all links, and does so once', async () => {
      rows.add();
      const since = clock.time;
      await users.update('ada', { disabled: true }, '*', root);
      clock.time = clock.in(60);
      await users.update('ada', { disabled: true }, '*', root);

      expect(rows.rows.get('ada')).toMatchObject({ disabledAt: since, sessionsFromVersion: 2, version: 2 });
      expect(links).toEqual(['none for ada']);
      expect(events.published.map(({ version, data }) => [version, data])).toEqual([
        [2, { roles: ['customer'], disabled: true, verified: true }],
      ]);
    });

    it('ends the sessions that were open when the user was disabled, for good', async () => {
      rows.add({ version: 6 });
      await users.update('ada', { disabled: true }, '*', root);
      await users.update('ada', { disabled: false }, '*', root);

      expect(rows.rows.get('ada')).toMatchObject({ disabledAt: null, sessionsFromVersion: 7, version: 8 });
      await users.update('ada', { disabled: true }, '*', root);
      expect(rows.rows.get('ada')?.sessionsFromVersion).toBe(9);
    });

    it.each([
      ['a registration', { emailVerifiedAt: null }, UserUnverified],
      ['an invitation', { emailVerifiedAt: null, passwordHash: null }, undefined],
      ['a user who has verified the e-mail', {}, undefined],
    ])('gives another role to %s only if the password is not a stranger’s', async (_, state, kind) => {
      rows.add(state);
      const work = users.update('ada', { roles: ['customer', 'staff'] }, '*', root);

      expect(kind && (await refusalOf(work)).kind).toBe(kind);
      if (!kind) await work;
      expect(rows.rows.get('ada')?.roles).toEqual(kind ? ['customer'] : ['customer', 'staff']);
      expect([events.published.length, reports.length]).toEqual(kind ? [0, 0] : [1, 2]);
    });

    it('changes the rest of a registration, and takes roles away from one', async () => {
      rows.add({ emailVerifiedAt: null, roles: ['staff', 'admin'] });
      const change = { name: 'Ada', disabled: true, roles: ['staff'] } satisfies UpdateUserDto;

      expect(await users.update('ada', change, '*', root)).toMatchObject(change);
    });

    it('logs who changed roles, from which and to which', async () => {
      rows.add();
      await users.update('ada', { roles: ['staff'] }, '*', root);

      expect(reports).toEqual([
        { event: 'user_updated', userId: 'ada', by: 'root', members: ['roles'] },
        { event: 'privilege_permissions_changed', userId: 'ada', by: 'root', from: ['customer'], to: ['staff'] },
      ]);
    });

    it('refuses another version than expected, says which there is, and logs nothing', async () => {
      rows.add({ version: 4 });
      const refusals = [
        await refusalOf(users.update('ada', { disabled: true }, [3], root)),
        await refusalOf(users.erase('ada', [3], root)),
      ];

      expect(refusals.map(({ kind, extras }) => [kind.code, extras.version])).toEqual([
        ['precondition-failed', 4],
        ['precondition-failed', 4],
      ]);
      expect(rows.rows.get('ada')).toMatchObject({ disabledAt: null, erasedAt: null });
      expect([events.published, reports, links]).toEqual([[], [], []]);
    });

    it('is missing for who is not there', async () => {
      expect((await refusalOf(users.read('nobody'))).kind).toBe(NotFound);
      expect((await refusalOf(users.update('nobody', {}, '*', root))).kind).toBe(NotFound);
      expect((await refusalOf(users.erase('nobody', '*', root))).kind).toBe(NotFound);
    });

    it('announces nothing when the row cannot be written', async () => {
      rows.add();
      rows.save = () => Promise.reject(new Error('the disk is full'));

      await expect(users.update('ada', { disabled: true }, '*', root)).rejects.toThrow('disk');
      await expect(users.erase('ada', '*', root)).rejects.toThrow('disk');
      expect([events.published, reports, links, mails]).toEqual([[], [], [], []]);
    });
  });

  describe('the last administrator', () => {
    const removals: [string, UpdateUserDto][] = [
      ['disabled', { disabled: true }],
      ['made staff', { roles: ['staff'] }],
    ];

    it.each(removals)('cannot be %s, but the last but one can', async (_, change) => {
      rows.add({ id: 'root', roles: ['admin'] });
      rows.add({ id: 'second', roles: ['admin', 'staff'] });

      await users.update('second', change, '*', root);
      expect((await refusalOf(users.update('root', change, '*', root))).kind).toBe(LastAdmin);
      expect(rows.rows.get('root')).toMatchObject({ roles: ['admin'], disabledAt: null, version: 1 });
      expect(events.published.map(({ id }) => id)).toEqual(['second']);
    });

    it('cannot be erased', async () => {
      rows.add({ id: 'root', roles: ['admin'] });

      expect((await refusalOf(users.erase('root', '*', root))).kind).toBe(LastAdmin);
      expect([rows.rows.get('root')?.erasedAt, events.published, mails]).toEqual([null, [], []]);
    });

    it('is not the one who cannot sign in: that one may go', async () => {
      rows.add({ id: 'root', roles: ['admin'] });
      rows.add({ id: 'invited', roles: ['admin'], passwordHash: null });

      expect((await refusalOf(users.erase('root', '*', root))).kind).toBe(LastAdmin);
      expect((await users.update('invited', { roles: ['staff'] }, '*', root)).roles).toEqual(['staff']);
    });

    it('may have another name or further roles', async () => {
      rows.add({ id: 'root', roles: ['admin'] });
      const change = { name: 'Root', roles: ['admin', 'staff'] } satisfies UpdateUserDto;

      expect(await users.update('root', change, '*', root)).toMatchObject(change);
    });
  });

  describe('erasing', () => {
    it('leaves a pseudonym, announces that, and mails the address that was known to be theirs', async () => {
      rows.add({ roles: ['staff'], version: 4 });
      await users.erase('ada', [4], root);

      expect(rows.rows.get('ada')).toMatchObject({
        name: 'Erased user',
        roles: ['customer'],
        passwordHash: null,
        emailVerifiedAt: null,
        erasedAt: clock.time,
      });
      expect(rows.rows.get('ada')?.email).toMatch(/^erased-ada@/);
      expect(events.published).toEqual([{ name: 'user.erased', id: 'ada', version: 5, data: {} }]);
      expect([links, mails.map(({ to }) => to)]).toEqual([['none for ada'], ['ada@example.com']]);
      expect(reports).toEqual([{ event: 'user_deleted', userId: 'ada', by: 'root' }]);
    });

    it('mails nothing to an address that was never verified', async () => {
      rows.add({ emailVerifiedAt: null });
      await users.erase('ada', '*', root);

      expect(mails).toEqual([]);
      expect(events.published).toHaveLength(1);
    });

    it('takes another pseudonym where somebody has the first one', async () => {
      rows.add();
      await users.erase('ada', '*', root);
      const pseudonym = rows.rows.get('ada')?.email;
      rows.rows.clear();
      rows.add({ id: 'squatter', email: pseudonym });
      rows.add();
      await users.erase('ada', '*', root);

      expect(rows.rows.get('ada')?.email).toMatch(/^erased-[0-9a-f-]{36}@/);
    });

    it('is done once, and nothing of the user can be changed afterwards', async () => {
      rows.add();
      await users.erase('ada', '*', root);
      await users.erase('ada', '*', root);

      expect((await refusalOf(users.update('ada', { name: 'Ada' }, '*', root))).kind).toBe(UserIsErased);
      expect([events.published.length, mails.length, reports.length]).toEqual([1, 1, 1]);
    });
  });

  it('has those deleted whom nobody verified in 30 days', async () => {
    users.onModuleInit();

    expect(await Promise.all(rules.map((rule) => rule.deleteBatch(7)))).toEqual([7]);
    expect(deletedBefore).toEqual([new Date('2026-10-27T12:00:00.000Z')]);
  });
});
