import { beforeEach, describe, expect, it } from '@jest/globals';
import { TreeInMemory } from '../../test/support/category-tree.js';
import { FakeEvents, FakeTransactions, refusalOf, standInFor } from '../../test/support/fakes.js';
import { Transactions } from '../common/database/transactions.js';
import { NotFound, ValidationFailed } from '../common/errors/errors.js';
import { EventsService } from '../common/events/events.service.js';
import { Pages } from '../common/http/paging/pages.js';
import { CategoryCircle, CategoryInUse, CategoryNameTaken } from './categories.errors.js';
import { CategoriesRepository } from './categories.repository.js';
import { CategoriesService } from './categories.service.js';
import { MAX_DEPTH } from './dto/category.dto.js';

describe('CategoriesService', () => {
  let tree: TreeInMemory;
  let events: FakeEvents;
  let categories: CategoriesService;
  beforeEach(() => {
    tree = new TreeInMemory();
    const transactions = new FakeTransactions();
    events = new FakeEvents(transactions);
    categories = new CategoriesService(
      standInFor(CategoriesRepository, tree),
      standInFor(EventsService, events),
      standInFor(Transactions, transactions),
      standInFor(Pages, {}),
    );
  });

  /** Adds `level 1`, with `level 2` below it, and so on. */
  const addLevels = (levels: number): void => {
    for (let level = 1; level <= levels; level++) {
      tree.add(`level ${String(level)}`, level === 1 ? null : `level ${String(level - 1)}`);
    }
  };

  it('announces a new category, at the top or below another one', async () => {
    const top = await categories.create({ name: 'Home & Garden' });
    const below = await categories.create({ name: 'Lanterns', parentId: top.id });

    expect(below.path).toEqual(['Home & Garden', 'Lanterns']);
    expect(below.slug).toBe(`lanterns-${below.id.slice(-8)}`);
    expect(events.published).toEqual([
      { name: 'category.created', id: top.id, version: 1, data: { parentId: null } },
      { name: 'category.created', id: below.id, version: 1, data: { parentId: top.id } },
    ]);
  });

  it('refuses a parent that does not exist', async () => {
    tree.add('candles');
    const refusals = [
      await refusalOf(categories.create({ name: 'Lanterns', parentId: 'nothing' })),
      await refusalOf(categories.update('candles', { parentId: 'nothing' }, '*')),
    ];

    for (const { kind, extras } of refusals) {
      expect(kind).toBe(ValidationFailed);
      expect(extras.errors).toEqual([expect.objectContaining({ pointer: '#/parentId', code: 'exists' })]);
    }
    expect(events.published).toEqual([]);
  });

  it('has as many levels as a tree may have, and no more', async () => {
    addLevels(MAX_DEPTH - 1);
    const deepest = await categories.create({ name: 'Deepest', parentId: `level ${String(MAX_DEPTH - 1)}` });
    const { kind, extras } = await refusalOf(categories.create({ name: 'Too deep', parentId: deepest.id }));

    expect(kind).toBe(ValidationFailed);
    expect(extras.errors).toEqual([expect.objectContaining({ pointer: '#/parentId', code: 'depth' })]);
    expect(events.published).toHaveLength(1);
  });

  it('counts what is below a category that moves', async () => {
    addLevels(MAX_DEPTH - 2);
    tree.add('lanterns');
    tree.add('red lanterns', 'lanterns');
    tree.add('small red lanterns', 'red lanterns');
    const { extras } = await refusalOf(
      categories.update('lanterns', { parentId: `level ${String(MAX_DEPTH - 2)}` }, '*'),
    );
    const moved = await categories.update('lanterns', { parentId: `level ${String(MAX_DEPTH - 3)}` }, '*');

    expect(extras.errors).toEqual([expect.objectContaining({ code: 'depth' })]);
    expect(moved.path).toHaveLength(MAX_DEPTH - 2);
  });

  it.each(['level 1', 'level 2', 'level 3'])('is never below itself: refuses to move level 1 below %s', async (to) => {
    addLevels(3);

    expect((await refusalOf(categories.update('level 1', { parentId: to }, '*'))).kind).toBe(CategoryCircle);
    expect([tree.rows.get('level 1')?.parentId, events.published]).toEqual([null, []]);
  });

  it('has a name that none of its siblings has', async () => {
    tree.add('Lanterns');
    tree.add('Candles');
    const taken = 'There is already a category Lanterns here.';

    expect(await refusalOf(categories.create({ name: 'Lanterns' }))).toMatchObject({
      kind: CategoryNameTaken,
      detail: taken,
    });
    expect(await refusalOf(categories.update('Candles', { name: 'Lanterns' }, '*'))).toMatchObject({
      kind: CategoryNameTaken,
      detail: taken,
    });
    expect((await categories.create({ name: 'Lanterns', parentId: 'Candles' })).name).toBe('Lanterns');
    expect(events.published).toHaveLength(1);
  });

  it('announces a new name, and new versions of all below, which show it', async () => {
    tree.add('garden', null, 4);
    tree.add('lanterns', 'garden', 2);
    tree.add('red lanterns', 'lanterns');
    tree.add('kitchen');
    const renamed = await categories.update('garden', { name: 'Outdoors' }, [4]);

    expect(renamed).toMatchObject({ version: 5, name: 'Outdoors' });
    expect(events.published.map(({ name, id, version, data }) => [name, id, version, data])).toEqual([
      ['category.updated', 'garden', 5, { parentId: null, renamed: true, moved: false }],
      ['category.updated', 'lanterns', 3, { parentId: 'garden', renamed: false, moved: false }],
      ['category.updated', 'red lanterns', 2, { parentId: 'lanterns', renamed: false, moved: false }],
    ]);
  });

  it('announces a move, also that to the top', async () => {
    tree.add('garden');
    tree.add('lanterns', 'garden');
    await categories.update('lanterns', { parentId: null }, [1]);

    expect(tree.rows.get('lanterns')?.parentId).toBeNull();
    expect(events.published).toEqual([
      { name: 'category.updated', id: 'lanterns', version: 2, data: { parentId: null, renamed: false, moved: true } },
    ]);
  });

  it('leaves all as it is, and announces nothing, when nothing changed', async () => {
    tree.add('garden');
    tree.add('lanterns', 'garden');

    expect((await categories.update('garden', { name: 'garden' }, [1])).version).toBe(1);
    expect([tree.rows.get('lanterns')?.version, events.published]).toEqual([1, []]);
  });

  it('refuses to change or delete another version than expected, and says which there is', async () => {
    tree.add('garden', null, 4);
    const refusals = [
      await refusalOf(categories.update('garden', { name: 'Outdoors' }, [3])),
      await refusalOf(categories.remove('garden', [3])),
    ];

    expect(refusals.map(({ kind, extras }) => [kind.code, extras.version])).toEqual([
      ['precondition-failed', 4],
      ['precondition-failed', 4],
    ]);
    expect([tree.rows.get('garden')?.name, events.published]).toEqual(['garden', []]);
  });

  it('is missing when it is not there', async () => {
    const attempts = [
      () => categories.read('nothing'),
      () => categories.update('nothing', { name: 'Outdoors' }, '*'),
      () => categories.remove('nothing', '*'),
    ];

    for (const attempt of attempts) expect((await refusalOf(attempt())).kind).toBe(NotFound);
    expect(await categories.versionOf('nothing')).toBeUndefined();
  });

  it('cannot be deleted while there are products in it, or categories below it', async () => {
    tree.add('garden');
    tree.add('lanterns', 'garden');
    tree.filled.add('lanterns');

    expect((await refusalOf(categories.remove('garden', '*'))).kind).toBe(CategoryInUse);
    expect((await refusalOf(categories.remove('lanterns', '*'))).kind).toBe(CategoryInUse);
    expect(events.published).toEqual([]);
  });

  it('announces that it was deleted, as the version after its last', async () => {
    tree.add('garden');
    tree.add('lanterns', 'garden', 4);
    await categories.remove('lanterns', [4]);

    expect(events.published).toEqual([
      { name: 'category.deleted', id: 'lanterns', version: 5, data: { parentId: 'garden' } },
    ]);
  });

  describe('paths of an import', () => {
    it('are found without a lock when all are there', async () => {
      tree.add('garden');
      tree.add('lanterns', 'garden');

      expect(await categories.ensurePaths([['garden', 'lanterns'], ['garden']])).toEqual(['lanterns', 'garden']);
      expect([tree.isLocked, events.published]).toEqual([false, []]);
    });

    it('are created where they are missing, each category once, the parent before its child', async () => {
      tree.add('garden');
      const [red, lanterns, blue] = await categories.ensurePaths([
        ['garden', 'lanterns', 'red'],
        ['garden', 'lanterns'],
        ['garden', 'lanterns', 'blue'],
      ]);

      expect(events.published.map(({ name, id, version, data }) => [name, id, version, data])).toEqual([
        ['category.created', lanterns, 1, { parentId: 'garden' }],
        ['category.created', red, 1, { parentId: lanterns }],
        ['category.created', blue, 1, { parentId: lanterns }],
      ]);
    });

    it('are found without case, in any spelling of letters with marks, and with spaces around', async () => {
      tree.add('Cafés');
      tree.add('Lanterns', 'Cafés');

      expect(await categories.ensurePaths([['CAFE\u0301S', ' lanterns '], ['cafés']])).toEqual(['Lanterns', 'Cafés']);
      expect([tree.rows.size, events.published]).toEqual([2, []]);
    });

    it('are found as they are spelled where names differ in case alone, else the oldest', async () => {
      tree.add('Kitchen');
      tree.add('kitchen');

      expect(await categories.ensurePaths([['kitchen'], ['Kitchen'], ['KITCHEN']])).toEqual([
        'kitchen',
        'Kitchen',
        'Kitchen',
      ]);
    });

    it('are created once for names that differ in case alone, as the first one is spelled', async () => {
      const [first, second] = await categories.ensurePaths([['Cafe\u0301s'], ['CAFÉS']]);

      expect(second).toBe(first);
      expect([...tree.rows.values()].map(({ name }) => name)).toEqual(['Cafés']);
    });

    it('are not created again when another import did so meanwhile', async () => {
      tree.lockTree = () => {
        tree.isLocked = true;
        tree.add('garden');
        return Promise.resolve();
      };

      expect(await categories.ensurePaths([['garden']])).toEqual(['garden']);
      expect([tree.rows.size, events.published]).toEqual([1, []]);
    });
  });
});
