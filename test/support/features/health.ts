import type { Feature } from '../feature.js';

export const feature: Feature = {
  statements: { 'GET /livez': 0, 'GET /readyz': 1 },
};
