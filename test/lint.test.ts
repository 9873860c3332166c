import { readFile } from 'node:fs/promises';
import { describe, expect, it } from '@jest/globals';
import { ESLint, Linter } from 'eslint';
import { parser } from 'typescript-eslint';
import stockroom from '../lint/index.js';

interface Breach {
  file: string;
  code: string;
  /** What the message says to do instead. */
  message: RegExp;
}

/** Of each rule breaches, and what looks like one and is none. */
const PLANTED: Record<string, { breaches: Breach[]; allowed: Omit<Breach, 'message'>[] }> = {
  'routes-say-who': {
    breaches: [
      {
        file: 'src/notes/notes.controller.ts',
        code: "@Controller('notes') class NotesController { @Get() list() {} }",
        message: /list\(\) does not say who may call it.*@Permit/,
      },
      {
        file: 'src/notes/notes.controller.ts',
        code: "@Controller('notes') class NotesController { @Public() @Get() list() {} @Post() create() {} }",
        message: /create\(\) does not say who/,
      },
    ],
    allowed: [
      {
        file: 'src/notes/notes.controller.ts',
        code: "@Controller('notes') class NotesController { @Get() @Permit(ReadNotes) list() {} helper() {} }",
      },
      {
        file: 'src/notes/notes.controller.ts',
        code: '@SignedIn() @Controller() class Notes { @Delete() remove() {} }',
      },
    ],
  },
  'no-repositories-in-controllers': {
    breaches: [
      {
        file: 'src/notes/notes.controller.ts',
        code: 'class Notes { constructor(private readonly notes: Repository<Note>) {} }',
        message: /\(Repository\): give the service a method/,
      },
      {
        file: 'src/notes/notes.controller.ts',
        code: 'class Notes { constructor(@InjectDataSource() private readonly source: unknown) {} }',
        message: /\(@InjectDataSource\): give the service a method/,
      },
    ],
    allowed: [
      {
        file: 'src/notes/notes.service.ts',
        code: 'class Notes { constructor(@InjectRepository(Note) private readonly notes: Repository<Note>) {} }',
      },
      {
        file: 'src/notes/notes.controller.ts',
        code: 'class Notes { constructor(private readonly notes: Service) {} }',
      },
    ],
  },
  'no-entities-in-answers': {
    breaches: [
      {
        file: 'src/notes/notes.controller.ts',
        code: "import { Note } from './entities/note.entity.js'; class Notes { read(): Promise<Note> {} }",
        message: /entity Note would leave.*answer with a DTO/,
      },
      {
        file: 'src/notes/notes.controller.ts',
        code: "import type { Note as Row } from './entities/note.entity.js'; class Notes { list(): Row[] {} }",
        message: /entity Row would leave/,
      },
      {
        file: 'src/notes/dto/note.dto.ts',
        code: "import { FootNote } from '../entities/foot-note.entity.js'; class NoteDto { feet: FootNote[]; }",
        message: /shows no entity \(FootNote\): name the members/,
      },
      {
        file: 'src/notes/dto/note.dto.ts',
        code: "import { Note } from '../entities/note.entity.js'; class NoteDto extends Note {}",
        message: /does not extend an entity \(Note\).*name the members/,
      },
      {
        file: 'src/notes/dto/note.dto.ts',
        code: "import { Note } from '../entities/note.entity.js'; class NoteDto extends OmitType(PickType(Note, ['a']), []) {}",
        message: /does not extend an entity \(Note\)/,
      },
    ],
    allowed: [
      {
        file: 'src/notes/dto/note.dto.ts',
        code: "import { NoteState } from '../entities/note.entity.js'; class NoteDto { state: NoteState; }",
      },
      {
        file: 'src/notes/notes.service.ts',
        code: "import { Note } from './entities/note.entity.js'; class Notes { lock(): Promise<Note> {} }",
      },
    ],
  },
  'no-queries-beside-transactions': {
    breaches: [
      {
        file: 'src/notes/notes.service.ts',
        code: 'class Notes { constructor(private readonly source: DataSource) {} }',
        message: /^DataSource runs on a connection of its own.*inject the repository/,
      },
      {
        file: 'src/notes/notes.service.ts',
        code: 'class Notes { constructor(@InjectEntityManager() private readonly manager: unknown) {} }',
        message: /@InjectEntityManager runs on/,
      },
      {
        file: 'src/notes/notes.service.ts',
        code: 'async function f(notes) { await notes.manager.transaction(async () => {}); }',
        message: /transaction\(\) begins a transaction of its own: put what belongs together into Transactions\.run/,
      },
      {
        file: 'src/notes/notes.service.ts',
        code: 'class N { f() { return this.transactions.run(async () => { void this.notes.delete(1); }); } }',
        message: /await or return this/,
      },
      {
        file: 'src/notes/notes.service.ts',
        code: "import pg from 'pg';",
        message: /^pg runs on a connection of its own/,
      },
      {
        file: 'src/notes/notes.service.ts',
        code: "const { Client } = await import('pg');",
        message: /^pg runs on a connection of its own/,
      },
      {
        file: 'src/notes/notes.service.ts',
        code: "class N { f() { return this.notes.manager.dataSource.query('SELECT 1'); } }",
        message: /^dataSource runs on a connection of its own/,
      },
      {
        file: 'src/notes/notes.service.ts',
        code: 'class N { f() { const { connection } = this.notes.manager; } }',
        message: /^connection runs on a connection of its own/,
      },
    ],
    allowed: [
      {
        file: 'src/notes/notes.service.ts',
        code: 'class N { f() { void this.sweep(); return this.transactions.run(() => run(this.notes.manager, sql``)); } }',
      },
    ],
  },
  'no-environment-outside-config': {
    breaches: [
      'const port = process.env.PORT;',
      "const port = process['env'].PORT;",
      'const { env } = process;',
      "import { env } from 'node:process';",
      'const port = globalThis.process.env.PORT;',
      "const port = globalThis['process']['env'].PORT;",
      'const everything = process;',
      "import surroundings from 'node:process';",
    ].map((code) => ({ file: 'src/notes/notes.service.ts', code, message: /give Config a member/ })),
    allowed: [{ file: 'src/notes/notes.service.ts', code: 'const { env } = config; process.exitCode = 1;' }],
  },
  'classes-in-their-place': {
    breaches: [
      {
        file: 'src/notes/notes.service.ts',
        code: "@Entity('notes') class Note {}",
        message: /Note belongs into entities\/<name>\.entity\.ts: the data source/,
      },
      { file: 'src/notes/note.entity.ts', code: "@Entity('notes') class Note {}", message: /belongs into entities\// },
      {
        file: 'src/notes/notes.service.ts',
        code: 'export class NoteDto { text: string; }',
        message: /NoteDto belongs into dto\/<name>\.dto\.ts: the document/,
      },
      { file: 'src/notes/notes.ts', code: '@Controller() class Notes {}', message: /notes|<feature>\.controller\.ts/ },
      { file: 'src/notes/notes.ts', code: '@Module({}) class Notes {}', message: /<feature>\.module\.ts/ },
    ],
    allowed: [
      { file: 'src/notes/entities/note.entity.ts', code: "@Entity('notes') export class Note {}" },
      { file: 'src/notes/dto/note.dto.ts', code: 'export class NoteDto { text: string; }' },
      { file: 'src/notes/notes.service.ts', code: '@Injectable() export class NotesService {}' },
    ],
  },
  'features-own-their-tables': {
    breaches: [
      {
        file: 'src/reviews/reviews.service.ts',
        code: 'run(this.reviews.manager, sql`SELECT state FROM imports WHERE id = ${id}`);',
        message: /imports is imports's: call a method of its service, or import its module in reviews\.module\.ts/,
      },
      {
        file: 'src/reviews/reviews.service.ts',
        code: 'run(m, sql`SELECT r.id FROM reviews r LEFT JOIN import_faults f ON f.id = r.id`);',
        message: /import_faults is imports's/,
      },
      {
        file: 'src/products/products.service.ts',
        code: 'run(m, sql`UPDATE categories SET name = ${name}`);',
        message: /only categories writes it: call a method of its service/,
      },
      {
        file: 'src/auth/auth.service.ts',
        code: "users.query('DELETE FROM users');",
        message: /only users writes it/,
      },
      {
        file: 'src/auth/auth.service.ts',
        code: 'run(m, sql`INSERT INTO idempotency_keys VALUES (1)`);',
        message: /only common writes it/,
      },
    ],
    allowed: [
      { file: 'src/products/products.service.ts', code: 'run(m, sql`UPDATE products SET name = ${name}`);' },
      { file: 'src/products/products.service.ts', code: 'run(m, sql`SELECT c.id FROM categories c`);' },
      {
        file: 'src/products/products.service.ts',
        code: 'run(m, sql`WITH users AS (SELECT 1) SELECT FROM products FOR UPDATE OF products`);',
      },
    ],
  },
  'no-sql-from-text': {
    breaches: [
      {
        file: 'src/notes/notes.service.ts',
        code: "import { raw } from 'sql-template-tag'; raw(`n.state = '${state}'`);",
        message: /raw\(\) gets SQL that is put together from text.*sends values as parameters/,
      },
      {
        file: 'src/notes/notes.service.ts',
        code: "import { raw as plain } from 'sql-template-tag'; const f = (column) => plain(column);",
        message: /plain\(\) gets SQL/,
      },
      {
        file: 'src/notes/notes.service.ts',
        code: "import { Sql } from 'sql-template-tag'; const f = (text) => new Sql([text], []);",
        message: /Sql\(\) gets SQL/,
      },
      {
        file: 'src/notes/notes.service.ts',
        code: "notes.query(`SELECT 1 FROM notes WHERE text = '${text}'`);",
        message: /query\(\) gets SQL/,
      },
      {
        file: 'src/notes/notes.service.ts',
        code: "const statement = 'SELECT 1 FROM notes WHERE text = ' + text; notes.query(statement);",
        message: /query\(\) gets SQL/,
      },
      {
        file: 'src/notes/notes.service.ts',
        code: 'notes.createQueryBuilder().where(`text = ${text}`);',
        message: /where\(\) gets SQL/,
      },
    ],
    allowed: [
      {
        file: 'src/notes/notes.service.ts',
        code: "import sql, { raw } from 'sql-template-tag'; const T = 'notes n'; raw(`n.id FROM ${T}`); sql`SELECT ${id}`;",
      },
      { file: 'src/notes/notes.service.ts', code: "notes.query('SELECT 1'); url.searchParams.where = `${a}`;" },
    ],
  },
  'no-queries-in-loops': {
    breaches: [
      {
        file: 'src/notes/notes.service.ts',
        code: 'async function f() { for (const id of ids) await run(manager, sql`SELECT ${id}`); }',
        message: /^run\(\) asks the database once for each item.*one statement/,
      },
      {
        file: 'src/notes/notes.service.ts',
        code: 'class N { constructor(private readonly notes: Repository<Note>) {} f() { return Promise.all(ids.map((id) => this.notes.findOneBy({ id }))); } }',
        message: /^findOneBy\(\) asks the database once for each item/,
      },
      {
        file: 'src/notes/notes.service.ts',
        code: 'class N { constructor(private readonly notes: NotesRepository) {} async f() { for (const id of ids) await this.notes.delete(id); } }',
        message: /^delete\(\) asks the database once for each item/,
      },
      {
        file: 'src/notes/notes.service.ts',
        code: 'class N { list() { return rows.map(async (row) => this.authorOf(row)); } authorOf(row) { return this.one(row); } one(row) { return queryShared(m, sql``); } }',
        message: /^authorOf\(\) asks the database once for each item/,
      },
    ],
    allowed: [
      {
        file: 'src/notes/notes.service.ts',
        code: 'class N { async f() { for (const row of await run(m, sql``)) this.shown(row); } shown(row) { return row; } }',
      },
      { file: 'src/notes/notes.service.ts', code: 'async function f() { while (await run(m, sql``)) {} }' },
    ],
  },
  'lists-have-pages': {
    breaches: [
      {
        file: 'src/notes/notes.controller.ts',
        code: 'class Notes { @Get() list(): Promise<NoteDto[]> {} }',
        message: /list\(\) answers a whole list.*PageOf\(NoteDto\)/,
      },
      {
        file: 'src/notes/notes.controller.ts',
        code: 'class Notes { @Get() list(): Promise<readonly NoteDto[]> {} }',
        message: /answers a whole list/,
      },
      {
        file: 'src/notes/notes.controller.ts',
        code: 'class Notes { @Get() list(): Array<NoteDto> {} }',
        message: /answers a whole list/,
      },
    ],
    allowed: [
      {
        file: 'src/notes/notes.controller.ts',
        code: 'class Notes { @Get() list(): Promise<NotePage> {} names(): string[] {} }',
      },
    ],
  },
  'log-through-the-logger': {
    breaches: [
      'console.log(note);',
      'globalThis.console.error(note);',
      'process.stdout.write(note);',
      'const { log } = console;',
      "import { log } from 'node:console';",
    ].map((code) => ({ file: 'src/notes/notes.service.ts', code, message: /writes past the log.*use Nest's Logger/ })),
    allowed: [{ file: 'src/notes/notes.service.ts', code: "this.logger.log('done'); new Logger('Notes');" }],
  },
  'work-is-a-job': {
    breaches: [
      ...[
        'setTimeout(work, 1000);',
        'const timer = setInterval(() => work(), 1000);',
        'globalThis.setImmediate(work);',
      ].map((code) => ({
        file: 'src/notes/notes.service.ts',
        code,
        message: /begins work that is lost.*jobs\.enqueue/,
      })),
      { file: 'src/notes/notes.service.ts', code: 'void this.index(note);', message: /nobody waits for.*await it/ },
    ],
    allowed: [
      {
        file: 'src/notes/notes.service.ts',
        code: 'async () => { await new Promise((done) => setTimeout(done, 200)); }',
      },
      {
        file: 'src/notes/notes.service.ts',
        code: "import { setImmediate } from 'node:timers/promises'; async () => { await setImmediate(); await work(); }",
      },
      { file: 'src/notes/notes.service.ts', code: 'const f = () => void (seen = true);' },
    ],
  },
  'one-clock': {
    breaches: ['new Date();', 'Date.now();', 'Date();', 'new globalThis.Date();', 'globalThis.Date.now();'].map(
      (code) => ({
        file: 'src/notes/notes.service.ts',
        code,
        message: /reads the time of the machine.*inject Clock/,
      }),
    ),
    allowed: [{ file: 'src/notes/notes.service.ts', code: 'new Date(text); clock.now(); Date.parse(text);' }],
  },
  'throw-problems': {
    breaches: [
      {
        file: 'src/notes/notes.service.ts',
        code: "function f() { throw new Error('no note'); }",
        message: /A Error becomes a 500 that says nothing: throw an AppError/,
      },
      {
        file: 'src/notes/notes.service.ts',
        code: "import { NotFoundException } from '@nestjs/common'; const missing = () => new NotFoundException();",
        message: /NotFoundException of Nest has no code.*throw an AppError/,
      },
      {
        file: 'src/notes/notes.controller.ts',
        code: "import { ConflictException as Conflict } from '@nestjs/common'; class Taken extends Conflict {}",
        message: /Conflict of Nest has no code/,
      },
    ],
    allowed: [
      { file: 'src/notes/notes.service.ts', code: 'function f() { throw new AppError(NotFound, `no note`); }' },
      { file: 'src/notes/reader.ts', code: "function f() { throw new RangeError('caught by the service'); }" },
    ],
  },
  'locks-are-declared': {
    breaches: [
      'class Notes { async lock() { return run(m, sql`SELECT FROM notes WHERE id = ${id} ORDER BY id FOR UPDATE`); } }',
      'class Notes { async lock() { return run(m, sql`SELECT FROM notes FOR NO KEY UPDATE OF notes`); } }',
      'class Notes { async lock() { await run(m, sql`SELECT pg_advisory_xact_lock(${KEY})`); } }',
      "class Notes { lock() { return this.rows.findOne({ where: { id }, lock: { mode: 'pessimistic_write' } }); } }",
      "class Notes { lock() { return this.rows.createQueryBuilder().setLock('pessimistic_write').getOne(); } }",
      "class Notes { first() { declareLock('note'); } lock() { return run(m, sql`SELECT FROM notes FOR SHARE`); } }",
    ].map((code) => ({
      file: 'src/notes/notes.repository.ts',
      code,
      message: /lock\(\) locks rows.*declareLock\(…\)/,
    })),
    allowed: [
      "class Notes { lock() { declareLock('note'); return run(m, sql`SELECT FROM notes ORDER BY id FOR UPDATE`); } }",
      'class Notes { sweep() { return run(m, sql`SELECT FROM notes LIMIT ${limit} FOR UPDATE SKIP LOCKED`); } }',
      'class Notes { lock() { return run(m, sql`SELECT pg_try_advisory_xact_lock(${KEY})`); } }',
      'class Notes { find() { return this.rows.findOne({ where: { id, lock: true } }); } }',
    ].map((code) => ({ file: 'src/notes/notes.repository.ts', code })),
  },
  'other-systems-behind-gateways': {
    breaches: [
      ...[
        "import { createTransport } from 'nodemailer';",
        "import 'undici';",
        "import Stripe from 'stripe';",
        "import { S3Client } from '@aws-sdk/client-s3';",
        "import { request } from 'node:https';",
        "import * as http from 'http';",
        "import { Socket as Line } from 'node:net';",
        "import { lookup } from 'node:dns/promises';",
        "const { connect } = await import('node:tls');",
        "export { request } from 'node:http';",
        'await fetch(url);',
        'await globalThis.fetch(url);',
        "await globalThis['fetch'](url);",
        'const { fetch: ask } = globalThis;',
        'const ask = fetch;',
        'new WebSocket(url);',
      ].map((code) => ({ file: 'src/notes/notes.service.ts', code, message: /do that in a \*\.gateway\.ts/ })),
      ...[
        'export class Notes { async send() { await fetch(url); } }',
        'export class Notes { send = async () => { await fetch(url); }; }',
        "export class Notes { async send() { if (late) assertOutsideUnit('x'); await fetch(url); } }",
        "export class Notes { async send() { await fetch(url); assertOutsideUnit('x'); } }",
        'export class Notes { protected async send() { await fetch(url); } }',
        'class Notes { get client() { return this.transport; } }',
        'export async function send() { await fetch(url); }',
        'export const send = () => fetch(url);',
        'const send = () => fetch(url); export { send };',
        'function send() { return fetch(url); } export { send as post };',
        'export default async function send() { await fetch(url); }',
      ].map((code) => ({
        file: 'src/notes/notes.gateway.ts',
        code,
        message: /(send|client)\(\) of a gateway.*first statement/,
      })),
    ],
    allowed: [
      {
        file: 'src/notes/notes.gateway.ts',
        code: `import Stripe from 'stripe';
          export class Notes extends Client {
            constructor() { super(new Stripe()); }
            async send() { assertOutsideUnit('x'); await this.post(); }
            private async post() { await fetch(url); }
            onApplicationShutdown() { this.client.close(); }
          }
          export function ask() { assertOutsideUnit('x'); return fetch(url); }
          const helper = () => 1;`,
      },
      ...[
        "import { STATUS_CODES, type ClientRequest } from 'node:http';",
        "import { createServer, isIPv4 } from 'node:net';",
        "import type { Transporter } from 'nodemailer';",
        "import { type Transporter } from 'nodemailer';",
        "import pg from 'pg'; import { Redis } from 'ioredis';",
        'const fetch = () => 1; fetch();',
        'this.notes.fetch(); type Ask = typeof fetch;',
        'class Notes { async send() { await this.gateway.send(); } }',
      ].map((code) => ({ file: 'src/notes/notes.service.ts', code })),
    ],
  },
};

describe.each(Object.entries(PLANTED))('%s', (rule, { breaches, allowed }) => {
  it.each(breaches)('finds in $file: $code', ({ file, code, message }) => {
    const found = messagesOf(rule, file, code);

    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(message);
  });

  it.each(allowed)('lets pass in $file: $code', ({ file, code }) => {
    expect(messagesOf(rule, file, code)).toEqual([]);
  });
});

/** Breaches of the rules that need types, planted in files of the project. */
const PLANTED_IN_FILES: Record<string, { file: string; replace: [RegExp, string]; message: RegExp }[]> = {
  'routes-declare-problems': [
    {
      file: 'src/products/products.controller.ts',
      replace: [/@Problems\(SkuTaken\)\n {2}create/, '\n  create'],
      message: /create\(\) can answer the problem SkuTaken \(thrown in src\/products\/.*put @Problems\(SkuTaken\)/,
    },
    {
      file: 'src/inventory/stock.controller.ts',
      replace: [/@Problems\(OutOfStock, StockFull\)/, '@Problems(OutOfStock)'],
      message: /adjust\(\) can answer the problem StockFull/,
    },
  ],
  'input-is-bounded': [
    {
      file: 'src/inventory/stock.controller.ts',
      replace: [/$/, 'class Naked { text: string; }\nexport class C { f(@Body() naked: Naked) { return naked; } }\n'],
      message: /Naked\.text has no rule/,
    },
    {
      file: 'src/inventory/stock.controller.ts',
      replace: [
        /$/,
        'class Long { @IsString() text: string; @MaxLength(9) short: string; }\nexport class C { f(@Body() long: Long) { return long; } }\n',
      ],
      message: /Long\.text is a text of any length: give it @MaxLength/,
    },
    {
      file: 'src/inventory/stock.controller.ts',
      replace: [
        /$/,
        'class Many { @IsUUID() ids: string[]; }\nexport class C { f(@Query() many: Many) { return many; } }\n',
      ],
      message: /Many\.ids is a list of any length: give it @ArrayMaxSize/,
    },
  ],
};

describe.each(Object.entries(PLANTED_IN_FILES))('%s', (rule, breaches) => {
  const eslint = new ESLint();
  const messagesIn = async (file: string, text: string): Promise<string[]> => {
    const [result] = await eslint.lintText(text, { filePath: file });
    return (result?.messages ?? [])
      .filter(({ ruleId }) => ruleId === `stockroom/${rule}`)
      .map(({ message }) => message);
  };

  it.each(breaches)('finds what is planted in $file: $replace', async ({ file, replace, message }) => {
    const text = await readFile(file, 'utf8');
    expect(await messagesIn(file, text)).toEqual([]);

    const found = await messagesIn(file, text.replace(...replace));
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(message);
  });
});

describe('the rules', () => {
  it('each have planted breaches', () => {
    expect([...Object.keys(PLANTED), ...Object.keys(PLANTED_IN_FILES)].sort()).toEqual(
      Object.keys(stockroom.rules).sort(),
    );
  });

  it('are on, for a service of a feature', async () => {
    const config = (await new ESLint().calculateConfigForFile('src/products/products.service.ts')) as Linter.Config;
    const on = Object.entries(config.rules ?? {}).flatMap(([name, setting]) =>
      name.startsWith('stockroom/') && Array.isArray(setting) && setting[0] === 2 ? [name] : [],
    );
    expect(on.sort()).toEqual(
      Object.keys(stockroom.rules)
        .map((name) => `stockroom/${name}`)
        .sort(),
    );
  });

  it('are in docs/extending.md, with what they say', async () => {
    const page = await readFile('docs/extending.md', 'utf8');
    const message = Object.entries(stockroom.rules).flatMap(([name, { meta }]) => [
      `\`stockroom/${name}\``,
      ...Object.values(meta?.messages ?? {}).map((message) => message.replaceAll(/\{\{\w+\}\}/g, '…')),
    ]);
    expect(message.filter((text) => !page.includes(text))).toEqual([]);
  });
});

/** What a rule says of a file. */
function messagesOf(rule: string, filename: string, code: string): string[] {
  const config: Linter.Config = {
    files: ['**/*.ts'],
    languageOptions: { parser },
    plugins: { stockroom },
    rules: { [`stockroom/${rule}`]: 'error' },
  };
  return new Linter().verify(code, [config], { filename }).map(({ message }) => message);
}
