import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { DataSource } from 'typeorm';
import { type Result, verifyIn, verifyLedger } from '../src/commands/ledger-verify.js';
import { StartError } from '../src/common/config/start-error.js';
import type { TrialBalanceDto } from '../src/ledger/dto/trial-balance.dto.js';
import { LedgerSealerService } from '../src/ledger/ledger.sealer.service.js';
import { signIn } from './support/accounts.js';
import { createLastingDatabase } from './support/database.js';
import { paymentOf, post, refundOf } from './support/ledger.js';
import { Shop } from './support/shop.js';

const TABLES = [
  'ledger_accounts',
  'ledger_transactions',
  'ledger_entries',
  'ledger_unsealed',
  'ledger_seals',
  'ledger_snapshots',
];

const never = (): never => {
  throw new Error('the configuration was read');
};

describe('npm run ledger:verify', () => {
  let shop: Shop;
  let admin: string;
  /** The transactions by their place in the chain, from 1 on: four that are sealed, and one that waits. */
  let ids: string[];
  let signature: string;
  beforeAll(async () => {
    shop = await Shop.open();
    admin = await signIn(shop, 'admin');
    ids = [''];
    for (const posting of [paymentOf(), refundOf(), paymentOf(), paymentOf()]) ids.push(await post(shop, posting));
    await shop.app.get(LedgerSealerService).sealAll();
    ids.push(await post(shop));
    signature = (await trialBalance()).head?.signature ?? '';
    for (const table of TABLES) await sql(`CREATE TABLE kept_${table} AS TABLE ${table}`);
  });
  afterAll(() => shop.close());
  afterEach(async () => {
    await tamper(
      ...TABLES.map((table) => `DELETE FROM ${table}`),
      ...TABLES.map((table) => `INSERT INTO ${table} SELECT * FROM kept_${table}`),
    );
  });

  const sql = <R>(text: string, values?: unknown[]): Promise<R[]> => shop.app.get(DataSource).query<R[]>(text, values);
  const trialBalance = async (): Promise<TrialBalanceDto> =>
    (await shop.ask<TrialBalanceDto>('ledger/trial-balance', { token: admin })).body;
  const verify = (head?: string): Promise<Result> => verifyIn(shop.app, head);
  /** Changes rows as the owner of the tables can, who switches triggers and constraints off for the time. */
  async function tamper(...statements: string[]): Promise<void> {
    const triggers = (state: string): string[] => TABLES.map((table) => `ALTER TABLE ${table} ${state} TRIGGER ALL`);
    const all = [...triggers('DISABLE'), ...statements, ...triggers('ENABLE')];
    await sql(`DO $do$ BEGIN ${all.join('; ')}; END $do$`);
  }
  const the = (at: number): string => `'${ids[at] ?? ''}'`;

  it('finds nothing wrong with what was posted and sealed', async () => {
    const { text, isGood } = await verify(signature);

    expect(isGood).toBe(true);
    expect(text).toMatch(
      /^4 transactions sealed, 1 not yet\.\nHead: 4 [\da-f]{64}\nNothing is wrong, and the signed head is in the chain\.\n$/,
    );
    expect(text).toContain((await trialBalance()).head?.hash ?? '-');
  });

  it.each<[string, string, string]>([
    [
      'an amount',
      'UPDATE ledger_entries SET amount = amount + 1 WHERE transaction_id = $1 AND line = 1',
      'sum to 1 GBP instead of zero',
    ],
    [
      'two amounts that still sum to zero',
      'UPDATE ledger_entries SET amount = amount * 2 WHERE transaction_id = $1',
      'was changed',
    ],
    [
      'an account',
      `UPDATE ledger_entries SET account = 'shipping' WHERE transaction_id = $1 AND line = 2`,
      'was changed',
    ],
    ['a customer', 'UPDATE ledger_transactions SET customer_id = gen_random_uuid() WHERE id = $1', 'was changed'],
    ['a time', `UPDATE ledger_transactions SET posted_at = posted_at + interval '1 ms' WHERE id = $1`, 'was changed'],
    ['its hash', `UPDATE ledger_seals SET hash = sha256('x') WHERE transaction_id = $1`, 'was changed'],
  ])('finds by its place a sealed transaction of which somebody changed %s', async (_, change, why) => {
    await tamper(change.replace('$1', the(2)));
    const { text, isGood } = await verify();

    expect(isGood).toBe(false);
    expect(text).toMatch(new RegExp(`^sequence 2: .*${why}`, 'm'));
    expect(text).not.toMatch(/^sequence [14]:/m);
  });

  it('finds a transaction that is gone, with its entries, or without', async () => {
    await tamper(`DELETE FROM ledger_transactions WHERE id = ${the(3)}`);
    const { text } = await verify();

    expect(text).toContain(`sequence 3: transaction ${ids[3] ?? ''} is gone\n`);
    expect(text).toContain(`transaction ${ids[3] ?? ''} is gone, and has entries\n`);
  });

  it('finds a link that is gone', async () => {
    await tamper('DELETE FROM ledger_seals WHERE sequence = 3');
    const { text } = await verify();

    expect(text).toContain('sequence 4: the chain has no links between 2 and 4');
    expect(text).toContain(`transaction ${ids[3] ?? ''} is not in the chain, and does not wait for it`);
  });

  it('finds by the signed head alone that the end of the chain was cut off, without a trace', async () => {
    const end = `IN (${[3, 4, 5].map(the).join(', ')})`;
    await tamper(
      `DELETE FROM ledger_seals WHERE transaction_id ${end}`,
      `DELETE FROM ledger_unsealed WHERE transaction_id ${end}`,
      `DELETE FROM ledger_entries WHERE transaction_id ${end}`,
      `DELETE FROM ledger_transactions WHERE id ${end}`,
    );
    const [alone, compared] = [await verify(), await verify(signature)];

    expect(alone).toMatchObject({ isGood: true, text: expect.stringMatching(/^2 transactions sealed, 0 not yet/) });
    expect(compared.isGood).toBe(false);
    expect(compared.text).toContain(
      'sequence 4: the chain ends at 2, and the signed head is at 4: it was cut off\n1 faults.',
    );
  });

  it('finds by the signed head alone that the chain was rewritten', async () => {
    await tamper(
      `UPDATE ledger_entries SET amount = amount * 2 WHERE transaction_id = ${the(1)}`,
      'DELETE FROM ledger_seals',
      'INSERT INTO ledger_unsealed SELECT id FROM ledger_transactions ON CONFLICT DO NOTHING',
    );
    await shop.app.get(LedgerSealerService).sealAll();

    expect(await verify()).toMatchObject({ isGood: true });
    expect((await verify(signature)).text).toContain('sequence 4: the chain was rewritten');
  });

  it('still takes the head once more was sealed', async () => {
    await shop.app.get(LedgerSealerService).sealAll();

    expect(await verify(signature)).toMatchObject({
      isGood: true,
      text: expect.stringContaining('5 transactions sealed'),
    });
  });

  it('finds what is wrong with a transaction that waits for its seal', async () => {
    await tamper(`DELETE FROM ledger_entries WHERE transaction_id = ${the(5)} AND line = 3`);
    const { text, isGood } = await verify();

    expect(isGood).toBe(false);
    expect(text).toContain(`the entries of transaction ${ids[5] ?? ''} sum to 150 GBP instead of zero`);
    expect(text).toContain(`transaction ${ids[5] ?? ''} has 2 entries instead of 3`);
  });

  it('finds that a transaction would never be sealed', async () => {
    await tamper('DELETE FROM ledger_unsealed');

    expect((await verify()).text).toContain(
      `transaction ${ids[5] ?? ''} is not in the chain, and does not wait for it`,
    );
  });

  it('finds an account of another kind, and a cause that was posted twice', async () => {
    await sql('ALTER TABLE ledger_transactions DROP CONSTRAINT ledger_transactions_unique_by_cause');
    const [{ cause } = { cause: '' }] = await sql<{ cause: string }>(
      'SELECT cause_id AS cause FROM ledger_transactions WHERE id = $1',
      [ids[1]],
    );
    await tamper(`UPDATE ledger_accounts SET kind = 'liability' WHERE code = 'revenue'`);
    await tamper(`UPDATE ledger_transactions SET cause_id = '${cause}' WHERE id = ${the(5)}`);
    const { text } = await verify();
    await tamper(`UPDATE ledger_transactions SET cause_id = gen_random_uuid() WHERE id = ${the(5)}`);
    await sql(
      'ALTER TABLE ledger_transactions ADD CONSTRAINT ledger_transactions_unique_by_cause UNIQUE (cause_type, cause_id, kind)',
    );

    expect(text).toContain('the account revenue in GBP is of kind liability instead of income\n');
    expect(text).toContain(`the payment of sale-of-tests ${cause} was posted 2 times\n`);
  });

  it('finds a snapshot that differs from the entries', async () => {
    await sql(
      `INSERT INTO ledger_snapshots VALUES (4, 'clearing', 'GBP', 2601), (4, 'revenue', 'GBP', -2550),
        (4, 'shipping', 'GBP', -450), (4, 'refunds', 'GBP', 400)`,
    );
    const { text } = await verify();

    expect(text).toContain('sequence 4: the snapshot has 2601 of clearing in GBP, the entries sum to 2600\n1 faults.');
  });

  it.each([
    ['no signature', 'nonsense'],
    ['an access token', 'TOKEN'],
    ['a head that was changed', 'CHANGED'],
  ])('takes %s for no head', async (_, given) => {
    const [header = '', , signed = ''] = signature.split('.');
    const claims = Buffer.from(JSON.stringify({ sequence: 2, hash: '00', iat: 1 })).toString('base64url');
    const changed = [header, claims, signed].join('.');
    const head = given === 'TOKEN' ? await signIn(shop, 'admin') : given === 'CHANGED' ? changed : given;

    expect(await verify(head)).toMatchObject({
      isGood: false,
      text: expect.stringContaining('the head that was given has no signature of a key of this shop'),
    });
  });
});

