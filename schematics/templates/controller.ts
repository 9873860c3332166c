import type { Feature } from '../model.js';
import { withArticle } from '../names.js';
import type { Part } from '../parts/part.js';
import { areUnique, takenProblem } from './module.js';
import { capital, imports } from './text.js';

export function controllerText(feature: Feature, parts: readonly Part[]): string {
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
