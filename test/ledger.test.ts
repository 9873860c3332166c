import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { DataSource } from 'typeorm';
import { verifyIn } from '../src/commands/ledger-verify.js';
import { Transactions } from '../src/common/database/transactions.js';
import { JobRunner } from '../src/common/jobs/job-runner.js';
import { JobsService } from '../src/common/jobs/jobs.service.js';
import { Clock } from '../src/common/time/clock.js';
import type { CustomerTransactionPage } from '../src/ledger/dto/customer-transaction.dto.js';
import type { LedgerTransactionPage } from '../src/ledger/dto/ledger-transaction.dto.js';
import type { TrialBalanceDto } from '../src/ledger/dto/trial-balance.dto.js';
import { LedgerSealerService } from '../src/ledger/ledger.sealer.service.js';
import { LedgerService } from '../src/ledger/ledger.service.js';
import { type Account, openAccount, signIn } from './support/accounts.js';
import { paymentOf, post, type Posting, refundOf } from './support/ledger.js';
import { type Answer, Shop } from './support/shop.js';
import { fromXml } from './support/xml.js';

let shop: Shop;
let admin: string;
beforeAll(async () => {
  shop = await Shop.open();
  admin = await signIn(shop, 'admin');
});
afterAll(() => shop.close());

const sql = <R>(text: string, values?: unknown[]): Promise<R[]> => shop.app.get(DataSource).query<R[]>(text, values);
const seal = (): Promise<number> => shop.app.get(LedgerSealerService).sealAll();
const trialBalance = async (): Promise<TrialBalanceDto> =>
  (await shop.ask<TrialBalanceDto>('ledger/trial-balance', { token: admin })).body;
/** The balances in a currency, by account. */
async function balancesIn(currency: string): Promise<Record<string, number>> {
  const { balances } = await trialBalance();
  const own = balances.filter(({ balance }) => balance.currency === currency);
  return Object.fromEntries(own.map(({ account, balance }) => [account, balance.amount]));
}
/** Of a payment, or refund, in a currency. */
const inCurrency = (currency: string, { entries, ...posting }: Posting = paymentOf()): Posting => ({
  ...posting,
  entries: entries.map((entry) => ({ ...entry, currency })),
});

describe('posting', () => {
  it('adds a payment and its refund to the accounts, and refunds take from clearing', async () => {
    await post(shop, inCurrency('CHF'));
    await post(shop, inCurrency('CHF', refundOf()));

    expect(await balancesIn('CHF')).toEqual({ clearing: 600, refunds: 400, revenue: -850, shipping: -150 });
    expect((await trialBalance()).totals).toContainEqual({ amount: 0, currency: 'CHF' });
  });

  it('commits with its cause, or not at all', async () => {
    const posting = inCurrency('NOK');
    const failing = shop.app.get(Transactions).run(() => {
      shop.app.get(LedgerService).post(posting);
      throw new Error('the cause failed');
    });

    await expect(failing).rejects.toThrow('the cause failed');
    expect(await balancesIn('NOK')).toEqual({});
  });

  it('happens once for each cause and kind', async () => {
    const { cause } = paymentOf();
    await post(shop, inCurrency('DKK', paymentOf({ cause })));
    const again = post(shop, inCurrency('DKK', paymentOf({ cause })));

    await expect(again).rejects.toThrow('ledger_transactions_unique_by_cause');
    await post(shop, inCurrency('DKK', refundOf({ cause })));
    expect(await balancesIn('DKK')).toEqual({ clearing: 600, refunds: 400, revenue: -850, shipping: -150 });
  });

  it('lands when 16 post to one account at once, which none of them had used before', async () => {
    await Promise.all(Array.from({ length: 16 }, () => post(shop, inCurrency('JPY'))));

    expect(await balancesIn('JPY')).toEqual({ clearing: 16_000, revenue: -13_600, shipping: -2400 });
    expect(await sql(`SELECT code FROM ledger_accounts WHERE currency = 'JPY' ORDER BY code`)).toHaveLength(3);
  });

  it('lands once when 16 post the same at once', async () => {
    const posting = inCurrency('SEK');
    const all = await Promise.allSettled(Array.from({ length: 16 }, () => post(shop, posting)));

    expect(all.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await balancesIn('SEK')).toEqual({ clearing: 1000, revenue: -850, shipping: -150 });
  });
});

