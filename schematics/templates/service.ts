import type { Feature } from '../model.js';
import { withArticle } from '../names.js';
import { foreignKey, uniqueConstraint } from '../parts/context.js';
import type { Part } from '../parts/part.js';
import { eventName } from './events.js';
import { areUnique, takenError } from './module.js';
import { imports, usedIn } from './text.js';

export function serviceText(feature: Feature, parts: readonly Part[]): string {
  const { name, one, readOnly, listed } = feature;
  const methods = [
    ...(listed ? [listText(feature)] : []),
    readTexts(feature),
    ...(readOnly
      ? []
      : [createText(feature, parts), updateText(feature, parts), removeText(feature), lockText(feature)]),
  ];
  const constants = [
    `const notFound = (id: string): AppError => new AppError(NotFound, \`There is no ${one.words} \${id}.\`);`,
    ...(!readOnly && convertedIn(parts).length > 0 ? [columnsText(feature, parts)] : []),
    ...(!readOnly && refusalsOf(feature, parts).length > 0 ? [refusalsText(feature, parts)] : []),
  ];
  const body = `/** Reads and changes ${name.words}. */
@Injectable()
export class ${name.pascal}Service {
  constructor(
    ${injected(feature).join('\n    ')}
  ) {}

${methods.join('\n\n')}
}

${constants.join('\n\n')}
`;
  return `${importsOf(feature, parts, body)}\n\n${body}`;
}

/** The fields that are tables of links. */
export const linkedIn = (parts: readonly Part[]): Part[] => parts.filter(({ field }) => field.type === 'refs');
/** The fields that are facts by name, which a change is merged into. */
const mergedIn = (parts: readonly Part[]): Part[] => parts.filter(({ field }) => field.type === 'json');
/** The fields that are kept in another form than they come in. */
const convertedIn = (parts: readonly Part[]): Part[] =>
  parts.filter(({ field }) => field.type === 'money' || field.type === 'date-time');

const injected = ({ name, readOnly, listed, softDelete }: Feature): string[] => [
  `private readonly ${name.camel}: ${name.pascal}Repository,`,
  ...(readOnly ? [] : ['private readonly events: EventsService,', 'private readonly transactions: Transactions,']),
  ...(listed ? ['private readonly pages: Pages,'] : []),
  ...(softDelete ? ['private readonly clock: Clock,'] : []),
];

/** Whether only the owner, and holders of a permission, read what there is. */
export const isPrivate = ({ reading }: Feature): boolean => reading.by === 'owner';

function listText(feature: Feature): string {
  const { name, one } = feature;
  const caller = isPrivate(feature) ? ', caller' : '';
  return `  /** One page of what the query means${isPrivate(feature) ? ' among what the caller may read' : ''}. */
  async list(asked: ${one.pascal}Query${isPrivate(feature) ? ', caller: Caller' : ''}): Promise<${one.pascal}Page> {
    return mapPage(await this.${name.camel}.readPage(this.pages.open(asked)${caller}), to${one.pascal}Dto);
  }`;
}

function readTexts(feature: Feature): string {
  const { name, one, reading } = feature;
  const closed = isPrivate(feature);
  const others = reading.permission?.constant ?? '';
  const found = `await this.${name.camel}.find(id)`;
  const shown = closed
    ? `const row = requireOwner(${found}, caller, ${others}, () => notFound(id));`
    : `const row = ${found};
    if (!row) throw notFound(id);`;
  const version = closed
    ? `const row = await this.${name.camel}.findVersion(id);
    return row && caller && ownsOrMay(row, caller, ${others}) ? row.version : undefined;`
    : `return (await this.${name.camel}.findVersion(id))?.version;`;
  return `  /** @throws AppError 404${closed ? ', also for someone else’s without the permission' : ''}. */
  async read(id: string${closed ? ', caller: Caller' : ''}): Promise<${one.pascal}Dto> {
    ${shown}
    return to${one.pascal}Dto(row);
  }

  /** The version of what {@link read} returns; undefined where that throws. */
  async versionOf(id: string${closed ? ', caller: Caller | undefined' : ''}): Promise<number | undefined> {
    ${version}
  }`;
}

/** A write, and what is said when the table refuses it. */
const refused = (feature: Feature, parts: readonly Part[], write: string): string =>
  refusalsOf(feature, parts).length > 0 ? `mapConstraintErrors(CONSTRAINT_ERRORS, ${write})` : write;

