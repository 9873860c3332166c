import type { Feature } from './model.js';
import { partOf } from './parts/part-of.js';
import { controllerText } from './templates/controller.js';
import { inputText, outputText, queryText } from './templates/dto.js';
import { entityText } from './templates/entity.js';
import { eventsText } from './templates/events.js';
import { httpTestText, readingTestText } from './templates/http-test.js';
import { knownText } from './templates/known.js';
import { tableText } from './templates/migration.js';
import { moduleText, permissionsText, errorsText } from './templates/module.js';
import { repositoryText } from './templates/repository.js';
import { serviceText } from './templates/service.js';
import { specText } from './templates/spec.js';

/**
 * The path and the text of each file of a feature, its tests among them, before it is formatted.
 * @param record the comment of its migration that says how it was generated.
 */
export function filesOf(feature: Feature, record = ''): Map<string, string> {
  const { name, one, readOnly } = feature;
  const parts = feature.fields.map((field) => partOf(feature, field));
  const folder = `src/${name.kebab}`;
  const files: [string, string | undefined][] = [
    [`${folder}/${name.kebab}.module.ts`, moduleText(feature)],
    [`${folder}/${name.kebab}.controller.ts`, controllerText(feature, parts)],
    [`${folder}/${name.kebab}.service.ts`, serviceText(feature, parts)],
    [`${folder}/${name.kebab}.repository.ts`, repositoryText(feature, parts)],
    [`${folder}/${name.kebab}.permissions.ts`, permissionsText(feature)],
    [`${folder}/${name.kebab}.events.ts`, eventsText(feature)],
    [`${folder}/${name.kebab}.errors.ts`, errorsText(feature, parts)],
    [`${folder}/entities/${one.kebab}.entity.ts`, entityText(feature, parts)],
    [`${folder}/dto/${one.kebab}.dto.ts`, outputText(feature, parts)],
    [`${folder}/dto/${one.kebab}-input.dto.ts`, readOnly ? undefined : inputText(feature, parts)],
    [`${folder}/dto/${one.kebab}-query.dto.ts`, feature.listed ? queryText(feature, parts) : undefined],
    [`src/migrations/${String(feature.timestamp)}-${name.kebab}.ts`, tableText(feature, parts, record)],
    [`${folder}/${name.kebab}.service.spec.ts`, specText(feature, parts)],
    [`test/${name.kebab}.test.ts`, readOnly ? readingTestText(feature, parts) : httpTestText(feature, parts)],
    [`test/support/features/${name.kebab}.ts`, knownText(feature, parts)],
  ];
  return new Map(files.filter((file): file is [string, string] => file[1] !== undefined));
}
