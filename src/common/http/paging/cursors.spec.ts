import { describe, expect, it } from '@jest/globals';
import { Config } from '../../config/config.js';
import { AppError } from '../../errors/app-error.js';
import { Secrets } from '../../security/secrets.js';
import { type AskedList, Cursors } from './cursors.js';
import { PageQuery } from './page.dto.js';

class LanternQuery extends PageQuery {
  colour?: string;
}

const POSITION = { key: 'brass', id: '0198f3c2-7d0e-7a51-9b1e-3f1f6c2b8a10' };
const cursorsUnder = (...secrets: string[]): Cursors =>
  new Cursors(new Secrets(Object.assign(new Config(), { secrets })));
const ask = (query: Partial<LanternQuery>): LanternQuery => Object.assign(new LanternQuery(), query);
const list = (query: Partial<LanternQuery>, mode?: string): AskedList<LanternQuery> => ({
  name: 'LanternQuery',
  query: ask(query),
  mode,
});

describe('a cursor', () => {
  const cursors = cursorsUnder('one secret of thirty-two characters');

  it('brings back the place, and the filters it was made for', () => {
    const cursor = cursors.seal(list({ colour: 'red', limit: 5 }), POSITION);

    expect(cursors.read(ask({ cursor, limit: 50 }))).toEqual({
      name: 'LanternQuery',
      query: ask({ cursor, limit: 50, colour: 'red' }),
      after: POSITION,
    });
  });

  it('may be sent along with the same filters', () => {
    const cursor = cursors.seal(list({ colour: 'red' }), POSITION);

    expect(cursors.read(ask({ cursor, colour: 'red' })).after).toEqual(POSITION);
  });

  it('is refused with other filters', () => {
    const cursor = cursors.seal(list({ colour: 'red' }), POSITION);

    expect(() => cursors.read(ask({ cursor, colour: 'blue' }))).toThrow(AppError);
  });

  it('is refused by a list of another class of queries, and of another scope', () => {
    class MugQuery extends LanternQuery {}
    const cursor = cursors.seal(list({ colour: 'red' }), POSITION);
    const scoped = cursors.seal(cursors.read(ask({}), ['one']), POSITION);

    expect(() => cursors.read(Object.assign(new MugQuery(), { cursor }))).toThrow(/another list/);
    expect(() => cursors.read(ask({ cursor }), ['one'])).toThrow(/another list/);
    expect(() => cursors.read(ask({ cursor: scoped }), ['two'])).toThrow(/another list/);
    expect(cursors.read(ask({ cursor: scoped }), ['one']).after).toEqual(POSITION);
  });

  it('brings back how the first page was read', () => {
    const cursor = cursors.seal(list({}, 'similar'), POSITION);

    expect(cursors.read(ask({ cursor })).mode).toBe('similar');
    expect(cursors.read(ask({ cursor: cursors.seal(list({}), POSITION) })).mode).toBeUndefined();
  });

  it('is refused when its contents are those of an earlier version', () => {
    const secrets = new Secrets(Object.assign(new Config(), { secrets: ['one secret of thirty-two characters'] }));
    const cursor = secrets.sealDeterministic('cursor', JSON.stringify(['brass', POSITION.id, {}]));

    expect(() => cursors.read(ask({ cursor }))).toThrow(/another list/);
  });

  it('cannot tell two lists apart whose queries have one name, so there are none', () => {
    const another = class LanternQuery extends PageQuery {};

    cursors.read(ask({}));
    expect(() => cursors.read(new another())).toThrow(/two lists have a query class named LanternQuery/);
  });

  it('shows nothing of what is in it', () => {
    const cursor = cursors.seal(list({ colour: 'red' }), POSITION);

    expect(Buffer.from(cursor, 'base64url').toString('latin1')).not.toMatch(/red|brass|0198/);
  });

  it('is refused when a single character differs', () => {
    const cursor = cursors.seal(list({}), POSITION);
    const forged = `${cursor.slice(0, 20)}${cursor[20] === 'A' ? 'B' : 'A'}${cursor.slice(21)}`;

    expect(() => cursors.read(ask({ cursor: forged }))).toThrow(/not created by this server/);
  });

  it('made under an earlier secret is accepted as long as that stands in the list', () => {
    const before = cursorsUnder('the older secret of thirty-two chars');
    const between = cursorsUnder('the newer secret of thirty-two chars', 'the older secret of thirty-two chars');
    const after = cursorsUnder('the newer secret of thirty-two chars');
    const cursor = before.seal(list({}), POSITION);

    expect(between.read(ask({ cursor })).after).toEqual(POSITION);
    expect(() => after.read(ask({ cursor }))).toThrow(AppError);
  });
});
