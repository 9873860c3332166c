import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type IncomingHttpHeaders, type RequestListener, type Server } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { type AddressInfo, isIP } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { DownloadFailed, DownloadGateway, DownloadRules } from './download.gateway.js';

/** An address of this machine that the tests allow, and another one that stays blocked. */
const [ALLOWED, BLOCKED] = ['127.0.0.1', '127.0.0.2'];
const MAX_BYTES = 1000;

const HOSTS: Partial<Record<string, string[]>> = {
  'pictures.example': [ALLOWED],
  'inside.example': [BLOCKED],
  'mixed.example': [ALLOWED, BLOCKED],
  'private.example': ['10.0.0.5'],
  'v6.example': ['::1'],
};

/** Of pictures.example, signed by itself: openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 36500 -subj /CN=… */
const CERTIFICATE = `-----BEGIN CERTIFICATE-----
MIIBqzCCAVCgAwIBAgIUO6ylKpbt7Po2kKXS1E/kH3To3DowCgYIKoZIzj0EAwIw
GzEZMBcGA1UEAwwQcGljdHVyZXMuZXhhbXBsZTAgFw0yNjExMjcyMDU3NTNaGA8y
MTI2MTEwMzIwNTc1M1owGzEZMBcGA1UEAwwQcGljdHVyZXMuZXhhbXBsZTBZMBMG
ByqGSM49AgEGCCqGSM49AwEHA0IABBJCZtBFumjJB9Cplhrf2Cclz144uQQW0xBO
RugsZCHrI2ofll+6A2uALPM7pZ5lRs4QvUdNfpwjrfan5RvYPhajcDBuMB0GA1Ud
DgQWBBSlAHp7SBnjDF+u8cvrV+vNNWPJSzAfBgNVHSMEGDAWgBSlAHp7SBnjDF+u
8cvrV+vNNWPJSzAPBgNVHRMBAf8EBTADAQH/MBsGA1UdEQQUMBKCEHBpY3R1cmVz
LmV4YW1wbGUwCgYIKoZIzj0EAwIDSQAwRgIhAMzLoYB+ZFFvqOPSE5uguc9x1KAA
MVzphV17tAqJuuPzAiEAv23RH4LnZEcZgDgcaSwlB+W0RP07jECjIsth6Of09/A=
-----END CERTIFICATE-----`;
const KEY = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgCQNZh7Dnk2OPd1Gh
J3s8dzOUvtouSohFVS8friwPbyKhRANCAAQSQmbQRbpoyQfQqZYa39gnJc9eOLkE
FtMQTkboLGQh6yNqH5ZfugNrgCzzO6WeZUbOEL1HTX6cI632p+Ub2D4W
-----END PRIVATE KEY-----`;

let folder: string;
let path: string;
const servers: Server[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'download-'));
  path = join(folder, 'file');
});
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
  await rm(folder, { recursive: true });
});

/** A server that counts the connections to it. */
async function serve(
  handle: RequestListener,
  host = ALLOWED,
  isSecure = false,
): Promise<{ port: number; connections: () => number; asked: { url?: string; headers: IncomingHttpHeaders }[] }> {
  let connections = 0;
  const asked: { url?: string; headers: IncomingHttpHeaders }[] = [];
  const listener: RequestListener = (request, response) => {
    asked.push(request);
    handle(request, response);
  };
  const server = isSecure ? createSecureServer({ key: KEY, cert: CERTIFICATE }, listener) : createServer(listener);
  server.on('connection', () => connections++);
  servers.push(server.listen(0, host));
  await once(server, 'listening');
  return { port: (server.address() as AddressInfo).port, connections: () => connections, asked };
}

/** One that may connect to {@link ALLOWED}, and knows the hosts above. */
function gateway(rules: Partial<DownloadRules> = {}): DownloadGateway {
  const known: Partial<DownloadRules> = {
    isAllowed: (address) => address === ALLOWED,
    ports: servers.map((server) => (server.address() as AddressInfo).port),
    lookup: (hostname, _, callback) => {
      const found = (HOSTS[hostname] ?? []).map((address) => ({ address, family: isIP(address) }));
      const missing: NodeJS.ErrnoException | null =
        found.length > 0 ? null : Object.assign(new Error('not found'), { code: 'ENOTFOUND' });
      callback(missing, found);
    },
  };
  return new DownloadGateway(Object.assign(new DownloadRules(), known, rules));
}

/** Why a download failed: its reason, or that it did not. */
const reasonOf = async (download: Promise<void>): Promise<unknown> =>
  download.then(
    () => 'downloaded',
    (error: unknown) => (error instanceof DownloadFailed ? error.reason : error),
  );

describe('a download', () => {
  it('writes the file, and sends nothing of the shop', async () => {
    const { port, asked } = await serve((_, response) => response.end('a picture'));

    await gateway().download(`http://pictures.example:${String(port)}/a%20b.jpg?size=1#top`, path, MAX_BYTES);

    expect(await readFile(path, 'utf8')).toBe('a picture');
    expect(asked).toHaveLength(1);
    expect(asked[0]?.url).toBe('/a%20b.jpg?size=1');
    expect(asked[0]?.headers).toEqual({
      host: `pictures.example:${String(port)}`,
      connection: 'close',
      'user-agent': 'stockroom',
      accept: '*/*',
      'accept-encoding': 'identity',
    });
  });

  it('takes a file of just as many bytes as it may have', async () => {
    const { port } = await serve((_, response) => response.end(Buffer.alloc(MAX_BYTES)));

    await gateway().download(`http://${ALLOWED}:${String(port)}/`, path, MAX_BYTES);

    expect(await readFile(path)).toHaveLength(MAX_BYTES);
  });

  it.each([
    ['is too long, and says so', { 'content-length': String(MAX_BYTES + 1) }],
    ['is too long, and does not say so', {}],
  ])('refuses a file that %s', async (_, headers) => {
    const { port } = await serve((_request, response) =>
      response.writeHead(200, headers).end(Buffer.alloc(MAX_BYTES + 1)),
    );

    expect(await reasonOf(gateway().download(`http://${ALLOWED}:${String(port)}/`, path, MAX_BYTES))).toBe('tooLarge');
  });

  it('stops reading a file without an end', async () => {
    const { port } = await serve((_, response) => {
      const write = (): void => {
        while (!response.destroyed && response.write(Buffer.alloc(64 * 1024)));
      };
      response.on('drain', write).on('error', () => undefined);
      write();
    });

    expect(await reasonOf(gateway().download(`http://${ALLOWED}:${String(port)}/`, path, MAX_BYTES))).toBe('tooLarge');
  });

  it.each([204, 206, 304, 404, 500])('refuses an answer with the status %i', async (status) => {
    const { port } = await serve((_, response) => response.writeHead(status).end());

    expect(await reasonOf(gateway().download(`http://${ALLOWED}:${String(port)}/`, path, MAX_BYTES))).toBe('status');
  });

  it('refuses what is compressed: its length is not that of the file', async () => {
    const { port } = await serve((_, response) =>
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(Buffer.alloc(100_000))),
    );

    expect(await reasonOf(gateway().download(`http://${ALLOWED}:${String(port)}/`, path, MAX_BYTES))).toBe('encoding');
  });

  it('refuses a file that ends too early', async () => {
    const { port } = await serve((_, response) => {
      response.writeHead(200, { 'content-length': '100' }).write('half');
      response.socket?.destroySoon();
    });

    expect(await reasonOf(gateway().download(`http://${ALLOWED}:${String(port)}/`, path, MAX_BYTES))).toBe(
      'connection',
    );
  });

  it.each<[string, RequestListener]>([
    ['does not answer', () => undefined],
    ['stops in the middle of the file', (_, response) => response.writeHead(200).write('half')],
  ])('does not wait for a server that %s', async (_, handle) => {
    const { port } = await serve(handle);
    const url = `http://${ALLOWED}:${String(port)}/`;

    expect(await reasonOf(gateway({ timeout: 200 }).download(url, path, MAX_BYTES))).toBe('time');
    expect(await reasonOf(gateway({ silenceTimeout: 200 }).download(url, join(folder, '2'), MAX_BYTES))).toBe('time');
  });

  it('does not wait for a name that is not found in time', async () => {
    const { port } = await serve((_, response) => response.end());
    const never = gateway({ lookup: () => undefined, connectTimeout: 200 });

    expect(await reasonOf(never.download(`http://pictures.example:${String(port)}/`, path, MAX_BYTES))).toBe('time');
  });

  it.each([
    'ftp://pictures.example/a.jpg',
    'file:///etc/passwd',
    'data:image/png;base64,AAAA',
    'pictures.example/a.jpg',
    'http://',
    'http://user:secret@pictures.example/a.jpg',
    'http://pictures.example:22/a.jpg',
    'https://pictures.example:6379/',
  ])('refuses %s before it looks anything up', async (url) => {
    const lookup = (): never => {
      throw new Error('looked up');
    };

    const { ports } = new DownloadRules();
    expect(await reasonOf(gateway({ lookup, ports }).download(url, path, MAX_BYTES))).toBe('url');
  });

  it('fails for a host that is not known, and for one that nobody answers at', async () => {
    const { port } = await serve((_, response) => response.end());

    expect(await reasonOf(gateway().download(`http://nowhere.example:${String(port)}/`, path, MAX_BYTES))).toBe(
      'connection',
    );
    const { ports } = new DownloadRules();
    expect(await reasonOf(gateway({ ports }).download(`http://${ALLOWED}/`, path, MAX_BYTES))).toBe('connection');
  });

  it('leaves a failure to write the file to its caller', async () => {
    const { port } = await serve((_, response) => response.end('a picture'));
    const missing = join(folder, 'missing', 'file');

    expect(await reasonOf(gateway().download(`http://${ALLOWED}:${String(port)}/`, missing, MAX_BYTES))).toMatchObject({
      code: 'ENOENT',
    });
  });
});

