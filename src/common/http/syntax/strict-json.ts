import { AppError } from '../../errors/app-error.js';
import { BadRequest } from '../errors/http-errors.js';

/** How many objects and arrays may stand in each other. */
const MAX_DEPTH = 32;
/** How many members an object may have, how many items an array, and how many values there may be in all. */
const MAX_MEMBERS = 200;
const MAX_ITEMS = 1000;
const MAX_VALUES = 10_000;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** Names that could reach an object's prototype where members are copied; ASVS 15.3.6. */
const FORBIDDEN = new Set(['__proto__', 'constructor']);

/**
 * Reads JSON as strictly as RFC 8259 lets one: what readers would understand differently is refused, so that everybody who
 * sees the text sees the same (ASVS 1.5.3). That is a member given twice, a number that can't be kept as it is, a member
 * that means something to JavaScript. So is what is larger than any request needs: more than 32 levels, 200 members of an
 * object, 1,000 items of an array or 10,000 values, before anything is made of it (ASVS 15.2.2).
 * @param onFraction is called for each number that is written with a fraction or an exponent, which JSON.parse forgets: 24.00
 *   is 24 to it.
 * @throws AppError 400 naming the place by its JSON Pointer.
 */
export function parseStrictJson(text: string, onFraction?: OnFraction): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new AppError(BadRequest, `The body is no JSON: ${error instanceof Error ? error.message : ''}`);
  }
  new Scanner(text, onFraction).scan();
  return value;
}

/** @param path the names and indexes that lead to the number. */
type OnFraction = (path: readonly (string | number)[], written: string) => void;

/** An object or array that is not closed yet. */
interface Level {
  /** The names of an object's members so far; undefined in an array. */
  names?: Set<string>;
  /** Where in it the scanner is: the name of a member, or the index of an item. */
  at: string | number;
  /** Whether a string here is the name of a member. */
  expectsName: boolean;
}

/** Goes once over a text that is known to be JSON: so it need only know where strings, numbers and levels begin and end. */
class Scanner {
  private readonly levels: Level[] = [];
  private values = 0;
  private readonly number = /-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y;

  constructor(
    private readonly text: string,
    private readonly onFraction?: OnFraction,
  ) {}

  scan(): void {
    for (let at = 0; at < this.text.length;) at = this.step(at);
  }

  /** @returns where to go on. */
  private step(at: number): number {
    const level = this.levels.at(-1);
    switch (this.text[at]) {
      case '"':
        return this.string(at, level);
      case '{':
        return this.open(at, { names: new Set(), at: '', expectsName: true });
      case '[':
        return this.open(at, { at: 0, expectsName: false });
      case '}':
      case ']':
        this.levels.pop();
        return at + 1;
      case ',':
        if (typeof level?.at === 'number') {
          level.at += 1;
          if (level.at === MAX_ITEMS)
            this.refuse('items', `is beyond the ${String(MAX_ITEMS)} items that an array may have`);
        } else if (level) level.expectsName = true;
        return at + 1;
      default:
        return this.numberOrOther(at);
    }
  }

  private open(at: number, level: Level): number {
    if (this.levels.length === MAX_DEPTH) this.refuse('depth', `is nested in more than ${String(MAX_DEPTH)} levels`);
    this.count();
    this.levels.push(level);
    return at + 1;
  }

  private count(): void {
    this.values += 1;
    if (this.values > MAX_VALUES)
      this.refuse('values', `is beyond the ${String(MAX_VALUES)} values that a body may have`);
  }

  private string(at: number, level: Level | undefined): number {
    const end = this.endOfString(at);
    if (level?.expectsName) {
      const raw = this.text.slice(at, end);
      const name = raw.includes('\\') ? String(JSON.parse(raw)) : raw.slice(1, -1);
      level.expectsName = false;
      level.at = name;
      if (FORBIDDEN.has(name)) this.refuse('forbidden', 'is no name for a member');
      if (level.names?.has(name)) this.refuse('duplicate', 'is there twice');
      level.names?.add(name);
      if (level.names && level.names.size > MAX_MEMBERS) {
        this.refuse('members', `is beyond the ${String(MAX_MEMBERS)} members that an object may have`);
      }
    } else this.count();
    return end;
  }

  private endOfString(begin: number): number {
    let at = begin + 1;
    for (let unit = this.text.charCodeAt(at); unit !== QUOTE; unit = this.text.charCodeAt(at)) {
      at += unit === BACKSLASH ? 2 : 1;
    }
    return at + 1;
  }

  private numberOrOther(at: number): number {
    this.number.lastIndex = at;
    const [number] = this.number.exec(this.text) ?? [];
    if (number === undefined) {
      // true, false or null begins here
      if (/[tfn]/.test(this.text[at] ?? '')) this.count();
      return at + 1;
    }
    this.count();
    if (Math.abs(Number(number)) > Number.MAX_SAFE_INTEGER) {
      this.refuse('number', `is beyond ${String(Number.MAX_SAFE_INTEGER)}, and can’t be kept exactly`);
    }
    if (this.onFraction && /[.eE]/.test(number)) {
      this.onFraction(
        this.levels.map((level) => level.at),
        number,
      );
    }
    return at + number.length;
  }

  private refuse(code: string, detail: string): never {
    const path = this.levels.map(({ at }) => `/${String(at).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
    throw new AppError(BadRequest, `The body can’t be read: #${path} ${detail}.`, {
      errors: [{ pointer: `#${path}`, code, detail }],
    });
  }
}
