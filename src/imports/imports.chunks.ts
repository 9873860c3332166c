import { Injectable } from '@nestjs/common';
import { ImportsChunksRepository } from './imports.chunks.repository.js';

const CHUNK_BYTES = 256 * 1024;

/** Keeps uploaded bytes in the database until they are read, so that any process can go on where another one died. */
@Injectable()
export class ImportChunkStore {
  constructor(private readonly chunks: ImportsChunksRepository) {}

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
      await this.chunks.insert(importId, number++, Buffer.concat(parts));
      parts = [];
      length = 0;
    }
    if (length > 0) await this.chunks.insert(importId, number, Buffer.concat(parts));
    return total;
  }

  /** The bytes, from the first, a chunk at a time. */
  async *read(importId: string): AsyncGenerator<Buffer> {
    for (let number = 0; ; number++) {
      const bytes = await this.chunks.find(importId, number);
      if (!bytes) return;
      yield bytes;
    }
  }
}
