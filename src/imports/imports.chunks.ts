import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import sql from 'sql-template-tag';
import { Repository } from 'typeorm';
import { run } from '../common/database/statements.js';
import { Import } from './entities/import.entity.js';

const CHUNK_BYTES = 256 * 1024;

/** Keeps uploaded bytes in the database until they are read, so that any process can go on where another one died. */
@Injectable()
export class ImportChunkStore {
  constructor(@InjectRepository(Import) private readonly imports: Repository<Import>) {}

  /** Writes the bytes as they come, a chunk at a time. @returns how many there were. */
  async fill(importId: string, bytes: AsyncIterable<Buffer>): Promise<number> {
    let total = 0;
    let number = 0;
    let parts: Buffer[] = [];
    let length = 0;
    for await (const part of bytes) {
      parts.push(part);
      length += part.length;
      total += part.length;
      if (length < CHUNK_BYTES) continue;
      await this.write(importId, number++, Buffer.concat(parts));
      parts = [];
      length = 0;
    }
    if (length > 0) await this.write(importId, number, Buffer.concat(parts));
    return total;
  }

  /** The bytes, from the first, a chunk at a time. */
  async *read(importId: string): AsyncGenerator<Buffer> {
    for (let number = 0; ; number++) {
      const [chunk] = await run<{ bytes: Buffer }>(
        this.imports.manager,
        sql`SELECT bytes FROM import_chunks WHERE import_id = ${importId} AND number = ${number}`,
      );
      if (!chunk) return;
      yield chunk.bytes;
    }
  }

  private async write(importId: string, number: number, bytes: Buffer): Promise<void> {
    await run(
      this.imports.manager,
      sql`INSERT INTO import_chunks (import_id, number, bytes) VALUES (${importId}, ${number}, ${bytes})`,
    );
  }
}
