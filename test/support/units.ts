import sql from 'sql-template-tag';
import type { Repository } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import { Category } from '../../src/categories/entities/category.entity.js';
import { run } from '../../src/common/database/statements.js';
import { StockroomDataSource, Transactions } from '../../src/common/database/transactions.js';
import { createTestDatabase } from './database.js';

/** Units of work on a database of their own, with a table to write to. */
export interface Units {
  transactions: Transactions;
  categories: Repository<Category>;
  /** Adds a category, through a repository. */
  add: (name: string) => Promise<void>;
  /** Adds a category, through `run()`. */
  send: (name: string) => Promise<void>;
  /** The categories that are there, by name. */
  names: () => Promise<string[]>;
  close: () => Promise<void>;
}

/** Opens them; close them after the tests. */
export async function openUnits(): Promise<Units> {
  const database = await createTestDatabase();
  const dataSource = await new StockroomDataSource(database.options).initialize();
  const categories = dataSource.getRepository(Category);
  return {
    transactions: new Transactions(dataSource),
    categories,
    add: async (name) => {
      const id = uuidv7();
      await categories.insert({ id, name, slug: id, parentId: null });
    },
    send: async (name) => {
      const id = uuidv7();
      await run(categories.manager, sql`INSERT INTO categories (id, name, slug) VALUES (${id}, ${name}, ${id})`);
    },
    names: async () => (await categories.find({ order: { name: 'ASC' } })).map(({ name }) => name),
    close: async () => {
      await dataSource.destroy();
      await database.drop();
    },
  };
}
