import { AsyncLocalStorage } from 'node:async_hooks';

/** What is known of the request that something is done for, wherever and whenever it is done. */
export interface RequestContext {
  /** Absent of what no request has caused. */
  readonly requestId?: string;
  /** Of W3C Trace Context, when the request is part of a trace. */
  readonly trace_id?: string;
  /** The user who is signed in, once that is known. */
  callerId?: string;
  /** The event that is handled, which the request has caused. */
  readonly eventId?: string;
  /** The job that the request has caused, when that is what runs. */
  readonly jobId?: string;
}

const storage = new AsyncLocalStorage<RequestContext>();

/** Does something for a request: what is called from there, now or later, finds the context again. */
export const runInRequest = <T>(context: RequestContext, work: () => T): T => storage.run(context, work);

/** What is known of the request that the caller does something for; empty when there is none. */
export const requestContext = (): RequestContext => storage.getStore() ?? {};

/** What a line of the log says of the request that it belongs to: a new object, which the logger fills up. */
export const requestFields = (): object => ({ ...storage.getStore() });
