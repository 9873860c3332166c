import { describe, expect, it } from '@jest/globals';
import { PartialType } from '@nestjs/swagger';
import { Transform, Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayUnique,
  IsArray,
  IsBoolean,
  IsDefined,
  IsEmail,
  IsIn,
  IsInt,
  IsNumber,
  IsOptional,
  IsString,
  IsUUID,
  Matches,
  Max,
  MaxLength,
  Min,
  MinLength,
  Validate,
  ValidateBy,
  ValidateIf,
  ValidateNested,
  ValidatorConstraint,
  type ValidatorConstraintInterface,
} from 'class-validator';
import { listOf, truthOf } from '../syntax/query.js';
import { type InputFault, readInput } from './read-input.js';

const ID = '0198f3c2-7d0e-7a51-9b1e-3f1f6c2b8a10';

class Money {
  @IsInt()
  @Min(0)
  amount: number;
}

class MoneyChange extends PartialType(Money, { skipNullProperties: false }) {}

class Line {
  @IsInt()
  @Max(9)
  quantity: number;
}

class Thing {
  @IsString()
  @MinLength(2)
  @MaxLength(5)
  name: string;

  @IsOptional()
  @IsEmail()
  @MaxLength(254)
  email?: string;

  @IsOptional()
  @IsString()
  @MaxLength(5000)
  story?: string | null;

  @IsOptional()
  @IsString()
  @MaxLength(100)
  @Matches(/^(?=.*\S)\P{Cc}+$/u)
  label?: string;

  @ValidateIf((_, value) => value !== undefined)
  @ValidateNested()
  @Type(() => Money)
  price?: Money;

  @IsOptional()
  @IsArray()
  @ArrayMaxSize(3)
  @ArrayUnique()
  @IsUUID(undefined, { each: true })
  ids?: string[];

  @IsOptional()
  @ArrayMaxSize(5)
  @IsString({ each: true })
  @MaxLength(4, { each: true })
  words?: string[];

  @IsOptional()
  @ValidateNested({ each: true })
  @Type(() => Line)
  lines?: Line[];

  @IsOptional()
  @ValidateBy({ name: 'isFree', validator: { validate: (value) => typeof value === 'object' } })
  free?: object;
}

class ThingChange extends PartialType(Thing, { skipNullProperties: false }) {
  @ValidateIf((_, value) => value !== undefined)
  @ValidateNested()
  @Type(() => MoneyChange)
  override price?: Money;
}

class Query {
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(-5)
  @Max(10)
  limit: number = 7;

  @IsOptional()
  @Type(() => Number)
  @IsNumber()
  ratio?: number;

  @IsOptional()
  @Transform(truthOf)
  @IsBoolean()
  inStock?: boolean;

  @IsOptional()
  @IsUUID()
  ownerId?: string;

  @IsOptional()
  @Transform(listOf)
  @IsArray()
  @ArrayUnique()
  @IsIn(['a', 'b'], { each: true })
  include?: string[];
}

function faultsOf(type: new () => object, value: object, form?: 'query'): InputFault[] {
  const read = readInput(type, value, form);
  if (!('faults' in read)) throw new Error('it was not refused');
  return read.faults;
}
const codesOf = (type: new () => object, value: object, form?: 'query'): string[] =>
  faultsOf(type, value, form).map(({ path, code }) => `${path.join('/')} ${code}`);
const readAs = (type: new () => object, value: object, form?: 'query'): object => {
  const read = readInput(type, value, form);
  if ('faults' in read) throw new Error(JSON.stringify(read.faults));
  return read.value;
};

