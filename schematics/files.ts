import { enumName, enumType, foreignKey, type Part, partOf, uniqueColumns, uniqueConstraint } from './parts.js';
import type { Feature } from './model.js';
import { nameOf, withArticle } from './names.js';

/** The path and the text of each file of a feature, before it is formatted. */
export function filesOf(feature: Feature): Map<string, string> {
  const { name, one, readOnly } = feature;
  const parts = feature.fields.map((field) => partOf(feature, field));
  const folder = `src/${name.kebab}`;
  const files: [string, string | undefined][] = [
    [`${folder}/${name.kebab}.module.ts`, moduleText(feature)],
    [`${folder}/${name.kebab}.controller.ts`, controllerText(feature, parts)],
    [`${folder}/${name.kebab}.service.ts`, serviceText(feature, parts)],
    [`${folder}/${name.kebab}.permissions.ts`, readOnly ? undefined : permissionsText(feature)],
    [`${folder}/${name.kebab}.problems.ts`, problemsText(feature, parts)],
    [`${folder}/entities/${one.kebab}.entity.ts`, entityText(feature, parts)],
    [`${folder}/dto/${one.kebab}.dto.ts`, outputText(feature, parts)],
    [`${folder}/dto/${one.kebab}-input.dto.ts`, readOnly ? undefined : inputText(feature, parts)],
    [`${folder}/dto/${one.kebab}-query.dto.ts`, feature.listed ? queryText(feature, parts) : undefined],
    [`src/migrations/${String(feature.timestamp)}-${name.kebab}.ts`, migrationText(feature, parts)],
  ];
  return new Map(files.filter((file): file is [string, string] => file[1] !== undefined));
}

/** Imports, one line each, of what is used; in the order of the modules that they come from. */
export function imports(used: Record<string, readonly string[]>): string {
  return Object.entries(used)
    .map(([from, names]): [string, string[]] => [
      from,
      [...new Set(names)].sort((a, b) => plainName(a).localeCompare(plainName(b))),
    ])
    .filter(([, names]) => names.length > 0)
    .map(([from, names]) => {
      const onlyTypes = names.every((name) => name.startsWith('type '));
      const list = names
        .filter((name) => !name.startsWith(DEFAULT))
        .map((name) => (onlyTypes ? plainName(name) : name));
      const [whole] = names.filter((name) => name.startsWith(DEFAULT)).map((name) => `${name.slice(DEFAULT.length)}, `);
      return `import ${onlyTypes ? 'type ' : ''}${whole ?? ''}{ ${list.join(', ')} } from '${from}';`;
    })
    .join('\n');
}

/** How the default export of a module is named among the others. */
const DEFAULT = 'default as ';

const plainName = (name: string): string => name.replace(/^type /, '');

const docOf = (lines: readonly string[]): string =>
  lines.length === 0
    ? ''
    : lines.length === 1
      ? `/** ${lines[0] ?? ''} */\n`
      : `/**\n${lines.map((line) => ` * ${line}`).join('\n')}\n */\n`;

const decorated = (decorators: readonly string[]): string => decorators.map((decorator) => `@${decorator}\n`).join('');

const FROM_VALIDATOR = [
  'ArrayMaxSize',
  'ArrayUnique',
  'IsArray',
  'IsBoolean',
  'IsDefined',
  'IsIn',
  'IsInt',
  'IsOptional',
  'IsString',
  'IsUUID',
  'Max',
  'MaxLength',
  'Min',
  'MinLength',
  'ValidateIf',
  'ValidateNested',
];
const chosen = (names: readonly string[], among: readonly string[]): string[] =>
  names.filter((name) => among.includes(name));