describe('a host that is not on the internet', () => {
  it.each(['inside.example', 'mixed.example', 'private.example', 'v6.example'])(
    'is not connected to by its name: %s',
    async (host) => {
      const { port, connections } = await serve((_, response) => response.end('secret'), BLOCKED);
      const allowed = await serve((_, response) => response.end('secret'));

      for (const to of [port, allowed.port])
        expect(await reasonOf(gateway().download(`http://${host}:${String(to)}/`, path, MAX_BYTES))).toBe('address');
      expect([connections(), allowed.connections()]).toEqual([0, 0]);
    },
  );

  it.each([
    '127.0.0.1',
    '127.1',
    '2130706433',
    '0x7f000001',
    '0x7f.1',
    '0177.0.0.1',
    '127.0.0.1.',
    '①②⑦.0.0.1',
    '[::1]',
    '[::ffff:127.0.0.1]',
    '[::ffff:7f00:1]',
    '[0:0:0:0:0:ffff:7f00:0001]',
    '[64:ff9b::7f00:1]',
    '[2002:7f00:1::]',
    '169.254.169.254',
    '0',
  ])('is not connected to by its address: %s', async (host) => {
    const { port, connections } = await serve((_, response) => response.end('secret'), '::');
    const { isAllowed } = new DownloadRules();

    expect(await reasonOf(gateway({ isAllowed }).download(`http://${host}:${String(port)}/`, path, MAX_BYTES))).toBe(
      'address',
    );
    expect(connections()).toBe(0);
  });

  it('is not connected to by its name as the system finds it', async () => {
    const { port, connections } = await serve((_, response) => response.end('secret'));
    const { isAllowed, lookup } = new DownloadRules();

    const url = `http://localhost:${String(port)}/`;
    expect(await reasonOf(gateway({ isAllowed, lookup }).download(url, path, MAX_BYTES))).toBe('address');
    expect(connections()).toBe(0);
  });

  it('is looked up once: a name that changes its address is checked where it is connected to', async () => {
    const answers = [[ALLOWED], [BLOCKED]];
    const { port, connections } = await serve((_, response) => response.end('secret'), BLOCKED);
    const first = await serve((_, response) =>
      response.writeHead(302, { location: `http://r.example:${String(port)}/` }).end(),
    );
    const rebinding = gateway({
      lookup: (_, _options, callback) => {
        callback(
          null,
          (answers.shift() ?? []).map((address) => ({ address, family: 4 })),
        );
      },
    });

    const url = `http://r.example:${String(first.port)}/`;
    expect(await reasonOf(rebinding.download(url, path, MAX_BYTES))).toBe('address');
    expect([answers, first.connections(), connections()]).toEqual([[], 1, 0]);
  });

  it.each(['http://127.0.0.2', 'http://inside.example', '//127.0.0.2', 'http://2130706434'])(
    'is not redirected to: %s',
    async (host) => {
      const inside = await serve((_, response) => response.end('secret'), BLOCKED);
      const outside = await serve((_, response) =>
        response.writeHead(302, { location: `${host}:${String(inside.port)}/` }).end(),
      );

      const url = `http://pictures.example:${String(outside.port)}/`;
      expect(await reasonOf(gateway().download(url, path, MAX_BYTES))).toBe('address');
      expect([outside.connections(), inside.connections()]).toEqual([1, 0]);
    },
  );
});

