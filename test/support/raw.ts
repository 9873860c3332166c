import { once } from 'node:events';
import { connect } from 'node:net';

/** What came back over a socket. */
export interface RawAnswer {
  status: number;
  headers: Headers;
  body: string;
  /** The body as it came, without chunks. */
  bytes: Buffer;
}

/**
 * Sends bytes as they are, for what no client would send, and reads what comes until the server closes the connection.
 * @param url of the shop.
 */
export async function rawAnswer(url: string, ...parts: (string | Uint8Array)[]): Promise<RawAnswer> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  const chunks: Buffer[] = [];
  socket.on('data', (chunk) => chunks.push(chunk));
  // A server that has answered need not read what still comes.
  socket.on('error', () => undefined);
  for (const part of parts) socket.write(part);
  await once(socket, 'close');
  return read(Buffer.concat(chunks));
}

function read(answer: Buffer): RawAnswer {
  const end = answer.indexOf('\r\n\r\n');
  const [status = '', ...lines] = answer.subarray(0, end).toString('latin1').split('\r\n');
  const headers = new Headers(
    lines.map((line): [string, string] => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()]),
  );
  const rest = answer.subarray(end + 4);
  const bytes = headers.get('transfer-encoding') === 'chunked' ? joined(rest) : rest;
  return { status: Number(status.split(' ')[1]), headers, body: bytes.toString(), bytes };
}

function joined(chunked: Buffer): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0; ;) {
    const end = chunked.indexOf('\r\n', at);
    const size = Number.parseInt(chunked.subarray(at, end).toString('latin1'), 16);
    if (!(size > 0)) return Buffer.concat(parts);
    parts.push(chunked.subarray(end + 2, end + 2 + size));
    at = end + 2 + size + 2;
  }
}