/** The input taken apart into what is written by itself and the other columns. */
function taken(parts: readonly Part[], whole: string, optional: boolean): { parameter: string; columns: string } {
  const apart = [
    ...linkedIn(parts).map(({ member: of }) => (optional ? of : `${of} = []`)),
    ...mergedIn(parts).map(({ member: of }) => (optional ? of : `${of} = {}`)),
  ];
  const columns = apart.length > 0 ? 'plain' : whole;
  return {
    parameter: apart.length > 0 ? `{ ${apart.join(', ')}, ...plain }` : whole,
    columns: convertedIn(parts).length > 0 ? `columnsOf(${columns})` : columns,
  };
}

const putting = (feature: Feature, parts: readonly Part[], { field, member: of }: Part): string =>
  `await ${refused(feature, parts, `this.${feature.name.camel}.put${field.name.pascal}(id, ${of})`)}`;

function createText(feature: Feature, parts: readonly Part[]): string {
  const { name, one, owned } = feature;
  const { parameter, columns } = taken(parts, 'input', false);
  // an instance of a class can’t be spread, what is taken out of one can
  const given = columns === 'input' ? '{ ...input }' : parameter;
  const values = [
    'id',
    ...(owned ? ['ownerId: caller.userId'] : []),
    `...${columns}`,
    ...mergedIn(parts).map(({ member: of }) => of),
  ];
  return `  async create(${given}: Create${one.pascal}Dto${owned ? ', caller: Caller' : ''}): Promise<${one.pascal}Dto> {
    const id = uuidv7();
    return this.transactions.run(async () => {
      await ${refused(feature, parts, `this.${name.camel}.insert({ ${values.join(', ')} })`)};
${linkedIn(parts)
  .map((part) => `      ${putting(feature, parts, part)};\n`)
  .join('')}      const created = await this.read(id${isPrivate(feature) ? ', caller' : ''});
      this.events.publish(${eventName(feature, 'created')}, created, ${owned ? '{ ownerId: caller.userId }' : '{}'});
      return created;
    });
  }`;
}