describe('the tables of the ledger', () => {
  /** Inserts a transaction past the service. */
  const insert = async (
    amounts: [account: string, currency: string, amount: number][],
    count = amounts.length,
  ): Promise<string> => {
    const id = randomUUID();
    await shop.app.get(DataSource).transaction(async (manager) => {
      await manager.query(
        `INSERT INTO ledger_transactions (id, kind, cause_type, cause_id, order_id, description, entry_count, posted_at)
         VALUES ($1, 'payment', 'sale-of-tests', gen_random_uuid(), gen_random_uuid(), 'Past the service', $2, now())`,
        [id, count],
      );
      for (const [index, [account, currency, amount]] of amounts.entries()) {
        await manager.query('INSERT INTO ledger_entries VALUES ($1, $2, $3, $4, $5)', [
          id,
          index + 1,
          account,
          currency,
          amount,
        ]);
      }
    });
    return id;
  };
  const add = (id: string, line: number, amount: number): Promise<unknown> =>
    sql(`INSERT INTO ledger_entries VALUES ($1, $2, 'clearing', 'GBP', $3)`, [id, line, amount]);
  beforeAll(async () => {
    await post(shop, paymentOf());
    await post(shop, inCurrency('EUR'));
  });

  it('take what is balanced', async () => {
    await expect(
      insert([
        ['clearing', 'GBP', 5],
        ['revenue', 'GBP', -5],
      ]),
    ).resolves.toEqual(expect.any(String));
  });

  it.each<[string, [string, string, number][], number | undefined, string]>([
    [
      'is not zero',
      [
        ['clearing', 'GBP', 5],
        ['revenue', 'GBP', -4],
      ],
      undefined,
      'are not zero in GBP',
    ],
    [
      'is zero over currencies only',
      [
        ['clearing', 'GBP', 5],
        ['revenue', 'EUR', -5],
      ],
      undefined,
      'are not zero in EUR, GBP',
    ],
    ['has no entries', [], 2, 'has 0 entries instead of 2'],
    [
      'has fewer entries than it says',
      [
        ['clearing', 'GBP', 5],
        ['revenue', 'GBP', -5],
      ],
      3,
      'has 2 entries instead of 3',
    ],
    ['says that it has one entry', [['clearing', 'GBP', 5]], 1, 'ledger_transactions_two_entries'],
    [
      'has an entry of zero',
      [
        ['clearing', 'GBP', 0],
        ['revenue', 'GBP', 0],
      ],
      undefined,
      'ledger_entries_amount_exact',
    ],
    [
      'has an account that there is not',
      [
        ['clearing', 'GBP', 5],
        ['magic', 'GBP', -5],
      ],
      undefined,
      'ledger_entries_account_fk',
    ],
  ])('refuse a transaction that %s', async (_, entries, count, why) => {
    const before = await sql('SELECT count(*) FROM ledger_entries');

    await expect(insert(entries, count)).rejects.toThrow(why);
    expect(await sql('SELECT count(*) FROM ledger_entries')).toEqual(before);
  });

  it('refuse at COMMIT, with the code of a CHECK, what is unbalanced', async () => {
    const runner = shop.app.get(DataSource).createQueryRunner();
    const id = randomUUID();
    await runner.startTransaction();
    await runner.query(
      `INSERT INTO ledger_transactions (id, kind, cause_type, cause_id, order_id, description, entry_count, posted_at)
       VALUES ($1, 'payment', 'sale-of-tests', $1, $1, 'Unbalanced', 2, now())`,
      [id],
    );
    await runner.query(
      `INSERT INTO ledger_entries VALUES ($1, 1, 'clearing', 'GBP', 5), ($1, 2, 'revenue', 'GBP', -4)`,
      [id],
    );
    const committed = runner.commitTransaction();

    await expect(committed).rejects.toMatchObject({
      code: '23514',
      driverError: { constraint: 'ledger_transactions_balanced' },
    });
    await runner.release();
    expect(await sql('SELECT id FROM ledger_transactions WHERE id = $1', [id])).toEqual([]);
  });

  it('refuse entries that are added later, balanced or not', async () => {
    const id = await post(shop);

    await expect(add(id, 4, 7)).rejects.toThrow('no more entries than it was posted with');
    await expect(add(id, 3, 7)).rejects.toThrow('ledger_entries_pk');
    await expect(add(id, 0, 7)).rejects.toThrow('ledger_entries_line_counted');
    await expect(
      sql(`INSERT INTO ledger_entries VALUES ($1, 4, 'clearing', 'GBP', 5), ($1, 5, 'revenue', 'GBP', -5)`, [id]),
    ).rejects.toThrow('no more entries than it was posted with');
  });

  it.each([
    'ledger_accounts SET kind = kind',
    'ledger_transactions SET description = description',
    'ledger_entries SET amount = amount',
    'ledger_seals SET sequence = sequence',
    'ledger_snapshots SET balance = balance',
  ])('refuse UPDATE %s, also of no row', async (change) => {
    await expect(sql(`UPDATE ${change}`)).rejects.toMatchObject({ code: '23001' });
    await expect(sql(`UPDATE ${change} WHERE false`)).rejects.toThrow('the ledger is never changed');
  });

  it.each(['ledger_accounts', 'ledger_transactions', 'ledger_entries', 'ledger_seals', 'ledger_snapshots'])(
    'refuse DELETE and TRUNCATE of %s, also of no row',
    async (table) => {
      await expect(sql(`DELETE FROM ${table}`)).rejects.toMatchObject({ code: '23001' });
      await expect(sql(`DELETE FROM ${table} WHERE false`)).rejects.toThrow('the ledger is never changed');
      await expect(sql(`TRUNCATE ${table} CASCADE`)).rejects.toThrow('the ledger is never changed');
    },
  );
});

