import { describe, expect, it } from '@jest/globals';
import { isHtml, textOfHtml } from './html.js';

describe('HTML', () => {
  it.each([
    ['<p>Two pints</p>', 'Two pints'],
    ['<p>One</p><p>Two</p>', 'One\nTwo'],
    ['<h1>Head</h1>\n\n<p>a <b>big</b>\n jug<br>of clay</p>', 'Head\na big jug\nof clay'],
    ['<ul><li>a</li>\n<li>b</li></ul>', 'a\nb'],
    ['<table><tr><td>x</td><td>y</td></tr><tr><td>z</td></tr></table>', 'x y\nz'],
    ['Salt &amp; pepper&nbsp;&#8211; 5 < 6', 'Salt & pepper – 5 < 6'],
    ['<a href="http://shop.example/">link</a><img src="a.jpg" alt="x">', 'link'],
    ['a<script>alert("<p>")</script><style>p {}</style><!-- note -->b', 'ab'],
    ['<P>open <b>for ever', 'open for ever'],
    ['', ''],
  ])('%s has the text %p', (html, text) => {
    expect(textOfHtml(html)).toBe(text);
  });

  it.each([
    ['<p>a', true],
    ['a<br/>b', true],
    ['<b>a</b>', true],
    ['a &amp; b', true],
    ['a & b; 5 < 6 > 4', false],
    ['<3 you', false],
  ])('%s is it: %p', (text, expected) => {
    expect(isHtml(text)).toBe(expected);
  });

  it.each(['<div>', '<p>a</p>', '<', '<b', '<!--', '&amp', '<a href="'])('takes a linear time for many %s', (part) => {
    const timeOf = (count: number): number => {
      const since = performance.now();
      textOfHtml(part.repeat(count));
      return performance.now() - since;
    };
    timeOf(20_000);

    // a square would be a hundred times as long
    expect(timeOf(100_000)).toBeLessThan(40 * timeOf(10_000) + 50);
  });
});
