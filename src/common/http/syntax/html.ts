const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/** Text as it stands in HTML. */
export const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '');

/** Text whose names stand in backticks, as HTML: `<code>`. */
export const proseHtml = (text: string): string => escapeHtml(text).replace(/`([^`]*)`/g, '<code>$1</code>');

/** Text as HTML, its web addresses as links: without the punctuation of the sentence that they end. */
export const linkedHtml = (text: string): string =>
  escapeHtml(text).replace(/https?:\/\/[^\s<>]+[^\s<>.,:;!?'")\]]/g, (url) => `<a href="${url}">${url}</a>`);

/** A small page without scripts; `body` is HTML. */
export const htmlPage = (title: string, body: string): string => `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${escapeHtml(title)}</title>
<style>body{font:16px/1.5 system-ui,sans-serif;max-width:46rem;margin:2rem auto;padding:0 1rem}pre{white-space:pre-wrap;background:#f4f4f4;padding:1rem}</style>
<h1>${escapeHtml(title)}</h1>
${body}
</html>
`;

/** The Content-Security-Policy of {@link htmlPage}. */
export const HTML_PAGE_CSP = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'";