/** What a set of members needs imported, seen from `dto/`. */
function importsOfMembers(
  feature: Feature,
  parts: readonly Part[],
  text: string,
  more: Record<string, readonly string[]> = {},
): string {
  const has = (name: string): boolean => new RegExp(`\\b${name}\\b`).test(text);
  const enums = parts.flatMap(({ field }) =>
    field.type === 'enum'
      ? [
          ...(has(enumName(feature, field)) ? [enumName(feature, field)] : []),
          ...(has(enumType(feature, field)) ? [`type ${enumType(feature, field)}`] : []),
        ]
      : [],
  );
  const among = (names: readonly string[], types: readonly string[] = []): string[] => [
    ...names.filter((name) => new RegExp(`\\b${name}\\(`).test(text)),
    ...types.filter(has).map((name) => `type ${name}`),
  ];
  return imports({
    '@nestjs/swagger': [...among(['ApiProperty']), ...(more['@nestjs/swagger'] ?? [])],
    'class-transformer': among(['Transform', 'Type']),
    'class-validator': chosen(FROM_VALIDATOR, among(FROM_VALIDATOR)),
    '../../common/attributes/attributes.js': among(
      ['AttributesProperty', 'IsAttributes'],
      ['Attributes', 'AttributesPatch'],
    ),
    '../../common/http/page.dto.js': more.page ?? [],
    '../../common/http/query.js': has('truthOf') ? ['truthOf'] : [],
    '../../common/money/money.dto.js': ['MoneyChangeDto', 'MoneyDto'].filter(has),
    '../../common/time/date-time.js': among(['IsDateTime']),
    [`../entities/${feature.one.kebab}.entity.js`]: enums,
  });
}

function moduleText({ name, one }: Feature): string {
  return `import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { ${one.pascal} } from './entities/${one.kebab}.entity.js';
import { ${name.pascal}Controller } from './${name.kebab}.controller.js';
import { ${name.pascal}Service } from './${name.kebab}.service.js';

@Module({
  imports: [TypeOrmModule.forFeature([${one.pascal}])],
  controllers: [${name.pascal}Controller],
  providers: [${name.pascal}Service],
  exports: [${name.pascal}Service],
})
export class ${name.pascal}Module {}
`;
}

function permissionsText({ name, owned }: Feature): string {
  const what = owned ? `Change and delete the ${name.words} of others.` : `Create, change and delete ${name.words}.`;
  return `import { definePermission } from '../common/security/permissions.js';

export const Write${name.pascal} = definePermission('${name.kebab}:write', ['staff'], '${what}');
`;
}

/** The problem of a value that is taken. */
const takenProblem = ({ one }: Feature, { member: of }: Part): string =>
  `${one.pascal}${nameOf(of.replace(/Id$/, '')).pascal}Taken`;
const areUnique = (parts: readonly Part[]): Part[] => parts.filter(({ field }) => field.unique);

function problemsText(feature: Feature, parts: readonly Part[]): string | undefined {
  if (feature.readOnly || areUnique(parts).length === 0) return undefined;
  const { one, owned } = feature;
  const problems = areUnique(parts).map((part) => {
    const of = part.field.name.words;
    const ofOwner = owned && part.field.type === 'ref';
    const title = ofOwner ? `There is ${withArticle(one.words)} of this ${of} already` : `The ${of} is taken`;
    const description = ofOwner
      ? `You have made ${withArticle(one.words)} of this ${of} before. Change or delete that one.`
      : `Another ${one.words} has this ${of}. Choose another, or change that ${one.words}.`;
    return `export const ${takenProblem(feature, part)} = defineProblem(
  '${one.kebab}-${part.field.name.kebab}-taken',
  409,
  '${title}',
  '${description}',
);`;
  });
  return `import { defineProblem } from '../common/http/problem.js';\n\n${problems.join('\n')}\n`;
}

function entityText(feature: Feature, parts: readonly Part[]): string {
  const { name, one, owned, softDelete } = feature;
  const enums = parts
    .filter(({ field }) => field.type === 'enum')
    .map(
      ({
        field,
      }) => `export const ${enumName(feature, field)} = [${field.values.map((value) => `'${value}'`).join(', ')}] as const;
export type ${enumType(feature, field)} = (typeof ${enumName(feature, field)})[number];`,
    );
  const columns = parts.flatMap(({ columns: own, field }) =>
    own.map(
      ({ name: column, decorator, type, doc }) =>
        `${docOf(doc ? [doc] : field.unique ? ['Unique.'] : [])}@${decorator}\n${column}: ${type};`,
    ),
  );
  const owner = owned ? ["/** The user who made it. */\n@Column('uuid')\nownerId: string;"] : [];
  const deleted = softDelete
    ? [
        "/** Since when it is out of sight; null while it isn't. */\n@Column({ type: 'timestamptz', precision: 3, nullable: true })\ndeletedAt: Date | null;",
      ]
    : [];
  return `${imports({
    typeorm: ['Column', 'Entity'],
    '../../common/attributes/attributes.js': parts.some(({ field }) => field.type === 'json')
      ? ['type Attributes']
      : [],
    '../../common/database/columns.js': ['VersionedRow'],
  })}

${enums.join('\n\n')}

/** ${capital(withArticle(one.words))}. */
@Entity('${name.snake}')
export class ${one.pascal} extends VersionedRow {
${[...owner, ...columns, ...deleted].join('\n\n')}
}
`;
}

