import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import sql, { raw } from 'sql-template-tag';
import { Repository } from 'typeorm';
import type { SortKey } from '../common/database/keyset.js';
import { declareLock } from '../common/database/locks.js';
import { queryShared, run } from '../common/database/statements.js';
import { type AskedList, type Page, Pages } from '../common/http/paging/pages.js';
import type { UserQuery, UserSort } from './dto/user-input.dto.js';
import type { UserRow } from './dto/user.dto.js';
import { User } from './entities/user.entity.js';

const COLUMNS = raw(`
  u.id, u.email, u.name, u.roles, u.email_verified_at AS "emailVerifiedAt", u.disabled_at AS "disabledAt",
  u.erased_at AS "erasedAt", u.version, u.created_at AS "createdAt", u.updated_at AS "updatedAt",
  (SELECT json_build_object('id', ph.id, 'width', ph.width, 'height', ph.height, 'thumbHash', ph.thumb_hash, 'state', ph.state)
   FROM photos ph WHERE ph.id = u.photo_id) AS photo`);

const SORTS: Readonly<Record<UserSort, SortKey>> = {
  createdAt: { expression: raw('u.created_at'), type: 'timestamptz', descending: false },
  '-createdAt': { expression: raw('u.created_at'), type: 'timestamptz', descending: true },
  email: { expression: raw('u.email COLLATE "C"'), type: 'text', descending: false },
};

/** The rows of users, and all SQL about them; that about signing in is in `AccountsRepository`. */
@Injectable()
export class UsersRepository {
  constructor(
    @InjectRepository(User) private readonly rows: Repository<User>,
    private readonly pages: Pages,
  ) {}

  /** One page of a list of users who are not erased. */
  async readPage(list: AskedList<UserQuery>): Promise<Page<UserRow>> {
    const { q, role, sort = '-createdAt' } = list.query;
    const like = `%${(q ?? '').replace(/[\\%_]/g, '\\$&')}%`;
    return this.pages.read<UserRow>(this.rows.manager, list, {
      columns: COLUMNS,
      from: raw('users u'),
      where: [
        sql`u.erased_at IS NULL`,
        ...(q === undefined ? [] : [sql`(u.name ILIKE ${like} OR u.email ILIKE ${like})`]),
        ...(role === undefined ? [] : [sql`${role} = ANY (u.roles)`]),
      ],
      id: raw('u.id'),
      sort: SORTS[sort],
    });
  }

  /** Counts all users, the erased ones also. */
  async count(): Promise<number> {
    return this.rows.count();
  }

  async find(id: string): Promise<UserRow | undefined> {
    const [row] = await queryShared<UserRow>(this.rows.manager, sql`SELECT ${COLUMNS} FROM users u WHERE u.id = ${id}`);
    return row;
  }

  async findVersion(id: string): Promise<number | undefined> {
    const [row] = await queryShared<{ version: number }>(
      this.rows.manager,
      sql`SELECT version FROM users WHERE id = ${id}`,
    );
    return row?.version;
  }

  /** Locks a row until the end of the transaction, but not for sessions, which refer to it: signing in goes on. */
  async lock(id: string): Promise<User | null> {
    declareLock('user');
    return this.rows.findOne({ where: { id }, lock: { mode: 'for_no_key_update' } });
  }

  /** As {@link lock}, for an e-mail that is known to be taken. @throws EntityNotFoundError when it is not. */
  async lockByEmail(email: string): Promise<User> {
    declareLock('user');
    return this.rows.findOneOrFail({ where: { email }, lock: { mode: 'for_no_key_update' } });
  }

  /** Locks the administrators who can sign in: verified, with a password, not disabled. @returns their ids. */
  async lockAdmins(): Promise<string[]> {
    declareLock('administrators');
    const admins = await run<{ id: string }>(
      this.rows.manager,
      sql`SELECT id FROM users WHERE 'admin' = ANY (roles) AND disabled_at IS NULL AND email_verified_at IS NOT NULL
            AND password_hash IS NOT NULL
          ORDER BY id FOR NO KEY UPDATE`,
    );
    return admins.map(({ id }) => id);
  }

  /** Writes what has changed of a row that was locked. */
  async save(user: User): Promise<void> {
    await this.rows.save(user);
  }
}
