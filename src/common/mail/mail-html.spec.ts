import { describe, expect, it } from '@jest/globals';
import { mailHtml } from './mail-html.js';

describe('the HTML of a mail', () => {
  const text = `Hello,

open <this> page:

https://shop.example/orders/7?a=1&b=2.

1 × Lamp & shade
2 × "Tray"

Stockroom
`;
  const html = mailHtml({ subject: 'Lamp & shade', text });

  it('has the paragraphs and lines of its text', () => {
    expect([...html.matchAll(/<p [^>]*>(.*?)<\/p>/g)].map(([, paragraph]) => paragraph)).toEqual([
      'Hello,',
      'open &lt;this&gt; page:',
      '<a href="https://shop.example/orders/7?a=1&amp;b=2">https://shop.example/orders/7?a=1&amp;b=2</a>.',
      '1 × Lamp &amp; shade<br>2 × &quot;Tray&quot;',
      'Stockroom',
    ]);
    expect(html).toContain('<title>Lamp &amp; shade</title>');
  });

  it('loads nothing', () => {
    expect(html).not.toMatch(/<(img|script|link|iframe)|url\(|src=/);
  });
});
