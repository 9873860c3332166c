// Refuses words that many engineers have to look up, in identifiers, docs, comments and API texts: `npm run words`.
import { execFileSync } from 'node:child_process';
import { lstatSync, readFileSync } from 'node:fs';

/** Each word, as a regular expression, and what to write instead. */
const WORDS = {
  anew: 'again',
  besides: 'also, in addition to, other than',
  borne: 'limited, allowed',
  'mend(?:s|ed|ing)?': 'fix',
  presently: 'soon, later',
  telling: 'reporting',
  told: 'reported, configured, by default',
  whatever: 'any, every, everything that',
  whoever: 'a user who, a client that, the caller',
  'in the house': 'on hand',
  'slip of the pen': 'typo',
  'nobody is refused for its sake': 'each process falls back to …',
};

/** Not written here, or released. */
const EXCEPTIONS =
  /^(docs\/releases\/|src\/demo\/data\/|package-lock\.json$|scripts\/words\.js$|test\/words\.test\.ts$|LICENSE$)|\.(png|svg|gz)$/;

if (process.argv.includes('--help')) {
  process.stdout.write(
    'Usage: npm run words\n\nLists the words of scripts/words.js in the files of the project. Exits with 1 if there are any.\n',
  );
} else {
  const listed = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    encoding: 'utf8',
  });
  const files = listed.split('\0').filter((file) => !EXCEPTIONS.test(file) && isFile(file));
  const found = files.flatMap((file) => wordsIn(readFileSync(file, 'utf8')).map((one) => `${file}:${one}\n`));
  process.stdout.write(found.join(''));
  process.exitCode = found.length > 0 ? 1 : 0;
}

/** Whether it is there, and no link to a folder. */
function isFile(path) {
  return path !== '' && (lstatSync(path, { throwIfNoEntry: false })?.isFile() ?? false);
}

/** Where a text has such words: the line, the word, and what to write instead. */
function wordsIn(text) {
  return text.split('\n').flatMap((line, index) => {
    // an identifier is words, too
    const words = line.replaceAll(/([a-z])([A-Z])/g, '$1 $2').replaceAll('_', ' ');
    return Object.entries(WORDS)
      .map(([word, instead]) => [new RegExp(`\\b(?:${word})\\b`, 'i').exec(words)?.[0], instead])
      .filter(([found]) => found !== undefined)
      .map(([found, instead]) => `${String(index + 1)}: "${found.toLowerCase()}": write ${instead}`);
  });
}
