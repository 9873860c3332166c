import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

describe('the lines between the parts of src/', () => {
  it('are kept', async () => {
    const { code, report } = await checkArchitecture('.');
    expect(report).toContain('no dependency violations');
    expect(code).toBe(0);
  });
});

/** Of each rule a breach: the files that make it, and the imports that are to be named. */
const BREACHES: Record<string, { files: Record<string, string>; named: string[] }> = {
  'common-knows-no-feature': {
    files: { 'src/common/a.ts': "import type { T } from '../users/users.service.js';" },
    named: ['src/common/a.ts → src/users/users.service.ts'],
  },
  'features-use-public-api-only': {
    files: { 'src/orders/b.ts': "import '../users/entities/user.entity.js';" },
    named: ['src/orders/b.ts → src/users/entities/user.entity.ts'],
  },
  'features-know-no-application': {
    files: { 'src/orders/c.ts': "import '../app.js';" },
    named: ['src/orders/c.ts → src/app.ts'],
  },
  'nothing-imports-commands': {
    files: { 'src/k.ts': "import './commands/invite.js';", 'src/commands/invite.ts': '' },
    named: ['src/k.ts → src/commands/invite.ts'],
  },
  'nothing-imports-tools': {
    files: { 'src/l.ts': "import '../tools/m.js';", 'tools/m.ts': '' },
    named: ['src/l.ts → tools/m.ts'],
  },
  'no-circles': {
    files: { 'src/orders/d.ts': "import './e.js';", 'src/orders/e.ts': "import type { D } from './d.js';" },
    named: ['src/orders/d.ts → src/orders/e.ts', 'src/orders/e.ts → src/orders/d.ts'],
  },
  'controllers-touch-no-database': {
    files: { 'src/orders/orders.controller.ts': "import type { Repository } from 'typeorm';" },
    named: ['src/orders/orders.controller.ts → node_modules/typeorm/index.js'],
  },
  'sql-in-repositories-only': {
    files: {
      'src/orders/s.ts':
        "import 'sql-template-tag'; import type { T } from '@nestjs/typeorm'; import '../common/database/statements.js';",
      'src/common/mail/t.ts': "import '../database/keyset.js';",
      'src/common/database/statements.ts': "import 'sql-template-tag';",
      'src/common/database/keyset.ts': '',
    },
    named: [
      'src/common/mail/t.ts → src/common/database/keyset.ts',
      // a controller has a rule of its own, too
      'src/orders/orders.controller.ts → node_modules/typeorm/index.js',
      'src/orders/s.ts → node_modules/@nestjs/typeorm/index.js',
      'src/orders/s.ts → node_modules/sql-template-tag/index.js',
      'src/orders/s.ts → src/common/database/statements.ts',
    ],
  },
  'services-touch-no-request': {
    files: { 'src/orders/orders.service.ts': "import type { FastifyRequest } from 'fastify';" },
    named: ['src/orders/orders.service.ts → node_modules/fastify/index.js'],
  },
  'services-know-no-status': {
    files: {
      'src/orders/g.ts': "import '../common/http/errors/status.js';",
      'src/common/http/errors/status.ts': '',
    },
    named: ['src/orders/g.ts → src/common/http/errors/status.ts'],
  },
  'production-needs-no-dev-dependency': {
    files: { 'src/orders/f.ts': "import 'prettier';" },
    named: ['src/orders/f.ts → node_modules/prettier/index.js'],
  },
  'folders-form-no-circle': {
    files: {
      'src/common/mail/n.ts': "import '../time/o.js';",
      'src/common/time/o.ts': '',
      'src/common/time/p.ts': "import '../mail/q.js';",
      'src/common/mail/q.ts': '',
      'src/common/mail/q.spec.ts': "import '../time/p.js';",
    },
    named: ['src/common/mail/n.ts → src/common/time/o.ts', 'src/common/time/p.ts → src/common/mail/q.ts'],
  },
  'features-form-no-circle': {
    files: {
      'src/auth/auth.service.ts': "import '../users/users.service.js'; import '../sessions/sessions.service.js';",
      'src/auth/dto/caller.dto.ts': '',
      'src/sessions/sessions.service.ts': '',
      'src/sessions/dto/session.dto.ts': "import type { Caller } from '../../auth/dto/caller.dto.js';",
    },
    named: [
      'src/auth/auth.service.ts → src/sessions/sessions.service.ts',
      'src/sessions/dto/session.dto.ts → src/auth/dto/caller.dto.ts',
    ],
  },
};

