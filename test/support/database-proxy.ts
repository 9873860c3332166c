import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** Of PostgreSQL's protocol: the query `COMMIT`, and the answer that it is done (Q or C, a length, a text). */
const COMMIT = 'Q\0\0\0\x0bCOMMIT\0';
const COMMITTED = 'C\0\0\0\x0bCOMMIT\0';

/** What stands between an application and its PostgreSQL server. */
export interface DatabaseProxy {
  /** The server's URL, by way of the proxy. */
  url: string;
  close: () => void;
}

/**
 * Opens a proxy that sees the row of an idempotency key being committed.
 * @param moment before the COMMIT reaches the server, or after it has committed and before the answer reaches the application.
 * @param onMoment is called then; nothing more passes on that connection.
 */
export async function openDatabaseProxy(
  databaseUrl: string,
  moment: 'before' | 'after',
  onMoment: () => void,
): Promise<DatabaseProxy> {
  return openProxy(databaseUrl, (application, database) => {
    let keyed = false;
    const stop = (): void => {
      onMoment();
      application.destroy();
      database.destroy();
    };
    application.on('data', (bytes) => {
      keyed ||= bytes.includes('INSERT INTO idempotency_keys');
      if (keyed && moment === 'before' && bytes.includes(COMMIT)) stop();
      else database.write(bytes);
    });
    database.on('data', (bytes) => {
      if (keyed && moment === 'after' && bytes.includes(COMMITTED)) stop();
      else application.write(bytes);
    });
  });
}

/** A proxy whose network can break. */
export interface BreakableProxy extends DatabaseProxy {
  /** Loses every byte from now on, either way, of connections that are open and new ones; none of them is closed. */
  break: () => void;
  /** Lets new connections pass; those that were open stay lost. */
  restore: () => void;
}

/** Opens a proxy that can lose what passes, as a network does that drops packets. */
export async function openBreakableProxy(databaseUrl: string): Promise<BreakableProxy> {
  let broken = false;
  const lost = new WeakSet<Socket>();
  const sockets = new Set<Socket>();
  const proxy = await openProxy(databaseUrl, (application, database) => {
    sockets.add(application);
    if (broken) lost.add(application);
    application.on('close', () => sockets.delete(application));
    application.on('data', (bytes) => {
      if (!lost.has(application)) database.write(bytes);
    });
    database.on('data', (bytes) => {
      if (!lost.has(application)) application.write(bytes);
    });
  });
  return {
    ...proxy,
    break: () => {
      broken = true;
      for (const socket of sockets) lost.add(socket);
    },
    restore: () => {
      broken = false;
    },
    close: () => {
      for (const socket of sockets) socket.destroy();
      proxy.close();
    },
  };
}

async function openProxy(
  databaseUrl: string,
  join: (application: Socket, database: Socket) => void,
): Promise<DatabaseProxy> {
  const { hostname, port } = new URL(databaseUrl);
  const server = createServer((application) => {
    const database = connect(Number(port || 5432), hostname);
    join(application, database);
    // what a killed process leaves open, either side of it
    application.on('error', () => undefined).on('close', () => database.destroy());
    database.on('error', () => undefined).on('close', () => application.destroy());
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = new URL(databaseUrl);
  url.host = `127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  return { url: url.href, close: () => server.close() };
}
