import type { LoadRequest } from './load.js';
import { JSON_BODY, type Operation, signedIn, type World } from './operation.js';
import { BUYERS, REGULAR, RESTORE_ORDERS } from './seed.orders.js';

const ORDERS = '/api/v1/orders';
/** How many different orders are placed. */
const DIFFERENT = 2000;
/** How many orders of the regular customer are read. */
const READ = 1000;

/** What is random or of now in an order, in a payment, and in the answer to either. */
const DIFFERING_OF_ORDER = ['id', 'number', 'createdAt', 'updatedAt', 'expiresAt'] as const;
const DIFFERING_OF_PAYMENT = ['id', 'orderId', 'providerReference', 'createdAt', 'updatedAt'] as const;

type Headers = Record<string, string>;

/** What orders take from the client; `{{n}}` is another key each time. */
export const ORDER_OPERATIONS = {
  'order-place': {
    requests: async (url, { stocked }) =>
      places(await signedInAll(url), (n) => [at(stocked, 2 * n), at(stocked, 2 * n + 1)]),
    status: 201,
    differing: DIFFERING_OF_ORDER,
    cleanUp: RESTORE_ORDERS,
    withoutDocs: true,
  },
  'order-pay': {
    requests: async (url, { orders }) => {
      const headers = await signedInAll(url);
      return orders.flatMap(({ id, email }) => {
        const own = headers.get(email);
        return own ? [pay(id, own)] : [];
      });
    },
    status: 201,
    differing: DIFFERING_OF_PAYMENT,
    cleanUp: RESTORE_ORDERS,
    withoutDocs: true,
  },
  'order-read': {
    requests: async (url, { orders }) => {
      const headers = await signedIn(url, REGULAR);
      const own = orders.filter(({ email }) => email === REGULAR).slice(0, READ);
      return own.map(({ id }) => ({ method: 'GET', path: `${ORDERS}/${id}`, headers }));
    },
    differing: [],
    withoutDocs: true,
  },
  'order-list': {
    requests: async (url) => [{ method: 'GET', path: `${ORDERS}?limit=20`, headers: await signedIn(url, REGULAR) }],
    differing: ['next'],
    withoutDocs: true,
  },
  'order-place-and-pay': {
    requests: async (url, { stocked }) =>
      placesAndPays(await signedInAll(url), (n) => [at(stocked, 2 * n), at(stocked, 2 * n + 1)]),
    status: 201,
    differing: [...DIFFERING_OF_ORDER, ...DIFFERING_OF_PAYMENT],
    cleanUp: RESTORE_ORDERS,
    withoutDocs: true,
  },
  'order-place-and-pay-one-product': {
    requests: async (url, { stocked }) => placesAndPays(await signedInAll(url), () => [at(stocked, 0)]),
    status: 201,
    differing: [...DIFFERING_OF_ORDER, ...DIFFERING_OF_PAYMENT],
    cleanUp: RESTORE_ORDERS,
    withoutDocs: true,
  },
} satisfies Record<string, Operation>;

const at = (ids: World['stocked'], index: number): string => ids[index % ids.length] ?? '';

/** The headers of each buyer, by address. */
async function signedInAll(url: string): Promise<Map<string, Headers>> {
  const headers = new Map<string, Headers>();
  for (const email of BUYERS) headers.set(email, await signedIn(url, email));
  return headers;
}

/** @param productsOf which products the n-th order has, one of each. */
function places(headers: Map<string, Headers>, productsOf: (n: number) => string[]): LoadRequest[] {
  const buyers = [...headers.values()];
  return Array.from({ length: DIFFERENT }, (_, n) => ({
    method: 'POST',
    path: ORDERS,
    headers: { ...JSON_BODY, ...buyers[n % buyers.length], 'idempotency-key': 'place-{{n}}' },
    body: JSON.stringify({ items: productsOf(n).map((productId) => ({ productId, quantity: 1 })) }),
  }));
}

const pay = (id: string, headers: Headers | undefined): LoadRequest => ({
  method: 'POST',
  path: `${ORDERS}/${id}/payments`,
  headers: { ...JSON_BODY, ...headers, 'idempotency-key': 'pay-{{n}}' },
  body: JSON.stringify({ token: 'tok_success' }),
});

/** Each order, and then its payment by the same customer, on one connection. */
function placesAndPays(headers: Map<string, Headers>, productsOf: (n: number) => string[]): LoadRequest[] {
  return places(headers, productsOf).map((place) => ({ ...place, next: pay('{{id}}', place.headers) }));
}
