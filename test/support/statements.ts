import { AsyncLocalStorage } from 'node:async_hooks';
import { jest } from '@jest/globals';
import { DataSource } from 'typeorm';
import { requestFields } from '../../src/common/context/request-context.js';
import { settled } from './accounts.js';
import type { Shop } from './shop.js';

/** A statement as it goes to the database. */
export interface Statement {
  text: string;
  values: unknown[];
}

/** Whether something is called by the work itself, and not by a request or a timer of the shop. */
const called = new AsyncLocalStorage<true>();

/**
 * What `work` and its requests say to the database. What the shop does on its own, now and then or to handle events, does not
 * count.
 */
export async function statementsOf(shop: Shop, work: () => Promise<unknown>): Promise<Statement[]> {
  const statements: Statement[] = [];
  const log = jest.spyOn(shop.app.get(DataSource).logger, 'logQuery').mockImplementation((text, values) => {
    const fields = requestFields();
    // what a request has caused to be done later is done for itself
    if ('jobId' in fields || 'eventId' in fields) return;
    if (!called.getStore() && !('requestId' in fields)) return;
    statements.push({ text, values: Array.isArray(values) ? values : [] });
  });
  await called
    .run(true, work)
    .then(() => settled(shop))
    .finally(() => {
      log.mockRestore();
    });
  return statements;
}
