import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Tables without an entity, and whose they are. */
const WITHOUT_ENTITY = {
  product_categories: 'products',
  import_chunks: 'imports',
  ledger_unsealed: 'ledger',
  idempotency_keys: 'common',
  outbox: 'common',
  event_sequencer: 'common',
  event_consumers: 'common',
  event_deliveries: 'common',
};

/** The folder of `src/` that a file belongs to: its feature, or `common`; undefined outside of one. */
export const featureOf = (filename) => /(?:^|[\\/])src[\\/]([^\\/]+)[\\/]/.exec(filename)?.[1];

/** Whose each table is: the feature that has its entity. Read from the folder once. */
export function tablesOf(root) {
  const owners = new Map(Object.entries(WITHOUT_ENTITY));
  for (const file of globSync('src/*/**/*.entity.ts', { cwd: root })) {
    const owner = featureOf(file);
    const text = readFileSync(join(root, file), 'utf8');
    for (const [, table] of text.matchAll(/@Entity\(\s*'(\w+)'/g)) owners.set(table, owner);
  }
  return owners;
}

/** The features that a feature builds on, directly or by way of others: those whose module its module imports. */
export function foundationsOf(feature, root) {
  const found = new Set();
  const left = [feature];
  for (let next = left.pop(); next; next = left.pop()) {
    for (const file of globSync(`src/${next}/*.module.ts`, { cwd: root })) {
      const text = readFileSync(join(root, file), 'utf8');
      for (const [, path] of text.matchAll(/from '(\.\.\/[\w/-]+)\.module\.js'/g)) {
        const other = featureOf(join(dirname(file), path));
        if (other && other !== feature && !found.has(other)) {
          found.add(other);
          left.push(other);
        }
      }
    }
  }
  return found;
}
