import type pg from 'pg';
import { DatabaseClient } from './client.js';

/** How many statements are prepared: more would be filters in ever new combinations, each of which costs the server memory. */
const MAX_STATEMENTS = 1000;

const names = new Map<string, string>();

/** The name that a statement is prepared under in each connection; undefined when there are too many. */
function nameOf(text: string): string | undefined {
  const known = names.get(text);
  if (known !== undefined || names.size >= MAX_STATEMENTS) return known;
  const name = `stockroom_${String(names.size)}`;
  names.set(text, name);
  return name;
}

/**
 * A connection that has each statement with parameters parsed and planned once: TypeORM sends them without a name, and
 * PostgreSQL would parse and plan them each time.
 */
export class PreparingClient extends DatabaseClient {
  constructor(options?: pg.ClientConfig) {
    super(options);
    // `query` has a dozen signatures, of which this changes one
    const query = this.query.bind(this);
    Object.defineProperty(this, 'query', {
      writable: true,
      configurable: true,
      value: (...sent: unknown[]): unknown => Reflect.apply(query, this, prepared(sent)),
    });
  }
}

function prepared(sent: unknown[]): unknown[] {
  const [text, values, ...rest] = sent;
  if (typeof text !== 'string' || !Array.isArray(values)) return sent;
  return [{ name: nameOf(text), text, values }, ...rest];
}
