import createClient, { type Client } from 'openapi-fetch';
import type { paths } from '../generated/api.js';
import type { LoadRequest } from './load.js';
import { PASSWORD } from './seed.common.js';

/** What the requests are made of: the same for every server. */
export interface World {
  /** Of active products, drawn from all of them. */
  ids: string[];
  /** A category with others below it. */
  categoryId: string;
  /** Ids of products that there are plenty of. */
  stocked: string[];
  /** The orders that were seeded, each with the address of its customer. */
  orders: { id: string; email: string }[];
  /** A photo that is complete; undefined where there is none. */
  photoId?: string;
}

/** One thing that a client does, and what it takes to do it again and again. */
export interface Operation {
  /** What is asked of the server at that address: what is needed to sign in, or known beforehand, is asked of it first. */
  requests(url: string, world: World): Promise<LoadRequest[]> | LoadRequest[];
  /** What Stockroom answers with, if not 200. */
  status?: number;
  /** The members whose values differ by nature, like an id that is made. */
  differing: readonly string[];
  /** Statements that undo what a round leaves behind. */
  cleanUp?: readonly string[];
  /** Whether there is no way that the documentation of Nest shows, so that only `bare` does it, too. */
  withoutDocs?: true;
}

export const JSON_BODY = { 'content-type': 'application/json' };

/** A client that is typed by the document of the application; it speaks to the references too. */
export const clientOf = (url: string): Client<paths> => createClient<paths>({ baseUrl: url });

/** The header of somebody who has signed in. */
export async function signedIn(url: string, email: string): Promise<Record<string, string>> {
  const { data } = await clientOf(url).POST('/api/v1/auth/login', { body: { email, password: PASSWORD } });
  if (!data) throw new Error(`${url} lets nobody sign in`);
  return { authorization: `Bearer ${data.accessToken}` };
}