function updateText(feature: Feature, parts: readonly Part[]): string {
  const { name, one, owned } = feature;
  const { parameter, columns } = taken(parts, 'change', true);
  const merged = mergedIn(parts).map(
    ({ member: of }) => `...(${of} && { ${of}: mergeAttributes(row.${of}, ${of}, '${of}') })`,
  );
  const links = linkedIn(parts);
  if (links.length > 0) merged.push('...(isRelinked && { version: row.version + 1 })');
  const values = merged.length > 0 ? `{ ...${columns}, ${merged.join(', ')} }` : columns;
  const relinking = links.map(
    (part) => `      if (${part.member}) isRelinked = (${putting(feature, parts, part)}) || isRelinked;\n`,
  );
  return `  async update(
    id: string,
    ${parameter}: Update${one.pascal}Dto,
    expected: ExpectedVersions${owned ? ',\n    caller: Caller' : ''},
  ): Promise<${one.pascal}Dto> {
    return this.transactions.run(async () => {
      const row = await this.lock(id${owned ? ', caller' : ''});
      requireVersion(expected, row.version);
${links.length > 0 ? `      // what it is linked to is shown with it, but its own row does not have it\n      let isRelinked = false;\n${relinking.join('')}` : ''}      await ${refused(feature, parts, `this.${name.camel}.update(id, ${values})`)};
      const updated = await this.read(id${isPrivate(feature) ? ', caller' : ''});
      if (updated.version !== row.version) {
        this.events.publish(${eventName(feature, 'updated')}, updated, ${owned ? '{ ownerId: row.ownerId }' : '{}'});
      }
      return updated;
    });
  }`;
}

function removeText(feature: Feature): string {
  const { name, owned, softDelete } = feature;
  const removal = softDelete ? 'update(id, { deletedAt: this.clock.now() })' : 'delete(id)';
  return `  async remove(id: string, expected: ExpectedVersions${owned ? ', caller: Caller' : ''}): Promise<void> {
    await this.transactions.run(async () => {
      const row = await this.lock(id${owned ? ', caller' : ''});
      requireVersion(expected, row.version);
      await this.${name.camel}.${removal};
      this.events.publish(${eventName(feature, 'deleted')}, { id, version: row.version + 1 }, ${owned ? '{ ownerId: row.ownerId }' : '{}'});
    });
  }`;
}

function lockText({ name, entity, owned }: Feature): string {
  const found = `await this.${name.camel}.lock(id)`;
  const doc = owned ? '  /** @throws AppError 404, also for someone else’s without the permission. */\n' : '';
  const answer = owned
    ? `return requireOwner(${found}, caller, Write${name.pascal}, () => notFound(id));`
    : `const row = ${found};
    if (!row) throw notFound(id);
    return row;`;
  return `${doc}  private async lock(id: string${owned ? ', caller: Caller' : ''}): Promise<${entity}> {
    ${answer}
  }`;
}

function columnsText({ one }: Feature, parts: readonly Part[]): string {
  const apart = [...linkedIn(parts), ...mergedIn(parts)].map(({ member: of }) => `'${of}'`);
  const input = apart.length > 0 ? `Omit<Update${one.pascal}Dto, ${apart.join(' | ')}>` : `Update${one.pascal}Dto`;
  const converted = convertedIn(parts);
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

/** What is said where a constraint refuses a row. */
function refusalsOf(feature: Feature, parts: readonly Part[]): string[] {
  const { one, owned } = feature;
  const references = parts.filter(({ field }) => field.type === 'ref' || field.type === 'refs');
  return [
    ...references.map(
      ({ field, member: of }) => `  ${foreignKey(feature, field)}: () =>
    new AppError(ValidationFailed, 'The ${field.name.words} ${field.type === 'ref' ? 'does' : 'do'} not exist.', {
      errors: [{ pointer: '#/${of}', code: 'exists', detail: '${field.type === 'ref' ? `there is no ${field.name.words} with this id` : 'one of them does not exist'}' }],
    }),`,
    ),
    ...areUnique(parts).map((part) => {
      const { field } = part;
      const detail =
        owned && field.type === 'ref'
          ? `You have ${withArticle(one.words)} of this ${field.name.words} already.`
          : `There is already ${withArticle(one.words)} with this ${part.member}.`;
      return `  ${uniqueConstraint(feature, field)}: () => new AppError(${takenError(feature, part)}, '${detail}'),`;
    }),
  ];
}

const refusalsText = (feature: Feature, parts: readonly Part[]): string =>
  `/** What the table refuses, in words. */\nconst CONSTRAINT_ERRORS: ConstraintErrors = {\n${refusalsOf(feature, parts).join('\n')}\n};`;

function importsOf(feature: Feature, parts: readonly Part[], body: string): string {
  const { name, one, entity, owned, readOnly, softDelete, listed, reading } = feature;
  const used = usedIn(body);
  const has = (word: string): boolean => used.has(word);
  const writing = (names: string[]): string[] => (readOnly ? [] : names);
  return imports({
    '@nestjs/common': ['Injectable'],
    uuid: writing(['v7 as uuidv7']),
    '../common/attributes/attributes.js': has('mergeAttributes') ? ['mergeAttributes'] : [],
    '../common/database/constraints.js': has('CONSTRAINT_ERRORS')
      ? ['type ConstraintErrors', 'mapConstraintErrors']
      : [],
    '../common/database/transactions.js': writing(['Transactions']),
    '../common/database/versions.js': writing(['type ExpectedVersions', 'requireVersion']),
    '../common/events/events.service.js': writing(['EventsService']),
    '../common/http/paging/pages.js': listed ? ['mapPage', 'Pages'] : [],
    '../common/errors/app-error.js': ['AppError'],
    '../common/errors/errors.js': ['NotFound', 'ValidationFailed'].filter(has),
    '../common/security/caller.js': owned ? ['type Caller'] : [],
    '../common/security/owners.js': ['ownsOrMay', 'requireOwner'].filter(has),
    '../common/time/clock.js': softDelete ? ['Clock'] : [],
    [`./dto/${one.kebab}-input.dto.js`]: writing([`type Create${one.pascal}Dto`, `type Update${one.pascal}Dto`]),
    [`./dto/${one.kebab}-query.dto.js`]: listed ? [`type ${one.pascal}Query`] : [],
    [`./dto/${one.kebab}.dto.js`]: [
      `type ${one.pascal}Dto`,
      ...(listed ? [`type ${one.pascal}Page`] : []),
      `to${one.pascal}Dto`,
    ],
    [`./entities/${one.kebab}.entity.js`]: writing([`type ${entity}`]),
    [`./${name.kebab}.permissions.js`]: [
      `Write${name.pascal}`,
      ...(reading.permission && !reading.permission.from ? [reading.permission.constant] : []),
    ].filter(has),
    [reading.permission?.from ?? '']: [reading.permission].flatMap((one) =>
      one?.from && has(one.constant) ? [one.constant] : [],
    ),
    [`./${name.kebab}.events.js`]: (['created', 'updated', 'deleted'] as const)
      .map((one) => eventName(feature, one))
      .filter(has),
    [`./${name.kebab}.repository.js`]: [`${name.pascal}Repository`],
    [`./${name.kebab}.errors.js`]: writing(areUnique(parts).map((part) => takenError(feature, part))),
  });
}
