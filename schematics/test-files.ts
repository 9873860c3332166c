import { imports } from './files.js';
import { type Feature } from './model.js';
import { nameOf, withArticle } from './names.js';
import { type Part, partOf } from './parts.js';

/** The path and the text of each test of a feature, before it is formatted. */
export function testFilesOf(feature: Feature): Map<string, string> {
  const parts = feature.fields.map((field) => partOf(feature, field));
  const { name } = feature;
  return new Map([
    [`test/support/features/${name.kebab}.ts`, knownText(feature, parts)],
    [`test/${name.kebab}.test.ts`, feature.readOnly ? readingTestText(feature, parts) : httpTestText(feature, parts)],
    [`src/${name.kebab}/${name.kebab}.service.spec.ts`, specText(feature, parts)],
  ]);
}

const literal = (value: unknown): string =>
  JSON.stringify(value)
    .replaceAll(/"([A-Za-z_]\w*)":/g, '$1:')
    .replaceAll('"', "'");
const isReference = ({ field }: Part): boolean => field.type === 'ref' || field.type === 'refs';
const placeholder = ({ field }: Part): string => `--${field.target?.kebab ?? ''}--`;

/** A column's value in SQL, by the number `n` of its row. */
function sqlOf(part: Part): string {
  const { field, example } = part;
  const { min, max, unique, target } = field;
  switch (field.type) {
    case 'text':
      return unique ? `lpad(n::text, ${String(Math.max(min, Math.min(max, 8)))}, '0')` : `'${String(example)}'`;
    case 'int':
      return unique ? `${String(min)} + n` : String(example);
    case 'money':
      return "1999, 'GBP'";
    case 'boolean':
      return 'true';
    case 'date-time':
      return "timestamptz '2026-01-01Z' + n * interval '1 minute'";
    case 'uuid':
      return 'gen_random_uuid()';
    case 'ref':
      return field.optional
        ? 'NULL'
        : `(SELECT id FROM ${target?.snake ?? ''} ORDER BY id LIMIT 1${unique ? ' OFFSET n' : ''})`;
    default:
      return `'${String(example)}'`;
  }
}

/** The columns of a row but its id, and their values. */
function rowOf({ owned }: Feature, parts: readonly Part[]): { columns: string[]; values: string[] } {
  const own = parts.filter(({ field }) => field.type !== 'refs' && field.type !== 'json');
  return {
    columns: [
      ...(owned ? ['owner_id'] : []),
      ...own.flatMap((part) => part.columns.map(({ name }) => nameOf(name).snake)),
    ],
    values: [...(owned ? ['(SELECT id FROM users ORDER BY id LIMIT 1)'] : []), ...own.map(sqlOf)],
  };
}

/** A value of the field that no other has, by the expression `number`: a text in TypeScript. */
function freshValue(part: Part, number: string): string {
  const { field, example } = part;
  if (!field.unique) return literal(example);
  switch (field.type) {
    case 'text':
      return `String(${number}).padStart(${String(Math.max(field.min, Math.min(field.max, 8)))}, '0')`;
    case 'int':
      return `${String(field.min)} + ${number}`;
    case 'date-time':
      return `new Date(Date.UTC(2026, 0, 1) + ${number} * 60_000).toISOString()`;
    case 'uuid':
      return 'randomUUID()';
    default:
      return literal(example);
  }
}

