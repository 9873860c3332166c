import type { Feature } from '../model.js';
import { withArticle } from '../names.js';
import type { Part } from '../parts/part.js';
import { capital } from './text.js';

export function moduleText({ name, one, entity }: Feature): string {
  return `import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { ${entity} } from './entities/${one.kebab}.entity.js';
import { ${name.pascal}Controller } from './${name.kebab}.controller.js';
import { ${name.pascal}Repository } from './${name.kebab}.repository.js';
import { ${name.pascal}Service } from './${name.kebab}.service.js';

@Module({
  imports: [TypeOrmModule.forFeature([${entity}])],
  controllers: [${name.pascal}Controller],
  providers: [${name.pascal}Service, ${name.pascal}Repository],
  exports: [${name.pascal}Service],
})
export class ${name.pascal}Module {}
`;
}

/** The permissions that a feature defines itself; undefined where it has none. */
export function permissionsText({ name, owned, readOnly, reading }: Feature): string | undefined {
  const others = owned ? ' of others' : '';
  const reads = reading.permission && !reading.permission.from ? [reading.permission] : [];
  const defined = [
    ...reads.map(
      ({ constant, name: permission }) =>
        `export const ${constant} = definePermission('${permission}', ['staff'], 'Read ${owned ? 'the ' : ''}${name.words}${others}.');`,
    ),
    ...(readOnly
      ? []
      : [
          `export const Write${name.pascal} = definePermission('${name.kebab}:write', ['staff'], '${owned ? `Change and delete the ${name.words} of others.` : `Create, change and delete ${name.words}.`}');`,
        ]),
  ];
  return defined.length > 0
    ? `import { definePermission } from '../common/security/permissions.js';\n\n${defined.join('\n')}\n`
    : undefined;
}

/** The error of a value that is taken. */
export const takenError = ({ one }: Feature, { field }: Part): string => `${one.pascal}${field.name.pascal}Taken`;
export const areUnique = (parts: readonly Part[]): Part[] => parts.filter(({ field }) => field.unique);

export function errorsText(feature: Feature, parts: readonly Part[]): string | undefined {
  if (feature.readOnly || areUnique(parts).length === 0) return undefined;
  const { one, owned } = feature;
  const problems = areUnique(parts).map((part) => {
    const of = part.field.name.words;
    const ofOwner = owned && part.field.type === 'ref';
    const title = ofOwner
      ? `There is ${withArticle(one.words)} of this ${of} already`
      : `${capital(withArticle(one.words))} with this ${part.member} exists`;
    const description = ofOwner
      ? `You have created ${withArticle(one.words)} of this ${of} before. Change or delete that one.`
      : `Another ${one.words} has this ${part.member}. Choose another value, or change that ${one.words}.`;
    return `export const ${takenError(feature, part)} = defineError(
  '${one.kebab}-${part.field.name.kebab}-taken',
  'conflict',
  '${title}',
  '${description}',
);`;
  });
  return `import { defineError } from '../common/errors/app-error.js';\n\n${problems.join('\n')}\n`;
}