const PACKAGES = ['typeorm', '@nestjs/typeorm', 'sql-template-tag', 'fastify', 'prettier'];

const ALLOWED = {
  'src/app.ts': "import './users/users.module.js';",
  'src/common/g.ts': '',
  'src/users/users.module.ts': "import '../common/g.js';",
  'src/users/users.service.ts': "import './entities/user.entity.js';",
  'src/users/entities/user.entity.ts': '',
  'src/commands/orders.command.ts': "import '../app.js'; import '../orders/orders.entity.js';",
  'src/orders/orders.entity.ts': '',
  'tools/orders/print.ts': "import '../../src/orders/orders.entity.js';",
  'src/orders/orders.module.ts':
    "import '@nestjs/typeorm'; import '../users/users.module.js'; import '../users/users.service.js';",
  'src/orders/orders.repository.ts': "import 'typeorm'; import '../common/database/statements.js';",
  'src/orders/lines.search.repository.ts': "import 'sql-template-tag'; import '../common/database/keyset.js';",
  'src/orders/entities/line.entity.ts': "import 'typeorm';",
  'src/orders/orders.spec.ts': "import 'prettier';",
};

describe('a breach of the architecture', () => {
  let folder: string;
  let outcome: Outcome;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'stockroom-architecture-'));
    await write(folder, {
      'package.json': JSON.stringify({
        dependencies: { typeorm: '1', '@nestjs/typeorm': '12', 'sql-template-tag': '5', fastify: '5' },
        devDependencies: { prettier: '3' },
      }),
      ...Object.fromEntries(PACKAGES.map((name) => [`node_modules/${name}/index.js`, ''])),
      ...ALLOWED,
    });
    for (const { files } of Object.values(BREACHES)) await write(folder, files);
    outcome = await checkArchitecture(folder);
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('fails the check', () => {
    expect(outcome.code).toBe(1);
  });

  it.each(Object.entries(BREACHES))('of %s is named, and nothing else with it', (rule, { named }) => {
    const found = outcome.report.matchAll(new RegExp(`error ${rule}: (.*)`, 'g'));
    expect([...found].map(([, link]) => link).sort()).toEqual(named);
  });

  it('is planted here for every rule', async () => {
    const rules = (await readFile('.dependency-cruiser.js', 'utf8')).matchAll(/name: '(.*)'/g);
    expect(Object.keys(BREACHES)).toEqual(expect.arrayContaining([...rules].map(([, name]) => name)));
  });

  it('is of a rule that docs/extending.md has', async () => {
    const page = await readFile('docs/extending.md', 'utf8');
    expect(Object.keys(BREACHES).filter((rule) => !page.includes(`| \`${rule}\` |`))).toEqual([]);
  });
});

describe('docs/dependencies.md', () => {
  it('names every dependency, and nothing else', async () => {
    const manifests = await Promise.all(
      ['package.json', 'bench/package.json'].map(async (file) => JSON.parse(await readFile(file, 'utf8')) as Manifest),
    );
    const rows = (await readFile('docs/dependencies.md', 'utf8')).matchAll(/^\| `(.+?)` \|/gm);
    expect([...rows].map(([, name]) => name).sort()).toEqual(
      manifests.flatMap((manifest) => [manifest.dependencies, manifest.devDependencies].flatMap(Object.keys)).sort(),
    );
  });
});

type Manifest = Record<'dependencies' | 'devDependencies', Record<string, string>>;

interface Outcome {
  code: number;
  report: string;
}

/** Runs what `npm run architecture` runs, on the `src` in `folder`. */
async function checkArchitecture(folder: string): Promise<Outcome> {
  // a worker of Jest's on a terminal asks its children for colours
  const options = { cwd: folder, env: { ...process.env, FORCE_COLOR: '0' } };
  return new Promise((done) => {
    execFile(process.execPath, [resolve('scripts/architecture.js')], options, (error, stdout, stderr) => {
      done({ code: typeof error?.code === 'number' ? error.code : 0, report: stdout + stderr });
    });
  });
}

async function write(folder: string, files: Record<string, string>): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
}
