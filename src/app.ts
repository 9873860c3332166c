import { type DynamicModule, VersioningType } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { DataSourceOptions } from 'typeorm';
import { AppModule } from './app.module.js';
import { Config } from './common/config/config.js';
import { DATABASE, dataSourceOptions } from './common/database/data-source.js';
import { createAdapter, equipServer } from './common/http/server.js';
import { createLogger, NestLogger } from './common/logging/logger.js';
import { createDocument } from './common/openapi/document.js';
import { serveDocs } from './common/openapi/docs.js';

/**
 * Makes the application, the same for `main`, the tests, the commands and the export of the document.
 * @param database where its data is, if not where `config` says.
 * @returns the application, ready for `init()` or `listen()`; it doesn't listen yet, and migrates nothing.
 */
export async function createApp(config: Config, database?: DataSourceOptions): Promise<NestFastifyApplication> {
  const logger = createLogger(config);
  const app = await NestFactory.create<NestFastifyApplication>(
    appModule(config, database ?? (await dataSourceOptions(config))),
    createAdapter(config, logger),
    { logger: new NestLogger(logger), abortOnError: false },
  );
  app.setGlobalPrefix('api', {
    exclude: ['livez', 'readyz', 'problems{/*path}', 'dev{/*path}', '.well-known{/*path}'],
  });
  app.enableVersioning({ type: VersioningType.URI, defaultVersion: '1' });
  await equipServer(app, config);
  serveDocs(app, createDocument(app));
  return app;
}

function appModule(config: Config, database: DataSourceOptions): DynamicModule {
  return {
    module: AppModule,
    global: true,
    providers: [
      { provide: Config, useValue: config },
      { provide: DATABASE, useValue: database },
    ],
    exports: [Config, DATABASE],
  };
}
