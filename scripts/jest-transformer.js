// Gives Jest what scripts/compile-tests.js made of a file.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';

/** The folder of what was compiled, laid out as the sources are. */
export const COMPILED = 'generated/tests';

const compiled = (file, root) =>
  readFileSync(join(root, COMPILED, relative(root, file).replace(/\.ts$/, '.js')), 'utf8');

export default {
  process: (_source, file, { config }) => ({ code: compiled(file, config.rootDir) }),
  getCacheKey: (_source, file, { config, configString }) =>
    createHash('sha256').update(configString).update(file).update(compiled(file, config.rootDir)).digest('hex'),
};
