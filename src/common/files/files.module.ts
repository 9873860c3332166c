import { join } from 'node:path';
import { Global, Module } from '@nestjs/common';
import { Config } from '../config/config.js';
import { Clock } from '../time/clock.js';
import { FileStorage } from './file-storage.js';
import { FolderStorage } from './folder.storage.js';
import { S3Gateway } from './s3.gateway.js';

/** Files are in a bucket when `S3_BUCKET` names one, else in a folder. */
@Global()
@Module({
  providers: [
    {
      provide: FileStorage,
      inject: [Config, Clock],
      useFactory: (config: Config, clock: Clock): FileStorage =>
        config.s3Bucket === undefined
          ? new FolderStorage(config.filesFolder ?? join(config.dataDir, 'files'), clock)
          : new S3Gateway(config),
    },
  ],
  exports: [FileStorage],
})
export class FilesModule {}
