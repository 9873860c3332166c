import type { Feature, Reading } from '../model.js';
import { withArticle } from '../names.js';
import type { Part } from '../parts/part.js';
import { areUnique, takenError } from './module.js';
import { capital, imports } from './text.js';

export function controllerText(feature: Feature, parts: readonly Part[]): string {
  const { name, one, owned, readOnly, listed, reading } = feature;
  const write = `Write${name.pascal}`;
  const taken = areUnique(parts).map((part) => takenError(feature, part));
  const problems = (): string => (taken.length > 0 ? `\n  @Problems(${taken.join(', ')})` : '');
  const making = owned ? '@SignedIn()' : `@Permit(${write})`;
  const changing = owned ? `@Owner(${write})` : `@Permit(${write})`;
  const reads = readingAccess(reading);
  const callerParameter = owned ? ', @CurrentCaller() caller: Caller' : '';
  const callerArgument = owned ? ', caller' : '';
  const readerParameter = reading.by === 'owner' ? callerParameter : '';
  const readerArgument = reading.by === 'owner' ? callerArgument : '';
  const cacheable = reading.by === 'public' ? '\n  @Cacheable(30)' : '';
  const service = name.camel;
  const methods = [
    ...(listed
      ? [
          `  /** Lists ${name.words}. */
  @Get()
  ${reads}${cacheable}
  list(@Query() query: ${one.pascal}Query${readerParameter}): Promise<${one.pascal}Page> {
    return this.${service}.list(query${readerArgument});
  }`,
        ]
      : []),
    `  /** Returns ${withArticle(one.words)}. */
  @Get(':id')
  ${reads}
  @Versioned(${name.pascal}Service)${cacheable}
  read(@Param('id', IdPipe) id: string${readerParameter}): Promise<${one.pascal}Dto> {
    return this.${service}.read(id${readerArgument});
  }`,
    ...(readOnly
      ? []
      : [
          `  /** Creates ${withArticle(one.words)}. */
  @Post()
  ${making}
  @Idempotent()${problems()}
  create(@Body() input: Create${one.pascal}Dto${callerParameter}): Promise<${one.pascal}Dto> {
    return this.${service}.create(input${callerArgument});
  }`,
          `  /** Updates ${withArticle(one.words)} by a JSON Merge Patch: members that are left out stay, null removes. */
  @Patch(':id')
  ${changing}${problems()}
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
  ${changing}
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
    '../common/http/output/cacheable.js': cacheable === '' ? [] : ['Cacheable'],
    '../common/database/versions.js': writing(['type ExpectedVersions']),
    '../common/http/conditional/conditional.js': writing(['IfMatch']),
    '../common/http/idempotency/idempotent.js': writing(['Idempotent']),
    '../common/http/errors/problems.decorator.js': writing(taken.length > 0 ? ['Problems'] : []),
    '../common/http/input/validation.pipe.js': ['IdPipe'],
    '../common/http/conditional/versioned.js': ['Versioned'],
    '../common/openapi/about.js': ['About'],
    '../common/security/access.js': [reads, ...writing([making, changing])].map(
      (decorator) => /\w+/.exec(decorator)?.[0] ?? '',
    ),
    '../common/security/caller.js': owned ? ['type Caller', 'CurrentCaller'] : [],
    [`./dto/${one.kebab}-input.dto.js`]: writing([`Create${one.pascal}Dto`, `Update${one.pascal}Dto`]),
    [`./dto/${one.kebab}-query.dto.js`]: listed ? [`${one.pascal}Query`] : [],
    [`./dto/${one.kebab}.dto.js`]: [`${one.pascal}Dto`, ...(listed ? [`${one.pascal}Page`] : [])],
    [`./${name.kebab}.permissions.js`]: [
      ...writing([write]),
      ...(reading.permission && !reading.permission.from ? [reading.permission.constant] : []),
    ],
    [reading.permission?.from ?? '']: reading.permission?.from ? [reading.permission.constant] : [],
    [`./${name.kebab}.errors.js`]: writing(taken),
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

/** The decorator that says who reads. */
function readingAccess({ by, permission }: Reading): string {
  switch (by) {
    case 'public':
      return '@Public()';
    case 'signed-in':
      return '@SignedIn()';
    case 'owner':
      return `@Owner(${permission?.constant ?? ''})`;
    case 'permission':
      return `@Permit(${permission?.constant ?? ''})`;
  }
}