/** Columns in lines that a reader takes in. */
function inLines(columns: readonly string[]): string {
  const lines: string[] = [];
  for (const column of columns) {
    const line = lines.at(-1);
    if (line !== undefined && line.length + column.length < 110) lines[lines.length - 1] = `${line}, ${column}`;
    else lines.push(column);
  }
  return lines.join(',\n  ');
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

function outputText(feature: Feature, parts: readonly Part[]): string {
  const { one, owned, listed } = feature;
  const members = parts.map(
    ({ member: of, output }) => `${docOf(output.doc)}${decorated(output.decorators)}${of}: ${output.type};`,
  );
  const owner = owned ? ['/** The user who made it. */\nownerId: string;'] : [];
  const body = `/** ${capital(withArticle(one.words))} as it goes out. */
export class ${one.pascal}Dto {
  /** @example 0198f3c2-7d0e-7a51-9b1e-3f1f6c2b8a10 */
  id: string;

${[...owner, ...members].join('\n\n')}

  /** Counts its changes; also its ETag. */
  @Min(1)
  version: number;

  /** @example 2026-11-20T09:30:00.000Z */
  createdAt: string;

  updatedAt: string;
}
${listed ? `\n/** A page of ${feature.name.words}. */\nexport class ${one.pascal}Page extends PageOf(${one.pascal}Dto) {}\n` : ''}
/** ${capital(withArticle(one.words))} as its queries give it. */
export interface ${one.pascal}Row {
  id: string;
${owned ? '  ownerId: string;\n' : ''}${parts.flatMap(({ row }) => row.map((line) => `  ${line};\n`)).join('')}  version: number;
  createdAt: Date;
  updatedAt: Date;
}

export const to${one.pascal}Dto = (row: ${one.pascal}Row): ${one.pascal}Dto => ({
  id: row.id,
${owned ? '  ownerId: row.ownerId,\n' : ''}${parts.map(({ member: of, mapped }) => `  ${of}: ${mapped},\n`).join('')}  version: row.version,
  createdAt: row.createdAt.toISOString(),
  updatedAt: row.updatedAt.toISOString(),
});
`;
  return `${importsOfMembers(feature, parts, body, { page: listed ? ['PageOf'] : [] })}\n\n${body}`;
}

function inputText(feature: Feature, parts: readonly Part[]): string {
  const { one } = feature;
  const line = (
    of: string,
    { decorators, type, doc }: Pick<Part['input'], 'decorators' | 'type' | 'doc'>,
    left: boolean,
  ): string => `${docOf(doc)}${decorated(decorators)}${of}${left ? '?' : ''}: ${type};`;
  const members = parts.map(({ member: of, input }) => line(of, input, input.left));
  const replaced = parts.filter(({ change }) => change);
  const base = replaced.length > 0 ? `OmitType(Create${one.pascal}Dto, REPLACED)` : `Create${one.pascal}Dto`;
  const changes = replaced.map(({ member: of, change }) => (change ? line(of, change, true) : ''));
  const body = `/** What a new ${one.words} is made of. */
export class Create${one.pascal}Dto {
${members.join('\n\n')}
}

${replaced.length > 0 ? `/** What a change says in another way than a new ${one.words} does. */\nconst REPLACED = [${replaced.map(({ member: of }) => `'${of}'`).join(', ')}] as const;\n\n` : ''}/** What may be changed of ${withArticle(one.words)}: a JSON Merge Patch. */
export class Update${one.pascal}Dto extends PartialType(${base}, { skipNullProperties: false }) {${changes.length > 0 ? `\n${changes.join('\n\n')}\n` : ''}}
`;
  return `${importsOfMembers(feature, parts, body, { '@nestjs/swagger': [...(replaced.length > 0 ? ['OmitType'] : []), 'PartialType'] })}\n\n${body}`;
}

const sortNames = (parts: readonly Part[]): string[] =>
  [...parts.flatMap(({ sort }) => (sort ? [sort.name] : [])), 'createdAt'].flatMap((sort) => [sort, `-${sort}`]);

const isSearchable = (parts: readonly Part[]): boolean => parts.some(({ field }) => field.searchable);

function queryText(feature: Feature, parts: readonly Part[]): string {
  const { name, one, owned } = feature;
  const filters = [
    ...(isSearchable(parts)
      ? [
          {
            parameter: 'q',
            doc: 'Words to search for.',
            decorators: ['IsString()', 'MinLength(1)', 'MaxLength(200)'],
            type: 'string',
          },
        ]
      : []),
    ...(owned
      ? [{ parameter: 'ownerId', doc: 'Only those of this user.', decorators: ['IsUUID()'], type: 'string' }]
      : []),
    ...parts.flatMap(({ filters: own }) => own),
  ].map(
    ({ parameter, doc, decorators, type }) =>
      `${docOf([doc])}@IsOptional()\n${decorated(decorators)}${parameter}?: ${type};`,
  );
  const body = `/** The orders that ${name.words} can be listed in; \`-\` is descending. */
const SORTS = [${sortNames(parts)
    .map((sort) => `'${sort}'`)
    .join(', ')}] as const;
export type ${one.pascal}Sort = (typeof SORTS)[number];

/** The filters and sorts of the list of ${name.words}. */
export class ${one.pascal}Query extends PageQuery {
${filters.map((filter) => `${filter}\n\n`).join('')}/** By default the newest first. */
@IsOptional()
@IsIn(SORTS)
sort?: ${one.pascal}Sort;
}
`;
  return `${importsOfMembers(feature, parts, body, { page: ['PageQuery'] })}\n\n${body}`;
}

function migrationText(feature: Feature, parts: readonly Part[]): string {
  const { name, owned, softDelete } = feature;
  const columns = [
    `id uuid CONSTRAINT ${name.snake}_pk PRIMARY KEY`,
    ...(owned
      ? [`owner_id uuid NOT NULL CONSTRAINT ${name.snake}_owner_fk REFERENCES users (id) ON DELETE CASCADE`]
      : []),
    ...parts.flatMap(({ definitions }) => definitions),
    'version integer NOT NULL DEFAULT 1',
    'created_at timestamptz(3) NOT NULL DEFAULT now()',
    'updated_at timestamptz(3) NOT NULL DEFAULT now()',
    ...(softDelete ? ['deleted_at timestamptz(3)'] : []),
    ...searchColumn(parts),
    ...parts.flatMap(({ constraints }) => constraints),
  ];
  const made = [
    `CREATE TABLE ${name.snake} (\n        ${columns.join(',\n        ')}\n      )`,
    ...(feature.listed ? [`CREATE INDEX ${name.snake}_by_created_at ON ${name.snake} (created_at, id)`] : []),
    ...(owned ? [`CREATE INDEX ${name.snake}_of_owner ON ${name.snake} (owner_id, created_at, id)`] : []),
    ...parts.flatMap(({ indexes }) => indexes),
    ...(softDelete
      ? areUnique(parts).map(
          (part) =>
            `CREATE UNIQUE INDEX ${uniqueConstraint(feature, part.field)} ON ${name.snake} (${uniqueColumns(feature, part.field)}) WHERE deleted_at IS NULL`,
        )
      : []),
    ...(isSearchable(parts) ? [`CREATE INDEX ${name.snake}_for_search ON ${name.snake} USING gin (search)`] : []),
  ];
  const dropped = [
    ...parts
      .filter(({ field }) => field.type === 'refs')
      .map(({ field }) => `${feature.one.snake}_${field.name.snake}`),
    name.snake,
  ];
  const statement = (text: string): string =>
    `await runner.query(${text.includes('\n') ? `\`\n      ${text}\`` : text.includes("'") ? `\`${text}\`` : `'${text}'`});`;
  return `import type { MigrationInterface, QueryRunner } from 'typeorm';

