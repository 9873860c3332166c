import { DataSource } from 'typeorm';
import type { Shop } from './shop.js';

/** An event as a test compares it. */
export interface Announced {
  name: string;
  version: number;
  data: object;
}

/** What was announced of an aggregate, by its versions. */
export function eventsOf(shop: Shop, id: string): Promise<Announced[]> {
  return shop.app
    .get(DataSource)
    .query<Announced[]>('SELECT name, version, data FROM outbox WHERE aggregate_id = $1 ORDER BY version', [id]);
}
