import { Injectable } from '@nestjs/common';
import { Config } from '../common/config/config.js';
import type { LimitPolicy } from '../common/http/limits/limits.js';

/** An export reads the whole catalogue: 12 a minute by default. */
export const Exports: LimitPolicy = { name: 'exports', share: 0.02, by: 'caller' };

/** The largest body of POST /imports, in bytes. */
export const MAX_IMPORT = 256 * 1024 * 1024;

/** The largest answer of faulty lines, in bytes: what is kept of them, quoted, and their faults. */
export const MAX_CORRECTIONS = 64 * 1024 * 1024;

/** How much an import takes at once. */
@Injectable()
export class ImportLimits {
  maxBytes = MAX_IMPORT;

  /** The lines that are written in one transaction. While the embedded engine writes, requests wait: there they are fewer. */
  batchLines: number;

  /** For how many days an import and its faults are kept after its end. */
  readonly keptDays: number;

  constructor({ databaseUrl, importsKeptDays }: Config) {
    this.keptDays = importsKeptDays;
    this.batchLines = databaseUrl ? 500 : 200;
  }
}
