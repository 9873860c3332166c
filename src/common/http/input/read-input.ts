import { TransformationType } from 'class-transformer';
import { validateSync, type ValidationError } from 'class-validator';
import { unknownName } from '../../errors/fault-texts.js';
import { faultOfText, isBlank, lengthOf, normalized, type TextFault } from '../../text/text.js';
import { type InputClass, type MemberPlan, planOf, type TextBounds } from './input-plan.js';

/** One wrong value: where it is, what is wrong as a short stable code, and in words. */
export interface InputFault {
  path: readonly string[];
  code: string;
  detail: string;
}

/** What a value is read as, or all that is wrong with it. */
export type ReadInput<T> = { value: T } | { faults: InputFault[] };

/** Where a value comes from: JSON has types, a query has texts alone. */
export type InputForm = 'json' | 'query';

/**
 * Reads a value into its DTO class and names all faults at once.
 *
 * Only members that the class knows are copied, one by one; what has another shape than the class says, more items than it
 * allows, or a text that is too long or not sound, is refused before any validator sees it. So the cost is that of what a
 * valid value may have, for every input. class-transformer is not run: the keys of an object cost it their square.
 * @param value an object, not deeper nor larger than JSON that `parseStrictJson` lets pass.
 */
export function readInput<T extends object>(
  type: InputClass<T>,
  value: object,
  form: InputForm = 'json',
): ReadInput<T> {
  const reader = new Reader(form);
  const target = reader.object(type, value, []);
  const faults = [...reader.faults, ...reader.validate(target)];
  return faults.length > 0 ? { faults } : { value: target };
}

/** The faults of the texts in a value that no DTO describes. */
export function faultsOfTexts(value: unknown, path: readonly string[] = [], maxLength = 0): InputFault[] {
  const faults: InputFault[] = [];
  // a list of what is left, not recursion: how deep a value is, is for the client to choose
  const left: [readonly string[], unknown][] = [[path, value]];
  for (let next = left.pop(); next; next = left.pop()) {
    const [place, part] = next;
    const fault = typeof part === 'string' ? faultOfText(part, maxLength) : undefined;
    if (fault) faults.push({ path: place, ...fault });
    if (typeof part !== 'object' || part === null) continue;
    for (const [name, member] of Object.entries(part)) {
      const faultOfName = faultOfText(name);
      if (faultOfName) faults.push({ path: [...place, name], ...faultOfName });
      else left.push([[...place, name], member]);
    }
  }
  return faults;
}

/** Stands for a value that is refused: no validator need look at it. */
const REFUSED = Symbol('refused');

class Reader {
  readonly faults: InputFault[] = [];
  /** The places of what is refused, as one text each. */
  private readonly refused = new Set<string>();

  constructor(private readonly form: InputForm) {}

  object<T extends object>(type: InputClass<T>, source: object, path: readonly string[]): T {
    const plan = planOf(type);
    const target = new type();
    for (const [name, value] of Object.entries(source)) {
      const place = [...path, name];
      const member = plan.get(name);
      if (!member) {
        this.faults.push({
          path: place,
          ...(faultOfText(name) ?? { code: 'unknown', detail: unknownName(name, [...plan.keys()]) }),
        });
        continue;
      }
      const read = this.member(member, source, value, place);
      if (read !== REFUSED) Reflect.set(target, name, read);
    }
    return target;
  }

  /** What class-validator finds wrong in what has been read. */
  validate(target: object): InputFault[] {
    const errors = validateSync(target, {
      forbidUnknownValues: false,
      validationError: { target: false, value: true },
    });
    return this.faultsIn(errors, []);
  }

  private member(member: MemberPlan, source: object, value: unknown, path: readonly string[]): unknown {
    if (value === null && !member.conditions.every((holds) => holds(source, value))) return null;
    let read = value;
    for (const transform of member.transforms) {
      read = transform.transformFn({
        value: read,
        key: member.name,
        obj: source,
        type: TransformationType.PLAIN_TO_CLASS,
        options: {},
      });
    }
    if (member.maxItems !== undefined) return this.list(member, member.maxItems, read, path);
    return this.one(member, read, path);
  }

  private list(member: MemberPlan, maxItems: number, value: unknown, path: readonly string[]): unknown {
    if (!Array.isArray(value)) return this.refuse(path, 'isArray', 'must be a list');
    if (value.length > maxItems) {
      return this.refuse(path, 'arrayMaxSize', `must have at most ${String(maxItems)} items`);
    }
    const items = value.map((item: unknown, index) => this.one(member, item, [...path, String(index)]));
    // what is wrong with one item is said; what the list is as a whole says nothing then
    if (!items.includes(REFUSED)) return items;
    this.refused.add(placeOf(path));
    return REFUSED;
  }

