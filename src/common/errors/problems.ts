import { defineProblem } from './problem.js';

export const BadRequest = defineProblem(
  'bad-request',
  400,
  'The request can’t be understood',
  'The message is not what HTTP or JSON allow: a body that is no JSON, a broken URL, a header out of its grammar. Fix the request; sending it again unchanged will fail again.',
);
export const InvalidParameter = defineProblem(
  'invalid-parameter',
  400,
  'A parameter is not valid',
  'A query or path parameter is unknown or has a value outside what the operation takes. `errors` names each one.',
);
export const InvalidCursor = defineProblem(
  'invalid-cursor',
  400,
  'The cursor is not valid',
  'The cursor was not created by this server, or it is used with another list, filter or sort than it was created for. Start again from the first page, and follow `page.next` unchanged.',
);
export const IdempotencyKeyRequired = defineProblem(
  'idempotency-key-required',
  400,
  'Idempotency-Key is required',
  'The operation must not happen twice by mistake: make up a key, best a UUID, send it as `Idempotency-Key`, and send the same one again when you repeat the request because its answer did not arrive.',
);
export const Unauthenticated = defineProblem(
  'unauthenticated',
  401,
  'Sign in first',
  'The operation needs an access token, and there was none or it is not valid any more. Log in, or refresh, and send `Authorization: Bearer …`.',
);
export const Forbidden = defineProblem(
  'forbidden',
  403,
  'Not allowed',
  'You are signed in, but your roles do not grant what the operation needs.',
);
export const NotFound = defineProblem(
  'not-found',
  404,
  'Not found',
  'There is nothing at this address, or nothing that you may see.',
);
export const MethodNotAllowed = defineProblem(
  'method-not-allowed',
  405,
  'Method not allowed',
  'The address exists, but not for this method. `Allow` names those it takes.',
);
export const NotAcceptable = defineProblem(
  'not-acceptable',
  406,
  'There is no such representation',
  '`Accept` (or `Accept-Encoding`) takes none of the forms that the answer can have. `detail` names them; or leave the header out. Nothing was done.',
);
export const RequestTimeout = defineProblem(
  'request-timeout',
  408,
  'The request took too long',
  'The request did not arrive whole in the time that it has. Send it again, or in smaller parts.',
);
export const Conflict = defineProblem(
  'conflict',
  409,
  'In conflict with the present state',
  'The change contradicts what is stored: usually a value that must be unique and is taken, or something that is still referred to.',
);
export const IdempotencyKeyInUse = defineProblem(
  'idempotency-key-in-use',
  409,
  'The first request with this key still runs',
  'A request with this `Idempotency-Key` is being worked on. Send it again, with the same key, after the seconds in `Retry-After`: you will get the answer of the first one.',
);
export const PreconditionFailed = defineProblem(
  'precondition-failed',
  412,
  'Changed in the meantime',
  'The resource is not in the state that `If-Match` names: somebody changed it since you read it. Read it again, and repeat your change with its present `ETag`.',
);
export const PayloadTooLarge = defineProblem(
  'payload-too-large',
  413,
  'The body is too large',
  'The body is larger than the operation takes.',
);
export const UnsupportedMediaType = defineProblem(
  'unsupported-media-type',
  415,
  'Unsupported media type',
  'The operation does not read a body of this `Content-Type`.',
);
export const ValidationFailed = defineProblem(
  'validation-failed',
  422,
  'Some values are not valid',
  'The body is well-formed, but some of its values are not what the operation takes. `errors` names each one by a JSON Pointer.',
);
export const IdempotencyKeyReused = defineProblem(
  'idempotency-key-reused',
  422,
  'The key belongs to another request',
  'This `Idempotency-Key` came with another path, query or body within the last 24 hours. Choose a new key for a new request; repeat the former one unchanged to get its answer.',
);
export const SearchTooSlow = defineProblem(
  'search-too-slow',
  422,
  'The search takes too long',
  'The search finds too much to be sorted or counted in the time that it has. Be more specific: use more or longer words, a category or a range of prices, or leave out `include=facets`.',
);
export const PreconditionRequired = defineProblem(
  'precondition-required',
  428,
  'If-Match is required',
  'A change to this resource must say which state it is a change to, so that nobody’s work is overwritten. Read the resource, and send its `ETag` as `If-Match`.',
);
export const TooManyRequests = defineProblem(
  'too-many-requests',
  429,
  'Too many requests',
  'Slow down: try again after the seconds in `Retry-After`.',
);
export const HeaderTooLarge = defineProblem(
  'header-too-large',
  431,
  'The header is too large',
  'The header fields of the request have more than 16 KiB together. Leave out what is not needed: cookies, most of the time.',
);
export const InternalError = defineProblem(
  'internal-error',
  500,
  'Something went wrong on our side',
  'The failure is logged under the `requestId`. Trying again later may help; if it does not, report the `requestId`.',
);
export const NotImplemented = defineProblem(
  'not-implemented',
  501,
  'The method is not known',
  'No address here takes this method. OPTIONS says which methods one takes.',
);
export const Unavailable = defineProblem(
  'unavailable',
  503,
  'Not available at the moment',
  'The server is starting, stopping or has lost its database. Try again after the seconds in `Retry-After`.',
);
export const HttpVersionNotSupported = defineProblem(
  'http-version-not-supported',
  505,
  'HTTP version not supported',
  'The request line names a version of HTTP that is not supported. Send HTTP/1.1; HTTP/2 and HTTP/3 are for the proxy in front.',
);
