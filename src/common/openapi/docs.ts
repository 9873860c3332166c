import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import { offerWhatWorks, showMore } from './docs-page.js';

/** Swagger UI's page needs its own scripts and inline styles, and calls the API on the same origin. */
const DOCS_CSP =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; frame-ancestors 'none'";

const DOCS_CSS = `.swagger-ui .problem { border: 1px solid #f93e3e; border-radius: 4px; background: #feeded; padding: 12px; margin: 12px 0 }
.swagger-ui .problem p { margin: 4px 0 }
.swagger-ui tr.response[data-code] p { margin: 0 }`;

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
    customCss: DOCS_CSS,
    swaggerOptions: {
      persistAuthorization: true,
      tryItOutEnabled: true,
      displayRequestDuration: true,
      filter: true,
      docExpansion: 'list',
      defaultModelsExpandDepth: 0,
      plugins: [offerWhatWorks, showMore],
      requestInterceptor: prepare,
      responseInterceptor: signIn,
      onComplete: offerRefresh,
    },
  });
}

// The functions below run in the page: their source text is sent there, so they may use nothing from around them.

interface Tokens {
  accessToken?: string;
  refreshToken?: string;
}

/** What a page of Swagger UI has that these functions use. */
interface DocsPage {
  ui: {
    authActions: {
      authorizeWithPersistOption(authorizations: object): void;
      logoutWithPersistOption(names: string[]): void;
    };
    oas3Actions: { setRequestBodyValue(change: { value: string; pathMethod: [string, string] }): void };
    fn: { fetch(request: object): Promise<{ obj: Tokens }> };
    getConfigs(): { onComplete(): void; responseInterceptor: unknown };
  };
  localStorage: Record<'setItem', (name: string, value: string) => void> &
    Record<'getItem', (name: string) => string | null> &
    Record<'removeItem', (name: string) => void>;
}

/** Signs the page in with the answer of a login, and out after a logout. */
function signIn<R extends { url: string; ok: boolean; obj?: Tokens }>(response: R): R {
  const page = globalThis as typeof globalThis & DocsPage;
  const { accessToken, refreshToken } = response.obj ?? {};
  if (response.ok && accessToken && refreshToken) {
    page.localStorage.setItem('stockroom.refreshToken', refreshToken);
    page.ui.authActions.authorizeWithPersistOption({
      bearer: { name: 'bearer', schema: { type: 'http', scheme: 'bearer' }, value: accessToken },
    });
    page.ui.getConfigs().onComplete();
  } else if (response.ok && response.url.endsWith('/auth/logout')) {
    page.localStorage.removeItem('stockroom.refreshToken');
    page.ui.authActions.logoutWithPersistOption(['bearer']);
  }
  return response;
}

/** Offers the refresh token of the session that the page has. */
function offerRefresh(): void {
  const page = globalThis as typeof globalThis & DocsPage;
  const refreshToken = page.localStorage.getItem('stockroom.refreshToken');
  if (!refreshToken) return;
  page.ui.oas3Actions.setRequestBodyValue({
    value: JSON.stringify({ refreshToken }, null, 2),
    pathMethod: ['/api/v1/auth/refresh', 'post'],
  });
}

/** Refreshes the access token when it is about to run out, so that the page stays signed in as long as the session lasts. */
async function prepare<R extends { url: string; headers?: Record<string, string> }>(request: R): Promise<R> {
  const page = globalThis as typeof globalThis & DocsPage;
  const token = request.headers?.Authorization?.split(' ')[1];
  const refreshToken = page.localStorage.getItem('stockroom.refreshToken');
  if (!request.headers || !token || !refreshToken || request.url.includes('/auth/refresh')) return request;
  const { exp } = JSON.parse(atob((token.split('.')[1] ?? '').replace(/-/g, '+').replace(/_/g, '/'))) as {
    exp: number;
  };
  if (exp * 1000 > Date.now() + 10_000) return request;
  const refresh = {
    url: '/api/v1/auth/refresh',
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ refreshToken }),
    responseInterceptor: page.ui.getConfigs().responseInterceptor,
  };
  const { accessToken } = await page.ui.fn.fetch(refresh).then(
    ({ obj }) => obj,
    (): Tokens => ({}),
  );
  if (accessToken) request.headers.Authorization = `Bearer ${accessToken}`;
  return request;
}
