import { createServer, type Server, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';

/** A mail as it arrived. */
export interface Delivery {
  /** The address of `RCPT TO`, without its brackets. */
  recipient: string;
  /** The header and the body, as they were sent. */
  data: string;
}

/** A mail server that keeps what it gets (RFC 5321, as far as nodemailer goes); the process may end while it listens. */
export class SmtpSink {
  readonly deliveries: Delivery[] = [];
  /** How many mails it refuses before it takes one. */
  refusing = 0;
  /** How many mails wait for its answer while it is held. */
  held = 0;
  private answering: Promise<void> = Promise.resolve();

  private constructor(
    private readonly server: Server,
    private readonly sockets: Set<Socket>,
  ) {}

  static async open(): Promise<SmtpSink> {
    const sockets = new Set<Socket>();
    const server = createServer().unref();
    const sink = new SmtpSink(server, sockets);
    server.on('connection', (socket) => {
      sockets.add(socket);
      sink.serve(socket);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return sink;
  }

  get url(): string {
    return `smtp://127.0.0.1:${String((this.server.address() as AddressInfo).port)}`;
  }

  /** Has the server take mails without an answer. @returns what has it answer again. */
  hold(): () => void {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    this.answering = promise.then(() => undefined);
    return () => {
      this.held = 0;
      this.answering = Promise.resolve();
      resolve(undefined);
    };
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private serve(socket: Socket): void {
    let [unread, recipient, data]: [string, string, string | undefined] = ['', '', undefined];
    const say = (line: string): void => void socket.write(`${line}\r\n`);
    const answer = (line: string): void => {
      if (data !== undefined) {
        if (line !== '.') data += `${line}\n`;
        else {
          const delivery = { recipient, data };
          data = undefined;
          this.held++;
          void this.answering.then(() => {
            this.held = Math.max(0, this.held - 1);
            this.deliveries.push(delivery);
            say('250 taken');
          });
        }
      } else if (/^EHLO/i.test(line)) {
        say('250-sink');
        say('250-8BITMIME');
        say('250 SMTPUTF8');
      } else if (/^RCPT TO/i.test(line)) {
        recipient = /<(.*)>/.exec(line)?.[1] ?? '';
        say(this.refusing-- > 0 ? '451 later' : '250 ok');
      } else if (/^DATA/i.test(line)) {
        data = '';
        say('354 go on');
      } else if (/^QUIT/i.test(line)) {
        say('221 bye');
        socket.end();
      } else say('250 ok');
    };
    socket.setEncoding('utf8');
    socket.on('error', () => socket.destroy());
    socket.on('data', (chunk: string) => {
      const lines = (unread + chunk).split('\r\n');
      unread = lines.pop() ?? '';
      for (const line of lines) answer(line);
    });
    say('220 sink');
  }
}
