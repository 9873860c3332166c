import { AsyncLocalStorage } from 'node:async_hooks';

/** What is known of the request that something is done for, wherever it is done. */
export interface RequestContext {
  readonly requestId: string;
  /** Of W3C Trace Context, when the request is part of a trace. */
  readonly trace_id?: string;
}

const storage = new AsyncLocalStorage<RequestContext>();

/** Does something for a request: what is called from there, now or later, finds the context again. */
export const runInRequest = (context: RequestContext, work: () => void): void => {
  storage.run(context, work);
};

/** What a line of the log says of the request that it belongs to: a new object, which the logger fills up. */
export const requestFields = (): object => ({ ...storage.getStore() });
