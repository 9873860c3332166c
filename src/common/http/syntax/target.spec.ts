import { describe, expect, it } from '@jest/globals';
import { cpuTimeOf } from '../../../../test/support/cpu-time.js';
import { normalizeTarget } from './target.js';

describe('the target of a request', () => {
  it.each([
    ['/api/v1/products?q=a%20b', '/api/v1/products?q=a%20b'],
    ['/%61pi/v1/auth/login', '/api/v1/auth/login'],
    ['/api/v1/%70roducts?q=%61', '/api/v1/products?q=%61'],
    ['/a%2fb%3aC', '/a%2Fb%3AC'],
    ['/caf%c3%a9', '/caf%C3%A9'],
    ['http://shop.example/api/v1/products', '/api/v1/products'],
    ['HTTPS://user@shop.example:8443/%61pi/', '/api/'],
    ['http://shop.example', '/'],
    ['http://shop.example?limit=1', '/?limit=1'],
    ['/api/v1/products#limit=1', '/api/v1/products'],
    ['*', '*'],
  ])('%s is %s (RFC 9112 §3.2.2, RFC 3986 §6.2.2)', (sent, normal) => {
    expect(normalizeTarget(sent)).toBe(normal);
    expect(normalizeTarget(normal)).toBe(normal);
  });

  it.each([
    ['/api/v1/products/%zz', '/api/v1/products/%25zz'],
    ['/%61pi/%ff', '/%2561pi/%25ff'],
    ['/api/%', '/api/%25'],
  ])('%s, which can’t be decoded, is a path that can: %s', (sent, normal) => {
    expect(normalizeTarget(sent)).toBe(normal);
  });

  it('costs little, however long it is', async () => {
    const spent = await cpuTimeOf(() => {
      for (const part of ['%61', '%zz', '%', '#', 'http://', 'é'])
        normalizeTarget(`/${part.repeat(16_000 / part.length)}`);
    }, 100);

    expect(spent).toBeLessThan(100);
  });
});
