import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Sending } from './shop-under-test.js';

/** A request. */
export interface Request extends Sending {
  readonly method?: 'GET' | 'POST';
  readonly path: string;
  readonly json?: object;
  readonly headers?: Record<string, string>;
}

/** An answer, its body read as JSON. */
export interface Answer<T> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: T;
}

/** For how long a request is sent again, in milliseconds. */
const PATIENCE = 120_000;
/** The pause after a connection that was cut, in milliseconds. */
const PAUSE = 100;
/** The longest pause that an answer is granted, in seconds. */
const LONGEST_PAUSE = 5;

/**
 * A client that does what a careful one does: it sends a request again with the same key when the connection is cut, to the next process,
 * and when the answer says to come later.
 */
export class Client {
  /** Gets each failure of the shop (5xx) that does not say when to try again, or that lasts. */
  onFailure: (text: string) => void = () => undefined;

  /** @param urls the processes that are there now. */
  constructor(private readonly urls: () => readonly string[]) {}

  /** @throws Error when no process answers in time. */
  async send<T>({ method = 'GET', path, json, headers = {}, key = randomUUID(), at = 0 }: Request): Promise<Answer<T>> {
    const end = performance.now() + PATIENCE;
    for (let attempt = 0; ; attempt++) {
      const urls = this.urls();
      const url = urls[(at + attempt) % urls.length] ?? '';
      const answer = await fetchJson<T>(`${url}${path}`, {
        method,
        headers: {
          ...headers,
          ...(json && { 'content-type': 'application/json' }),
          ...(method === 'POST' && { 'idempotency-key': key }),
        },
        body: json && JSON.stringify(json),
      });
      const isLate = performance.now() > end;
      if (!answer) {
        if (isLate) throw new Error(`${method} ${path}: no process answers`);
        await delay(PAUSE);
        continue;
      }
      const pause = isLate ? undefined : pauseBeforeNext(answer);
      if (pause === undefined) {
        if (answer.status >= 500)
          this.onFailure(`${method} ${path}: ${String(answer.status)} ${problemOf(answer.body)}`);
        return answer;
      }
      await delay(pause);
    }
  }
}

/** @returns undefined when the connection was cut, or refused. */
async function fetchJson<T>(url: string, init: RequestInit): Promise<Answer<T> | undefined> {
  try {
    const response = await fetch(url, init);
    const text = await response.text();
    const body = (text === '' ? undefined : JSON.parse(text)) as T;
    return { status: response.status, headers: response.headers, body };
  } catch (error) {
    // what `fetch` throws of a connection; an answer that is no JSON is something else
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}

/** How long to wait before the request is sent again, in milliseconds; undefined when the answer is final. */
function pauseBeforeNext({ status, headers, body }: Answer<unknown>): number | undefined {
  const isBusy = status === 503 || status === 429 || (status === 409 && problemOf(body) === 'idempotency-key-in-use');
  const seconds = Number(headers.get('retry-after') ?? Number.NaN);
  if (!isBusy || Number.isNaN(seconds)) return undefined;
  return Math.min(seconds, LONGEST_PAUSE) * 1000;
}

/** The last part of the type of a problem (RFC 9457): `out-of-stock`. */
export function problemOf(body: unknown): string {
  const type = typeof body === 'object' && body !== null && 'type' in body ? String(body.type) : '';
  return type.slice(type.lastIndexOf('/') + 1);
}
