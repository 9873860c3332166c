import type { INestApplicationContext, Type } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import { DECORATORS } from '@nestjs/swagger';

export type Class = Type<object>;

/** Where the swagger plugin leaves what it read of a class: members in the order in which they are written. */
const PLUGIN_METADATA = '_OPENAPI_METADATA_FACTORY';

/** The classes that the document is drawn from. */
export interface DtoClasses {
  /** Those of bodies and all below them, by the name of their schema. */
  byName: Map<string, Class>;
  /** Those that an operation takes, by its id. */
  taken: Map<string, Class[]>;
}

/**
 * Finds the classes behind the schemas of a document that has been drawn: the document itself forgets them.
 * @param operationId how an operation is named after its controller and method.
 */
export function dtoClasses(
  app: INestApplicationContext,
  operationId: (controller: string, method: string) => string,
  extra: readonly Class[],
): DtoClasses {
  const classes: DtoClasses = { byName: new Map(), taken: new Map() };
  for (const type of extra) collect(type, classes.byName);
  for (const { controllers } of app.get(ModulesContainer).values()) {
    for (const { metatype } of controllers.values()) {
      if (!isClass(metatype)) continue;
      const prototype = prototypeOf(metatype);
      for (const method of Object.getOwnPropertyNames(prototype)) {
        const taken = listOf(Reflect.getMetadata('design:paramtypes', prototype, method)).flatMap(classesIn);
        const handler: unknown = Reflect.get(prototype, method);
        const answered = typeof handler === 'function' ? answersOf(handler) : [];
        for (const type of [...taken, ...answered]) collect(type, classes.byName);
        classes.taken.set(operationId(metatype.name, method), taken);
      }
    }
  }
  return classes;
}

/** The members of a class in the order in which they are written, inherited ones first. */
export function membersOf(type: Class): string[] {
  const parent: unknown = Object.getPrototypeOf(type);
  const inherited = isClass(parent) ? membersOf(parent) : [];
  const describe: unknown = Object.hasOwn(type, PLUGIN_METADATA) ? Reflect.get(type, PLUGIN_METADATA) : undefined;
  const described: unknown = typeof describe === 'function' ? describe.call(type) : {};
  return [...new Set([...inherited, ...Object.keys(described ?? {})])];
}

function collect(type: Class, byName: Map<string, Class>): void {
  const known = byName.get(type.name);
  if (known === type) return;
  if (known) throw new Error(`two DTOs are called ${type.name}: give one of them another name`);
  byName.set(type.name, type);
  const prototype = prototypeOf(type);
  const members = listOf(Reflect.getMetadata(DECORATORS.API_MODEL_PROPERTIES_ARRAY, prototype));
  for (const member of members) {
    const { type: below } = recordOf(
      Reflect.getMetadata(DECORATORS.API_MODEL_PROPERTIES, prototype, String(member).slice(1)),
    );
    for (const child of classesIn(below)) collect(child, byName);
  }
}

const answersOf = (handler: object): Class[] =>
  Object.values(recordOf(Reflect.getMetadata(DECORATORS.API_RESPONSE, handler))).flatMap((answer) =>
    classesIn(recordOf(answer).type),
  );

/** The classes that a type of the swagger module means: a class, a list of one, or a function that gives either. */
function classesIn(type: unknown): Class[] {
  if (Array.isArray(type)) return type.flatMap(classesIn);
  if (typeof type !== 'function') return [];
  if (BUILT_IN.has(type)) return [];
  return isClass(type) ? [type] : classesIn(Reflect.apply(type, undefined, []));
}

const BUILT_IN = new Set<unknown>([String, Number, Boolean, Object, Array, Date, Promise, BigInt]);

const isClass = (value: unknown): value is Class =>
  typeof value === 'function' && typeof value.prototype === 'object' && value.prototype !== null;
const prototypeOf = ({ prototype }: { prototype: object }): object => prototype;
const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
const recordOf = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null ? { ...value } : {};
