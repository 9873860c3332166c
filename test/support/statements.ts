import { jest } from '@jest/globals';
import { DataSource } from 'typeorm';
import { settled } from './accounts.js';
import type { Shop } from './shop.js';

/** A statement as it goes to the database. */
export interface Statement {
  text: string;
  values: unknown[];
}

/** What the shop says to its database while `work` is done. Nothing else may be asked of the shop meanwhile. */
export async function statementsOf(shop: Shop, work: () => Promise<unknown>): Promise<Statement[]> {
  const statements: Statement[] = [];
  const log = jest.spyOn(shop.app.get(DataSource).logger, 'logQuery').mockImplementation((text, values) => {
    statements.push({ text, values: Array.isArray(values) ? values : [] });
  });
  await work()
    .then(() => settled(shop))
    .finally(() => {
      log.mockRestore();
    });
  return statements;
}
