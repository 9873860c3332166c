import { type LookupAddress, type LookupAllOptions, lookup } from 'node:dns';
import { createWriteStream } from 'node:fs';
import { isIP, type LookupFunction } from 'node:net';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Injectable } from '@nestjs/common';
import { Agent, buildConnector, type Dispatcher } from 'undici';
import { assertOutsideUnit } from '../database/transactions.js';
import { isPublicAddress } from './public-address.js';

/**
 * Why a file could not be downloaded:
 * - `url`: it is no URL that is downloaded from;
 * - `address`: its host is not on the internet;
 * - `redirect`: its server sends elsewhere too often, or to where a download must not go;
 * - `status`, `encoding`, `tooLarge`: its server answers with something else than the file, or with one that is too large;
 * - `time`: it takes too long;
 * - `connection`: its server can't be reached, or breaks off.
 */
type DownloadReason = 'url' | 'address' | 'redirect' | 'status' | 'encoding' | 'tooLarge' | 'time' | 'connection';

/** A file could not be downloaded, for a reason that lies in its URL or its server. */
export class DownloadFailed extends Error {
  constructor(
    readonly reason: DownloadReason,
    message: string,
    cause?: unknown,
  ) {
    super(message, { cause });
  }
}

/** What a download may do. No setting changes it; a test provides other values. */
@Injectable()
export class DownloadRules {
  readonly isAllowed: (address: string) => boolean = isPublicAddress;
  readonly ports: readonly number[] = [80, 443];
  readonly lookup: (
    hostname: string,
    options: LookupAllOptions,
    callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
  ) => void = lookup;
  /** How long connecting may take, how long a server may be silent, and how long all of it may take, in milliseconds. */
  readonly connectTimeout: number = 5000;
  readonly silenceTimeout: number = 10_000;
  readonly timeout: number = 60_000;
}

const REDIRECTS = new Set([301, 302, 303, 307, 308]);
const MAX_REDIRECTS = 3;

const HEADERS = { 'user-agent': 'stockroom', accept: '*/*', 'accept-encoding': 'identity' };

/**
 * Downloads files whose URLs strangers may have written. It connects to hosts on the internet only: what is checked are the
 * addresses that a connection is opened to, after each redirect again, so that neither a name nor a redirect leads into the
 * network of the shop. No proxy of the environment is used, and nothing of the shop is sent along.
 */
@Injectable()
export class DownloadGateway {
  constructor(private readonly rules: DownloadRules) {}

  /**
   * Downloads a file to a path, where there is none yet. After a failure there may be a part of it.
   * @param maxBytes how long it may be.
   * @throws DownloadFailed; what the file could not be written for.
   */
  async download(url: string, path: string, maxBytes: number): Promise<void> {
    assertOutsideUnit('the server of a file');
    const { silenceTimeout, timeout } = this.rules;
    const agent = new Agent({
      connect: guardedConnector(this.rules),
      headersTimeout: silenceTimeout,
      bodyTimeout: silenceTimeout,
      // each connection ends with its answer
      pipelining: 0,
    });
    try {
      const { body, headers, statusCode } = await this.request(url, agent, AbortSignal.timeout(timeout));
      try {
        requireFile(statusCode, headers, maxBytes);
        await pipeline(received(body, maxBytes), createWriteStream(path, { flags: 'wx' }));
      } finally {
        discard(body);
      }
    } finally {
      await agent.destroy();
    }
  }

  /** The first answer that is no redirect. */
  private async request(url: string, agent: Agent, signal: AbortSignal): Promise<Dispatcher.ResponseData> {
    let target = this.parse(url);
    for (let redirects = 0; ; redirects++) {
      const { origin, pathname, search } = target;
      const answer = await agent
        .request({ origin, path: `${pathname}${search}`, method: 'GET', headers: HEADERS, signal })
        .catch((error: unknown) => {
          throw failureOf(error);
        });
      if (!REDIRECTS.has(answer.statusCode)) return answer;
      discard(answer.body);
      if (redirects === MAX_REDIRECTS)
        throw new DownloadFailed('redirect', `The server redirects more than ${String(MAX_REDIRECTS)} times.`);
      const next = this.parse(String(answer.headers.location ?? ''), target);
      if (target.protocol === 'https:' && next.protocol !== 'https:')
        throw new DownloadFailed('redirect', 'The server redirects from https to http.');
      target = next;
    }
  }

