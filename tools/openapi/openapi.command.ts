import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { OpenAPIObject } from '@nestjs/swagger';
import { drawDocument } from '../../src/app.js';
import { runCommand } from '../../src/common/cli/run-command.js';
import { Config } from '../../src/common/config/config.js';
import { StartError } from '../../src/common/config/start-error.js';
import { breakingChanges } from './breaking-changes.js';

const HELP = `Usage: npm run openapi -- [--check]

Writes the OpenAPI document of this version to openapi.json. Needs no database and no port.

  --check   writes nothing; fails when openapi.json is not the document, or when the document breaks a client of the last
            one that was released (docs/releases/)
  --help    show this
`;

const FILE = 'openapi.json';
const RELEASES = join('docs', 'releases');

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { check: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } } });
  if (values.help) {
    process.stdout.write(HELP);
    return;
  }
  const document = await drawDocument(Object.assign(new Config(), { logLevel: 'error' }));
  const text = `${JSON.stringify(document, null, 2)}\n`;
  if (values.check) await check(document, text);
  else await writeFile(FILE, text);
}

async function check(document: OpenAPIObject, text: string): Promise<void> {
  if ((await readFile(FILE, 'utf8').catch(() => '')) !== text) {
    throw new StartError(
      `${FILE} is not the document of this version: run \`npm run openapi\`, and look at what changes.`,
    );
  }
  const released = await lastRelease();
  if (!released) return;
  const changes = breakingChanges(
    JSON.parse(await readFile(join(RELEASES, released), 'utf8')) as OpenAPIObject,
    document,
  );
  if (changes.length === 0) return;
  throw new StartError([`This breaks clients of ${released}:`, ...changes].join('\n  '));
}

/** The file of the last release, `openapi-1.10.0.json` after `openapi-1.9.0.json`. */
async function lastRelease(): Promise<string | undefined> {
  const files = (await readdir(RELEASES).catch(() => [])).filter((name) => /^openapi-\d+\.\d+\.\d+\.json$/.test(name));
  return files.sort((a, b) => a.localeCompare(b, 'en', { numeric: true })).at(-1);
}

await runCommand(main);
