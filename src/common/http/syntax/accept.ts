import type { FastifyRequest } from 'fastify';
import Negotiator from 'negotiator';
import { MAX_NEGOTIATED } from './request-headers.js';

/** The syntaxes of all responses of the API. */
export type Syntax = 'json' | 'xml';

/** What a failure can be said in: a browser would offer a document of a program for download. */
export type ProblemSyntax = Syntax | 'html';

/** What a request takes, by its `Accept`; RFC 9110 §12.5.1. */
export interface Preference {
  /** The syntax of a success; undefined when nothing that can be had is acceptable. */
  readonly success: Syntax | undefined;
  /** The syntax of a failure: a client that takes nothing gets to know why all the same, and a browser gets a page. */
  readonly problem: ProblemSyntax;
}

/** The media types of successes and of failures, those that are preferred before the others. */
export const MEDIA_TYPES = { json: 'application/json', xml: 'application/xml' } as const satisfies Record<
  Syntax,
  string
>;
/** The media type of lists that can be had as CSV as well. */
export const CSV_TYPE = 'text/csv';

export const PROBLEM_TYPES = {
  json: 'application/problem+json',
  xml: 'application/problem+xml',
  html: 'text/html',
} as const satisfies Record<ProblemSyntax, string>;

const HTML = PROBLEM_TYPES.html;

const JSON_ALWAYS: Preference = { success: 'json', problem: 'json' };

/** Clients differ little: what few headers mean is kept, so that most are not parsed again. */
const MAX_KNOWN = 100;
const known = new Map<string, Preference>();

/** What a request with this `Accept` takes. */
export function preferenceOf(accept: string | undefined): Preference {
  if (accept === undefined || accept === '*/*' || accept === 'application/json' || accept === '') return JSON_ALWAYS;
  if (accept.length > MAX_NEGOTIATED) return JSON_ALWAYS;
  let preference = known.get(accept);
  if (preference) return preference;
  preference = read(accept.toLowerCase());
  if (known.size >= MAX_KNOWN) known.clear();
  known.set(accept, preference);
  return preference;
}

/** The syntax that a success is answered in; CSV only on routes that offer it. Undefined when nothing that can be had is acceptable. */
export function syntaxOf(request: FastifyRequest): Syntax | 'csv' | undefined {
  const { accept } = request.headers;
  // the route is looked at last: few clients name a text
  if (accept !== undefined && /text\//i.test(accept) && request.routeOptions.config.csv && prefersCsv(accept))
    return 'csv';
  return preferenceOf(accept).success;
}

function prefersCsv(accept: string): boolean {
  if (accept.length > MAX_NEGOTIATED) return false;
  const offered = [...Object.values(MEDIA_TYPES), CSV_TYPE, HTML];
  const withCharset = offered.map((type) => `${type};charset=utf-8`);
  const [type] = new Negotiator({ headers: { accept: accept.toLowerCase() } }).mediaTypes([...offered, ...withCharset]);
  return type?.startsWith(CSV_TYPE) ?? false;
}

function read(accept: string): Preference {
  const negotiator = new Negotiator({ headers: { accept } });
  const preferred = ({ json, xml }: Record<Syntax, string>): ProblemSyntax | undefined => {
    // A range with a parameter takes what has it: everything here is UTF-8.
    const offered = [json, xml, `${json};charset=utf-8`, `${xml};charset=utf-8`];
    const [type] = negotiator.mediaTypes([...offered, HTML, `${HTML};charset=utf-8`]);
    return type === undefined ? undefined : type.startsWith(HTML) ? 'html' : type.includes('xml') ? 'xml' : 'json';
  };
  const success = preferred(MEDIA_TYPES);
  const problem = preferred(PROBLEM_TYPES);
  const isTaken = (type: string): boolean => negotiator.mediaTypes([type, `${type};charset=utf-8`]).length > 0;
  // Who prefers pages is a person: JSON is easier to read than the XML that browsers happen to name.
  const data = (syntax: ProblemSyntax | undefined, { json, xml }: Record<Syntax, string>): Syntax | undefined => {
    if (syntax !== 'html') return syntax;
    return isTaken(json) ? 'json' : isTaken(xml) ? 'xml' : undefined;
  };
  return {
    // Who names nothing but a form of failures means its syntax.
    success: data(success, MEDIA_TYPES) ?? data(problem, PROBLEM_TYPES),
    // What a client says of failures by their name goes before what it says of everything.
    problem: (accept.includes('problem+') ? (problem ?? success) : (success ?? problem)) ?? 'json',
  };
}