export class ${name.pascal}${String(feature.timestamp)} implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    ${made.map(statement).join('\n    ')}
  }

  async down(runner: QueryRunner): Promise<void> {
    ${dropped.map((table) => statement(`DROP TABLE ${table}`)).join('\n    ')}
  }
}
`;
}

function searchColumn(parts: readonly Part[]): string[] {
  const columns = parts
    .filter(({ field }) => field.searchable)
    .map(({ member: of, field }) => (field.optional ? `coalesce(${nameOf(of).snake}, '')` : nameOf(of).snake));
  return columns.length === 0
    ? []
    : [`search tsvector NOT NULL GENERATED ALWAYS AS (to_tsvector('english', ${columns.join(" || ' ' || ")})) STORED`];
}

function controllerText(feature: Feature, parts: readonly Part[]): string {
  const { name, one, owned, readOnly, listed } = feature;
  const write = `Write${name.pascal}`;
  const taken = areUnique(parts).map((part) => takenProblem(feature, part));
  const problems = (...more: string[]): string => {
    const named = [...taken, ...more];
    return named.length > 0 ? `\n  @Problems(${named.join(', ')})` : '';
  };
  const access = owned ? '@SignedIn()' : `@Permit(${write})`;
  const callerParameter = owned ? ', @CurrentCaller() caller: Caller' : '';
  const callerArgument = owned ? ', caller' : '';
  const others = owned ? ['Forbidden'] : [];
  const service = name.camel;
  const methods = [
    ...(listed
      ? [
          `  /** Lists ${name.words}. */
  @Get()
  @Public()
  @Cacheable(30)
  list(@Query() query: ${one.pascal}Query): Promise<${one.pascal}Page> {
    return this.${service}.list(query);
  }`,
        ]
      : []),
    `  /** Shows ${withArticle(one.words)}. */
  @Get(':id')
  @Public()
  @Versioned(${name.pascal}Service)
  @Cacheable(30)
  read(@Param('id', IdPipe) id: string): Promise<${one.pascal}Dto> {
    return this.${service}.read(id);
  }`,
    ...(readOnly
      ? []
      : [
          `  /** Makes ${withArticle(one.words)}. */
  @Post()
  ${access}
  @Idempotent()${problems()}
  create(@Body() ${one.camel}: Create${one.pascal}Dto${callerParameter}): Promise<${one.pascal}Dto> {
    return this.${service}.create(${one.camel}${callerArgument});
  }`,
          `  /** Changes ${withArticle(one.words)} by a JSON Merge Patch: what is left out stays, null removes. */
  @Patch(':id')
  ${access}${problems(...others)}
  update(
    @Param('id', IdPipe) id: string,
    @IfMatch() expected: ExpectedVersions,
    @Body() change: Update${one.pascal}Dto${callerParameter}
  ): Promise<${one.pascal}Dto> {
    return this.${service}.update(id, change, expected${callerArgument});
  }`,
          `  /** Deletes ${withArticle(one.words)}. */
  @Delete(':id')
  @HttpCode(204)
  ${access}${owned ? '\n  @Problems(Forbidden)' : ''}
  remove(@Param('id', IdPipe) id: string, @IfMatch() expected: ExpectedVersions${callerParameter}): Promise<void> {
    return this.${service}.remove(id, expected${callerArgument});
  }`,
        ]),
  ];
  const writing = (names: string[]): string[] => (readOnly ? [] : names);
  return `${imports({
    '@nestjs/common': [
      'Controller',
      'Get',
      'Param',
      ...(listed ? ['Query'] : []),
      ...writing(['Body', 'Delete', 'HttpCode', 'Patch', 'Post']),
    ],
    '../common/http/cacheable.js': ['Cacheable'],
    '../common/http/conditional.js': writing(['type ExpectedVersions', 'IfMatch']),
    '../common/http/idempotent.js': writing(['Idempotent']),
    '../common/http/problem.js': writing(taken.length > 0 || owned ? ['Problems'] : []),
    '../common/http/problems.js': others,
    '../common/http/validation.pipe.js': ['IdPipe'],
    '../common/http/versioned.js': ['Versioned'],
    '../common/openapi/about.js': ['About'],
    '../common/security/access.js': [...writing([owned ? 'SignedIn' : 'Permit']), 'Public'],
    '../common/security/caller.js': owned ? ['type Caller', 'CurrentCaller'] : [],
    [`./dto/${one.kebab}-input.dto.js`]: writing([`Create${one.pascal}Dto`, `Update${one.pascal}Dto`]),
    [`./dto/${one.kebab}-query.dto.js`]: listed ? [`${one.pascal}Query`] : [],
    [`./dto/${one.kebab}.dto.js`]: [`${one.pascal}Dto`, ...(listed ? [`${one.pascal}Page`] : [])],
    [`./${name.kebab}.permissions.js`]: writing(owned ? [] : [write]),
    [`./${name.kebab}.problems.js`]: writing(taken),
    [`./${name.kebab}.service.js`]: [`${name.pascal}Service`],
  })}

