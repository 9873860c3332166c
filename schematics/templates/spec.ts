import type { Feature } from '../model.js';
import { withArticle } from '../names.js';
import type { Part } from '../parts/part.js';
import { literal } from './known.js';
import { imports } from './text.js';

export function specText(feature: Feature, parts: readonly Part[]): string {
  const { one } = feature;
  const row = (part: Part): string => {
    const { field, example } = part;
    const of = part.member;
    if (field.type === 'money') return `${of}Amount: 1999, ${of}Currency: 'GBP'`;
    if (field.type === 'date-time') return `${of}: new Date(${literal(example)})`;
    return `${of}: ${literal(example)}`;
  };
  return `${imports({
    '@jest/globals': ['describe', 'expect', 'it'],
    [`./dto/${one.kebab}.dto.js`]: [`type ${one.pascal}Row`, `to${one.pascal}Dto`],
  })}

describe('${withArticle(one.words)} as it goes out', () => {
  const row: ${one.pascal}Row = {
    id: '0198f3c2-7d0e-7a51-9b1e-3f1f6c2b8a10',
    ${feature.owned ? "ownerId: '0198f3c2-7d0e-7a51-9b1e-3f1f6c2b8a11',\n    " : ''}${parts.map(row).join(',\n    ')},
    version: 3,
    createdAt: new Date('2026-11-20T09:30:00.000Z'),
    updatedAt: new Date('2026-11-21T10:00:00.000Z'),
  };

  it('has its members, and nothing else that a row may have', () => {
    expect(to${one.pascal}Dto({ ...row, secret: 'kept' } as ${one.pascal}Row)).toEqual({
      id: row.id,
      ${feature.owned ? 'ownerId: row.ownerId,\n      ' : ''}${parts.map((part) => `${part.member}: ${literal(part.example)}`).join(',\n      ')},
      version: 3,
      createdAt: '2026-11-20T09:30:00.000Z',
      updatedAt: '2026-11-21T10:00:00.000Z',
    });
  });
});
`;
}
