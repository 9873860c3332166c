import { boundsOf, type Feature, timesOf } from '../model.js';
import { nameOf } from '../names.js';
import { linkTable } from '../parts/context.js';
import type { Part } from '../parts/part.js';
import { freshValue, isCounted, isReference, literal, placeholder } from './known.js';
import { imports } from './text.js';

const READERS: Record<Feature['reading']['by'], string> = {
  public: 'everybody',
  'signed-in': 'every signed-in user',
  owner: 'their owner',
  permission: 'holders of the permission',
};

/** Who reads in the tests: a role. What is not defined by the feature itself, an admin may do. */
function readerOf({ owned, reading }: Feature): 'customer' | 'staff' | 'admin' | undefined {
  if (reading.by === 'public') return undefined;
  if (reading.by === 'permission') return reading.permission?.from ? 'admin' : 'staff';
  return owned || reading.by === 'signed-in' ? 'customer' : 'staff';
}

/** The options of a request that reads; in a test that only reads, the token is fetched there. */
function asReader(feature: Feature, fetched = ''): string {
  const reader = readerOf(feature);
  if (reader === undefined) return '';
  return `, { token: ${fetched === '' ? reader : `${fetched}stock.tokenOf('${reader}')`} }`;
}

/** The tag of a first version, as a reader gets it. */
const tagFor = (feature: Feature): string => {
  const reader = readerOf(feature);
  return reader === undefined ? '"1"' : `"1-${reader}"`;
};

export function readingTestText(feature: Feature, parts: readonly Part[]): string {
  const { name, one, listed } = feature;
  return `${imports({
    '@jest/globals': ['afterAll', 'beforeAll', 'describe', 'expect', 'it'],
    [`../src/${name.kebab}/dto/${one.kebab}.dto.js`]: [
      `type ${one.pascal}Dto`,
      ...(listed ? [`type ${one.pascal}Page`] : []),
    ],
    typeorm: listed ? ['DataSource'] : [],
    './support/shop.js': [...(listed ? ['type Answer'] : []), 'Shop'],
    './support/stock.js': ['Stock'],
  })}

const AT = { role: 'nobody', path: '/api/v1/${name.kebab}' } as const;

describe('${name.words}', () => {
  let shop: Shop;
  let stock: Stock;
  beforeAll(async () => {
    shop = await Shop.open();
    stock = new Stock(shop);
  });
  afterAll(() => shop.close());

${makeText(feature)}

  it('are read by ${READERS[feature.reading.by]}', async () => {
    const id = await make();

    const answer = await shop.ask<${one.pascal}Dto>(\`${name.kebab}/\${id}\`${asReader(feature, 'await ')});

    expect([answer.status, answer.headers.get('etag')]).toEqual([200, '${tagFor(feature)}']);
    expect(Object.keys(answer.body)).toEqual([${['id', ...parts.map(({ member: of }) => of), 'version', 'createdAt', 'updatedAt'].map((of) => `'${of}'`).join(', ')}]);
  });

  it('are 404 under an id that none has', async () => {
    expect((await shop.ask('${name.kebab}/0198f3c2-7d0e-7a51-9b1e-3f1f6c2b8a10'${asReader(feature, 'await ')})).status).toBe(404);
  });

  it('are changed by nobody', async () => {
    const token = await stock.tokenOf('admin');
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) {
      const path = method === 'POST' ? '${name.kebab}' : \`${name.kebab}/\${await make()}\`;
      expect((await shop.ask(path, { method, token, json: {} })).status).toBe(${listed ? '405' : "method === 'POST' ? 404 : 405"});
    }
  });
${listed ? `\n${walkText(feature, 'await ')}\n${readingLists(feature, parts)}` : ''}});
`;
}

/** What makes one by a statement: in a list that is sorted or filtered, with given values of its columns. */
function makeText({ name, listed }: Feature): string {
  const filled = `stock.fill('--${name.kebab}--', AT)`;
  return listed
    ? `  const make = async (values: object = {}): Promise<string> => {
    stock.forget();
    const id = await ${filled};
    const filled = Object.entries(JSON.parse(await stock.fill(JSON.stringify(values), AT)) as object);
    for (const [column, value] of filled) {
      await shop.app.get(DataSource).query(\`UPDATE ${name.snake} SET \${column} = $2 WHERE id = $1\`, [id, value]);
    }
    return id;
  };
`
    : `  const make = async (): Promise<string> => {
    stock.forget();
    return ${filled};
  };
`;
}

