import { Injectable } from '@nestjs/common';
import { Config } from '../common/config/config.js';

/** How much an import takes at once. */
@Injectable()
export class ImportLimits {
  /** The largest body of POST /imports. */
  maxBytes = 256 * 1024 * 1024;

  /** The lines that are written in one transaction. While the embedded engine writes, requests wait: there they are fewer. */
  batchLines: number;

  constructor({ databaseUrl }: Config) {
    this.batchLines = databaseUrl ? 500 : 200;
  }
}
