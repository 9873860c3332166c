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
      return this.body.transform(value, metadata);
    }
    return metadata.type === 'query' ? this.query.transform(value, metadata) : value;
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

/** Once a value is of the wrong type, what else it is not says nothing. */
const TYPE_CONSTRAINTS = ['isString', 'isInt', 'isNumber', 'isBoolean', 'isArray', 'isObject'];

function faults(errors: ValidationError[], parent: string, place: (path: string) => Partial<Fault>): Fault[] {
  return errors.flatMap((error) => {
    const path = `${parent}/${error.property.replaceAll('~', '~0').replaceAll('/', '~1')}`;
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
