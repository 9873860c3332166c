import { describe, expect, it } from '@jest/globals';
import { Type } from 'class-transformer';
import { IsInt, IsString, Max, MaxLength, Min, MinLength, ValidateNested } from 'class-validator';
import { type Fault, AppError } from '../../errors/app-error.js';
import { statusOf } from '../errors/status.js';
import { StrictValidationPipe } from './validation.pipe.js';

class Line {
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(9)
  quantity: number;
}

class Basket {
  @IsString()
  @MinLength(2)
  @MaxLength(5)
  name: string;

  @ValidateNested({ each: true })
  @Type(() => Line)
  lines: Line[];
}

const pipe = new StrictValidationPipe();
const read = (type: 'body' | 'query', value: unknown): Promise<unknown> =>
  Promise.resolve(pipe.transform(value, { type, metatype: type === 'body' ? Basket : Line }));

async function refusalOf(type: 'body' | 'query', value: unknown): Promise<{ status: number; errors: Fault[] }> {
  try {
    await read(type, value);
  } catch (error) {
    if (error instanceof AppError) return { status: statusOf(error.kind), errors: error.extras.errors ?? [] };
  }
  throw new Error('it was not refused');
}

describe('what comes in', () => {
  it('is read into its class', async () => {
    expect(await read('body', { name: 'abc', lines: [{ quantity: 2 }] })).toBeInstanceOf(Basket);
    expect(await read('query', { quantity: '3' })).toEqual({ quantity: 3 });
  });

  it('as a body is refused with 422, every fault by its JSON Pointer', async () => {
    const { status, errors } = await refusalOf('body', {
      name: 'a',
      lines: [{ quantity: 1 }, { quantity: 99 }],
      'x/y~z': 1,
    });

    expect(status).toBe(422);
    expect(errors.map(({ pointer, code }) => [pointer, code])).toEqual(
      expect.arrayContaining([
        ['#/name', 'minLength'],
        ['#/lines/1/quantity', 'max'],
        ['#/x~1y~0z', 'unknown'],
      ]),
    );
  });

  it('as a query is refused with 400, every fault by its parameter', async () => {
    const { status, errors } = await refusalOf('query', { quantity: '0', colour: 'red' });

    expect(status).toBe(400);
    expect(errors.map(({ parameter, code }) => [parameter, code])).toEqual([
      ['colour', 'unknown'],
      ['quantity', 'min'],
    ]);
  });

  it('of the wrong type has one fault, and none of the other rules', async () => {
    const { errors } = await refusalOf('body', { name: 7, lines: [] });

    expect(errors).toEqual([{ pointer: '#/name', code: 'isString', detail: 'must be a string' }]);
  });

  it.each([[[]], ['text'], [null], [7]])('that is no object (%j) is refused', async (body) => {
    expect(await refusalOf('body', body)).toMatchObject({ status: 422, errors: [{ pointer: '#' }] });
  });
});