describe('a redirect', () => {
  it('is followed three times, also to another host', async () => {
    const { port, asked } = await serve(({ url = '' }, response) => {
      const next = Number(url.slice(1)) + 1;
      if (next === 4) response.end('a picture');
      else
        response
          .writeHead(302, { location: next === 2 ? `http://127.0.0.1:${String(port)}/2` : `/${String(next)}` })
          .end();
    });

    await gateway().download(`http://pictures.example:${String(port)}/0`, path, MAX_BYTES);

    expect(asked.map(({ url }) => url)).toEqual(['/0', '/1', '/2', '/3']);
    expect(await readFile(path, 'utf8')).toBe('a picture');
  });

  it('is not followed for ever', async () => {
    const { port, asked } = await serve((_, response) =>
      response.writeHead(301, { location: '/' }).end('x'.repeat(5000)),
    );

    expect(await reasonOf(gateway().download(`http://${ALLOWED}:${String(port)}/`, path, MAX_BYTES))).toBe('redirect');
    expect(asked).toHaveLength(4);
  });

  it.each([
    '',
    'file:///etc/passwd',
    'ftp://pictures.example/',
    'http://a:b@pictures.example/',
    'http://pictures.example:22/',
  ])('to %j is refused', async (location) => {
    const { port } = await serve((_, response) => response.writeHead(302, location === '' ? {} : { location }).end());

    expect(await reasonOf(gateway().download(`http://${ALLOWED}:${String(port)}/a`, path, MAX_BYTES))).toBe(
      location === '' ? 'redirect' : 'url',
    );
  });
});