describe('what comes in', () => {
  it('is read into its class, and the objects in it into theirs', () => {
    const read = readAs(Thing, { name: 'abc', price: { amount: 1 }, lines: [{ quantity: 2 }] });

    expect(read).toBeInstanceOf(Thing);
    expect(read).toHaveProperty('price', Object.assign(new Money(), { amount: 1 }));
    expect(read).toHaveProperty('lines', [Object.assign(new Line(), { quantity: 2 })]);
  });

  it('keeps the defaults of its class', () => {
    expect(readAs(Query, {}, 'query')).toEqual({ limit: 7 });
  });

  it.each([
    'toString',
    'valueOf',
    'constructor',
    'hasOwnProperty',
    'isPrototypeOf',
    'prototype',
    '__defineGetter__',
    'x',
  ])('may not have %s, which is as unknown as any other name', (name) => {
    expect(codesOf(Thing, { name: 'abc', [name]: 1 })).toEqual([`${name} unknown`]);
    expect(codesOf(Thing, { name: 'abc', price: { [name]: 1 } })).toContain(`price/${name} unknown`);
    expect(codesOf(Query, { [name]: '1' }, 'query')).toEqual([`${name} unknown`]);
  });

  it('may not have __proto__', () => {
    expect(codesOf(Thing, { name: 'abc', ['__proto__']: { a: 1 } })).toEqual(['__proto__ unknown']);
  });

  it.each<[string, object, string]>([
    ['a list for a text', { name: ['abc'] }, 'name isString'],
    ['an object for a text', { name: { length: 3 } }, 'name isString'],
    ['a list for an object', { name: 'abc', price: [] }, 'price isObject'],
    ['a list of objects for an object', { name: 'abc', price: [{ amount: 1 }] }, 'price isObject'],
    ['a text for an object', { name: 'abc', price: '1' }, 'price isObject'],
    ['null for an object', { name: 'abc', price: null }, 'price isObject'],
    ['an object for a list', { name: 'abc', ids: { 0: ID, length: 1 } }, 'ids isArray'],
    ['a text for a list', { name: 'abc', ids: ID }, 'ids isArray'],
    ['an object for a list of objects', { name: 'abc', lines: { quantity: 1 } }, 'lines isArray'],
    ['a list among objects', { name: 'abc', lines: [[]] }, 'lines/0 isObject'],
    ['a text for a number', { name: 'abc', price: { amount: '1' } }, 'price/amount isInt'],
    ['a list for a number', { name: 'abc', price: { amount: [1] } }, 'price/amount isInt'],
  ])('of another shape is refused: %s', (_, value, code) => {
    expect(codesOf(Thing, value)).toEqual([code]);
  });

  it('is refused for the number of items before any rule looks at them', () => {
    let looked = 0;
    class Counted {
      @ArrayMaxSize(3)
      @ValidateBy(
        { name: 'counted', validator: { validate: (value) => value === undefined || ++looked > 0 } },
        { each: true },
      )
      items: unknown[];
    }

    expect(codesOf(Counted, { items: [1, 2, 3, 4] })).toEqual(['items arrayMaxSize']);
    expect(looked).toBe(0);
    expect(readAs(Counted, { items: [1, 2, 3] })).toEqual({ items: [1, 2, 3] });
    expect(looked).toBe(3);
  });

  it('is refused for the length of a text before any rule looks at it', () => {
    let looked = 0;
    class Counted {
      @MaxLength(3)
      @ValidateBy({ name: 'counted', validator: { validate: (value) => value === undefined || ++looked > 0 } })
      text: string;
    }

    expect(codesOf(Counted, { text: 'abcd' })).toEqual(['text maxLength']);
    expect(looked).toBe(0);
  });

  it('is measured in code points, as PostgreSQL and JSON Schema do', () => {
    expect(readAs(Thing, { name: '😀😀😀😀😀' })).toEqual({ name: '😀😀😀😀😀' });
    expect(readAs(Thing, { name: 'a\ufe0f' })).toEqual({ name: 'a\ufe0f' });
    expect(codesOf(Thing, { name: 'a\ufe0fb\ufe0fc\ufe0f' })).toEqual(['name maxLength']);
    expect(codesOf(Thing, { name: '😀' })).toEqual(['name minLength']);
    expect(codesOf(Thing, { name: 'abc', words: ['abcd', '😀😀😀😀', 'abcde'] })).toEqual(['words/2 maxLength']);
  });

  it.each([
    ['half of a surrogate pair', 'a\ud800', 'encoding'],
    ['U+0000', 'a\0b', 'encoding'],
    ['a bell', 'a\u0007', 'control'],
    ['a line break in a line', 'a\nb', 'control'],
    ['more marks in a row than any writing has', 'a' + '\u0301'.repeat(31), 'marks'],
    ['spaces only', '   ', 'blank'],
    ['zero widths only', '\u200b\u200b', 'blank'],
  ])('may not have texts with %s', (_, text, code) => {
    expect(codesOf(Thing, { name: text })).toEqual([`name ${code}`]);
    if (code !== 'blank') {
      expect(codesOf(Thing, { name: 'abc', email: `${text}@b.test` })).toEqual([`email ${code}`]);
      expect(codesOf(Thing, { name: 'abc', free: { a: [text] } })).toEqual([`free/a/0 ${code}`]);
      expect(codesOf(Thing, { name: 'abc', free: { [text]: 1 } })).toEqual([`free/${text} ${code}`]);
      expect(codesOf(Thing, { name: 'abc', [text]: 1 })).toEqual([`${text} ${code}`]);
      expect(codesOf(Thing, { name: [text] })).toEqual([`name/0 ${code}`]);
      expect(codesOf(Thing, { name: 'abc', words: [text] })).toEqual([`words/0 ${code}`]);
    }
  });

  it('is read in NFC, each text in it and in a query, and measured so', () => {
    const [composed, decomposed] = ['\u00e9', 'e\u0301'];

    expect(
      readAs(Thing, { name: decomposed.repeat(5), words: [decomposed], free: { a: [{ [decomposed]: decomposed }] } }),
    ).toEqual({
      name: composed.repeat(5),
      words: [composed],
      free: { a: [{ [composed]: composed }] },
    });
    expect(codesOf(Thing, { name: decomposed.repeat(6) })).toEqual(['name maxLength']);
    expect(codesOf(Thing, { name: decomposed })).toEqual(['name minLength']);
    // Hangul of three letters, and Greek with three marks
    expect(readAs(Thing, { name: '\u1100\u1161\u11a8'.repeat(5) })).toEqual({ name: '\uac01'.repeat(5) });
    expect(readAs(Thing, { name: '\u03b1\u0313\u0300\u0345'.repeat(5) })).toEqual({ name: '\u1f82'.repeat(5) });
    expect(readAs(Thing, { name: decomposed.repeat(2) }, 'query')).toMatchObject({ name: composed.repeat(2) });
  });

  it('may have tabs and line breaks in a long text, and be blank where it may be empty', () => {
    expect(readAs(Thing, { name: 'abc', story: 'a\tb\n' })).toMatchObject({ story: 'a\tb\n' });
    expect(readAs(Thing, { name: 'abc', story: '  ' })).toMatchObject({ story: '  ' });
    expect(codesOf(Thing, { name: 'abc', label: '\u200b' })).toEqual(['label blank']);
  });

  it('has ids in small letters, so that one id is not two', () => {
    expect(readAs(Thing, { name: 'abc', ids: [ID.toUpperCase()] })).toMatchObject({ ids: [ID] });
    expect(codesOf(Thing, { name: 'abc', ids: [ID, ID.toUpperCase()] })).toEqual(['ids arrayUnique']);
    expect(readAs(Query, { ownerId: ID.toUpperCase() }, 'query')).toMatchObject({ ownerId: ID });
  });

  it('may be null where that says something, and nowhere else', () => {
    expect(readAs(ThingChange, { story: null })).toEqual({ story: null });
    expect(codesOf(ThingChange, { name: null })).toEqual(['name isString']);
    expect(codesOf(ThingChange, { price: null })).toEqual(['price isObject']);
    expect(codesOf(ThingChange, { price: { amount: null } })).toEqual(['price/amount isInt']);
  });

  it('is refused for what is missing', () => {
    class Needs {
      @IsDefined()
      @ValidateNested()
      @Type(() => Money)
      price: Money;
    }
    expect(codesOf(Needs, {})).toEqual(['price isDefined']);
  });

  it('names all faults at once', () => {
    expect(
      codesOf(Thing, { name: 'a', price: { amount: -1, x: 1 }, lines: [{ quantity: 1 }, { quantity: 10 }] }),
    ).toEqual(
      expect.arrayContaining(['name minLength', 'price/amount min', 'price/x unknown', 'lines/1/quantity max']),
    );
  });
});

