import { AsyncLocalStorage } from 'node:async_hooks';
import { jest } from '@jest/globals';
import { ModulesContainer } from '@nestjs/core';
import { DataSource, Repository } from 'typeorm';
import type { LastStatement } from '../../src/common/database/last-rows.js';
import { Transactions } from '../../src/common/database/transactions.js';
import type { Shop } from './shop.js';

/** A method of a repository, and the statements that it has been seen to send. */
export interface SeenMethod {
  /** `products` of `ProductsModule`. */
  feature: string;
  /** `ProductsRepository.find` */
  name: string;
  statements: Set<string>;
}

/**
 * Watches what the repositories of a shop send to its database from now on: those are the providers that are called
 * `…Repository`. Statements of one method that differ in white space alone are one.
 */
export function watchRepositories(shop: Shop): SeenMethod[] {
  const calling = new AsyncLocalStorage<SeenMethod>();
  const logger = shop.app.get(DataSource).logger;
  const logQuery = logger.logQuery.bind(logger);
  jest.spyOn(logger, 'logQuery').mockImplementation((text, ...more) => {
    calling.getStore()?.statements.add(inOneLine(text));
    logQuery(text, ...more);
  });
  watchWhatIsLast(shop, calling);
  return repositoriesOf(shop).flatMap(({ feature, repository }) =>
    methodsOf(repository).map((name) => {
      const seen: SeenMethod = { feature, name: `${repository.constructor.name}.${name}`, statements: new Set() };
      const method = Reflect.get(repository, name) as (...given: unknown[]) => unknown;
      Reflect.set(repository, name, (...given: unknown[]): unknown =>
        // what a repository calls of itself belongs to what was asked of it
        calling.getStore() ? method.apply(repository, given) : calling.run(seen, () => method.apply(repository, given)),
      );
      return seen;
    }),
  );
}

/** What a method leaves for the end of a unit of work is its own, too. */
function watchWhatIsLast(shop: Shop, calling: AsyncLocalStorage<SeenMethod>): void {
  const transactions = shop.app.get(Transactions);
  const writeLast = transactions.writeLast.bind(transactions);
  const watched = new Map<LastStatement<never>, LastStatement<never>>();
  jest.spyOn(transactions, 'writeLast').mockImplementation((statement, rows) => {
    const method = calling.getStore();
    const known = watched.get(statement);
    const watching: LastStatement<never> =
      known ??
      ((given) => {
        const made = statement(given);
        method?.statements.add(inOneLine(made.text));
        return made;
      });
    watched.set(statement, watching);
    writeLast(watching, rows as never[]);
  });
}

const inOneLine = (text: string): string => text.replace(/\s+/g, ' ').trim();

function repositoriesOf(shop: Shop): { feature: string; repository: object }[] {
  const found = new Map<object, string>();
  for (const { metatype, providers } of shop.app.get(ModulesContainer).values()) {
    for (const { instance } of providers.values()) {
      if (typeof instance !== 'object' || instance === null || instance instanceof Repository) continue;
      if (/.Repository$/.test(instance.constructor.name))
        found.set(instance, metatype.name.replace(/Module$/, '').toLowerCase());
    }
  }
  return [...found].map(([repository, feature]) => ({ feature, repository }));
}

const methodsOf = (repository: object): string[] =>
  Object.getOwnPropertyNames(Object.getPrototypeOf(repository)).filter((name) => name !== 'constructor');
