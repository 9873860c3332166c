import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import sql, { join } from 'sql-template-tag';
import { Repository } from 'typeorm';
import { declareLock } from '../common/database/locks.js';
import { queryShared, run } from '../common/database/statements.js';
import { Photo } from './entities/photo.entity.js';
import type { PhotoFile } from './entities/photo-file.entity.js';
import type { PhotoVariant, PhotoVariantName } from './entities/photo-variant.entity.js';

/** What is written of a new photo. */
export type NewPhoto = Omit<Photo, 'state' | 'isComplete' | 'createdAt'>;

/** What names a file, and what it is. */
export type FileRow = Pick<PhotoFile, 'id' | 'sha256' | 'mediaType' | 'size'>;

/** A file of photos, and which variants of them are in the file. */
export interface KeptFile extends Omit<FileRow, 'id'> {
  readonly variants: readonly Pick<PhotoVariant, 'photoId' | 'variant' | 'width' | 'height'>[];
}

/** A file that a variant can be had in. */
export type VariantFile = FileRow & Pick<PhotoVariant, 'variant'> & Pick<Photo, 'isComplete'>;

/** The rows of photos, of their variants and of their files, and all SQL about them. */
@Injectable()
export class PhotosRepository {
  constructor(@InjectRepository(Photo) private readonly rows: Repository<Photo>) {}

  async find(id: string): Promise<Photo | null> {
    return this.rows.findOneBy({ id });
  }

  /**
   * The files of a variant of a photo that can be shown; and those of its original, as long as the photo is not complete. None for a
   * photo that is not there.
   */
  async findVariant(id: string, variant: PhotoVariantName): Promise<VariantFile[]> {
    return queryShared(
      this.rows.manager,
      sql`SELECT f.id, f.sha256, f.media_type AS "mediaType", f.size, v.variant, p.is_complete AS "isComplete"
          FROM photos p
          JOIN photo_variants v ON v.photo_id = p.id AND (v.variant = ${variant} OR v.variant = 'original' AND NOT p.is_complete)
          JOIN photo_files f ON f.id = v.file_id AND f.state = 'ready'
          WHERE p.id = ${id} AND p.state = 'ready'`,
    );
  }

  /** All files of a photo that are stored, variant by variant. */
  async findFiles(id: string): Promise<(FileRow & Pick<PhotoVariant, 'variant'>)[]> {
    return run(
      this.rows.manager,
      sql`SELECT f.id, f.sha256, f.media_type AS "mediaType", f.size, v.variant
          FROM photo_variants v JOIN photo_files f ON f.id = v.file_id AND f.state = 'ready'
          WHERE v.photo_id = ${id}`,
    );
  }

  /** How many bytes the originals of somebody have together. */
  async sumSizes(userId: string): Promise<number> {
    const [row] = await run<{ size: number }>(
      this.rows.manager,
      sql`SELECT coalesce(sum(size), 0)::bigint AS size FROM photos WHERE uploaded_by = ${userId}`,
    );
    return row?.size ?? 0;
  }

  async insert(photos: readonly NewPhoto[]): Promise<void> {
    await this.rows.insert([...photos]);
  }

  /** Locks a photo until the end of the transaction: it is not removed meanwhile. @returns whether it is there. */
  async lock(id: string): Promise<boolean> {
    declareLock('photo');
    return (await run(this.rows.manager, sql`SELECT id FROM photos WHERE id = ${id} FOR UPDATE`)).length > 0;
  }

  /**
   * Writes the files that variants of photos are in, and locks those that are there already.
   * @param files of different content.
   * @returns their rows.
   */
  async insertFiles(files: readonly (KeptFile & { id: string })[]): Promise<FileRow[]> {
    declareLock('photo file');
    const sorted = files.toSorted((a, b) => (a.sha256 < b.sha256 ? -1 : 1));
    const rows = await run<FileRow>(
      this.rows.manager,
      sql`INSERT INTO photo_files AS f (id, sha256, media_type, size)
          VALUES ${join(sorted.map(({ id, sha256, mediaType, size }) => sql`(${id}::uuid, ${sha256}, ${mediaType}, ${size}::integer)`))}
          ON CONFLICT (sha256) WHERE state <> 'deleted' DO UPDATE SET changed_at = now()
          RETURNING f.id, f.sha256, f.media_type AS "mediaType", f.size`,
    );
    const ids = new Map(rows.map(({ id, sha256 }) => [sha256, id]));
    const variants = sorted.flatMap((file) =>
      file.variants.map((of) => ({ ...of, ...file, fileId: ids.get(file.sha256) })),
    );
    await run(
      this.rows.manager,
      sql`INSERT INTO photo_variants (photo_id, variant, media_type, width, height, file_id)
          VALUES ${join(
            variants.map(
              ({ photoId, variant, mediaType, width, height, fileId }) =>
                sql`(${photoId}::uuid, ${variant}, ${mediaType}, ${width}::integer, ${height}::integer, ${fileId}::uuid)`,
            ),
          )}
          ON CONFLICT (photo_id, variant, media_type) DO UPDATE SET file_id = excluded.file_id, width = excluded.width, height = excluded.height`,
    );
    return rows;
  }