describe('the list of transactions', () => {
  const list = async (query: string, token = admin): Promise<LedgerTransactionPage> =>
    (await shop.ask<LedgerTransactionPage>(`ledger/transactions?${query}`, { token })).body;
  const idsOf = ({ data }: LedgerTransactionPage): string[] => data.map(({ id }) => id);

  it('shows a transaction with its entries in order, and its place once it is sealed', async () => {
    const orderId = randomUUID();
    const customerId = randomUUID();
    const posting = paymentOf({ orderId, customerId });
    const id = await post(shop, posting);
    const read = async (): Promise<Record<string, unknown>> =>
      (await shop.ask(`ledger/transactions/${id}`, { token: admin })).body;
    const before = await read();
    await seal();

    expect(before).toEqual({
      id,
      kind: 'payment',
      cause: posting.cause,
      customerId,
      orderId,
      description: 'Payment of order 7K3F',
      entries: [
        { account: 'clearing', amount: { amount: 1000, currency: 'GBP' } },
        { account: 'revenue', amount: { amount: -850, currency: 'GBP' } },
        { account: 'shipping', amount: { amount: -150, currency: 'GBP' } },
      ],
      postedAt: expect.stringMatching(/Z$/),
      requestId: null,
      sequence: null,
    });
    const [place] = await sql<{ sequence: number }>('SELECT sequence FROM ledger_seals WHERE transaction_id = $1', [
      id,
    ]);
    expect(await read()).toEqual({ ...before, sequence: place?.sequence ?? 'sealed' });
    expect((await list(`orderId=${orderId}`)).data).toEqual([await read()]);
  });

  it('is filtered by kind, order, customer, account and time, the latest first', async () => {
    const [orderId, customerId] = [randomUUID(), randomUUID()];
    const now = jest.spyOn(shop.app.get(Clock), 'now');
    const ids: string[] = [];
    for (const [at, posting] of [
      paymentOf({ orderId, customerId }),
      refundOf({ orderId, customerId }),
      paymentOf({ orderId }),
    ].entries()) {
      now.mockReturnValue(new Date(Date.UTC(2031, 0, 1 + at)));
      ids.push(await post(shop, posting));
    }
    now.mockRestore();
    await post(shop, paymentOf({ customerId: randomUUID() }));
    const [first, second, third] = ids;
    const of = `orderId=${orderId}`;

    expect(idsOf(await list(of))).toEqual([third, second, first]);
    expect(idsOf(await list(`${of}&kind=refund`))).toEqual([second]);
    expect(idsOf(await list(`customerId=${customerId}`))).toEqual([second, first]);
    expect(idsOf(await list(`${of}&account=shipping`))).toEqual([third, first]);
    expect(idsOf(await list(`${of}&account=tax`))).toEqual([]);
    expect(idsOf(await list(`${of}&from=2031-01-02T00:00:00Z`))).toEqual([third, second]);
    expect(idsOf(await list(`${of}&to=2031-01-02T00:00:00Z`))).toEqual([first]);
    expect((await list(`${of}&limit=1&include=total`)).page.total).toBe(3);
  });

  it('is walked page by page, each transaction once, also those of one moment', async () => {
    const orderId = randomUUID();
    const now = jest.spyOn(shop.app.get(Clock), 'now').mockReturnValue(new Date('2032-01-01T00:00:00Z'));
    for (let posted = 0; posted < 7; posted++) await post(shop, paymentOf({ orderId }));
    now.mockRestore();
    const seen: string[] = [];
    let query = `orderId=${orderId}&limit=3`;
    for (let next: string | null = ''; next !== null; query = `limit=3&cursor=${next ?? ''}`) {
      const { data, page }: LedgerTransactionPage = await list(query);
      seen.push(...data.map(({ id }) => id));
      next = page.next;
    }

    expect(seen).toHaveLength(7);
    expect(seen).toEqual([...new Set(seen)].sort().reverse());
  });

  it.each(['kind=magic', 'orderId=1', 'account=magic', 'from=yesterday', 'sort=kind'])('refuses %s', async (query) => {
    expect((await shop.ask(`ledger/transactions?${query}`, { token: admin })).status).toBe(400);
  });

  it('is for admins: staff and customers are refused, also the balances', async () => {
    const [customer, staff] = [await signIn(shop, 'customer'), await signIn(shop, 'staff')];
    const id = await post(shop);

    for (const path of ['ledger/transactions', `ledger/transactions/${id}`, 'ledger/trial-balance']) {
      expect([path, (await shop.ask(path, { token: customer })).status]).toEqual([path, 403]);
      expect([path, (await shop.ask(path, { token: staff })).status]).toEqual([path, 403]);
      expect([path, (await shop.ask(path)).status]).toEqual([path, 401]);
    }
  });
});

