import type { User } from '../../src/users/entities/user.entity.js';
import type { UsersRepository } from '../../src/users/users.repository.js';
import { updateRow } from './fakes.js';

/** All columns of a user. */
type UserRow = Pick<User, keyof User> & { photo: null };

/** Users without a database. One who is not locked is not changed. */
export class UsersInMemory implements Pick<UsersRepository, 'find' | 'lock' | 'lockAdmins' | 'save'> {
  readonly rows = new Map<string, UserRow>();
  private readonly locked = new Set<string>();
  /** How often the administrators were locked. */
  locks = 0;

  add(user: Partial<UserRow> = {}): UserRow {
    const { id = 'ada' } = user;
    const added: UserRow = {
      id,
      email: `${id}@example.com`,
      name: id,
      passwordHash: 'a hash',
      roles: ['customer'],
      emailVerifiedAt: new Date(0),
      disabledAt: null,
      photoId: null,
      photo: null,
      sessionsFromVersion: 0,
      erasedAt: null,
      version: 1,
      createdAt: new Date(0),
      updatedAt: new Date(0),
      ...user,
    };
    this.rows.set(id, added);
    return added;
  }

  find(id: string): Promise<UserRow | undefined> {
    return Promise.resolve(this.rows.get(id));
  }

  lock(id: string): Promise<UserRow | null> {
    this.locked.add(id);
    const row = this.rows.get(id);
    return Promise.resolve(row ? { ...row } : null);
  }

  lockAdmins(): Promise<string[]> {
    this.locks++;
    const admins = [...this.rows.values()].filter(
      ({ roles, disabledAt, emailVerifiedAt, passwordHash }) =>
        roles.includes('admin') && !disabledAt && emailVerifiedAt && passwordHash,
    );
    return Promise.resolve(admins.map(({ id }) => id));
  }

  save(user: Omit<UserRow, 'photo'>): Promise<void> {
    const row = this.locked.has(user.id) && this.rows.get(user.id);
    if (row) this.rows.set(user.id, updateRow(row, user));
    return Promise.resolve();
  }
}
