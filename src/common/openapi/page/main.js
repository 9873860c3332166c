/*
 * The page at /docs: Swagger UI with the plugins of this folder. A browser loads these files as they are; types are checked by
 * `npm run typecheck`.
 */
import { showBar } from './bar.js';
import { filterOperations } from './filter.js';
import { Memory } from './memory.js';
import { offerBodies } from './offers.bodies.js';
import { offerFields } from './offers.fields.js';
import { withoutEmptyParameters } from './requests.js';
import { resolveReferences } from './resolve.js';
import { Session } from './session.js';
import { showMore } from './show.js';

/** @import { OpenApiDocument, Settings } from './types.js' */

/** No text of the API has the character U+0000. */
const EVERY_TEXT = '^[^\\u0000]*$';

/** @type {Settings} */
const settings = JSON.parse(document.getElementById('settings')?.textContent ?? '{}');
/** @type {OpenApiDocument} */
const spec = await (await fetch(new URL('../openapi.json', import.meta.url))).json();

const session = new Session();
const memory = new Memory(spec, session);

// @ts-expect-error Swagger UI's bundle, which has no types, puts it there
const start = window.SwaggerUIBundle;
const ui = start({
  spec: readable(spec),
  dom_id: '#swagger-ui',
  layout: 'BaseLayout',
  deepLinking: true,
  persistAuthorization: true,
  tryItOutEnabled: true,
  displayRequestDuration: true,
  filter: true,
  docExpansion: 'list',
  defaultModelsExpandDepth: 0,
  plugins: [
    session.plugin,
    offerFields(spec, memory, session),
    offerBodies(spec, memory, session, settings),
    showMore(settings),
    filterOperations,
    resolveReferences,
  ],
  requestInterceptor: (/** @type {{ url: string, headers?: Record<string, string> }} */ request) =>
    session.authorize(withoutEmptyParameters(request)),
});
Object.assign(window, { ui });
showBar(settings, session);
await session.check();

/**
 * The document as people read it: without the pattern that every text has.
 * @param {OpenApiDocument} document
 * @returns {OpenApiDocument}
 */
function readable(document) {
  return JSON.parse(JSON.stringify(document), (name, value) =>
    name === 'pattern' && value === EVERY_TEXT ? undefined : value,
  );
}
