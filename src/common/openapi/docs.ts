import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';

/** Swagger UI's page needs its own scripts and inline styles, and calls the API on the same origin. */
const DOCS_CSP =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; frame-ancestors 'none'";

/** Serves Swagger UI at `/docs` and the document at `/openapi.json` and `/openapi.yaml`. */
export function serveDocs(app: NestFastifyApplication, document: OpenAPIObject): void {
  app
    .getHttpAdapter()
    .getInstance()
    .addHook('onSend', (request, reply, payload, done) => {
      if (request.url.startsWith('/docs')) reply.header('content-security-policy', DOCS_CSP);
      done(null, payload);
    });
  SwaggerModule.setup('docs', app, document, {
    jsonDocumentUrl: 'openapi.json',
    yamlDocumentUrl: 'openapi.yaml',
    customSiteTitle: 'Stockroom API',
    swaggerOptions: {
      persistAuthorization: true,
      displayRequestDuration: true,
      filter: true,
      docExpansion: 'list',
      defaultModelsExpandDepth: 0,
      requestInterceptor: prepare,
      responseInterceptor: signIn,
    },
  });
}

// The two functions below run in the page: their source text is sent there, so they may use nothing from around them.

/** What a page of Swagger UI has that these functions use. */
interface DocsPage {
  ui: {
    authActions: {
      authorizeWithPersistOption(authorizations: object): void;
      logoutWithPersistOption(names: string[]): void;
    };
  };
  localStorage: Record<'setItem', (name: string, value: string) => void> &
    Record<'getItem', (name: string) => string | null> &
    Record<'removeItem', (name: string) => void>;
}

/** Signs the page in with the answer of a login, and out after a logout. */
function signIn<R extends { url: string; ok: boolean; obj?: { accessToken?: string; refreshToken?: string } }>(
  response: R,
): R {
  const page = globalThis as typeof globalThis & DocsPage;
  const { accessToken, refreshToken } = response.obj ?? {};
  if (response.ok && accessToken && refreshToken) {
    page.localStorage.setItem('stockroom.refreshToken', refreshToken);
    page.ui.authActions.authorizeWithPersistOption({
      bearer: { name: 'bearer', schema: { type: 'http', scheme: 'bearer' }, value: accessToken },
    });
  } else if (response.ok && response.url.endsWith('/auth/logout')) {
    page.localStorage.removeItem('stockroom.refreshToken');
    page.ui.authActions.logoutWithPersistOption(['bearer']);
  }
  return response;
}

/**
 * Refreshes the access token when it is about to run out, so that the page stays signed in as long as the session lasts;
 * and makes a fresh Idempotency-Key of the example in the document, which could be used once only.
 */
async function prepare<R extends { url: string; headers?: Record<string, string> }>(request: R): Promise<R> {
  const page = globalThis as typeof globalThis & DocsPage;
  if (request.headers?.['Idempotency-Key'] === '7f9c24e8-3b12-4fef-91e0-6f5a2d8c7b40') {
    request.headers['Idempotency-Key'] = `docs-${Date.now().toString(36)}-${Math.random().toString(36).slice(2)}`;
  }
  const token = request.headers?.Authorization?.split(' ')[1];
  const refreshToken = page.localStorage.getItem('stockroom.refreshToken');
  if (!request.headers || !token || !refreshToken || request.url.includes('/auth/refresh')) return request;
  const { exp } = JSON.parse(atob((token.split('.')[1] ?? '').replace(/-/g, '+').replace(/_/g, '/'))) as {
    exp: number;
  };
  if (exp * 1000 > Date.now() + 10_000) return request;
  const response = await fetch('/api/v1/auth/refresh', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ refreshToken }),
  });
  if (response.ok) {
    const tokens = (await response.json()) as { accessToken: string; refreshToken: string };
    page.localStorage.setItem('stockroom.refreshToken', tokens.refreshToken);
    page.ui.authActions.authorizeWithPersistOption({
      bearer: { name: 'bearer', schema: { type: 'http', scheme: 'bearer' }, value: tokens.accessToken },
    });
    request.headers.Authorization = `Bearer ${tokens.accessToken}`;
  }
  return request;
}
