import type { Config } from '../config/config.js';

/** What the address of a page is made of. */
export type WebPages = Pick<Config, 'webUrl' | 'publicUrl'>;

/** The pages of the shop's web site that mails lead to, below `WEB_URL`. */
export type Page = 'verify-email' | 'reset-password' | 'forgot-password';

/** The address of a page; undefined without `WEB_URL`. */
export function pageOf({ webUrl }: WebPages, page: Page, query: Record<string, string> = {}): string | undefined {
  if (webUrl === undefined) return undefined;
  const search = new URLSearchParams(query).toString();
  return `${webUrl}/${page}${search === '' ? '' : `?${search}`}`;
}