describe('a query', () => {
  it.each([
    ['5', 5],
    ['-1', -1],
    ['007', 7],
    ['-0', 0],
  ])('has a number where it has digits: %j', (text, limit) => {
    expect(readAs(Query, { limit: text }, 'query')).toEqual({ limit });
  });

  it.each(['', ' ', ' 5', '5 ', '+5', '1e1', '0x5', '5.0', '٥', 'NaN', 'Infinity', '1_0', '5n'])(
    'has no number in %j',
    (text) => {
      expect(codesOf(Query, { limit: text }, 'query')).toEqual(['limit isInt']);
    },
  );

  it('has a fraction where that may be', () => {
    expect(readAs(Query, { ratio: '4.25' }, 'query')).toMatchObject({ ratio: 4.25 });
    expect(codesOf(Query, { ratio: '.5' }, 'query')).toEqual(['ratio isNumber']);
    expect(codesOf(Query, { ratio: '1e2' }, 'query')).toEqual(['ratio isNumber']);
  });

  it.each(['', '1', 'TRUE', 'yes', ' true'])('has no truth value in %j', (text) => {
    expect(codesOf(Query, { inStock: text }, 'query')).toEqual(['inStock isBoolean']);
  });

  it('has no list longer than there are values', () => {
    expect(readAs(Query, { include: 'a,b' }, 'query')).toMatchObject({ include: ['a', 'b'] });
    expect(codesOf(Query, { include: ','.repeat(5000) }, 'query')).toEqual(['include arrayMaxSize']);
  });

  it('has no value twice', () => {
    expect(codesOf(Query, { limit: ['5', '5'] }, 'query')).toEqual(['limit isInt']);
  });
});

describe('a DTO that can’t be read', () => {
  it('says so', () => {
    class Untyped {
      @ValidateNested()
      money: Money;
    }
    @ValidatorConstraint({ async: true })
    class Slow implements ValidatorConstraintInterface {
      validate(): Promise<boolean> {
        return Promise.resolve(true);
      }
    }
    class Asynchronous {
      @Validate(Slow)
      name: string;
    }

    expect(() => readInput(Untyped, {})).toThrow('Untyped.money is @ValidateNested()');
    expect(() => readInput(Asynchronous, {})).toThrow('Asynchronous.name has an asynchronous validator');
  });
});
