import { describe, expect, it } from '@jest/globals';
import { STATE } from '../common/http/syntax/etag.js';
import { type ReviewRow, stateOf, toReviewDto } from './dto/review.dto.js';

describe('a review as it goes out', () => {
  const row: ReviewRow = {
    id: '0198f3c2-7d0e-7a51-9b1e-3f1f6c2b8a10',
    ownerId: '0198f3c2-7d0e-7a51-9b1e-3f1f6c2b8a11',
    authorName: 'Ada',
    authorVersion: 1,
    productId: '0198f3c2-7d0e-7a51-9b1e-3f1f6c2b8a10',
    rating: 3,
    title: 'Title',
    body: 'Body',
    version: 3,
    createdAt: new Date('2026-11-20T09:30:00.000Z'),
    updatedAt: new Date('2026-11-21T10:00:00.000Z'),
  };

  it('has its members, and nothing else that a row may have', () => {
    expect(toReviewDto({ ...row, secret: 'kept' } as ReviewRow)).toEqual({
      [STATE]: 3,
      id: row.id,
      ownerId: row.ownerId,
      authorName: 'Ada',
      productId: '0198f3c2-7d0e-7a51-9b1e-3f1f6c2b8a10',
      rating: 3,
      title: 'Title',
      body: 'Body',
      version: 3,
      createdAt: '2026-11-20T09:30:00.000Z',
      updatedAt: '2026-11-21T10:00:00.000Z',
    });
  });

  it('is in a state for each of its versions and those of its author', () => {
    const states = [1, 2, 12].flatMap((version) =>
      [1, 2, 12].map((authorVersion) => stateOf({ version, authorVersion })),
    );

    expect(new Set(states.map(String)).size).toBe(9);
  });
});
