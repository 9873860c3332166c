import { basename, dirname } from 'node:path';
import { decoratorsOf } from '../decorators.js';

/** By decorator, where a class stands, and why. */
const PLACES = {
  Entity: {
    file: /\.entity\.ts$/,
    folder: 'entities',
    place: 'entities/<name>.entity.ts',
    reason: 'the data source loads tables from there',
  },
  Controller: {
    file: /\.controller\.ts$/,
    place: '<feature>.controller.ts',
    reason: 'the document is drawn from there',
  },
  Module: { file: /\.module\.ts$/, place: '<feature>.module.ts', reason: 'that is where wiring is looked for' },
};
const DTO = {
  file: /\.dto\.ts$/,
  place: 'dto/<name>.dto.ts',
  reason: 'the document, and what may leave, are drawn from there',
};

/** @type {import('eslint').Rule.RuleModule} */
export default {
  meta: {
    type: 'problem',
    docs: { description: 'Entities, DTOs, controllers and modules stand in files of their name.' },
    schema: [],
    messages: { astray: '{{name}} belongs into {{place}}: {{reason}}.' },
  },
  create: (context) => ({
    ClassDeclaration(node) {
      const [decorated] = decoratorsOf(node).filter((name) => Object.hasOwn(PLACES, name));
      const wanted = decorated ? PLACES[decorated] : node.id?.name.endsWith('Dto') ? DTO : undefined;
      if (!wanted) return;
      const isHere =
        wanted.file.test(context.filename) &&
        (wanted.folder === undefined || basename(dirname(context.filename)) === wanted.folder);
      if (!isHere)
        context.report({
          node: node.id ?? node,
          messageId: 'astray',
          data: { name: node.id?.name ?? 'this class', ...wanted },
        });
    },
  }),
};