describe("a customer's own history", () => {
  let ada: Account;
  let grace: Account;
  const FORMULA = '=HYPERLINK("http://evil.test";"Refund")';
  beforeAll(async () => {
    [ada, grace] = [await openAccount(shop, 'customer'), await openAccount(shop, 'customer')];
    await post(shop, paymentOf({ customerId: ada.id, description: 'Lantern, red' }));
    await post(shop, refundOf({ customerId: ada.id, description: FORMULA }));
    await post(shop, inCurrency('KWD', paymentOf({ customerId: ada.id })));
    await post(shop, paymentOf({ customerId: grace.id, description: 'Hers' }));
    await post(shop, paymentOf({ customerId: null, description: 'Of nobody' }));
  });

  const own = (query = '', { token }: Account = ada, accept = '*/*'): Promise<Answer<CustomerTransactionPage>> =>
    shop.ask<CustomerTransactionPage>(`users/me/transactions${query}`, { token, headers: { accept } });
  const textOf = (query: string, accept: string): Promise<Answer<string>> =>
    shop.ask<string>(`users/me/transactions${query}`, { token: ada.token, headers: { accept } });
  const csv = async (query = '', accept = 'text/csv'): Promise<{ text: string; headers: Headers }> => {
    const { body, headers } = await textOf(query, accept);
    return { text: body, headers };
  };

  it('has what was paid and given back, the latest first, in its currency', async () => {
    const { body, headers } = await own();

    expect(body.data.map(({ kind, description, amount }) => [kind, description, amount])).toEqual([
      ['payment', 'Payment of order 7K3F', { amount: 1000, currency: 'KWD' }],
      ['refund', FORMULA, { amount: -400, currency: 'GBP' }],
      ['payment', 'Lantern, red', { amount: 1000, currency: 'GBP' }],
    ]);
    expect(headers.get('cache-control')).toBe('private, no-store');
  });

  it("never has someone else's, also by a filter or a cursor of them", async () => {
    const hers = await own('', grace);
    await post(shop, paymentOf({ customerId: grace.id }));
    const { next } = (await own('?limit=1', grace)).body.page;

    expect(hers.body.data.map(({ description }) => description)).toEqual(['Hers']);
    expect((await own(`?cursor=${next ?? ''}`)).status).toBe(400);
    expect((await own(`?customerId=${grace.id}`)).status).toBe(400);
    expect((await shop.ask('users/me/transactions')).status).toBe(401);
    expect((await own('', await openAccount(shop, 'staff'))).body.data).toEqual([]);
  });

  it('is the same in XML', async () => {
    const { body } = await textOf('', 'application/xml');

    expect(fromXml(body).value).toEqual((await own()).body);
  });

  it('is CSV for who prefers that: formulas are texts, numbers are numbers, minor units as in JSON', async () => {
    const { data } = (await own()).body;
    const { text, headers } = await csv();
    const [kuwait, refund, lantern] = data;

    expect(headers.get('content-type')).toBe('text/csv; charset=utf-8');
    expect(headers.get('vary')).toContain('Accept');
    expect(text.split('\r\n')).toEqual([
      'id,postedAt,kind,orderId,description,amount,currency',
      `${kuwait?.id ?? ''},${kuwait?.postedAt ?? ''},payment,${kuwait?.orderId ?? ''},Payment of order 7K3F,1000,KWD`,
      `${refund?.id ?? ''},${refund?.postedAt ?? ''},refund,${refund?.orderId ?? ''},"'=HYPERLINK(""http://evil.test"";""Refund"")",-400,GBP`,
      `${lantern?.id ?? ''},${lantern?.postedAt ?? ''},payment,${lantern?.orderId ?? ''},"Lantern, red",1000,GBP`,
      '',
    ]);
  });

  it('has its columns also when it is empty', async () => {
    expect((await csv('?to=2020-01-01T00:00:00Z')).text).toBe(
      'id,postedAt,kind,orderId,description,amount,currency\r\n',
    );
  });

  it('has the next page of CSV in Link', async () => {
    const seen: string[] = [];
    let query = '?limit=2';
    for (let pages = 0; query !== ''; pages++) {
      const { text, headers } = await csv(query);
      seen.push(...text.split('\r\n').slice(1, -1));
      query = /<[^?]*(\?[^>]*)>; rel="next"/.exec(headers.get('link') ?? '')?.[1] ?? '';
      expect(pages).toBeLessThan(2);
    }

    expect(`${seen.join('\r\n')}\r\n`).toBe((await csv()).text.split('\r\n').slice(1).join('\r\n'));
  });

  it.each([
    ['text/csv', 'text/csv'],
    ['text/*', 'text/csv'],
    ['TEXT/CSV; charset=utf-8', 'text/csv'],
    ['text/csv;q=0.5, application/json', 'application/json'],
    ['text/csv;q=0.5, application/xml', 'application/xml'],
    ['text/html, application/xhtml+xml, */*;q=0.8', 'application/json'],
    ['*/*', 'application/json'],
  ])('is negotiated: %s gets %s', async (accept, type) => {
    const { status, headers } = await own('', ada, accept);

    expect([status, headers.get('content-type')]).toEqual([200, `${type}; charset=utf-8`]);
  });

  it('says that there is CSV to who takes nothing that there is, and other lists have none', async () => {
    const refused = await own('', ada, 'image/png');
    const others = await shop.ask('ledger/transactions', { token: admin, headers: { accept: 'text/csv' } });

    expect([refused.status, refused.body]).toMatchObject([406, { detail: expect.stringContaining('text/csv') }]);
    expect(others.status).toBe(406);
    expect(String(others.body.detail)).not.toContain('text/csv');
  });

  it('is refused as a problem, not as CSV', async () => {
    const { status, headers } = await own('?limit=0', ada, 'text/csv');

    expect([status, headers.get('content-type')]).toEqual([400, 'application/problem+json; charset=utf-8']);
  });
});

