import { ApiExtension } from '@nestjs/swagger';
import type { ErrorKind } from '../../errors/app-error.js';

/** Names the kinds of failure that are a route's own; what the mechanisms can answer is known without it. */
export const Problems = (...kinds: ErrorKind[]): MethodDecorator =>
  ApiExtension(
    'x-problems',
    kinds.map((kind) => kind.code),
  );