function knownText(feature: Feature, parts: readonly Part[]): string {
  const { name, readOnly, listed } = feature;
  const path = `/api/v1/${name.kebab}`;
  const lists = parts.filter(({ field }) => field.type === 'refs').length;
  const statements = [
    ...(listed ? [`'GET ${path}': 1,`] : []),
    `'GET ${path}/{id}': 1,`,
    ...(readOnly
      ? []
      : [
          `'POST ${path}': ${String(5 + lists)},`,
          `'PATCH ${path}/{id}': ${String(6 + lists)},`,
          `'DELETE ${path}/{id}': 5,`,
        ]),
  ];
  const members = parts.filter(isReference).flatMap((part) => {
    const [of, thing] = [part.member, `'${placeholder(part)}'`];
    return part.field.type === 'refs' ? [`${of}: [${thing}],`, `${of.slice(0, -1)}: ${thing},`] : [`${of}: ${thing},`];
  });
  const unique = parts.filter(({ field }) => field.unique && !isReference({ field } as Part));
  const { columns, values } = rowOf(feature, parts);
  const needed = parts.filter(({ field }) => field.type === 'ref' && !field.optional);
  const body = parts
    .filter(({ field }) => !field.optional && field.type !== 'refs')
    .map(
      (part) =>
        `${part.member}: ${part.field.type === 'ref' ? `await make('${part.field.target?.kebab ?? ''}')` : freshValue(part, '++made')}`,
    );
  const thing = readOnly
    ? `async ({ shop${needed.length > 0 ? ', make' : ''} }) => {
      ${needed.map((part) => `await make('${part.field.target?.kebab ?? ''}');`).join('\n')}
      const id = randomUUID();
      await shop.app.get(DataSource).query(
        ${literal(
          `INSERT INTO ${name.snake} (${['id', ...columns].join(', ')}) SELECT $1, ${values.join(', ')} FROM generate_series($2::int, $2::int) n`,
        )
          .replaceAll("\\'", "'")
          .replace(/^'|'$/g, '`')},
        [id, ++made],
      );
      return id;
    }`
    : `async ({ post${needed.length > 0 ? ', make' : ''} }) => post('${name.kebab}', { ${body.join(', ')} })`;
  const counts = readOnly || unique.some(({ field }) => field.type !== 'uuid');
  const usesUuid = readOnly || unique.some(({ field }) => field.type === 'uuid');
  return `${imports({
    'node:crypto': usesUuid ? ['randomUUID'] : [],
    typeorm: readOnly ? ['DataSource'] : [],
    '../feature.js': ['type Feature'],
  })}

${counts ? 'let made = 1000;\n\n' : ''}export const feature: Feature = {
  statements: {
    ${statements.join('\n    ')}
  },
  ${members.length > 0 ? `members: { ${members.join(' ')} },\n  ` : ''}things: {
    ${name.kebab === name.camel ? name.camel : `'${name.kebab}'`}: ${needed.length > 0 || readOnly ? thing : thing.replace(/^async /, '')},
  },
  ${listed ? `rows: { '${name.snake} (${['id', ...columns].join(', ')})': \`${values.join(', ')}\` },\n` : ''}};
`;
}

function readingTestText(feature: Feature, parts: readonly Part[]): string {
  const { name, one, listed } = feature;
  return `${imports({
    '@jest/globals': ['afterAll', 'beforeAll', 'describe', 'expect', 'it'],
    [`../src/${name.kebab}/dto/${one.kebab}.dto.js`]: [
      `type ${one.pascal}Dto`,
      ...(listed ? [`type ${one.pascal}Page`] : []),
    ],
    './support/shop.js': ['Shop'],
    './support/stock.js': ['Stock'],
  })}

