import type { AddressInfo } from 'node:net';
import { buildApp } from 'fauxqs';
import type { Config } from '../../src/common/config/config.js';

/** What happens to a request: it gets an answer of this status, none, or the first half of one that then breaks off or goes on never. */
type Fault = number | 'reset' | 'stall' | 'half, then reset' | 'half, then stall';

const BUCKET = 'shop-files';

/** A server that speaks the protocol of S3 and keeps files in memory; it checks no signatures. */
export class S3Server {
  /** What happens to the next requests, in order. */
  readonly faults: Fault[] = [];
  /** Requests as they came. */
  readonly requests: { method: string; path: string; headers: Record<string, unknown> }[] = [];
  private readonly server = buildApp({ logger: false });

  private constructor() {
    this.server.addHook('onRequest', (request, reply, next) => {
      this.requests.push({ method: request.method, path: request.url, headers: request.headers });
      const fault = this.faults.shift();
      if (fault === undefined) next();
      else if (typeof fault === 'number') void reply.status(fault).send('');
      else {
        reply.hijack();
        if (fault.startsWith('half')) reply.raw.writeHead(200, { 'content-length': 2000 }).write(Buffer.alloc(1000));
        if (fault.endsWith('reset')) setTimeout(() => request.raw.socket.destroy(), 50);
      }
    });
  }

  /** Starts one with an empty bucket. It listens on this machine only, unlike `startFauxqs`. */
  static async start(): Promise<S3Server> {
    const server = new S3Server();
    await server.server.listen({ port: 0, host: '127.0.0.1' });
    await server.plant('', '');
    return server;
  }

  /** What a shop is configured by to have its files here, below a prefix. */
  settings(s3Prefix?: string): Partial<Config> & Pick<Config, 's3Region'> {
    return {
      s3Bucket: BUCKET,
      s3Endpoint: this.url,
      s3Region: 'us-east-1',
      s3AccessKeyId: 'key',
      s3SecretAccessKey: 'secret',
      s3Prefix,
    };
  }

  /** Puts something into the bucket by the side of the shop. */
  async plant(key: string, content: string): Promise<void> {
    const { status } = await fetch(`${this.url}/${BUCKET}${key && `/${key}`}`, { method: 'PUT', body: content });
    if (status !== 200) throw new Error(`the server of S3 answers ${String(status)}`);
  }

  /** How many connections are open. */
  async connections(): Promise<number> {
    return new Promise((resolve, reject) => {
      this.server.server.getConnections((error, count) => {
        if (error) reject(error);
        else resolve(count);
      });
    });
  }

  async stop(): Promise<void> {
    this.server.server.closeAllConnections();
    await this.server.close();
  }

  private get url(): string {
    return `http://127.0.0.1:${String((this.server.server.address() as AddressInfo).port)}`;
  }
}
