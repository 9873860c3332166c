import type { OpenAPIObject, OperationObject, PathItemObject } from '@nestjs/swagger';
import type { Schema } from '../json-schema/schema.js';
import type { CsvColumns } from '../http/syntax/csv.js';

/** What decorators leave in an operation for the completion of the document. */
export interface DeclaredOperation extends OperationObject {
  /** Who may call it: `public`, `signed-in`, or the name of a permission. */
  'x-access'?: string;
  /** On what users own: the permission that opens what others own; empty where none does. */
  'x-owner'?: string;
  /** The problems that are its own, by code. */
  'x-problems'?: string[];
  /** Whether it takes an `Idempotency-Key`, and which way. */
  'x-idempotent'?: 'required' | 'accepted' | 'phased';
  /** Whether its end is announced. */
  'x-deprecated'?: boolean;
  /** Whether it shows one resource, which counts its changes. */
  'x-versioned'?: boolean;
  /** Whether caches may keep what it shows to everybody. */
  'x-cacheable'?: boolean;
  /** The columns of its list as CSV, where it can be had so. */
  'x-csv'?: CsvColumns;
  /** Of each media type that it takes, a body; where there is no schema to make one of. */
  'x-body-examples'?: Record<string, string>;
  /** The form that it takes beside other media types. */
  'x-form'?: Schema;
  /** The files that it answers. */
  'x-files'?: { types: readonly string[]; maxLength: number };
  /** The media types of the file that it makes while it is sent. */
  'x-downloads'?: readonly string[];
  /** How many bytes its JSON body may have. */
  'x-body-limit'?: number;
  /** What its controller is about. */
  'x-about'?: string;
}

/** An operation, and where it is. */
export interface Located {
  path: string;
  method: Method;
  operation: DeclaredOperation;
}

const METHODS = ['get', 'post', 'put', 'patch', 'delete'] as const satisfies (keyof PathItemObject)[];
type Method = (typeof METHODS)[number];

/** Every operation of a document, with its path and method. */
export const locatedOperationsOf = ({ paths }: OpenAPIObject): Located[] =>
  Object.entries(paths).flatMap(([path, item]) =>
    METHODS.flatMap((method) => {
      const operation: DeclaredOperation | undefined = item[method];
      return operation ? [{ path, method, operation }] : [];
    }),
  );

/** Every operation of a document. */
export const operationsOf = (document: OpenAPIObject): DeclaredOperation[] =>
  locatedOperationsOf(document).map(({ operation }) => operation);