@About('${capital(name.words)}.')
@Controller('${name.kebab}')
export class ${name.pascal}Controller {
  constructor(private readonly ${service}: ${name.pascal}Service) {}

${methods.join('\n\n')}
}
`;
}

function serviceText(feature: Feature, parts: readonly Part[]): string {
  const { name, one, alias, owned, softDelete, readOnly, listed } = feature;
  const table = name.snake;
  const repository = name.camel;
  const selected = [
    `${alias}.id`,
    ...(owned ? [`${alias}.owner_id AS "ownerId"`] : []),
    ...parts.flatMap(({ selected: own }) => own),
    `${alias}.version`,
    `${alias}.created_at AS "createdAt"`,
    `${alias}.updated_at AS "updatedAt"`,
  ];
  const visible = softDelete ? ` AND ${alias}.deleted_at IS NULL` : '';
  const lists = parts.filter(({ field }) => field.type === 'refs');
  const json = parts.filter(({ field }) => field.type === 'json');
  const converted = parts.filter(({ field }) => field.type === 'money' || field.type === 'date-time');
  const refusals = [
    ...parts
      .filter(({ field }) => field.type === 'ref' || field.type === 'refs')
      .map(
        ({ field, member: of }) => `  ${foreignKey(feature, field)}: () =>
    new Problem(ValidationFailed, 'The ${field.name.words} ${field.type === 'ref' ? 'does' : 'do'} not exist.', {
      errors: [{ pointer: '#/${of}', code: 'exists', detail: 'must be there' }],
    }),`,
      ),
    ...areUnique(parts).map((part) => {
      const { field } = part;
      const detail =
        owned && field.type === 'ref'
          ? `You have ${withArticle(one.words)} of this ${field.name.words} already.`
          : `There is already ${withArticle(one.words)} with this ${field.name.words}.`;
      return `  ${uniqueConstraint(feature, field)}: () => new Problem(${takenProblem(feature, part)}, '${detail}'),`;
    }),
  ];
  const refused = (write: string): string => (refusals.length > 0 ? `refusedBy(REFUSALS, ${write})` : write);
  const caller = owned ? ', caller: Caller' : '';
  const givenCaller = owned ? ', caller' : '';
  const columnsOf = converted.length > 0;
  const apart = [...lists, ...json].map(({ member: of }) => of);
  const plain = apart.length > 0 ? 'plain' : undefined;
  const written = (from: string): string => (columnsOf ? `...columnsOf(${from})` : `...${from}`);
  const place = lists.map(({ field, member: of }) => `await ${refused(`this.put${field.name.pascal}(id, ${of})`)};`);

  const create = `  async create(${
    plain
      ? `{ ${lists
          .map(({ member: of }) => `${of} = []`)
          .concat(json.map(({ member: of }) => `${of} = {}`))
          .join(', ')}, ...plain }`
      : 'input'
  }: Create${one.pascal}Dto${caller}): Promise<${one.pascal}Dto> {
    const id = uuidv7();
    return this.transactions.run(async () => {
      await ${refused(`this.${repository}.insert({ id, ${owned ? 'ownerId: caller.userId, ' : ''}${written(plain ?? 'input')}${json.map(({ member: of }) => `, ${of}`).join('')} })`)};
      ${place.join('\n      ')}
      return this.read(id);
    });
  }`;
  const update = `  async update(
    id: string,
    ${plain ? `{ ${apart.join(', ')}, ...plain }` : 'change'}: Update${one.pascal}Dto,
    expected: ExpectedVersions${caller}
  ): Promise<${one.pascal}Dto> {
    return this.transactions.run(async () => {
      const ${one.camel} = await this.lock(id${givenCaller});
      requireVersion(expected, ${one.camel}.version);
      ${lists.map(({ member: of }, index) => `if (${of}) ${place[index] ?? ''}`).join('\n      ')}
      await ${refused(
        json.length > 0
          ? `this.${repository}.update(id, { ${written(plain ?? 'change')}, ${json.map(({ member: of }) => `...(${of} && { ${of}: mergeAttributes(${one.camel}.${of}, ${of}, '${of}') })`).join(', ')} })`
          : `this.${repository}.update(id, ${columnsOf ? `columnsOf(${plain ?? 'change'})` : (plain ?? 'change')})`,
      )};
      return this.read(id);
    });
  }`;
  const remove = `  async remove(id: string, expected: ExpectedVersions${caller}): Promise<void> {
    await this.transactions.run(async () => {
      requireVersion(expected, (await this.lock(id${givenCaller})).version);
      await this.${repository}.${softDelete ? 'update(id, { deletedAt: this.clock.now() })' : 'delete(id)'};
    });
  }`;
  const lock = `  ${owned ? '/** @throws Problem 404, or 403 for what is somebody else’s. */\n  ' : ''}private async lock(id: string${caller}): Promise<${one.pascal}> {
    const ${one.camel} = await this.${repository}.findOne({ where: { id${softDelete ? ', deletedAt: IsNull()' : ''} }, lock: { mode: 'pessimistic_write' } });
    if (!${one.camel}) throw notFound(id);
    ${
      owned
        ? `if (${one.camel}.ownerId !== caller.userId && !caller.permissions.has(Write${name.pascal}.name)) {
      throw new Problem(Forbidden, 'The ${one.words} is somebody else’s.');
    }
    `
        : ''
    }return ${one.camel};
  }`;
  const puts = lists.map(({ field, member: of }) => {
    const join = `${one.snake}_${field.name.snake}`;
    const [here, there] = [`${one.snake}_id`, nameOf(of.slice(0, -1)).snake];
    return `  /** Leaves it with these ${field.name.words}, and no others. */
  private async put${field.name.pascal}(id: string, ${of}: readonly string[]): Promise<void> {
    await run(
      this.${repository}.manager,
      sql\`WITH others AS (DELETE FROM ${join} WHERE ${here} = \${id} AND ${there} <> ALL (\${${of}}))
          INSERT INTO ${join} (${here}, ${there})
          SELECT \${id}, ${there} FROM unnest(\${${of}}::uuid[]) ${there} ON CONFLICT DO NOTHING\`,
    );
  }`;
  });
  const filters = [
    ...(owned ? [{ parameter: 'ownerId', condition: `${alias}.owner_id = \${ownerId}` }] : []),
    ...parts.flatMap(({ filters: own }) => own),
    ...(isSearchable(parts)
      ? [{ parameter: 'q', condition: `${alias}.search @@ websearch_to_tsquery('english', \${q})` }]
      : []),
  ];
  const list = `  /** One page of what the query means. */
  async list(asked: ${one.pascal}Query): Promise<${one.pascal}Page> {
    const list = this.pages.open(asked);
    return this.pages.read(
      this.${repository}.manager,
      list,
      {
        columns: COLUMNS,
        from: raw('${table} ${alias}'),
        where: conditionsOf(list.query),
        id: raw('${alias}.id'),
        ${isSearchable(parts) ? 'demanding: list.query.q !== undefined,\n        ' : ''}sort: SORTS[list.query.sort ?? '-createdAt'],
      },
      to${one.pascal}Dto,
    );
  }`;
  const keys = [
    ...parts.flatMap(({ sort }) => (sort ? [sort] : [])),
    { name: 'createdAt', expression: `${alias}.created_at`, type: 'timestamptz' },
  ];
  const key = (expression: string): string => (expression.includes("'") ? `\`${expression}\`` : `'${expression}'`);
  const body = `const COLUMNS = raw(\`
  ${inLines(selected)}\`);

/** The ${name.words} of the shop. */
@Injectable()
export class ${name.pascal}Service {
  constructor(
    @InjectRepository(${one.pascal}) private readonly ${repository}: Repository<${one.pascal}>,
    ${readOnly ? '' : 'private readonly transactions: Transactions,\n    '}${listed ? 'private readonly pages: Pages,\n  ' : ''}${softDelete ? '  private readonly clock: Clock,\n  ' : ''}) {}

${listed ? `${list}\n\n` : ''}  /** @throws Problem 404. */
  async read(id: string): Promise<${one.pascal}Dto> {
    const [row] = await lookUp<${one.pascal}Row>(
      this.${repository}.manager,
      sql\`SELECT \${COLUMNS} FROM ${table} ${alias} WHERE ${alias}.id = \${id}${visible}\`,
    );
    if (!row) throw notFound(id);
    return to${one.pascal}Dto(row);
  }

  /** The version of what {@link read} shows; undefined where that throws. */
  async versionOf(id: string): Promise<number | undefined> {
    const [row] = await lookUp<{ version: number }>(
      this.${repository}.manager,
      sql\`SELECT version FROM ${table} ${alias} WHERE ${alias}.id = \${id}${visible}\`,
    );
    return row?.version;
  }
${readOnly ? '' : `\n${[create, update, remove, lock, ...puts].join('\n\n')}\n`}}

const notFound = (id: string): Problem => new Problem(NotFound, \`There is no ${one.words} \${id}.\`);
${!readOnly && columnsOf ? `\n${columnsText(feature, parts, converted)}\n` : ''}${refusals.length > 0 && !readOnly ? `\n/** What the table refuses, in words. */\nconst REFUSALS: Refusals = {\n${refusals.join('\n')}\n};\n` : ''}${
    listed
      ? `
