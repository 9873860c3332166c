import { randomUUID } from 'node:crypto';
import { DataSource } from 'typeorm';
import type { Feature } from '../feature.js';

export const feature: Feature = {
  statements: {
    'GET /api/v1/ops/jobs': 2,
    'GET /api/v1/ops/job-counts': 2,
    'GET /api/v1/ops/jobs/{id}': 2,
    'POST /api/v1/ops/jobs/{id}/retries': 6,
  },
  things: {
    // of a kind that nothing handles
    ops: async ({ shop }) => {
      const id = randomUUID();
      await shop.app
        .get(DataSource)
        .query(
          `INSERT INTO jobs (id, kind, state, due_at, finished_at) VALUES ($1, 'test.dead', 'dead', now(), now())`,
          [id],
        );
      return id;
    },
  },
  rows: { 'jobs (id, kind, due_at)': "'test.waiting', now()" },
};