/** What walks all pages of a list. */
const walkText = (feature: Feature, fetched = ''): string => `  /** Everything on all pages of a list. */
  async function walk(query: string): Promise<${feature.one.pascal}Dto[]> {
    const all: ${feature.one.pascal}Dto[] = [];
    let path: string | null = \`/api/v1/${feature.name.kebab}?\${query}\`;
    while (path !== null) {
      const page: Answer<${feature.one.pascal}Page> = await shop.ask<${feature.one.pascal}Page>(path${asReader(feature, fetched)});
      all.push(...page.body.data);
      path = /<([^>]+)>; rel="next"/.exec(page.headers.get('link') ?? '')?.[1] ?? null;
    }
    return all;
  }
`;

const PAGE_BY_PAGE = `  it('are walked page by page', async () => {
    await make();
    await make();

    const [one, hundred] = [await walk('limit=1'), await walk('limit=100')];
    expect(one.length).toBeGreaterThan(1);
    expect(one).toEqual(hundred);
  });
`;

/** Tests of the sorts and filters of what is made by statements. */
function readingLists(feature: Feature, parts: readonly Part[]): string {
  const sorts = parts
    .filter(({ sort }) => sort)
    .map(({ member: of, field, columns, ordered = [] }) =>
      field.unique
        ? `['${of}', {}, {}]`
        : `['${of}', ${ordered.map((value) => literal(inColumns({ columns }, value))).join(', ')}]`,
    );
  const filters = filterCases(parts.filter(({ field }) => field.type !== 'refs')).map(
    ({ parameter, has, hasNot, queryOf }) => {
      const referring = parts.filter((part) => isReference(part) && part.member === parameter);
      // each of them another one
      const target = Object.fromEntries(referring.map((part) => [part.member, placeholder(part)]));
      const [found, other] = [has, hasNot].map((given) => literal(ofColumns(parts, { ...given, ...target })));
      return `['${parameter}', ${found ?? ''}, ${other ?? ''}, ${queryOf}]`;
    },
  );
  const links = parts.filter(({ field }) => field.type === 'refs').map((part) => linkFilterTest(feature, part));
  return `  it.each<[string, object, object]>([${[...sorts, "['createdAt', {}, {}]"].join(', ')}])(
    'are listed by %s, up and down',
    async (sort, less, more) => {
      const [first, last] = [await make(less), await make(more)];
      // but of the time of creation, the other way round, so that it is not taken for another order
      const moved = sort === 'createdAt' ? last : first;
      await shop.app.get(DataSource).query("UPDATE ${feature.name.snake} SET created_at = created_at + interval '1 day' WHERE id = $1", [moved]);

      const [up, down] = [await walk(\`limit=100&sort=\${sort}\`), await walk(\`limit=100&sort=-\${sort}\`)];

      const ids = up.map(({ id }) => id);
      expect(ids.filter((id) => id === first || id === last)).toEqual([first, last]);
      expect(down).toEqual(up.toReversed());
    },
  );

${
  filters.length > 0
    ? `  it.each<[string, object, object, (one: ${feature.one.pascal}Dto) => Record<string, string>]>([
    ${filters.join(',\n    ')},
  ])('are found by %s, and no others', async (_, has, hasNot, queryOf) => {
    const [id, another] = [await make(has), await make(hasNot)];
    const one = (await shop.ask<${feature.one.pascal}Dto>(\`${feature.name.kebab}/\${id}\`${asReader(feature, 'await ')})).body;

    const ids = (await walk(\`limit=100&\${new URLSearchParams(queryOf(one)).toString()}\`)).map((found) => found.id);

    expect(ids).toContain(id);
    expect(ids).not.toContain(another);
  });

`
    : ''
}${links.join('')}${PAGE_BY_PAGE}`;
}

/** A test of the filter by a list of references, where links are made by statements. */
function linkFilterTest(feature: Feature, part: Part): string {
  const parameter = part.filters[0]?.parameter ?? '';
  const columns = `${feature.one.snake}_id, ${nameOf(parameter).snake}`;
  return `  it('are found by ${parameter}, and no others', async () => {
    const [id, another] = [await make(), await make()];
    const targets: string[] = [];
    for (const one of [id, another]) {
      stock.forget();
      const target = await stock.fill('${placeholder(part)}', AT);
      await shop.app.get(DataSource).query('INSERT INTO ${linkTable(feature, part.field)} (${columns}) VALUES ($1, $2)', [one, target]);
      targets.push(target);
    }

    const found = await walk(\`limit=100&${parameter}=\${targets[0] ?? ''}\`);

    expect(found.map((one) => one.id)).toEqual([id]);
  });

`;
}

/** The columns of a part, with a value that a client would give it. */
const inColumns = ({ columns }: Pick<Part, 'columns'>, value: unknown): Record<string, unknown> =>
  Object.fromEntries(
    columns.map(({ name }, i) => [
      nameOf(name).snake,
      // an amount has two
      columns.length > 1 ? Object.values(value as object)[i] : value,
    ]),
  );

const ofColumns = (parts: readonly Part[], members: Record<string, unknown>): Record<string, unknown> =>
  Object.assign(
    {},
    ...parts.filter(({ member: of }) => of in members).map((part) => inColumns(part, members[part.member])),
  ) as Record<string, unknown>;

/** Tests of the sorts, where \`create\` makes one of what it is given: what comes first is made last. */
function sortingTests(feature: Feature, parts: readonly Part[]): string {
  const isAsync = parts.some(isReference);
  const cases = parts
    .filter(({ sort }) => sort)
    .map(({ member: of, field, ordered = [] }) =>
      field.unique
        ? `['${of}', {}, {}]`
        : `['${of}', { ${of}: ${literal(ordered[0])} }, { ${of}: ${literal(ordered[1])} }]`,
    );
  const sorted =
    cases.length > 0
      ? `  it.each<[string, object, object]>([${cases.join(', ')}])(
    'are listed by %s, up and down',
    async (sort, less, more) => {
      const [first, second] = [{ ...${isAsync ? '(await input())' : 'input()'}, ...less }, { ...${isAsync ? '(await input())' : 'input()'}, ...more }];
      // in the other order, so that the order of creation is not taken for it
      const { id: last } = (await create(second)).body;
      const { id } = (await create(first)).body;

      const [up, down] = [await walk(\`limit=100&sort=\${sort}\`), await walk(\`limit=100&sort=-\${sort}\`)];

      const ids = up.map((one) => one.id);
      expect(ids.filter((one) => one === id || one === last)).toEqual([id, last]);
      expect(down).toEqual(up.toReversed());
    },
  );

`
      : '';
  return `${walkText(feature)}
${sorted}  it('are listed by createdAt, up and down', async () => {
    const [first, second] = [await make(), await make()];

    const [up, down] = [await walk('limit=100&sort=createdAt'), await walk('limit=100&sort=-createdAt')];

    const ids = up.map(({ id }) => id);
    expect(ids.filter((id) => id === first || id === second)).toEqual([first, second]);
    expect(down).toEqual(up.toReversed());
  });

${PAGE_BY_PAGE}`;
}

/** What a filter finds: members of one that it finds, of one that it does not, and its query, in TypeScript. */
interface FilterCase {
  parameter: string;
  has: Record<string, unknown>;
  hasNot: Record<string, unknown>;
  queryOf: string;
}

function filterCases(parts: readonly Part[]): FilterCase[] {
  const cases = parts.flatMap((part) => part.filters.map(({ parameter }) => filterCase(part, parameter)));
  const [searched] = parts.filter(({ field }) => field.searchable && !field.optional);
  if (searched) {
    const { member: of, field, example } = searched;
    const other = UNFOUND.padEnd(field.min, 'z').slice(0, field.max);
    const [has, hasNot] = field.unique ? [{}, {}] : [{ [of]: example }, { [of]: other }];
    cases.push({ parameter: 'q', has, hasNot, queryOf: `(one) => ({ q: one.${of} })` });
  }
  return cases;
}

/** A text that no search of the tests is for. */
const UNFOUND = 'zzzzzzzz';

function filterCase(part: Part, parameter: string): FilterCase {
  const { member: of, field, example, other } = part;
  const [least, most] = part.ordered ?? [example, other];
  const isMost = parameter === boundsOf(nameOf(of))[1] || parameter === timesOf(nameOf(of))[1];
  const or = field.optional ? " ?? ''" : '';
  const given = (has: unknown, hasNot: unknown, value: string, one = 'one'): FilterCase => ({
    parameter,
    has: has === undefined ? {} : { [of]: has },
    hasNot: hasNot === undefined ? {} : { [of]: hasNot },
    queryOf: `(${one}) => ({ ${parameter}: ${value} })`,
  });
  switch (field.type) {
    case 'int':
    case 'money': {
      const value = `String(one.${of}${field.type === 'money' ? '.amount' : ''})`;
      if (field.unique) return given(...uniqueBounds(field, isMost), value);
      return isMost ? given(least, most, value) : given(most, least, value);
    }
    case 'date-time': {
      if (isMost && field.unique) return given(...uniqueTimes(isMost), "'2000-01-01T00:00:00Z'", '');
      if (isMost) return given(least, most, literal(most), '');
      return field.unique ? given(...uniqueTimes(isMost), `one.${of}${or}`) : given(most, least, `one.${of}${or}`);
    }
    case 'refs':
      return given(undefined, undefined, `one.${of}[0] ?? ''`);
    case 'ref':
      return given(undefined, undefined, `one.${of}${or}`);
    case 'boolean':
      return given(example, other, `String(one.${of})`);
    default:
      return field.unique ? given(undefined, undefined, `one.${of}${or}`) : given(example, other, `one.${of}${or}`);
  }
}

/** Numbers at the ends of the range, which no other test takes. */
const uniqueBounds = ({ min, max }: Part['field'], isMost: boolean): [has: number, hasNot: number] =>
  isMost ? [min, max] : [max - 1, min + 1];

/** Times long before and long after those of other tests. */
const uniqueTimes = (isMost: boolean): [has: string, hasNot: string] =>
  isMost
    ? ['1999-01-01T00:00:00.000Z', '2099-01-01T00:00:00.000Z']
    : ['2098-01-01T00:00:00.000Z', '1998-01-01T00:00:00.000Z'];

/** Tests of who reads what is private. */
function privateTests({ name, one, listed, reading }: Feature, holder: string): string[] {
  const page = `${one.pascal}Page`;
  return [
    `  it('are read by their owner and by holders of ${reading.permission?.name ?? ''} alone', async () => {
    const { id } = await makeOne();
    const as = (token?: string): Promise<Answer<${one.pascal}Dto>> => shop.ask<${one.pascal}Dto>(\`${name.kebab}/\${id}\`, { token });

    expect([(await as()).status, (await as(other)).status]).toEqual([401, 404]);
    expect([(await as(customer)).status, (await as(${holder})).status]).toEqual([200, 200]);
    expect((await as(customer)).headers.get('cache-control')).toBe('private, no-store');
    // nor does another customer learn which version it is in
    const known = { 'if-none-match': '"1-customer"' };
    expect((await shop.ask(\`${name.kebab}/\${id}\`, { token: other, headers: known })).status).toBe(404);
  });`,
    ...(listed
      ? [
          `  it('are listed for their owner and for holders of ${reading.permission?.name ?? ''} alone', async () => {
    const { id, ownerId } = await makeOne();
    const listed = async (token: string, query = \`&ownerId=\${ownerId}\`): Promise<string[]> =>
      (await shop.ask<${page}>(\`${name.kebab}?limit=100\${query}\`, { token })).body.data.map((one) => one.id);

    expect((await shop.ask('${name.kebab}')).status).toBe(401);
    expect([await listed(customer), await listed(${holder})]).toEqual([expect.arrayContaining([id]), expect.arrayContaining([id])]);
    expect([await listed(other), await listed(other, '')]).toEqual([[], []]);
  });`,
        ]
      : []),
  ];
}

export function httpTestText(feature: Feature, parts: readonly Part[]): string {
  const { name, one, owned, softDelete, listed, reading } = feature;
  const unique = parts.filter(({ field }) => field.unique);
  const required = parts.filter(({ input }) => !input.left);
  const optional = parts.filter(({ field }) => field.optional);
  const references = parts.filter(isReference);
  const isAsync = references.length > 0;
  const maker = owned ? 'customer' : 'staff';
  const reader = readerOf(feature);
  // who may read what others own by a permission of another feature is the admin, for sure
  const holder = reading.permission?.from ? 'admin' : 'staff';
  const as = asReader(feature);
  const input = parts.map((part) => {
    if (part.field.type === 'ref') return `${part.member}: await stock.fill('${placeholder(part)}', AT)`;
    if (part.field.type === 'refs') return `${part.member}: [await stock.fill('${placeholder(part)}', AT)]`;
    return `${part.member}: ${freshValue(part, 'made')}`;
  });
  const changeable = parts.filter((part) => !isReference(part) && !part.field.unique);
  const changes = changeable.map((part) => `${part.member}: ${literal(part.other)}`);
  const usesUuid = unique.some(({ field }) => field.type === 'uuid');
  const counts = unique.some(isCounted);
  const tests: string[] = [];
  tests.push(`  it('are created, with a Location and an ETag', async () => {
    const json = ${isAsync ? 'await ' : ''}input();

    const { status, headers, body } = await shop.ask<${one.pascal}Dto>('${name.kebab}', { method: 'POST', token: ${maker}, json });

    expect([status, headers.get('location'), headers.get('etag')]).toEqual([201, \`/api/v1/${name.kebab}/\${body.id}\`, '"1-${maker}"']);
    expect(body).toMatchObject(json);
    expect((await shop.ask(\`${name.kebab}/\${body.id}\`${as})).body).toEqual(body);
  });`);
  tests.push(`  it('are created by nobody ${owned ? 'who is not signed in' : 'else'}', async () => {
    const json = ${isAsync ? 'await ' : ''}input();

    expect((await shop.ask('${name.kebab}', { method: 'POST', json })).status).toBe(401);${owned ? '' : `\n    expect((await shop.ask('${name.kebab}', { method: 'POST', token: customer, json })).status).toBe(403);`}
  });`);
  if (reading.by === 'owner') tests.push(...privateTests(feature, holder));
  if (reading.by === 'signed-in' || reading.by === 'permission') {
    tests.push(`  it('are read by ${READERS[reading.by]} alone', async () => {
    const { id } = await makeOne();
    const as = async (token?: string): Promise<number> => (await shop.ask(\`${name.kebab}/\${id}\`, { token })).status;

    expect([await as(), await as(customer), await as(${holder})]).toEqual([401, ${reading.by === 'signed-in' ? '200' : '403'}, 200]);${listed ? `\n    expect((await shop.ask('${name.kebab}')).status).toBe(401);` : ''}
  });`);
  }
  if (parts.length > 0) {
    tests.push(`  it.each([
    ${parts.map((part) => `['${part.member}', ${wrongLiteral(part)}, '${part.wrong.code}'],`).join('\n    ')}
  ])('have no %s like %j', async (member, value, code) => {
    const { status, body } = await create({ [member]: value });

    // one fault has both: where it is, and what it is
    const fault = { pointer: expect.stringMatching(\`^#/\${member}(/|$)\`), code };
    expect({ status, body }).toMatchObject({ status: 422, body: { errors: [fault] } });
  });`);
  }
  if (required.length > 0) {
    tests.push(`  it.each([${required.map(({ member: of }) => `'${of}'`).join(', ')}])('are refused without %s', async (member) => {
    const { status, body } = await create({ [member]: undefined });

    const fault = { pointer: expect.stringMatching(\`^#/\${member}(/|$)\`) };
    expect({ status, body }).toMatchObject({ status: 422, body: { errors: expect.arrayContaining([expect.objectContaining(fault)]) } });
  });`);
  }
  for (const part of unique) {
    const { member: of, field } = part;
    const slug = `${one.kebab}-${field.name.kebab}-taken`;
    tests.push(`  it('have no ${of} that another has${owned && field.type === 'ref' ? ' of the same owner' : ''}', async () => {
    const first = await makeOne();

    const { status, body } = await create({ ${of}: first.${of} });

    expect([status, JSON.stringify(body)]).toEqual([409, expect.stringContaining('/problems/${slug}"')]);
  });`);
  }
  for (const { member: of, field } of references) {
    tests.push(`  it('refer by ${of} to what exists', async () => {
    const { status, body } = await create({ ${of}: ${field.type === 'refs' ? '[NOBODYS_ID]' : 'NOBODYS_ID'} });

    expect([status, body]).toMatchObject([422, { errors: [{ pointer: '#/${of}', code: 'exists' }] }]);
  });`);
    if (field.softTarget) {
      tests.push(`  it('refer by ${of} to nothing that is deleted', async () => {
    stock.forget();
    const gone = await stock.fill('--${field.target?.kebab ?? ''}--', AT);
    await shop.app.get(DataSource).query('UPDATE ${field.target?.snake ?? ''} SET deleted_at = now() WHERE id = $1', [gone]);

    const { status, body } = await create({ ${of}: ${field.type === 'refs' ? '[gone]' : 'gone'} });

    expect([status, body]).toMatchObject([422, { errors: [{ pointer: '#/${of}', code: 'exists' }] }]);
  });`);
    }
  }
  // users are erased, not deleted: nothing loses its reference to one
  const losing = references.filter(
    ({ field }) => (field.type === 'refs' || field.optional) && field.target?.kebab !== 'users',
  );
  for (const { member: of, field } of losing) {
    const several = field.type === 'refs';
    tests.push(`  it('are another version when what ${of} ${several ? 'name' : 'names'} is deleted', async () => {
    stock.forget();
    const gone = await stock.fill('--${field.target?.kebab ?? ''}--', AT);
    const { id } = (await create({ ${of}: ${several ? '[gone]' : 'gone'} })).body;

    await shop.app.get(DataSource).query('DELETE FROM ${field.target?.snake ?? ''} WHERE id = $1', [gone]);

    const { headers, body } = await shop.ask<${one.pascal}Dto>(\`${name.kebab}/\${id}\`${as});
    expect([body.${of}, headers.get('etag')]).toEqual([${several ? '[]' : 'null'}, '${tagFor(feature).replace('1', '2')}']);
  });`);
  }
  tests.push(`  it('are changed by a client that knows their version', async () => {
    const { id } = await makeOne();
    const change = (headers: Record<string, string>): Promise<Answer<${one.pascal}Dto>> =>
      shop.ask<${one.pascal}Dto>(\`${name.kebab}/\${id}\`, { method: 'PATCH', token: ${maker}, headers, json: { ${changes.join(', ')} } });

    expect((await change({})).status).toBe(428);
    expect((await change({ 'if-match': '"7"' })).status).toBe(412);
    const changed = await change({ 'if-match': '"1"' });
    expect(changed).toMatchObject({ status: 200, body: { id, ${(changes.length > 0 ? [...changes, 'version: 2'] : []).join(', ')} } });
    expect((await shop.ask(\`${name.kebab}/\${id}\`${as})).body).toEqual(changed.body);
  });`);
  for (const part of references.filter(({ field }) => field.type === 'refs')) {
    const { member: of, field } = part;
    tests.push(`  it('are another version with other ${field.name.words}, and the same with the same', async () => {
    const { id } = await makeOne();
    stock.forget();
    const json = { ${of}: [await stock.fill('${placeholder(part)}', AT)] };
    const change = (): Promise<Answer<${one.pascal}Dto>> => shop.ask<${one.pascal}Dto>(\`${name.kebab}/\${id}\`, { method: 'PATCH', token: ${maker}, headers: ANY, json });

    for (const { status, headers, body } of [await change(), await change()]) {
      expect([status, headers.get('etag'), body.${of}]).toEqual([200, '"2-${maker}"', json.${of}]);
    }
  });`);
  }
  tests.push(`  it('announce what happens to them, once each', async () => {
    const { id } = await makeOne();
    const change = { method: 'PATCH', token: ${maker}, headers: ANY, json: { ${changes.join(', ')} } };
    await shop.ask(\`${name.kebab}/\${id}\`, change);
    await shop.ask(\`${name.kebab}/\${id}\`, change);
    await shop.ask(\`${name.kebab}/\${id}\`, { method: 'DELETE', token: ${maker}, headers: ANY });

    const events = await shop.app.get(DataSource).query<object[]>('SELECT name, version FROM outbox WHERE aggregate_id = $1 ORDER BY version', [id]);

    expect(events).toEqual([
      { name: '${one.kebab}.created', version: 1 },
      ${changes.length > 0 ? `{ name: '${one.kebab}.updated', version: 2 },\n      ` : ''}{ name: '${one.kebab}.deleted', version: ${changes.length > 0 ? '3' : '2'} },
    ]);
  });`);
  if (optional.length > 0) {
    tests.push(`  it.each([${optional.map(({ member: of }) => `'${of}'`).join(', ')}])('lose their %s by null', async (member) => {
    const { id } = await makeOne();
    const json = { [member]: null };

    const { status, body } = await shop.ask(\`${name.kebab}/\${id}\`, { method: 'PATCH', token: ${maker}, headers: ANY, json });

    expect([status, body[member]]).toEqual([200, null]);
  });`);
  }
  const stranger = owned ? 'other' : 'customer';
  const refused = owned ? '404' : '403';
  const writer = owned ? holder : 'staff';
  tests.push(`  it('are changed and deleted by ${owned ? 'their owner and by staff alone' : 'nobody else'}', async () => {
    const { id } = await makeOne();
    const as = async (token: string, method: string): Promise<number> =>
      (await shop.ask(\`${name.kebab}/\${id}\`, { method, token, headers: ANY, ...(method === 'PATCH' && { json: {} }) })).status;

    expect([await as(${stranger}, 'PATCH'), await as(${stranger}, 'DELETE')]).toEqual([${refused}, ${refused}]);
    expect([await as(${writer}, 'PATCH'), await as(${writer}, 'DELETE')]).toEqual([200, 204]);
  });`);
  tests.push(`  it('are gone when they are deleted', async () => {
    const { id } = await makeOne();
    const remove = async (etag: string): Promise<number> =>
      (await shop.ask(\`${name.kebab}/\${id}\`, { method: 'DELETE', token: ${maker}, headers: { 'if-match': etag } })).status;

    expect([await remove('"7"'), await remove('"1"'), await remove('"1"')]).toEqual([412, 204, 404]);
    expect((await shop.ask(\`${name.kebab}/\${id}\`${as})).status).toBe(404);${
      softDelete
        ? `\n    const [row] = await shop.app.get(DataSource).query<{ deleted_at: Date | null }[]>('SELECT deleted_at FROM ${name.snake} WHERE id = $1', [id]);
    expect(row?.deleted_at).toBeInstanceOf(Date);`
        : ''
    }
  });`);
  tests.push(`  it('are not sent again to a client that has them', async () => {
    const { id } = await makeOne();
    const headers = { 'if-none-match': '${tagFor(feature)}' };

    expect((await shop.ask(\`${name.kebab}/\${id}\`, { headers${reader === undefined ? '' : `, token: ${reader}`} })).status).toBe(304);
  });`);
  const cases = (listed ? filterCases(parts) : []).map(
    ({ parameter, has, hasNot, queryOf }) => `['${parameter}', ${literal(has)}, ${literal(hasNot)}, ${queryOf}]`,
  );
  if (cases.length > 0) {
    tests.push(`  it.each<[string, object, object, (one: ${one.pascal}Dto) => Record<string, string>]>([
    ${cases.join(',\n    ')},
  ])('are found by %s, and no others', async (_, has, hasNot, queryOf) => {
    const one = (await create(has)).body;
    const another = (await create(hasNot)).body;
    const query = new URLSearchParams({ limit: '100', ...queryOf(one) });

    const { status, body } = await shop.ask<${one.pascal}Page>(\`${name.kebab}?\${query.toString()}\`${as});

    expect(status).toBe(200);
    const ids = body.data.map(({ id }) => id);
    expect(ids).toContain(one.id);
    expect(ids).not.toContain(another.id);
  });`);
  }
  if (listed && owned && reading.by !== 'owner') {
    tests.push(`  it('are found by ownerId, and no others', async () => {
    const { id, ownerId } = await makeOne();
    const another = await shop.ask<${one.pascal}Dto>('${name.kebab}', { method: 'POST', token: other, json: ${isAsync ? 'await ' : ''}input() });

    const { body } = await shop.ask<${one.pascal}Page>(\`${name.kebab}?limit=100&ownerId=\${ownerId}\`${as});

    const ids = body.data.map((one) => one.id);
    expect(ids).toContain(id);
    expect(ids).not.toContain(another.body.id);
  });`);
  }
  if (listed)
    tests.push(
      `  const make = async (): Promise<string> => (await makeOne()).id;\n\n${sortingTests(feature, parts).trimEnd()}`,
    );
  const body = tests.join('\n\n');
  const has = (word: string): boolean => new RegExp(`\\b${word}\\b`).test(body);
  const accounts = ['staff', 'customer', ...(owned ? ['other'] : []), 'admin'].filter((account) =>
    new RegExp(`token: ${account}\\b|\\(${account}[,)]`).test(`${body}; token: ${maker}`),
  );
  return `${imports({
    'node:crypto': usesUuid ? ['randomUUID'] : [],
    '@jest/globals': ['afterAll', 'beforeAll', 'describe', 'expect', 'it'],
    typeorm: has('DataSource') ? ['DataSource'] : [],
    [`../src/${name.kebab}/dto/${one.kebab}.dto.js`]: [
      `type ${one.pascal}Dto`,
      ...(listed ? [`type ${one.pascal}Page`] : []),
    ],
    './support/accounts.js': ['signIn'],
    './support/shop.js': ['type Answer', 'Shop'],
    './support/stock.js': isAsync ? ['Stock'] : [],
  })}

${has('NOBODYS_ID') ? "const NOBODYS_ID = '0198f3c2-7d0e-7a51-9b1e-3f1f6c2b8a10';\n" : ''}const ANY = { 'if-match': '*' };
${isAsync ? `const AT = { role: '${maker}', path: '/api/v1/${name.kebab}' } as const;\n` : ''}
describe('${name.words}', () => {
  let shop: Shop;
  ${isAsync ? 'let stock: Stock;\n  ' : ''}${accounts.map((account) => `let ${account}: string;\n  `).join('')}${counts ? 'let made = 0;\n  ' : ''}beforeAll(async () => {
    shop = await Shop.open();
    ${isAsync ? 'stock = new Stock(shop);\n    ' : ''}[${accounts.join(', ')}] = [${accounts.map((account) => `await signIn(shop, '${account === 'other' ? 'customer' : account}')`).join(', ')}];
  });
  afterAll(() => shop.close());

  /** What a new one is made of, unlike any before where it must be. */
  ${isAsync ? 'async ' : ''}function input(): ${isAsync ? 'Promise<Record<string, unknown>>' : 'Record<string, unknown>'} {
    ${isAsync ? 'stock.forget();\n    ' : ''}${counts ? 'made++;\n    ' : ''}return { ${input.join(', ')} };
  }
  const create = async (more: object = {}): Promise<Answer<${one.pascal}Dto>> =>
    shop.ask<${one.pascal}Dto>('${name.kebab}', { method: 'POST', token: ${maker}, json: { ...${isAsync ? '(await input())' : 'input()'}, ...more } });
  const makeOne = async (): Promise<${one.pascal}Dto> => (await create()).body;

${body}
});
`;
}

function wrongLiteral({ field, wrong }: Part): string {
  return field.type === 'text' ? `'x'.repeat(${String(field.max + 1)})` : literal(wrong.value);
}