const conditionsOf = ({ ${filters.map(({ parameter }) => parameter).join(', ')} }: ${one.pascal}Query): Sql[] =>
  [
    ${softDelete ? `raw('${alias}.deleted_at IS NULL'),\n    ` : ''}${filters.map(({ parameter, condition }) => `${parameter} !== undefined && sql\`${condition}\`,`).join('\n    ')}
  ].filter((condition) => condition !== false);

const SORTS: Record<${one.pascal}Sort, SortKey> = {
  ${keys.map(({ name: sort, expression, type }) => `${sort}: { expression: raw(${key(expression)}), type: '${type}', descending: false },\n  '-${sort}': { expression: raw(${key(expression)}), type: '${type}', descending: true },`).join('\n  ')}
};
`
      : ''
  }`;
  const has = (word: string): boolean => new RegExp(`\\b${word}\\b`).test(body);
  return `${imports({
    '@nestjs/common': ['Injectable'],
    '@nestjs/typeorm': ['InjectRepository'],
    'sql-template-tag': ['default as sql', 'raw', ...(listed ? ['type Sql'] : [])],
    typeorm: [...(has('IsNull') ? ['IsNull'] : []), 'Repository'],
    uuid: readOnly ? [] : ['v7 as uuidv7'],
    '../common/attributes/attributes.js': has('mergeAttributes') ? ['mergeAttributes'] : [],
    '../common/database/constraints.js': has('REFUSALS') ? ['type Refusals', 'refusedBy'] : [],
    '../common/database/keyset.js': listed ? ['type SortKey'] : [],
    '../common/database/statements.js': ['lookUp', ...(lists.length > 0 && !readOnly ? ['run'] : [])],
    '../common/database/transactions.js': readOnly ? [] : ['Transactions'],
    '../common/http/conditional.js': readOnly ? [] : ['type ExpectedVersions', 'requireVersion'],
    '../common/http/pages.js': listed ? ['Pages'] : [],
    '../common/http/problem.js': ['Problem'],
    '../common/http/problems.js': ['Forbidden', 'NotFound', 'ValidationFailed'].filter(has),
    '../common/security/caller.js': owned ? ['type Caller'] : [],
    '../common/time/clock.js': softDelete ? ['Clock'] : [],
    [`./dto/${one.kebab}-input.dto.js`]: readOnly ? [] : [`type Create${one.pascal}Dto`, `type Update${one.pascal}Dto`],
    [`./dto/${one.kebab}-query.dto.js`]: listed ? [`type ${one.pascal}Query`, `type ${one.pascal}Sort`] : [],
    [`./dto/${one.kebab}.dto.js`]: [
      `type ${one.pascal}Dto`,
      ...(listed ? [`type ${one.pascal}Page`] : []),
      `type ${one.pascal}Row`,
      `to${one.pascal}Dto`,
    ],
    [`./entities/${one.kebab}.entity.js`]: [one.pascal],
    [`./${name.kebab}.permissions.js`]: has(`Write${name.pascal}`) ? [`Write${name.pascal}`] : [],
    [`./${name.kebab}.problems.js`]: readOnly ? [] : areUnique(parts).map((part) => takenProblem(feature, part)),
  })}

${body}`;
}

function columnsText(feature: Feature, parts: readonly Part[], converted: readonly Part[]): string {
  const { one } = feature;
  const apart = parts
    .filter(({ field }) => field.type === 'refs' || field.type === 'json')
    .map(({ member: of }) => `'${of}'`);
  const input = apart.length > 0 ? `Omit<Update${one.pascal}Dto, ${apart.join(' | ')}>` : `Update${one.pascal}Dto`;
  const each = converted.map(({ member: of, field }) =>
    field.type === 'money'
      ? `...(${of} && { ${of}Amount: ${of}.amount, ${of}Currency: ${of}.currency })`
      : `...(${of} !== undefined && { ${of}: ${field.optional ? `${of} === null ? null : ` : ''}new Date(${of}) })`,
  );
  return `/** The columns that what is said of ${withArticle(one.words)} is written to. */
const columnsOf = ({ ${converted.map(({ member: of }) => of).join(', ')}, ...plain }: ${input}) => ({
  ...plain,
  ${each.join(',\n  ')},
});`;
}
