import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { OpenAPIObject } from '@nestjs/swagger';
import { dump } from 'js-yaml';
import { serveFixed } from '../http/syntax/fixed-body.js';
import { docsPage, type DocsSettings } from './docs.html.js';

/** Swagger UI's page needs its own scripts and inline styles, and calls the API on the same origin. */
const DOCS_CSP =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; connect-src 'self'; frame-ancestors 'none'";

const SWAGGER_UI = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));
/** The page's own scripts: a browser loads them as they are. */
const PAGE = join(import.meta.dirname, 'page');
const ASSETS = /^\/(swagger-ui\.css|swagger-ui-bundle\.js|page\.css|logo\.svg|[a-z.]+\.js)$/;
const NOT_SERVED = /^\/(swagger-ui-(?!bundle)|swagger-initializer|oauth2|absolute-path|index)/;

/** Serves the page with Swagger UI at `/docs`, and the document at `/openapi.json` and `/openapi.yaml`. */
export async function serveDocs(
  app: NestFastifyApplication,
  document: OpenAPIObject,
  settings: DocsSettings,
): Promise<void> {
  const adapter = app.getHttpAdapter();
  const fastify = adapter.getInstance();
  fastify.addHook('onSend', (request, reply, payload, done) => {
    if (request.url.startsWith('/docs')) reply.header('content-security-policy', DOCS_CSP);
    done(null, payload);
  });
  for (const [path, base] of [
    ['/docs', './docs/'],
    ['/docs/', './'],
  ] as const) {
    const page = docsPage(base, settings);
    fastify.get(path, (_request, reply) => reply.type('text/html; charset=utf-8').send(page));
  }
  await fastify.register(fastifyStatic, {
    root: [SWAGGER_UI, PAGE],
    prefix: '/docs/',
    index: false,
    decorateReply: false,
    allowedPath: (path) => ASSETS.test(path) && !NOT_SERVED.test(path),
  });
  serveFixed(fastify, '/openapi.json', 'application/json; charset=utf-8', () => JSON.stringify(document));
  serveFixed(fastify, '/openapi.yaml', 'text/yaml; charset=utf-8', () =>
    dump(document, { skipInvalid: true, noRefs: true }),
  );
}
