import { type ArgumentMetadata, Injectable, type PipeTransform } from '@nestjs/common';
import { isUUID } from 'class-validator';
import { type Fault, AppError } from '../../errors/app-error.js';
import { InvalidParameter, ValidationFailed } from '../../errors/errors.js';
import { BadRequest } from '../errors/http-errors.js';
import type { InputClass } from './input-plan.js';
import { faultsOfTexts, type InputFault, readInput } from './read-input.js';

/**
 * Reads what comes in into its DTO class and names all faults at once: 422 with JSON Pointers for a body, 400 for query
 * and path parameters. Unknown members are faults, and so are texts that are not sound.
 */
@Injectable()
export class StrictValidationPipe implements PipeTransform {
  transform(value: unknown, { type, metatype, data }: ArgumentMetadata): unknown {
    switch (type) {
      case 'body':
        return readBody(value, classOf(metatype));
      case 'query':
        return readQuery(value, classOf(metatype), data);
      case 'param':
        refuseParameters(faultsOfTexts(value, data === undefined ? [] : [data]));
        return value;
      default:
        return value;
    }
  }
}

function readBody(value: unknown, type: InputClass | undefined): unknown {
  if (value === undefined) throw new AppError(BadRequest, 'This operation needs a JSON body, and there is none.');
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new AppError(ValidationFailed, 'The body must be a JSON object.', {
      errors: [{ pointer: '#', code: 'isObject', detail: 'must be a JSON object' }],
    });
  }
  const read = type ? readInput(type, value) : { value, faults: faultsOfTexts(value) };
  if ('value' in read && !('faults' in read && read.faults.length > 0)) return read.value;
  throw new AppError(ValidationFailed, 'Some members of the body are not valid; errors names each one.', {
    errors: read.faults.map(({ path, ...fault }) => ({ pointer: pointerTo(path), ...fault })),
  });
}

function readQuery(value: unknown, type: InputClass | undefined, name: string | undefined): unknown {
  if (!type || typeof value !== 'object' || value === null) {
    refuseParameters(faultsOfTexts(value, name === undefined ? [] : [name]));
    return value;
  }
  const read = readInput(type, value, 'query');
  if ('value' in read) return read.value;
  refuseParameters(read.faults);
  return undefined;
}

/** @throws AppError 400 when there are faults. */
function refuseParameters(faults: readonly InputFault[]): void {
  if (faults.length === 0) return;
  throw new AppError(InvalidParameter, 'Some parameters are not valid; errors names each one.', {
    errors: faults.map(({ path: [parameter = ''], code, detail }): Fault => ({
      parameter: parameter.toWellFormed(),
      code,
      detail,
    })),
  });
}

/** The DTO class of a parameter; undefined where its type says nothing of members. */
const classOf = (metatype: ArgumentMetadata['metatype']): InputClass | undefined =>
  metatype === undefined || BUILT_IN.has(metatype) ? undefined : metatype;

const BUILT_IN = new Set<unknown>([String, Boolean, Number, Array, Object, Date]);

/** A JSON Pointer as a URI fragment; RFC 6901 §3, §6. */
const pointerTo = (path: readonly string[]): string =>
  ['#', ...path.map((name) => name.toWellFormed().replaceAll('~', '~0').replaceAll('/', '~1'))].join('/');

/** Reads a path parameter that is an id. @throws AppError 400 for what is no UUID. */
@Injectable()
export class IdPipe implements PipeTransform<string, string> {
  transform(value: string, metadata: ArgumentMetadata): string {
    if (isUUID(value)) return value.toLowerCase();
    throw new AppError(InvalidParameter, `The path parameter ${metadata.data ?? 'id'} must be a UUID.`, {
      errors: [{ parameter: metadata.data ?? 'id', code: 'isUuid', detail: 'must be a UUID' }],
    });
  }
}

/** Reads a path parameter that is one of some words. @throws AppError 400 for any other. */
export class OneOfPipe<Word extends string> implements PipeTransform<string, Word> {
  constructor(private readonly words: readonly Word[]) {}

  transform(value: string, { data = '' }: ArgumentMetadata): Word {
    const word = this.words.find((each) => each === value);
    if (word !== undefined) return word;
    const offer = this.words.join(', ');
    throw new AppError(InvalidParameter, `The path parameter ${data} must be one of ${offer}.`, {
      errors: [{ parameter: data, code: 'isIn', detail: `must be one of ${offer}` }],
    });
  }
}
