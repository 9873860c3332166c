import { ApiExtension } from '@nestjs/swagger';

/** Gives the JSON body of an operation an example, where one of all members would be refused: those that exclude each other. */
export const BodyExample = (example: object): MethodDecorator =>
  ApiExtension('x-body-examples', { 'application/json': example });
