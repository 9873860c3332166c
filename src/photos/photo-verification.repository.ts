import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import sql from 'sql-template-tag';
import { Repository } from 'typeorm';
import { NIL } from 'uuid';
import { declareLock } from '../common/database/locks.js';
import { run } from '../common/database/statements.js';
import { PhotoFile } from './entities/photo-file.entity.js';
import type { FileRow } from './photos.repository.js';

/** Of what is compared, what comes first: the files that rows name, or the rows that files need. */
type Pass = 'rows' | 'files';

/** Where a comparison goes on: in which pass, and behind which row or file. */
export interface Position {
  readonly pass: Pass;
  readonly after: string | null;
}

/** A photo that has lost a file. */
export interface LosingPhoto {
  readonly photoId: string;
  readonly fileId: string;
  /** Whether the others are made of the file. */
  readonly isSource: boolean;
}

/** Reads what the files of photos are compared with, and repairs it. */
@Injectable()
export class PhotoVerificationRepository {
  constructor(@InjectRepository(PhotoFile) private readonly rows: Repository<PhotoFile>) {}

  /** The files that are to be stored, behind one in the order of ids: `limit` of them, or the last ones. */
  async readBatch(after: string | null, limit: number): Promise<FileRow[]> {
    return run(
      this.rows.manager,
      sql`SELECT id, sha256, media_type AS "mediaType", size FROM photo_files
          WHERE id > ${after ?? NIL} AND state = 'ready' ORDER BY id LIMIT ${limit}`,
    );
  }

  /** Which of some ids files have, in any state. */
  async findIds(ids: readonly string[]): Promise<string[]> {
    const rows = await run<{ id: string }>(this.rows.manager, sql`SELECT id FROM photo_files WHERE id = ANY (${ids})`);
    return rows.map(({ id }) => id);
  }

  /**
   * Takes files that are lost from their photos, and has what is left of them be removed. A photo without what the others are made of is
   * unavailable from then on; of any other one they are to be made again.
   */
  async takeAway(fileIds: readonly string[]): Promise<LosingPhoto[]> {
    declareLock('photo');
    await run(
      this.rows.manager,
      sql`SELECT p.id FROM photos p WHERE p.id IN (SELECT photo_id FROM photo_variants WHERE file_id = ANY (${fileIds}))
          ORDER BY p.id FOR UPDATE`,
    );
    declareLock('photo file');
    await run(
      this.rows.manager,
      sql`SELECT id FROM photo_files WHERE id = ANY (${fileIds}) ORDER BY sha256 FOR UPDATE`,
    );
    const photos = await run<LosingPhoto>(
      this.rows.manager,
      sql`WITH lost AS (
            DELETE FROM photo_variants v USING photos p
            WHERE v.file_id = ANY (${fileIds}) AND p.id = v.photo_id
            RETURNING v.photo_id, v.file_id, v.variant = 'original'
              AND v.media_type = CASE WHEN p.has_alpha THEN 'image/webp' ELSE 'image/jpeg' END AS is_source
          )
          SELECT photo_id AS "photoId", file_id AS "fileId", bool_or(is_source) AS "isSource"
          FROM lost GROUP BY photo_id, file_id ORDER BY photo_id`,
    );
    await run(
      this.rows.manager,
      sql`UPDATE photo_files SET state = 'deleted', changed_at = now() WHERE id = ANY (${fileIds}) AND state <> 'deleted'`,
    );
    const unavailable = photos.filter(({ isSource }) => isSource).map(({ photoId }) => photoId);
    await run(
      this.rows.manager,
      sql`UPDATE photos SET is_complete = false, state = CASE WHEN id = ANY (${unavailable}) THEN 'unavailable' ELSE state END
          WHERE id = ANY (${photos.map(({ photoId }) => photoId)})`,
    );
    return photos;
  }

  /** Where the last comparison stopped; undefined when it came to its end. */
  async findPosition(): Promise<Position | undefined> {
    const [row] = await run<Position>(this.rows.manager, sql`SELECT pass, after FROM photo_verification`);
    return row;
  }

  async savePosition(position: Position | undefined): Promise<void> {
    await run(
      this.rows.manager,
      position
        ? sql`INSERT INTO photo_verification (pass, after) VALUES (${position.pass}, ${position.after})
              ON CONFLICT (is_only) DO UPDATE SET pass = excluded.pass, after = excluded.after`
        : sql`DELETE FROM photo_verification`,
    );
  }
}
