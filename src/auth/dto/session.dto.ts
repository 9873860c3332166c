import { IsUUID, MaxLength } from 'class-validator';
import { PageOf, PageQuery } from '../../common/http/paging/page.dto.js';
import { IsDateTime } from '../../common/time/date-time.js';

/** The list of one's sessions, the latest first. */
export class SessionQuery extends PageQuery {}

/** Where somebody is signed in. */
export class SessionDto {
  /** @example 0198f3c2-7d0e-7a51-9b1e-3f1f6c2b8a10 */
  @IsUUID()
  id: string;

  /**
   * What the device says it is.
   * @example "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"
   */
  @MaxLength(200)
  device: string | null;

  /**
   * The network address it was refreshed from last.
   * @example "203.0.113.7"
   */
  @MaxLength(100)
  address: string;

  /** Whether it is the session that asks. */
  current: boolean;

  /** @example 2026-11-20T09:30:00.000Z */
  @IsDateTime()
  createdAt: string;

  /**
   * To the minute.
   * @example 2026-11-20T09:30:00.000Z
   */
  @IsDateTime()
  lastSeenAt: string;

  /**
   * When it ends, however much it is used; unused, it ends after 14 days.
   * @example 2026-12-20T09:30:00.000Z
   */
  @IsDateTime()
  expiresAt: string;
}

/** A page of sessions. */
export class SessionPage extends PageOf(SessionDto) {}

/** A session as its query gives it. */
export interface SessionRow {
  id: string;
  userAgent: string | null;
  address: string;
  createdAt: Date;
  lastSeenAt: Date;
  expiresAt: Date;
}

export const toSessionDto = (row: SessionRow, currentId: string): SessionDto => ({
  id: row.id,
  device: row.userAgent,
  address: row.address,
  current: row.id === currentId,
  createdAt: row.createdAt.toISOString(),
  lastSeenAt: row.lastSeenAt.toISOString(),
  expiresAt: row.expiresAt.toISOString(),
});