  private one(member: MemberPlan, value: unknown, path: readonly string[]): unknown {
    if (member.nested) {
      if (typeof value !== 'object' || value === null || Array.isArray(value)) {
        return this.refuse(path, 'isObject', 'must be an object');
      }
      return this.object(member.nested, value, path);
    }
    if (typeof value === 'string') return this.text(member, value, path);
    const faults = typeof value === 'object' ? faultsOfTexts(value, path) : [];
    if (faults.length === 0) return normalized(value);
    this.faults.push(...faults);
    this.refused.add(placeOf(path));
    return REFUSED;
  }

  private text({ text, number, isId }: MemberPlan, value: string, path: readonly string[]): unknown {
    const fault = faultOfCharacters(value, text);
    if (fault) return this.refuse(path, fault.code, fault.detail);
    const read = normalized(value);
    const faultOfLength = faultOfBounds(read, text);
    if (faultOfLength) return this.refuse(path, faultOfLength.code, faultOfLength.detail);
    if (this.form === 'query' && number !== undefined) return numberIn(read, number);
    return isId ? read.toLowerCase() : read;
  }

  private refuse(path: readonly string[], code: string, detail: string): typeof REFUSED {
    this.faults.push({ path, code, detail });
    this.refused.add(placeOf(path));
    return REFUSED;
  }

  private faultsIn(errors: readonly ValidationError[], parent: readonly string[]): InputFault[] {
    return errors.flatMap((error) => {
      const path = [...parent, error.property];
      if (this.refused.has(placeOf(path))) return [];
      const constraints = Object.entries(error.constraints ?? {}).filter(([name]) => !isDecided(name, error.value));
      const wrongType = constraints.find(([name]) => TYPE_CONSTRAINTS.includes(name));
      const own = (wrongType ? [wrongType] : constraints).map(([code, detail]) => ({ path, code, detail }));
      return [...own, ...this.faultsIn(error.children ?? [], path)];
    });
  }
}

const placeOf = (path: readonly string[]): string => JSON.stringify(path);

/** Once a value is of the wrong type, what else it is not says nothing. */
const TYPE_CONSTRAINTS = ['isString', 'isInt', 'isNumber', 'isBoolean', 'isArray', 'isObject'];

/** The lengths of texts, which validator.js counts in another way: they have been looked at. */
const LENGTHS = ['minLength', 'maxLength', 'isLength'];
const isDecided = (constraint: string, value: unknown): boolean =>
  LENGTHS.includes(constraint) &&
  (typeof value === 'string' || (Array.isArray(value) && value.every((item) => typeof item === 'string')));

/** A character has one or two units, and in NFC at most four others are put together to one. */
const UNITS_PER_CHARACTER = 8;

/** What is much too long is not looked at. */
function faultOfCharacters(text: string, { maxLength }: TextBounds): TextFault | undefined {
  return maxLength !== undefined && text.length > maxLength * UNITS_PER_CHARACTER
    ? tooLong(maxLength)
    : faultOfText(text, maxLength);
}

/** @param text in NFC. */
function faultOfBounds(text: string, { minLength, maxLength, isRequired }: TextBounds): TextFault | undefined {
  const length = lengthOf(text);
  if (maxLength !== undefined && length > maxLength) return tooLong(maxLength);
  if (length < minLength) return { code: 'minLength', detail: `must have at least ${charactersOf(minLength)}` };
  if (isRequired && isBlank(text)) {
    return { code: 'blank', detail: 'must have something that can be seen, and not only spaces' };
  }
  return undefined;
}

const tooLong = (maxLength: number): TextFault => ({
  code: 'maxLength',
  detail: `must have at most ${charactersOf(maxLength)}`,
});

const charactersOf = (length: number): string => `${String(length)} ${length === 1 ? 'character' : 'characters'}`;

const INTEGER = /^-?\d{1,16}$/;
const FRACTION = /^-?\d{1,16}(?:\.\d{1,16})?$/;

/** The number that digits spell; any other text stays one, for the validator to refuse: `''`, `1e3`, `0x10`, ` 5`. */
function numberIn(text: string, kind: 'integer' | 'fraction'): number | string {
  if (!(kind === 'integer' ? INTEGER : FRACTION).test(text)) return text;
  // -0 is 0
  return Number(text) + 0;
}
