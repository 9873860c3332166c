import { type ArgumentMetadata, Injectable, type PipeTransform, ValidationPipe } from '@nestjs/common';
import { isUUID, type ValidationError } from 'class-validator';
import { type Fault, Problem } from './problem.js';
import { BadRequest, InvalidParameter, ValidationFailed } from './problems.js';

const STRICT = { whitelist: true, forbidNonWhitelisted: true, forbidUnknownValues: true };

/**
 * Reads what comes in into its DTO class and names all faults at once: 422 with JSON Pointers for a body, 400 for query
 * parameters. Unknown members are faults.
 */
@Injectable()
export class StrictValidationPipe implements PipeTransform {
  private readonly body = new ValidationPipe({
    ...STRICT,
    transform: true,
    exceptionFactory: (errors) =>
      new Problem(ValidationFailed, 'Some members of the body are not valid; errors names each one.', {
        errors: faults(errors, '#', (path) => ({ pointer: path })),
      }),
  });

  private readonly query = new ValidationPipe({
    ...STRICT,
    transform: true,
    exceptionFactory: (errors) =>
      new Problem(InvalidParameter, 'Some query parameters are not valid; errors names each one.', {
        errors: faults(errors, '', (path) => ({ parameter: path.slice(1).split('/')[0] ?? '' })),
      }),
  });

  transform(value: unknown, metadata: ArgumentMetadata): unknown {
    if (metadata.type === 'body') {
      if (value === undefined) throw new Problem(BadRequest, 'This operation needs a JSON body, and there is none.');
      if (typeof value !== 'object' || value === null || Array.isArray(value)) {
        throw new Problem(ValidationFailed, 'The body must be a JSON object.', {
          errors: [{ pointer: '#', code: 'isObject', detail: 'must be a JSON object' }],
        });
      }
      const pointers = placesOfNul(value);
      if (pointers.length > 0) {
        throw new Problem(ValidationFailed, 'No text may have the character U+0000; errors names each that does.', {
          errors: pointers.map((path) => ({ pointer: `#${path}`, ...NUL })),
        });
      }
      return this.body.transform(value, metadata);
    }
    if (metadata.type !== 'query') return value;
    const parameters = placesOfNul(value);
    if (parameters.length > 0) {
      throw new Problem(InvalidParameter, 'No text may have the character U+0000; errors names each that does.', {
        errors: parameters.map((path) => ({ parameter: path.split('/')[1] ?? '', ...NUL })),
      });
    }
    return this.query.transform(value, metadata);
  }
}

/** Reads a path parameter that is an id. @throws Problem 400 for what is no UUID. */
@Injectable()
export class IdPipe implements PipeTransform<string, string> {
  transform(value: string, metadata: ArgumentMetadata): string {
    if (isUUID(value)) return value.toLowerCase();
    throw new Problem(InvalidParameter, `The path parameter ${metadata.data ?? 'id'} must be a UUID.`, {
      errors: [{ parameter: metadata.data ?? 'id', code: 'isUuid', detail: 'must be a UUID' }],
    });
  }
}

/** PostgreSQL has no text with U+0000, and the document says so of every text. */
const NUL = { code: 'encoding', detail: 'must not have the character U+0000' };

/** Where in a value a text, or the name of a member, has U+0000: as JSON Pointers. */
function placesOfNul(value: unknown): string[] {
  const places: string[] = [];
  // a list of what is left, not recursion: how deep a value is, is for the client to choose
  const left: [string, unknown][] = [['', value]];
  for (let next = left.pop(); next; next = left.pop()) {
    const [place, part] = next;
    if (typeof part === 'string' && part.includes('\0')) places.push(place);
    if (typeof part !== 'object' || part === null) continue;
    for (const [name, member] of Object.entries(part)) {
      const below = `${place}/${segmentOf(name)}`;
      if (name.includes('\0')) places.push(below);
      left.push([below, member]);
    }
  }
  return places;
}

/** A member's name in a JSON Pointer; RFC 6901 §3. */
const segmentOf = (name: string): string => name.replaceAll('~', '~0').replaceAll('/', '~1');

/** Once a value is of the wrong type, what else it is not says nothing. */
const TYPE_CONSTRAINTS = ['isString', 'isInt', 'isNumber', 'isBoolean', 'isArray', 'isObject'];

function faults(errors: ValidationError[], parent: string, place: (path: string) => Partial<Fault>): Fault[] {
  return errors.flatMap((error) => {
    const path = `${parent}/${segmentOf(error.property)}`;
    const constraints = Object.entries(error.constraints ?? {});
    const wrongType = constraints.find(([name]) => TYPE_CONSTRAINTS.includes(name));
    const own = (wrongType ? [wrongType] : constraints).map(([name, message]) =>
      name === 'whitelistValidation'
        ? { ...place(path), code: 'unknown', detail: `${error.property} is not known here` }
        : { ...place(path), code: name, detail: message },
    );
    return [...own, ...faults(error.children ?? [], path, place)];
  });
}
