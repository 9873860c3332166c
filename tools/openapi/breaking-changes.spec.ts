import { describe, expect, it } from '@jest/globals';
import type { OpenAPIObject } from '@nestjs/swagger';
import type { Schema } from '../../src/common/json-schema/schema.js';
import { breakingChanges } from './breaking-changes.js';

interface Shape {
  path?: string;
  operationId?: string;
  parameters?: object[];
  body?: Schema;
  answer?: Schema;
  status?: string;
  type?: string;
}

/** A document of one operation, POST /things. */
const documentOf = (shape: Shape): OpenAPIObject =>
  ({
    openapi: '3.1.0',
    info: { title: 'Things', version: '1' },
    paths: {
      [shape.path ?? '/things']: {
        post: {
          operationId: shape.operationId ?? 'thingsCreate',
          parameters: shape.parameters ?? [],
          ...(shape.body && {
            requestBody: { required: true, content: { 'application/json': { schema: shape.body } } },
          }),
          responses: {
            [shape.status ?? '200']: {
              description: '',
              content: { [shape.type ?? 'application/json']: { schema: shape.answer ?? { type: 'object' } } },
            },
          },
        },
      },
    },
  }) as OpenAPIObject;

const changes = (before: Shape, after: Shape): string[] => breakingChanges(documentOf(before), documentOf(after));

const object = (properties: Record<string, Schema>, required: string[] = []): Schema => ({
  type: 'object',
  properties,
  required,
  additionalProperties: false,
});
const text: Schema = { type: 'string', maxLength: 10 };
const limit = (schema: Schema, required = false): object => ({ name: 'limit', in: 'query', required, schema });

describe('breakingChanges', () => {
  it.each<[string, Shape, Shape, string]>([
    ['a path that is gone', {}, { path: '/stuff' }, 'POST /things is gone'],
    ['another operationId', {}, { operationId: 'other' }, 'POST /things has another operationId'],
    ['a success of another status', {}, { status: '201' }, 'POST /things answers 200 no more'],
    ['another media type', {}, { type: 'text/csv' }, 'POST /things 200 comes as application/json no more'],
    [
      'a member of the answer that is gone',
      { answer: object({ name: text }) },
      { answer: object({}) },
      'POST /things 200.name is gone: readers miss it',
    ],
    [
      'a member of the answer that may be missing',
      { answer: object({ name: text }, ['name']) },
      { answer: object({ name: text }) },
      'POST /things 200.name may be missing now',
    ],
    [
      'an answer that may be null',
      { answer: object({ name: text }) },
      { answer: object({ name: { ...text, type: ['string', 'null'] } }) },
      'POST /things 200.name may be null now',
    ],
    [
      'a value that readers do not know',
      { answer: object({ state: { type: 'string', enum: ['open'] } }) },
      { answer: object({ state: { type: 'string', enum: ['open', 'shut'] } }) },
      'POST /things 200.state may be shut now',
    ],
    [
      'a value that is not taken any more',
      { body: object({ state: { type: 'string', enum: ['open', 'shut'] } }) },
      { body: object({ state: { type: 'string', enum: ['open'] } }) },
      'POST /things body.state may be shut no more',
    ],
    [
      'a member that is required',
      { body: object({}) },
      { body: object({ name: text }, ['name']) },
      'POST /things body.name is required now',
    ],
    [
      'a member that is not taken any more',
      { body: object({ name: text }) },
      { body: object({}) },
      'POST /things body.name is not taken any more',
    ],
    [
      'a bound that is narrower',
      { body: object({ name: text }) },
      { body: object({ name: { ...text, maxLength: 5 } }) },
      'POST /things body.name has a lower maxLength, 5',
    ],
    [
      'another type',
      { body: object({ name: text }) },
      { body: object({ name: { type: 'integer' } }) },
      'POST /things body.name may be string no more',
    ],
    [
      'a pattern',
      { body: object({ name: text }) },
      { body: object({ name: { ...text, pattern: '^a' } }) },
      'POST /things body.name has another pattern',
    ],
    ['a parameter that is required', {}, { parameters: [limit(text, true)] }, 'POST /things requires query limit now'],
    ['a parameter that is gone', { parameters: [limit(text)] }, {}, 'POST /things takes no query limit any more'],
    [
      'a parameter that is narrower',
      { parameters: [limit({ type: 'integer', maximum: 100 })] },
      { parameters: [limit({ type: 'integer', maximum: 50 })] },
      'POST /things query limit has a lower maximum, 50',
    ],
  ])('names %s', (_, before, after, change) => {
    expect(changes(before, after)).toEqual([expect.stringContaining(change)]);
  });

  it.each<[string, Shape, Shape]>([
    ['a new member of the answer', { answer: object({}) }, { answer: object({ name: text }) }],
    ['an optional member of the body', { body: object({}) }, { body: object({ name: text }) }],
    ['an optional parameter', {}, { parameters: [limit(text)] }],
    ['a wider bound', { body: object({ name: text }) }, { body: object({ name: { ...text, maxLength: 20 } }) }],
    [
      'a value more that is taken',
      { body: object({ state: { type: 'string', enum: ['open'] } }) },
      { body: object({ state: { type: 'string', enum: ['open', 'shut'] } }) },
    ],
    ['nothing', { body: object({ name: text }) }, { body: object({ name: text }) }],
  ])('lets %s pass', (_, before, after) => {
    expect(changes(before, after)).toEqual([]);
  });
});