describe('a server with https', () => {
  const trusted = getCACertificates('default');
  beforeEach(() => {
    setDefaultCACertificates([CERTIFICATE]);
  });
  afterEach(() => {
    setDefaultCACertificates(trusted);
  });

  it('is downloaded from, also by a redirect from http', async () => {
    const { port } = await serve((_, response) => response.end('a picture'), ALLOWED, true);
    const url = `https://pictures.example:${String(port)}/`;
    const first = await serve((_, response) => response.writeHead(308, { location: url }).end());

    await gateway().download(`http://pictures.example:${String(first.port)}/`, path, MAX_BYTES);

    expect(await readFile(path, 'utf8')).toBe('a picture');
  });

  it('must not redirect to http', async () => {
    const plain = await serve((_, response) => response.end('a picture'));
    const location = `http://pictures.example:${String(plain.port)}/`;
    const { port } = await serve((_, response) => response.writeHead(302, { location }).end(), ALLOWED, true);

    const url = `https://pictures.example:${String(port)}/`;
    expect(await reasonOf(gateway().download(url, path, MAX_BYTES))).toBe('redirect');
    expect(plain.connections()).toBe(0);
  });

  it('is checked as one with http is', async () => {
    const { port, connections } = await serve((_, response) => response.end('secret'), BLOCKED, true);

    for (const host of ['inside.example', BLOCKED])
      expect(await reasonOf(gateway().download(`https://${host}:${String(port)}/`, path, MAX_BYTES))).toBe('address');
    expect(connections()).toBe(0);
  });

  it('is one whose certificate is of its name, and trusted', async () => {
    const { port } = await serve((_, response) => response.end('a picture'), ALLOWED, true);

    const url = `https://${ALLOWED}:${String(port)}/`;
    expect(await reasonOf(gateway().download(url, path, MAX_BYTES))).toBe('connection');
    setDefaultCACertificates(trusted);
    const named = `https://pictures.example:${String(port)}/`;
    expect(await reasonOf(gateway().download(named, path, MAX_BYTES))).toBe('connection');
  });
});
