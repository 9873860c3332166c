import { applyDecorators } from '@nestjs/common';
import { ApiExtension } from '@nestjs/swagger';
import type { CsvColumns } from '../syntax/csv.js';
import { RouteOption } from '../syntax/route-option.js';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The columns of a list that can be had as CSV. */
    csv?: CsvColumns;
  }
}

/** Offers a list as CSV as well, to those who prefer `text/csv`. The next page is in `Link`. */
export const Csv = (columns: CsvColumns): MethodDecorator =>
  applyDecorators(RouteOption({ csv: columns }), ApiExtension('x-csv', columns));
