import { defineError } from './app-error.js';

export const InvalidParameter = defineError(
  'invalid-parameter',
  'malformed',
  'A parameter is not valid',
  'A query or path parameter is unknown or has a value outside what the operation takes. `errors` names each one.',
);
export const InvalidCursor = defineError(
  'invalid-cursor',
  'malformed',
  'The cursor is not valid',
  'The cursor was not created by this server, or it is used with another list, filter or sort than it was created for. Start again from the first page, and follow `page.next` unchanged.',
);
export const Unauthenticated = defineError(
  'unauthenticated',
  'unauthenticated',
  'Sign in first',
  'The operation needs an access token, and there was none or it is not valid any more. Log in, or refresh, and send `Authorization: Bearer …`.',
);
export const Forbidden = defineError(
  'forbidden',
  'forbidden',
  'Not allowed',
  'You are signed in, but your roles do not grant what the operation needs.',
);
export const NotFound = defineError(
  'not-found',
  'not-found',
  'Not found',
  'There is nothing at this address, or nothing that you may see.',
);
export const Conflict = defineError(
  'conflict',
  'conflict',
  'In conflict with the present state',
  'The change contradicts what is stored: usually a value that must be unique and is taken, or something that is still referred to.',
);
export const Outdated = defineError(
  'precondition-failed',
  'outdated',
  'Changed in the meantime',
  'The resource is not in the state that `If-Match` names: somebody changed it since you read it. Read it again, and repeat your change with its present `ETag`.',
);
export const ValidationFailed = defineError(
  'validation-failed',
  'invalid',
  'Some values are not valid',
  'The body is well-formed, but some of its values are not what the operation takes. `errors` names each one by a JSON Pointer.',
);
export const SearchTooSlow = defineError(
  'search-too-slow',
  'invalid',
  'The search takes too long',
  'The search finds too much to be sorted or counted in the time that it has. Be more specific: use more or longer words, a category or a range of prices, or leave out `include=facets`.',
);
export const TooManyRequests = defineError(
  'too-many-requests',
  'too-many',
  'Too many requests',
  'Slow down: try again after the seconds in `Retry-After`.',
);
export const InternalError = defineError(
  'internal-error',
  'internal',
  'Something went wrong on our side',
  'The failure is logged under the `requestId`. Trying again later may help; if it does not, report the `requestId`.',
);
export const Unavailable = defineError(
  'unavailable',
  'unavailable',
  'Not available at the moment',
  'The server is starting, stopping or has lost its database. Try again after the seconds in `Retry-After`.',
);