  private parse(url: string, base?: URL): URL {
    const parsed = URL.parse(url, base?.href);
    if (parsed?.protocol !== 'http:' && parsed?.protocol !== 'https:')
      throw new DownloadFailed('url', 'The URL does not begin with http:// or https://.');
    if (parsed.username !== '' || parsed.password !== '')
      throw new DownloadFailed('url', 'The URL has a user name or a password.');
    const port = Number(parsed.port) || (parsed.protocol === 'https:' ? 443 : 80);
    if (!this.rules.ports.includes(port))
      throw new DownloadFailed('url', `The URL has the port ${String(port)}. Use ${this.rules.ports.join(' or ')}.`);
    return parsed;
  }
}

/** Opens connections to addresses that are allowed: whether one is, is decided when it is connected to. */
function guardedConnector({ isAllowed, lookup, connectTimeout }: DownloadRules): buildConnector.connector {
  const refusalOf = (host: string, address: string): DownloadFailed =>
    new DownloadFailed(
      'address',
      `${host === address ? 'Its host' : host} has the address ${address}, which is not one on the internet.`,
    );
  const lookupAllowed: LookupFunction = (host, options, callback) => {
    lookup(host, { ...options, all: true }, (error, found) => {
      // there are none with an error
      const addresses = error ? [] : found;
      const [first] = addresses;
      const refused = addresses.find(({ address }) => !isAllowed(address));
      if (refused || !first) callback(refused ? refusalOf(host, refused.address) : error, []);
      else if (options.all === true) callback(null, addresses);
      else callback(null, first.address, first.family);
    });
  };
  const connect = buildConnector({ timeout: connectTimeout, lookup: lookupAllowed });
  return (options, callback) => {
    const { hostname } = options;
    // an address is not looked up
    if (isIP(hostname) !== 0 && !isAllowed(hostname)) callback(refusalOf(hostname, hostname), null);
    else connect(options, callback);
  };
}

function requireFile(status: number, headers: Dispatcher.ResponseData['headers'], maxBytes: number): void {
  if (status !== 200) throw new DownloadFailed('status', `The server answered with the status ${String(status)}.`);
  if ((headers['content-encoding'] ?? 'identity') !== 'identity')
    throw new DownloadFailed('encoding', 'The server compressed the file, which was not asked for.');
  if (Number(headers['content-length'] ?? 0) > maxBytes) throw tooLarge(maxBytes);
}

/** The bytes of an answer as they come. @throws DownloadFailed */
async function* received(body: Readable, maxBytes: number): AsyncGenerator<Buffer> {
  let bytes = 0;
  try {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > maxBytes) throw tooLarge(maxBytes);
      yield chunk;
    }
  } catch (error) {
    throw failureOf(error);
  }
}

/** Ends an answer, read or not. */
function discard(body: Readable): void {
  body.on('error', () => undefined).destroy();
}

const tooLarge = (maxBytes: number): DownloadFailed =>
  new DownloadFailed('tooLarge', `The file has more than ${String(maxBytes)} bytes.`);

function failureOf(error: unknown): DownloadFailed {
  if (error instanceof DownloadFailed) return error;
  const { name, code = '' } = error as Partial<NodeJS.ErrnoException>;
  if (name === 'TimeoutError' || /^(UND_ERR_(CONNECT|HEADERS|BODY)_TIMEOUT|ETIMEDOUT)$/.test(code))
    return new DownloadFailed('time', 'The server takes too long.', error);
  return new DownloadFailed(
    'connection',
    `The server could not be reached, or broke off${code && ` (${code})`}.`,
    error,
  );
}