  /** Notes that files are stored. @returns those of them that are still to be there. */
  async markStored(fileIds: readonly string[]): Promise<string[]> {
    declareLock('photo file');
    const rows = await run<{ id: string }>(
      this.rows.manager,
      sql`WITH locked AS (
            SELECT id FROM photo_files WHERE id = ANY (${fileIds}) AND state <> 'deleted' ORDER BY sha256 FOR UPDATE
          )
          UPDATE photo_files f SET state = 'ready', changed_at = now() FROM locked WHERE f.id = locked.id RETURNING f.id`,
    );
    return rows.map(({ id }) => id);
  }

  async update(id: string, change: Partial<Pick<Photo, 'state' | 'isComplete'>>): Promise<void> {
    await this.rows.update(id, change);
  }

  /** Has photos be shown that have all the variants that they will have. */
  async publishComplete(ids: readonly string[]): Promise<void> {
    await run(this.rows.manager, sql`UPDATE photos SET state = 'ready', is_complete = true WHERE id = ANY (${ids})`);
  }

  /** The one of some photos that has the same original as this one; undefined for none. */
  async findSame(id: string, among: readonly string[]): Promise<string | undefined> {
    const [row] = await run<{ id: string }>(
      this.rows.manager,
      sql`SELECT other.photo_id AS id
          FROM photo_variants v JOIN photo_variants other ON other.file_id = v.file_id AND other.variant = 'original'
          WHERE v.photo_id = ${id} AND v.variant = 'original' AND other.photo_id = ANY (${among})
          ORDER BY other.photo_id LIMIT 1`,
    );
    return row?.id;
  }

  /** Deletes photos; those of their files that no other photo needs are to be removed then. @returns how many files that are. */
  async delete(ids: readonly string[]): Promise<number> {
    declareLock('photo');
    await run(this.rows.manager, sql`SELECT id FROM photos WHERE id = ANY (${ids}) ORDER BY id FOR UPDATE`);
    declareLock('photo file');
    const files = await run<{ id: string }>(
      this.rows.manager,
      sql`SELECT id FROM photo_files
          WHERE id IN (SELECT file_id FROM photo_variants WHERE photo_id = ANY (${ids}))
          ORDER BY sha256 FOR UPDATE`,
    );
    await run(this.rows.manager, sql`DELETE FROM photos WHERE id = ANY (${ids})`);
    return this.releaseFiles(files.map(({ id }) => id));
  }

  /** Has files be removed that no photo needs; they have to be locked. @returns how many of them that are. */
  private async releaseFiles(fileIds: readonly string[]): Promise<number> {
    const rows = await run(
      this.rows.manager,
      sql`UPDATE photo_files f SET state = 'deleted', changed_at = now()
          WHERE f.id = ANY (${fileIds}) AND f.state <> 'deleted'
            AND NOT EXISTS (SELECT FROM photo_variants v WHERE v.file_id = f.id)
          RETURNING f.id`,
    );
    return rows.length;
  }

  /** Photos that are pending since before a moment: what made them has ended. */
  async findAbandoned(before: Date, limit: number): Promise<string[]> {
    const rows = await run<{ id: string }>(
      this.rows.manager,
      sql`SELECT id FROM photos
          WHERE NOT is_complete AND state = 'pending' AND created_at < ${before} ORDER BY created_at LIMIT ${limit}`,
    );
    return rows.map(({ id }) => id);
  }

  /** Has pending files be removed that no photo needs, and nobody has asked for since a moment. @returns how many. */
  async releaseAbandonedFiles(before: Date, limit: number): Promise<number> {
    declareLock('photo file');
    const files = await run<{ id: string }>(
      this.rows.manager,
      sql`SELECT f.id FROM photo_files f
          WHERE f.state = 'pending' AND f.changed_at < ${before}
            AND NOT EXISTS (SELECT FROM photo_variants v WHERE v.file_id = f.id)
          ORDER BY f.sha256 LIMIT ${limit} FOR UPDATE`,
    );
    return this.releaseFiles(files.map(({ id }) => id));
  }

  /** Files that are to be removed from the storage. */
  async findDeletedFiles(limit: number): Promise<FileRow[]> {
    return run(
      this.rows.manager,
      sql`SELECT id, sha256, media_type AS "mediaType", size FROM photo_files
          WHERE state = 'deleted' ORDER BY changed_at, id LIMIT ${limit}`,
    );
  }

  async deleteFileRows(ids: readonly string[]): Promise<void> {
    await run(this.rows.manager, sql`DELETE FROM photo_files WHERE id = ANY (${ids}) AND state = 'deleted'`);
  }

  /** Photos that are shown since before a moment, and lack some of their variants. */
  async findIncomplete(before: Date, limit: number): Promise<string[]> {
    const rows = await run<{ id: string }>(
      this.rows.manager,
      sql`SELECT id FROM photos
          WHERE NOT is_complete AND state = 'ready' AND created_at < ${before} ORDER BY created_at LIMIT ${limit}`,
    );
    return rows.map(({ id }) => id);
  }
}
