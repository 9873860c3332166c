import { enumName, enumType } from '../parts/scalars.js';
import type { Feature } from '../model.js';
import { withArticle } from '../names.js';
import type { Part } from '../parts/part.js';
import { capital, decorated, docOf, imports, usedIn } from './text.js';

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
  const used = usedIn(text);
  const has = (name: string): boolean => used.has(name);
  const enums = parts.flatMap(({ field }) =>
    field.type === 'enum'
      ? [
          ...(has(enumName(feature, field)) ? [enumName(feature, field)] : []),
          ...(has(enumType(feature, field)) ? [`type ${enumType(feature, field)}`] : []),
        ]
      : [],
  );
  const among = (names: readonly string[], types: readonly string[] = []): string[] => [
    ...names.filter(has),
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
    '../../common/http/paging/page.dto.js': more.page ?? [],
    '../../common/http/syntax/query.js': has('truthOf') ? ['truthOf'] : [],
    '../../common/money/money.dto.js': ['MoneyChangeDto', 'MoneyDto'].filter(has),
    '../../common/time/date-time.js': among(['IsDateTime']),
    [`../entities/${feature.one.kebab}.entity.js`]: enums,
  });
}

export function outputText(feature: Feature, parts: readonly Part[]): string {
  const { one, owned, listed } = feature;
  const members = parts.map(
    ({ member: of, output }) => `${docOf(output.doc)}${decorated(output.decorators)}${of}: ${output.type};`,
  );
  const owner = owned ? ['/** The user who created it. */\n@IsUUID()\nownerId: string;'] : [];
  const body = `/** ${capital(withArticle(one.words))} as it goes out. */
export class ${one.pascal}Dto {
  /** @example 0198f3c2-7d0e-7a51-9b1e-3f1f6c2b8a10 */
  @IsUUID()
  id: string;

${[...owner, ...members].join('\n\n')}

  /** Counts its changes; also its ETag. */
  @Min(1)
  version: number;

  /** @example 2026-11-20T09:30:00.000Z */
  @IsDateTime()
  createdAt: string;

  @IsDateTime()
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

export function inputText(feature: Feature, parts: readonly Part[]): string {
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

/** Whether the feature is looked through by words. */
export const isSearchable = (parts: readonly Part[]): boolean => parts.some(({ field }) => field.searchable);

export function queryText(feature: Feature, parts: readonly Part[]): string {
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
      ? [{ parameter: 'ownerId', doc: 'Only the rows of this user.', decorators: ['IsUUID()'], type: 'string' }]
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
${filters.map((filter) => `${filter}\n\n`).join('')}/** The order; by default the newest first. */
@IsOptional()
@IsIn(SORTS)
sort?: ${one.pascal}Sort;
}
`;
  return `${importsOfMembers(feature, parts, body, { page: ['PageQuery'] })}\n\n${body}`;
}
