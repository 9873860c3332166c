import type { Feature } from '../model.js';
import { nameOf, withArticle } from '../names.js';
import type { Part } from '../parts/part.js';

export function moduleText({ name, one }: Feature): string {
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

export function permissionsText({ name, owned }: Feature): string {
  const what = owned ? `Change and delete the ${name.words} of others.` : `Create, change and delete ${name.words}.`;
  return `import { definePermission } from '../common/security/permissions.js';

export const Write${name.pascal} = definePermission('${name.kebab}:write', ['staff'], '${what}');
`;
}

/** The problem of a value that is taken. */
export const takenProblem = ({ one }: Feature, { member: of }: Part): string =>
  `${one.pascal}${nameOf(of.replace(/Id$/, '')).pascal}Taken`;
export const areUnique = (parts: readonly Part[]): Part[] => parts.filter(({ field }) => field.unique);

export function problemsText(feature: Feature, parts: readonly Part[]): string | undefined {
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
