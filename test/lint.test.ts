import { readFile } from 'node:fs/promises';
import { describe, expect, it } from '@jest/globals';
import { ESLint, Linter } from 'eslint';
import { parser } from 'typescript-eslint';
import stockroom from '../lint/index.js';

interface Breach {
  file: string;
  code: string;
  /** What the message tells to do instead. */
  told: RegExp;
}

/** Of each rule breaches, and what looks like one and is none. */
const PLANTED: Record<string, { breaches: Breach[]; allowed: Omit<Breach, 'told'>[] }> = {
  'routes-say-who': {
    breaches: [
      {
        file: 'src/notes/notes.controller.ts',
        code: "@Controller('notes') class NotesController { @Get() list() {} }",
        told: /list\(\) does not say who may call it.*@Permit/,
      },
      {
        file: 'src/notes/notes.controller.ts',
        code: "@Controller('notes') class NotesController { @Public() @Get() list() {} @Post() create() {} }",
        told: /create\(\) does not say who/,
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
        told: /\(Repository\): give the service a method/,
      },
      {
        file: 'src/notes/notes.controller.ts',
        code: 'class Notes { constructor(@InjectDataSource() private readonly source: unknown) {} }',
        told: /\(@InjectDataSource\): give the service a method/,
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
        told: /entity Note would leave.*answer with a DTO/,
      },
      {
        file: 'src/notes/notes.controller.ts',
        code: "import type { Note as Row } from './entities/note.entity.js'; class Notes { list(): Row[] {} }",
        told: /entity Row would leave/,
      },
      {
        file: 'src/notes/dto/note.dto.ts',
        code: "import { FootNote } from '../entities/foot-note.entity.js'; class NoteDto { feet: FootNote[]; }",
        told: /shows no entity \(FootNote\): name the members/,
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
        told: /^DataSource runs on a connection of its own.*inject the repository/,
      },
      {
        file: 'src/notes/notes.service.ts',
        code: 'class Notes { constructor(@InjectEntityManager() private readonly manager: unknown) {} }',
        told: /@InjectEntityManager runs on/,
      },
      {
        file: 'src/notes/notes.service.ts',
        code: 'async function f(notes) { await notes.manager.transaction(async () => {}); }',
        told: /transaction\(\) begins a transaction of its own: put what belongs together into Transactions\.run/,
      },
      {
        file: 'src/notes/notes.service.ts',
        code: 'class N { f() { return this.transactions.run(async () => { void this.notes.delete(1); }); } }',
        told: /await or return this/,
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
    ].map((code) => ({ file: 'src/notes/notes.service.ts', code, told: /give Config a member/ })),
    allowed: [{ file: 'src/notes/notes.service.ts', code: 'const { env } = config; process.exitCode = 1;' }],
  },
  'classes-in-their-place': {
    breaches: [
      {
        file: 'src/notes/notes.service.ts',
        code: "@Entity('notes') class Note {}",
        told: /Note belongs into entities\/<name>\.entity\.ts: the data source/,
      },
      { file: 'src/notes/note.entity.ts', code: "@Entity('notes') class Note {}", told: /belongs into entities\// },
      {
        file: 'src/notes/notes.service.ts',
        code: 'export class NoteDto { text: string; }',
        told: /NoteDto belongs into dto\/<name>\.dto\.ts: the document/,
      },
      { file: 'src/notes/notes.ts', code: '@Controller() class Notes {}', told: /notes|<feature>\.controller\.ts/ },
      { file: 'src/notes/notes.ts', code: '@Module({}) class Notes {}', told: /<feature>\.module\.ts/ },
    ],
    allowed: [
      { file: 'src/notes/entities/note.entity.ts', code: "@Entity('notes') export class Note {}" },
      { file: 'src/notes/dto/note.dto.ts', code: 'export class NoteDto { text: string; }' },
      { file: 'src/notes/notes.service.ts', code: '@Injectable() export class NotesService {}' },
    ],
  },
};

describe.each(Object.entries(PLANTED))('%s', (rule, { breaches, allowed }) => {
  it.each(breaches)('finds in $file: $code', ({ file, code, told }) => {
    const found = messagesOf(rule, file, code);

    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(told);
  });

  it.each(allowed)('lets pass in $file: $code', ({ file, code }) => {
    expect(messagesOf(rule, file, code)).toEqual([]);
  });
});

describe('the rules', () => {
  it('are planted breaches of, every one', () => {
    expect(Object.keys(PLANTED).sort()).toEqual(Object.keys(stockroom.rules).sort());
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
    const told = Object.entries(stockroom.rules).flatMap(([name, { meta }]) => [
      `\`stockroom/${name}\``,
      ...Object.values(meta?.messages ?? {}).map((message) => message.replaceAll(/\{\{\w+\}\}/g, '…')),
    ]);
    expect(told.filter((text) => !page.includes(text))).toEqual([]);
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
