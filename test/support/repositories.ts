import { AsyncLocalStorage } from 'node:async_hooks';
import { jest } from '@jest/globals';
import { ModulesContainer } from '@nestjs/core';
import { DataSource, Repository } from 'typeorm';
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
    calling.getStore()?.statements.add(text.replace(/\s+/g, ' ').trim());
    logQuery(text, ...more);
  });
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