describe('sealing', () => {
  const links = (): Promise<{ sequence: number; id: string }[]> =>
    sql('SELECT sequence, transaction_id AS id FROM ledger_seals ORDER BY sequence');
  const waiting = async (): Promise<number> => (await sql('SELECT FROM ledger_unsealed')).length;
  beforeEach(async () => {
    await seal();
  });

  it('goes in the order of ids, without gaps, each transaction once', async () => {
    const ids = [];
    for (let posted = 0; posted < 5; posted++) ids.push(await post(shop));
    const before = (await links()).length;

    expect(await seal()).toBe(5);
    expect(await seal()).toBe(0);
    const all = await links();
    expect(all.map(({ sequence }) => sequence)).toEqual(all.map((_, at) => at + 1));
    expect(all.slice(before).map(({ id }) => id)).toEqual(ids.toSorted());
    expect(await waiting()).toBe(0);
  });

  it('seals what commits late behind what was sealed meanwhile', async () => {
    const [late, early] = [paymentOf(), paymentOf()];
    const earlyId = await post(shop, early);
    await seal();
    // the id of an hour ago: made before, committed now
    const id = '0198f3c2-7d0e-7a51-9b1e-3f1f6c2b8a10';
    await sql(
      `WITH t AS (
         INSERT INTO ledger_transactions (id, kind, cause_type, cause_id, order_id, description, entry_count, posted_at)
         VALUES ($1, 'payment', 'sale-of-tests', $2, $2, 'Late', 2, now()))
       INSERT INTO ledger_entries VALUES ($1, 1, 'clearing', 'GBP', 5), ($1, 2, 'revenue', 'GBP', -5)`,
      [id, late.cause.id],
    );
    await seal();

    expect((await links()).slice(-2).map((link) => link.id)).toEqual([earlyId, id]);
    expect((await verifyIn(shop.app)).isGood).toBe(true);
  });

  it('is done once by many at once', async () => {
    for (let posted = 0; posted < 6; posted++) await post(shop);
    const sealed = await Promise.all(Array.from({ length: 4 }, () => seal()));

    expect(sealed.reduce((sum, one) => sum + one)).toBe(6);
    expect(await verifyIn(shop.app)).toMatchObject({ isGood: true });
  });

  it('is scheduled, by a job', async () => {
    const [schedule] = shop.app.get(JobsService).schedules.filter(({ name }) => name === 'seals of the ledger');
    await post(shop);
    if (!schedule) throw new Error('nothing is scheduled');
    await shop.app.get(JobsService).enqueue(schedule.job, null);
    await shop.app.get(JobRunner).idle();

    expect(schedule.everySeconds).toBe(30);
    expect(await waiting()).toBe(0);
  });

  it('stores balances once in a thousand transactions, and the trial balance is the same before and after', async () => {
    await sql(
      `WITH t AS (
         INSERT INTO ledger_transactions (id, kind, cause_type, cause_id, order_id, description, entry_count, posted_at)
         SELECT gen_random_uuid(), 'payment', 'sale-of-tests', gen_random_uuid(), gen_random_uuid(), 'Many', 2, now()
         FROM generate_series(1, 1200) RETURNING id)
       INSERT INTO ledger_entries (transaction_id, line, account, currency, amount)
       SELECT id, line, account, 'GBP', amount FROM t, (VALUES (1, 'clearing', 3), (2, 'revenue', -3)) v (line, account, amount)`,
    );
    const before = (await trialBalance()).balances;
    await seal();
    const snapshots = await sql('SELECT DISTINCT sequence FROM ledger_snapshots');
    await post(shop);

    expect(snapshots.length).toBeGreaterThan(0);
    const after = (await trialBalance()).balances;
    expect(
      before.find(({ account, balance }) => account === 'clearing' && balance.currency === 'GBP')?.balance.amount,
    ).toBe(
      (after.find(({ account, balance }) => account === 'clearing' && balance.currency === 'GBP')?.balance.amount ??
        0) - 1000,
    );
    expect((await trialBalance()).totals.every(({ amount }) => amount === 0)).toBe(true);
    expect((await verifyIn(shop.app)).isGood).toBe(true);
  });
});
