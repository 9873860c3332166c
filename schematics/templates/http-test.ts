import type { Feature } from '../model.js';
import type { Part } from '../parts/part.js';
import { freshValue, isCounted, isReference, literal, placeholder } from './known.js';
import { imports } from './text.js';

export function readingTestText(feature: Feature, parts: readonly Part[]): string {
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
  return `  /** The ids on all pages of a list. */
  async function walk(query: string): Promise<string[]> {
    const ids: string[] = [];
    let path: string | null = \`/api/v1/${name.kebab}?\${query}\`;
    while (path !== null) {
      const page: { body: ${one.pascal}Page; headers: Headers } = await shop.ask<${one.pascal}Page>(path);
      ids.push(...page.body.data.map(({ id }) => id));
      path = /<([^>]+)>; rel="next"/.exec(page.headers.get('link') ?? '')?.[1] ?? null;
    }
    return ids;
  }

  it.each([${sorts.map((sort) => `'${sort}'`).join(', ')}])('are listed by %s, up and down', async (sort) => {
    await make();
    await make();

    const [up, down] = [await walk(\`limit=100&sort=\${sort}\`), await walk(\`limit=100&sort=-\${sort}\`)];

    expect(up.length).toBeGreaterThan(1);
    expect(down).toEqual(up.toReversed());
  });

  it('are walked page by page', async () => {
    await make();
    await make();

    expect(await walk('limit=1')).toEqual(await walk('limit=100'));
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

export function httpTestText(feature: Feature, parts: readonly Part[]): string {
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
  const counts = unique.some(isCounted);
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
  for (const { member: of, field } of references.filter(({ field }) => field.type === 'refs' || field.optional)) {
    const several = field.type === 'refs';
    tests.push(`  it('are another version when their ${field.name.words} ${several ? 'are' : 'is'} deleted', async () => {
    stock.forget();
    const gone = await stock.fill('--${field.target?.kebab ?? ''}--', AT);
    const { id } = (await create({ ${of}: ${several ? '[gone]' : 'gone'} })).body;

    await shop.app.get(DataSource).query('DELETE FROM ${field.target?.snake ?? ''} WHERE id = $1', [gone]);

    const { headers, body } = await shop.ask<${one.pascal}Dto>(\`${name.kebab}/\${id}\`);
    expect([body.${of}, headers.get('etag')]).toEqual([${several ? '[]' : 'null'}, '"2"']);
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
    './support/stock.js': references.length > 0 ? ['Stock'] : [],
  })}

${has('NOBODYS_ID') ? "const NOBODYS_ID = '0198f3c2-7d0e-7a51-9b1e-3f1f6c2b8a10';\n" : ''}const ANY = { 'if-match': '*' };
${references.length > 0 ? `const AT = { role: 'staff', path: '/api/v1/${name.kebab}' } as const;\n` : ''}
describe('${name.words}', () => {
  let shop: Shop;
  ${references.length > 0 ? 'let stock: Stock;\n  ' : ''}let staff: string;
  let customer: string;
  ${owned ? 'let other: string;\n  ' : ''}${counts ? 'let made = 0;\n  ' : ''}beforeAll(async () => {
    shop = await Shop.open();
    ${references.length > 0 ? 'stock = new Stock(shop);\n    ' : ''}[${['staff', 'customer', ...(owned ? ['other'] : [])].join(', ')}] = [${["'staff'", "'customer'", ...(owned ? ["'customer'"] : [])].map((role) => `await signIn(shop, ${role})`).join(', ')}];
  });
  afterAll(() => shop.close());

  /** What a new one is made of, unlike any before where it must be. */
  ${references.length > 0 ? 'async ' : ''}function input(): ${references.length > 0 ? 'Promise<Record<string, unknown>>' : 'Record<string, unknown>'} {
    ${references.length > 0 ? 'stock.forget();\n    ' : ''}${counts ? 'made++;\n    ' : ''}return { ${input.join(', ')} };
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
