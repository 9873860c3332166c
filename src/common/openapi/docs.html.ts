/** What the server says to the page at `/docs`. */
export interface DocsSettings {
  /** Accounts that the page signs in with at once: those of the demo shop. */
  accounts: { email: string; role: string; password: string }[];
  /** Where the mails can be read that would have been sent. */
  mailbox?: string;
}

/**
 * The page at `/docs`.
 * @param base where its scripts are, as seen from the page.
 */
export const docsPage = (base: string, settings: DocsSettings): string => `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>Stockroom API</title>
    <link rel="icon" type="image/svg+xml" href="${base}logo.svg">
    <link rel="stylesheet" href="${base}swagger-ui.css">
    <link rel="stylesheet" href="${base}page.css">
    <script src="${base}theme.js"></script>
    <script id="settings" type="application/json">${inScript(settings)}</script>
    <script defer src="${base}swagger-ui-bundle.js"></script>
    <script type="module" src="${base}main.js"></script>
  </head>
  <body>
    <header class="bar">
      <a class="brand" href="${base}../docs"><img src="${base}logo.svg" alt="" width="32" height="32">Stockroom API</a>
      <nav aria-label="More">
        <a href="${base}../openapi.json">openapi.json</a>
        <a href="${base}../problems">Problems</a>
        ${settings.mailbox ? `<a href="${base}..${settings.mailbox}">Mailbox</a>` : ''}
      </nav>
      <div id="session" role="status"></div>
      <button id="theme" type="button" title="Switches between light and dark">Light or dark</button>
    </header>
    <p id="notice" role="status" hidden></p>
    <div id="swagger-ui"></div>
  </body>
</html>
`;

/** JSON as it stands in a script element. */
const inScript = (value: object): string => JSON.stringify(value).replaceAll('<', '\\u003c');
