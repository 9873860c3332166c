/** The oldest Node.js that the application runs on: the first with zstd in `node:zlib`, which answers are compressed with. */
export const MINIMUM_NODE = '22.15.0';

/**
 * What to say on a Node.js that is too old; `undefined` where it is not.
 * @param version as in `process.version`.
 */
export function refusalOf(version: string): string | undefined {
  const [major = 0, minor = 0] = numbersOf(version);
  const [oldestMajor = 0, oldestMinor = 0] = numbersOf(MINIMUM_NODE);
  if (major > oldestMajor || (major === oldestMajor && minor >= oldestMinor)) return undefined;
  return `Stockroom runs on Node.js ${MINIMUM_NODE} or newer, and this is ${version}: install a newer one, or start it with npm start, which brings its own.`;
}

const numbersOf = (version: string): number[] => version.replace(/^v/, '').split('.').map(Number);