describe('${name.words}', () => {
  let shop: Shop;
  let stock: Stock;
  beforeAll(async () => {
    shop = await Shop.open();
    stock = new Stock(shop);
  });
  afterAll(() => shop.close());

  const make = async (): Promise<string> => {
    stock.forget();
    return stock.fill('--${name.kebab}--', { role: 'nobody', path: '/api/v1/${name.kebab}' });
  };

  it('are read by everybody', async () => {
    const id = await make();

    const answer = await shop.ask<${one.pascal}Dto>(\`${name.kebab}/\${id}\`);

    expect([answer.status, answer.headers.get('etag')]).toEqual([200, '"1"']);
    expect(Object.keys(answer.body)).toEqual([${['id', ...parts.map(({ member: of }) => of), 'version', 'createdAt', 'updatedAt'].map((of) => `'${of}'`).join(', ')}]);
  });

  it('are not there under an id that none has', async () => {
    expect((await shop.ask('${name.kebab}/0198f3c2-7d0e-7a51-9b1e-3f1f6c2b8a10')).status).toBe(404);
  });

  it('are changed by nobody', async () => {
    const token = await stock.tokenOf('admin');
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) {
      const path = method === 'POST' ? '${name.kebab}' : \`${name.kebab}/\${await make()}\`;
      expect((await shop.ask(path, { method, token, json: {} })).status).toBe(${listed ? '405' : "method === 'POST' ? 404 : 405"});
    }
  });
${listed ? `\n${listingTests(feature, parts)}` : ''}});
`;
}

/** Tests of lists, where \`make\` makes one and gives its id. */
function listingTests({ name, one }: Feature, parts: readonly Part[]): string {
  const sorts = [...parts.flatMap(({ sort }) => (sort ? [sort.name] : [])), 'createdAt'];
  return `  it.each([${sorts.map((sort) => `'${sort}'`).join(', ')}])('are listed by %s, up and down', async (sort) => {
    await make();
    await make();
    const ids = async (query: string): Promise<string[]> =>
      (await shop.ask<${one.pascal}Page>(\`${name.kebab}?limit=100&\${query}\`)).body.data.map(({ id }) => id);

    const [up, down] = [await ids(\`sort=\${sort}\`), await ids(\`sort=-\${sort}\`)];

    expect(up.length).toBeGreaterThan(1);
    expect(down).toEqual(up.toReversed());
  });

  it('are walked page by page', async () => {
    await make();
    await make();
    const all = (await shop.ask<${one.pascal}Page>('${name.kebab}?limit=100')).body.data.map(({ id }) => id);

    const walked: string[] = [];
    let path: string | null = '/api/v1/${name.kebab}?limit=1';
    while (path !== null) {
      const page: { body: ${one.pascal}Page; headers: Headers } = await shop.ask<${one.pascal}Page>(path);
      walked.push(...page.body.data.map(({ id }) => id));
      path = /<([^>]+)>; rel="next"/.exec(page.headers.get('link') ?? '')?.[1] ?? null;
    }

    expect(walked).toEqual(all);
  });
`;
}

/** What each filter finds: its query, made of one that is there. */
function filterCases({ owned }: Feature, parts: readonly Part[]): string[] {
  const cases = owned ? ["['ownerId', ({ ownerId }) => ({ ownerId })]"] : [];
  for (const { member: of, field, filters } of parts) {
    for (const { parameter } of filters) {
      const value =
        field.type === 'refs'
          ? undefined
          : field.type === 'money'
            ? `String(one.${of}.amount)`
            : parameter.endsWith('Before') && field.type === 'date-time'
              ? "'2100-01-01T00:00:00Z'"
              : ['text', 'enum', 'uuid', 'ref', 'date-time'].includes(field.type)
                ? `one.${of}${field.optional ? " ?? ''" : ''}`
                : `String(one.${of})`;
      if (value !== undefined)
        cases.push(`['${parameter}', (${value.includes('one.') ? 'one' : ''}) => ({ ${parameter}: ${value} })]`);
    }
  }
  if (parts.some(({ field }) => field.searchable)) {
    const [searched] = parts.filter(({ field }) => field.searchable && !field.optional);
    if (searched) cases.push(`['q', (one) => ({ q: one.${searched.member} })]`);
  }
  return cases;
}

function httpTestText(feature: Feature, parts: readonly Part[]): string {
  const { name, one, owned, softDelete, listed } = feature;
  const unique = parts.filter(({ field }) => field.unique);
  const required = parts.filter(({ input }) => !input.left);
  const optional = parts.filter(({ field }) => field.optional);
  const references = parts.filter(isReference);
  const [maker, other] = owned ? ['customer', 'other'] : ['staff', 'customer'];
  const input = parts.map((part) => {
    if (part.field.type === 'ref') return `${part.member}: await stock.fill('${placeholder(part)}', AT)`;
    if (part.field.type === 'refs') return `${part.member}: [await stock.fill('${placeholder(part)}', AT)]`;
    return `${part.member}: ${freshValue(part, 'made')}`;
  });
  const changeable = parts.filter((part) => !isReference(part) && !part.field.unique);
  const changes = changeable.map((part) => `${part.member}: ${literal(part.other)}`);
  const usesUuid = unique.some(({ field }) => field.type === 'uuid');
  const tests: string[] = [];
  tests.push(`  it('are made, with a Location and an ETag', async () => {
    const json = ${references.length > 0 ? 'await ' : ''}input();

    const { status, headers, body } = await shop.ask<${one.pascal}Dto>('${name.kebab}', { method: 'POST', token: ${maker}, json });

    expect([status, headers.get('location'), headers.get('etag')]).toEqual([201, \`/api/v1/${name.kebab}/\${body.id}\`, '"1-${owned ? 'customer' : 'staff'}"']);
    expect(body).toMatchObject(json);
    expect((await shop.ask(\`${name.kebab}/\${body.id}\`)).body).toEqual(body);
  });`);
  tests.push(`  it('are made by nobody ${owned ? 'who is not signed in' : 'else'}', async () => {
    const json = ${references.length > 0 ? 'await ' : ''}input();

    expect((await shop.ask('${name.kebab}', { method: 'POST', json })).status).toBe(401);${owned ? '' : `\n    expect((await shop.ask('${name.kebab}', { method: 'POST', token: customer, json })).status).toBe(403);`}
  });`);
  tests.push(`  it.each([
    ${parts.map((part) => `['${part.member}', ${wrongLiteral(part)}, '${part.wrong.code}'],`).join('\n    ')}
  ])('have no %s like %j', async (member, value, code) => {
    const { status, body } = await create({ [member]: value });

    expect([status, JSON.stringify(body)]).toEqual([422, expect.stringContaining(\`"pointer":"#/\${member}\`)]);
    expect(JSON.stringify(body)).toContain(\`"code":"\${code}"\`);
  });`);
  if (required.length > 0) {
    tests.push(`  it.each([${required.map(({ member: of }) => `'${of}'`).join(', ')}])('have a %s', async (member) => {
    const { status, body } = await create({ [member]: undefined });

    expect([status, JSON.stringify(body)]).toEqual([422, expect.stringContaining(\`"pointer":"#/\${member}\`)]);
  });`);
  }
  for (const part of unique) {
    const { member: of, field } = part;
    const slug = `${one.kebab}-${field.name.kebab}-taken`;
    tests.push(`  it('have no ${field.name.words} that another has${owned && field.type === 'ref' ? ' of the same owner' : ''}', async () => {
    const first = await makeOne();

    const { status, body } = await create({ ${of}: first.${of} });

    expect([status, JSON.stringify(body)]).toEqual([409, expect.stringContaining('/problems/${slug}"')]);
  });`);
  }
  for (const { member: of, field } of references) {
    tests.push(`  it('refer to ${field.name.words} that ${field.type === 'ref' ? 'is' : 'are'} there', async () => {
    const { status, body } = await create({ ${of}: ${field.type === 'refs' ? '[NOBODYS_ID]' : 'NOBODYS_ID'} });

    expect([status, body]).toMatchObject([422, { errors: [{ pointer: '#/${of}', code: 'exists' }] }]);
  });`);
  }
  tests.push(`  it('are changed by whoever knows their state', async () => {
    const { id } = await makeOne();
    const change = (headers: Record<string, string>): Promise<Answer<${one.pascal}Dto>> =>
      shop.ask<${one.pascal}Dto>(\`${name.kebab}/\${id}\`, { method: 'PATCH', token: ${maker}, headers, json: { ${changes.join(', ')} } });

    expect((await change({})).status).toBe(428);
    expect((await change({ 'if-match': '"7"' })).status).toBe(412);
    const changed = await change({ 'if-match': '"1"' });
    expect(changed).toMatchObject({ status: 200, body: { id, ${[...changes, 'version: 2'].join(', ')} } });
    expect((await shop.ask(\`${name.kebab}/\${id}\`)).body).toEqual(changed.body);
  });`);
  if (optional.length > 0) {
    tests.push(`  it.each([${optional.map(({ member: of }) => `'${of}'`).join(', ')}])('lose their %s by null', async (member) => {
    const { id } = await makeOne();
    const json = { [member]: null };

    const { status, body } = await shop.ask(\`${name.kebab}/\${id}\`, { method: 'PATCH', token: ${maker}, headers: ANY, json });

    expect([status, body[member]]).toEqual([200, null]);
  });`);
  }
  tests.push(`  it('are changed and deleted by ${owned ? 'their owner and by staff alone' : 'nobody else'}', async () => {
    const { id } = await makeOne();
    const as = async (token: string, method: string): Promise<number> =>
      (await shop.ask(\`${name.kebab}/\${id}\`, { method, token, headers: ANY, ...(method === 'PATCH' && { json: {} }) })).status;

    expect([await as(${other}, 'PATCH'), await as(${other}, 'DELETE')]).toEqual([403, 403]);
    expect([await as(staff, 'PATCH'), await as(staff, 'DELETE')]).toEqual([200, 204]);
  });`);
  tests.push(`  it('are gone when they are deleted', async () => {
    const { id } = await makeOne();
    const remove = async (etag: string): Promise<number> =>
      (await shop.ask(\`${name.kebab}/\${id}\`, { method: 'DELETE', token: ${maker}, headers: { 'if-match': etag } })).status;

    expect([await remove('"7"'), await remove('"1"'), await remove('"1"')]).toEqual([412, 204, 404]);
    expect((await shop.ask(\`${name.kebab}/\${id}\`)).status).toBe(404);${
      softDelete
        ? `\n    const [row] = await shop.app.get(DataSource).query<{ deleted_at: Date | null }[]>('SELECT deleted_at FROM ${name.snake} WHERE id = $1', [id]);
    expect(row?.deleted_at).toBeInstanceOf(Date);`
        : ''
    }
  });`);
  tests.push(`  it('are not sent again to whoever has them', async () => {
    const { id } = await makeOne();

    expect((await shop.ask(\`${name.kebab}/\${id}\`, { headers: { 'if-none-match': '"1"' } })).status).toBe(304);
  });`);
  const cases = listed ? filterCases(feature, parts) : [];
  if (cases.length > 0) {
    tests.push(`  it.each<[string, (one: ${one.pascal}Dto) => Record<string, string>]>([
    ${cases.join(',\n    ')},
  ])('are found by %s', async (_, queryOf) => {
    const one = await makeOne();
    const query = new URLSearchParams({ limit: '100', ...queryOf(one) });

    const { status, body } = await shop.ask<${one.pascal}Page>(\`${name.kebab}?\${query.toString()}\`);

    expect(status).toBe(200);
    expect(body.data.map(({ id }) => id)).toContain(one.id);
  });`);
  }
  if (listed)
    tests.push(
      `  const make = async (): Promise<string> => (await makeOne()).id;\n\n${listingTests(feature, parts).trimEnd()}`,
    );
  const body = tests.join('\n\n');
  const has = (word: string): boolean => new RegExp(`\\b${word}\\b`).test(body);
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
    './support/stock.js': ['Stock'],
  })}

${has('NOBODYS_ID') ? "const NOBODYS_ID = '0198f3c2-7d0e-7a51-9b1e-3f1f6c2b8a10';\n" : ''}const ANY = { 'if-match': '*' };
${references.length > 0 ? `const AT = { role: 'staff', path: '/api/v1/${name.kebab}' } as const;\n` : ''}
describe('${name.words}', () => {
  let shop: Shop;
  ${references.length > 0 ? 'let stock: Stock;\n  ' : ''}let staff: string;
  let customer: string;
  ${owned ? 'let other: string;\n  ' : ''}${unique.length > 0 ? 'let made = 0;\n  ' : ''}beforeAll(async () => {
    shop = await Shop.open();
    ${references.length > 0 ? 'stock = new Stock(shop);\n    ' : ''}[${['staff', 'customer', ...(owned ? ['other'] : [])].join(', ')}] = [${["'staff'", "'customer'", ...(owned ? ["'customer'"] : [])].map((role) => `await signIn(shop, ${role})`).join(', ')}];
  });
  afterAll(() => shop.close());

  /** What a new one is made of, unlike any before where it must be. */
  ${references.length > 0 ? 'async ' : ''}function input(): ${references.length > 0 ? 'Promise<Record<string, unknown>>' : 'Record<string, unknown>'} {
    ${references.length > 0 ? 'stock.forget();\n    ' : ''}${unique.length > 0 ? 'made++;\n    ' : ''}return { ${input.join(', ')} };
  }
  const create = async (more: object = {}): Promise<Answer<${one.pascal}Dto>> =>
    shop.ask<${one.pascal}Dto>('${name.kebab}', { method: 'POST', token: ${maker}, json: { ...${references.length > 0 ? '(await input())' : 'input()'}, ...more } });
  const makeOne = async (): Promise<${one.pascal}Dto> => (await create()).body;

${body}
});
`;
}

function wrongLiteral({ field, wrong }: Part): string {
  return field.type === 'text' ? `'x'.repeat(${String(field.max + 1)})` : literal(wrong.value);
}

function specText(feature: Feature, parts: readonly Part[]): string {
  const { one } = feature;
  const row = (part: Part): string => {
    const { field, example } = part;
    const of = part.member;
    if (field.type === 'money') return `${of}Amount: 1999, ${of}Currency: 'GBP'`;
    if (field.type === 'date-time') return `${of}: new Date(${literal(example)})`;
    return `${of}: ${literal(example)}`;
  };
  return `${imports({
    '@jest/globals': ['describe', 'expect', 'it'],
    [`./dto/${one.kebab}.dto.js`]: [`type ${one.pascal}Row`, `to${one.pascal}Dto`],
  })}

describe('${withArticle(one.words)} as it goes out', () => {
  const row: ${one.pascal}Row = {
    id: '0198f3c2-7d0e-7a51-9b1e-3f1f6c2b8a10',
    ${feature.owned ? "ownerId: '0198f3c2-7d0e-7a51-9b1e-3f1f6c2b8a11',\n    " : ''}${parts.map(row).join(',\n    ')},
    version: 3,
    createdAt: new Date('2026-11-20T09:30:00.000Z'),
    updatedAt: new Date('2026-11-21T10:00:00.000Z'),
  };

  it('has its members, and nothing else that a row may have', () => {
    expect(to${one.pascal}Dto({ ...row, secret: 'kept' } as ${one.pascal}Row)).toEqual({
      id: row.id,
      ${feature.owned ? 'ownerId: row.ownerId,\n      ' : ''}${parts.map((part) => `${part.member}: ${literal(part.example)}`).join(',\n      ')},
      version: 3,
      createdAt: '2026-11-20T09:30:00.000Z',
      updatedAt: '2026-11-21T10:00:00.000Z',
    });
  });
});
`;
}
