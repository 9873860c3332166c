// Takes the picture of the API's page for the README, from an application that is already running.
import { chromium } from 'playwright-core';
import { parseArgs } from 'node:util';

const USAGE = `Usage: npm run screenshot -- [--url <page>] [--out <file>]

Takes a picture of Swagger UI. The application has to be running: npm start

  --url <page>  the page (http://localhost:3000/docs)
  --out <file>  where to write it (docs/images/docs.png)
  --help        show this

Chromium is looked for at CHROMIUM_PATH, else at /usr/bin/chromium.
`;

try {
  const { values } = parseArgs({
    options: {
      url: { type: 'string', default: 'http://localhost:3000/docs' },
      out: { type: 'string', default: 'docs/images/docs.png' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) process.stdout.write(USAGE);
  else await takePicture(values.url, values.out);
} catch (error) {
  process.stderr.write(`screenshot: ${error.message.split('\n', 1)[0]}\n`);
  process.exitCode = 1;
}

async function takePicture(url, path) {
  await fetch(url).catch(() => {
    throw new Error(`nothing answers at ${url}: start the application with npm start`);
  });
  const executablePath = process.env.CHROMIUM_PATH ?? '/usr/bin/chromium';
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] }).catch(() => {
    throw new Error(`no Chromium starts from ${executablePath}: install it, or name it in CHROMIUM_PATH`);
  });
  try {
    const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
    await page.goto(url);
    await page.locator('.opblock').first().waitFor();
    await page.screenshot({ path });
    process.stdout.write(`Written to ${path}\n`);
  } finally {
    await browser.close();
  }
}