describe('the signed head', () => {
  let shop: Shop;
  beforeAll(async () => {
    shop = await Shop.open();
  });
  afterAll(() => shop.close());

  it('is null until something is sealed, and then a JWS of a key that is published', async () => {
    const token = await signIn(shop, 'admin');
    const headOf = async (): Promise<TrialBalanceDto['head']> =>
      (await shop.ask<TrialBalanceDto>('ledger/trial-balance', { token })).body.head;
    await post(shop);
    const before = await headOf();
    await shop.app.get(LedgerSealerService).sealAll();
    const head = await headOf();

    expect(before).toBeNull();
    const [header, claims, signed] = (head?.signature ?? '').split('.').map((part) => Buffer.from(part, 'base64url'));
    const { typ, alg, kid } = JSON.parse(String(header)) as Record<string, unknown>;
    expect([typ, alg]).toEqual(['ledger-head+jwt', 'ES256']);
    expect(JSON.parse(String(claims))).toMatchObject({ iss: 'http://localhost:3000', sequence: 1, hash: head?.hash });
    const { body } = await shop.ask<{ keys: { kid: string; kty: string; crv: string; x: string; y: string }[] }>(
      '/.well-known/jwks.json',
    );
    const [jwk] = body.keys.filter((key) => key.kid === kid);
    const key = await crypto.subtle.importKey('jwk', jwk ?? {}, { name: 'ECDSA', namedCurve: 'P-256' }, false, [
      'verify',
    ]);
    const text = new TextEncoder().encode((head?.signature ?? '').split('.').slice(0, 2).join('.'));
    const isSigned = await crypto.subtle.verify(
      { name: 'ECDSA', hash: 'SHA-256' },
      key,
      new Uint8Array(signed ?? []),
      text,
    );
    expect(isSigned).toBe(true);
  });

  it('is no access token', async () => {
    const token = await signIn(shop, 'admin');
    await post(shop);
    await shop.app.get(LedgerSealerService).sealAll();
    const { head } = (await shop.ask<TrialBalanceDto>('ledger/trial-balance', { token })).body;

    expect((await shop.ask('users/me', { token: head?.signature })).status).toBe(401);
  });
});

describe('the arguments of ledger:verify', () => {
  it('have help, for which nothing is read', async () => {
    expect(await verifyLedger(['--help'], never)).toEqual({
      isGood: true,
      text: expect.stringMatching(/^Usage: npm run/),
    });
  });

  it.each([[['now']], [['--all']]])('are no %j', async (args) => {
    await expect(verifyLedger(args, never)).rejects.toThrow();
  });

  it('are options only', async () => {
    await expect(verifyLedger(['now'], never)).rejects.toBeInstanceOf(StartError);
  });

  it('open the database of the configuration', async () => {
    const database = await createLastingDatabase();
    try {
      const { isGood, text } = await verifyLedger([], () => database.config, database.options);

      expect([isGood, text]).toEqual([true, expect.stringMatching(/^0 transactions sealed, 0 not yet/)]);
    } finally {
      await database.drop();
    }
  });
});
