import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import sql from 'sql-template-tag';
import { Repository } from 'typeorm';
import { run } from '../common/database/statements.js';
import { Import } from './entities/import.entity.js';

/** The rows of uploaded bytes, which have no entity, and all SQL about them. */
@Injectable()
export class ImportsChunksRepository {
  constructor(@InjectRepository(Import) private readonly imports: Repository<Import>) {}

  async find(importId: string, number: number): Promise<Buffer | undefined> {
    const [chunk] = await run<{ bytes: Buffer }>(
      this.imports.manager,
      sql`SELECT bytes FROM import_chunks WHERE import_id = ${importId} AND number = ${number}`,
    );
    return chunk?.bytes;
  }

  async insert(importId: string, number: number, bytes: Buffer): Promise<void> {
    await run(
      this.imports.manager,
      sql`INSERT INTO import_chunks (import_id, number, bytes) VALUES (${importId}, ${number}, ${bytes})`,
    );
  }

  async deleteAll(importId: string): Promise<void> {
    await run(this.imports.manager, sql`DELETE FROM import_chunks WHERE import_id = ${importId}`);
  }
}
