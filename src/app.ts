import { type DynamicModule, type NestApplicationOptions, type Type, VersioningType } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { OpenAPIObject } from '@nestjs/swagger';
import type { Logger } from 'pino';
import type { DataSourceOptions } from 'typeorm';
import { AppModule } from './app.module.js';
import { Config } from './common/config/config.js';
import { DATABASE, dataSourceOptions } from './common/database/data-source.js';
import { createAdapter, equipServer } from './common/http/pipeline/server.js';
import { createLogger, NestLogger } from './common/logging/logger.js';
import { limitBodiesByDocument } from './common/openapi/body-limits.js';
import type { DocsSettings } from './common/openapi/docs.html.js';
import { serveDocs } from './common/openapi/docs.js';
import { createDocument } from './common/openapi/document.js';
import { serialiseByDocument } from './common/openapi/serialisers.js';
import { DEMO_ACCOUNTS, DEMO_PASSWORD } from './demo/demo.service.js';

/**
 * Makes the application, the same for `main`, the tests, the commands and the export of the document.
 * @param database where its data is, if not where `config` says.
 * @param more modules in addition to those of {@link AppModule}: a test's.
 * @returns the application, ready for `init()` or `listen()`; it doesn't listen yet, and migrates nothing.
 */
export async function createApp(
  config: Config,
  database?: DataSourceOptions,
  more: Type[] = [],
  logger: Logger = createLogger(config),
): Promise<NestFastifyApplication> {
  const module = appModule(config, database ?? (await dataSourceOptions(config)), more);
  const app = await assemble(config, module, logger);
  try {
    await equipServer(app, config, logger);
    const document = createDocument(app, config);
    limitBodiesByDocument(app.getHttpAdapter().getInstance(), document);
    serialiseByDocument(app.getHttpAdapter().getInstance(), document);
    if (config.docs) await serveDocs(app, document, docsSettings(config));
    return app;
  } catch (error) {
    // the database is open by now
    await app.close();
    throw error;
  }
}

/** Draws the OpenAPI document of the application, of which nothing is made or started: needs no database and no port. */
export async function drawDocument(config: Config): Promise<OpenAPIObject> {
  const module = appModule(config, await dataSourceOptions(config), []);
  return createDocument(await assemble(config, module, createLogger(config), { preview: true }), config);
}

async function assemble(
  config: Config,
  module: DynamicModule,
  logger: Logger,
  options: NestApplicationOptions = {},
): Promise<NestFastifyApplication> {
  const app = await NestFactory.create<NestFastifyApplication>(module, createAdapter(config, logger), {
    logger: new NestLogger(logger),
    abortOnError: false,
    // bodies are read by readJsonBodies()
    bodyParser: false,
    ...options,
  });
  app.setGlobalPrefix('api', {
    exclude: ['livez', 'readyz', 'problems{/*path}', 'dev{/*path}', '.well-known{/*path}'],
  });
  app.enableVersioning({ type: VersioningType.URI, defaultVersion: '1' });
  return app;
}

function appModule(config: Config, database: DataSourceOptions, more: Type[]): DynamicModule {
  return {
    module: AppModule,
    imports: more,
    global: true,
    providers: [
      { provide: Config, useValue: config },
      { provide: DATABASE, useValue: database },
    ],
    exports: [Config, DATABASE],
  };
}

/** What the page at /docs may offer: nothing of the demo or of a mailbox in production. */
function docsSettings(config: Config): DocsSettings {
  if (config.production) return { accounts: [] };
  const accounts = config.demo
    ? DEMO_ACCOUNTS.map(({ email, roles }) => ({ email, role: roles.join(', '), password: DEMO_PASSWORD }))
    : [];
  return { accounts, ...(!config.smtpUrl && { mailbox: '/dev/mailbox' }) };
}
