import { defineHttpError } from './status.js';

export const BadRequest = defineHttpError(
  'bad-request',
  400,
  'The request can’t be understood',
  'The message is not what HTTP or JSON allow: a body that is no JSON, a broken URL, a header out of its grammar. Fix the request; sending it again unchanged will fail again.',
);
export const IdempotencyKeyRequired = defineHttpError(
  'idempotency-key-required',
  400,
  'Idempotency-Key is required',
  'The operation must not happen twice by mistake: make up a key, best a UUID, send it as `Idempotency-Key`, and send the same one again when you repeat the request because its answer did not arrive.',
);
export const MethodNotAllowed = defineHttpError(
  'method-not-allowed',
  405,
  'Method not allowed',
  'The address exists, but not for this method. `Allow` names those it takes.',
);
export const NotAcceptable = defineHttpError(
  'not-acceptable',
  406,
  'There is no such representation',
  '`Accept` (or `Accept-Encoding`) takes none of the forms that the answer can have. `detail` names them; or leave the header out. Nothing was done.',
);
export const RequestTimeout = defineHttpError(
  'request-timeout',
  408,
  'The request took too long',
  'The request did not arrive whole in the time that it has. Send it again, or in smaller parts.',
);
export const IdempotencyKeyInUse = defineHttpError(
  'idempotency-key-in-use',
  409,
  'The first request with this key still runs',
  'A request with this `Idempotency-Key` is being worked on. Send it again, with the same key, after the seconds in `Retry-After`: you will get the answer of the first one.',
);
export const PayloadTooLarge = defineHttpError(
  'payload-too-large',
  413,
  'The body is too large',
  'The body is larger than the operation takes.',
);
export const UnsupportedMediaType = defineHttpError(
  'unsupported-media-type',
  415,
  'Unsupported media type',
  'The operation does not read a body of this `Content-Type`.',
);
export const RangeNotSatisfiable = defineHttpError(
  'range-not-satisfiable',
  416,
  'There is no such part',
  '`Range` asks for bytes that lie behind the end of the file. `Content-Range` says how long it is.',
);
export const IdempotencyKeyReused = defineHttpError(
  'idempotency-key-reused',
  422,
  'The key belongs to another request',
  'This `Idempotency-Key` came with another path, query or body within the last 24 hours. Choose a new key for a new request; repeat the former one unchanged to get its answer.',
);
export const PreconditionRequired = defineHttpError(
  'precondition-required',
  428,
  'If-Match is required',
  'A change to this resource must say which state it is a change to, so that nobody’s work is overwritten. Read the resource, and send its `ETag` as `If-Match`.',
);
export const HeaderTooLarge = defineHttpError(
  'header-too-large',
  431,
  'The header is too large',
  'The header fields of the request have more than 16 KiB together. Leave out what is not needed: cookies, most of the time.',
);
export const NotImplemented = defineHttpError(
  'not-implemented',
  501,
  'The method is not known',
  'No address here takes this method. OPTIONS says which methods one takes.',
);
export const HttpVersionNotSupported = defineHttpError(
  'http-version-not-supported',
  505,
  'HTTP version not supported',
  'The request line names a version of HTTP that is not supported. Send HTTP/1.1; HTTP/2 and HTTP/3 are for the proxy in front.',
);
