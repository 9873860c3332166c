// Writes the types of openapi.json where the tests' typed client finds them: a generated file, so it isn't committed.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import openapiTypes, { astToString } from 'openapi-typescript';

const folder = new URL('../generated/', import.meta.url);
mkdirSync(folder, { recursive: true });
const types = await openapiTypes(JSON.parse(readFileSync(new URL('../openapi.json', import.meta.url), 'utf8')));
writeFileSync(new URL('api.d.ts', folder), astToString(types));
