// The process that makes the load: takes one job after the other from its parent.
import autocannon from 'autocannon';

/** One request; `{{n}}` in its body becomes another number each time. */
export interface LoadRequest {
  method: 'GET' | 'POST';
  path: string;
  headers?: Record<string, string>;
  body?: string;
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
  /** Requests per second. */
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
    let dealt = 0;
    const setupClient = (client: autocannon.Client): void => {
      const connection = dealt++;
      const own = requests.filter((_, index) => index % connections === connection);
      client.setRequests((own.length > 0 ? own : requests).map(numbered));
    };
    const load = autocannon(
      { url, duration, connections, timeout: TIMEOUT, setupClient },
      (error: Error | null, result) => {
        times.sort((a, b) => a - b);
        const quantile = (share: number): number | null => times[Math.floor(times.length * share)] ?? null;
        if (error) reject(error);
        else if (faults.size > 0)
          reject(new Error([...faults].map(([what, n]) => `${String(n)} × ${what}`).join(', ')));
        else resolve({ rate: result.requests.average, p50: quantile(0.5), p99: quantile(0.99) });
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

function numbered(request: LoadRequest): autocannon.Request {
  const { body } = request;
  if (!body?.includes('{{n}}')) return { ...request };
  return { ...request, setupRequest: (each) => ({ ...each, body: body.replace('{{n}}', String(++made)) }) };
}

process.on('message', (job: Job) => {
  void run(job).then(
    (load) => process.send?.({ load } satisfies Outcome),
    (error: unknown) => process.send?.({ fault: String(error) } satisfies Outcome),
  );
});
process.on('disconnect', () => process.exit(0));
