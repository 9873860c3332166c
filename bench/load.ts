// The process that makes the load: takes one job after the other from its parent.
import autocannon from 'autocannon';

/** One request; `{{n}}` in its body and its headers becomes another number each time. */
export interface LoadRequest {
  method: 'GET' | 'POST';
  path: string;
  headers?: Record<string, string>;
  body?: string;
  /** What is sent once it is answered, on the same connection; `{{id}}` in its path is the id that was answered. */
  next?: LoadRequest;
}

export interface Job {
  url: string;
  /** In seconds. */
  duration: number;
  connections: number;
  /** Dealt out to the connections; each goes through its own again and again. */
  requests: LoadRequest[];
}

export interface Load {
  /** Requests per second; of those that have a next one, both are one. */
  rate: number;
  /** In milliseconds; null without an answer. */
  p50: number | null;
  p99: number | null;
}

/** The message to the parent: the load, or why it was not counted. */
export type Outcome = { load: Load } | { fault: string };

/** How long an answer may take, in seconds. */
const TIMEOUT = 60;

let made = 0;

function run({ url, duration, connections, requests }: Job): Promise<Load> {
  return new Promise((resolve, reject) => {
    const times: number[] = [];
    const faults = new Map<string, number>();
    const count = (fault: string): void => void faults.set(fault, (faults.get(fault) ?? 0) + 1);
    const steps = requests[0]?.next ? 2 : 1;
    let dealt = 0;
    const setupClient = (client: autocannon.Client): void => {
      const connection = dealt++;
      const own = requests.filter((_, index) => index % connections === connection);
      client.setRequests((own.length > 0 ? own : requests).flatMap(stepsOf));
    };
    const load = autocannon(
      { url, duration, connections, timeout: TIMEOUT, setupClient },
      (error: Error | null, result) => {
        times.sort((a, b) => a - b);
        const quantile = (share: number): number | null => times[Math.floor(times.length * share)] ?? null;
        if (error) reject(error);
        else if (faults.size > 0)
          reject(new Error([...faults].map(([what, n]) => `${String(n)} × ${what}`).join(', ')));
        else resolve({ rate: result.requests.average / steps, p50: quantile(0.5), p99: quantile(0.99) });
      },
    );
    load.on('reqError', (error: unknown) => {
      count(String(error));
    });
    load.on('response', (_client, status, _bytes, time) => {
      times.push(time);
      if ((status < 200 || status > 299) && status !== 304) count(String(status));
    });
  });
}

/** What is learned of an answer for the request after it. */
interface Context {
  id?: string;
}

function stepsOf({ next, ...first }: LoadRequest): autocannon.Request[] {
  if (!next) return [numbered(first)];
  const onResponse = (_status: number, body: string, context: Context): void => {
    context.id = /"id":"([^"]+)"/.exec(body)?.[1];
  };
  return [{ ...numbered(first), onResponse }, numbered(next)];
}

function numbered({ method, path, headers = {}, body }: LoadRequest): autocannon.Request {
  const counted = Object.entries(headers).filter(([, value]) => value.includes('{{n}}'));
  if (counted.length === 0 && !body?.includes('{{n}}') && !path.includes('{{id}}'))
    return { method, path, headers, body };
  const setupRequest = (each: autocannon.Request, { id = '' }: Context): autocannon.Request => {
    const n = String(++made);
    const own = Object.fromEntries(counted.map(([name, value]) => [name, value.replace('{{n}}', n)]));
    return {
      ...each,
      path: path.replace('{{id}}', id),
      headers: { ...headers, ...own },
      body: body?.replace('{{n}}', n),
    };
  };
  return { method, path, headers, body, setupRequest };
}

process.on('message', (job: Job) => {
  void run(job).then(
    (load) => process.send?.({ load } satisfies Outcome),
    (error: unknown) => process.send?.({ fault: String(error) } satisfies Outcome),
  );
});
process.on('disconnect', () => process.exit(0));
