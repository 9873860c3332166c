// The process that reads a product at a steady rate, until it is asked for the times that this took.
import { setTimeout } from 'node:timers/promises';

/** The message that has it begin; any other one has it end. */
export interface Reads {
  url: string;
  /** How many reads begin in a second. */
  rate: number;
}

let isOver = false;

/** @returns how long each read took, in milliseconds, from when it was to begin. */
async function read({ url, rate }: Reads): Promise<number[]> {
  const reading: Promise<number>[] = [];
  const began = performance.now();
  while (!isOver) {
    const due = began + (reading.length * 1000) / rate;
    await setTimeout(Math.max(0, due - performance.now()));
    reading.push(timeOf(url, due));
  }
  return Promise.all(reading);
}

async function timeOf(url: string, due: number): Promise<number> {
  const response = await fetch(url);
  await response.arrayBuffer();
  if (!response.ok) throw new Error(`${url} answers ${String(response.status)}`);
  return performance.now() - due;
}

process.on('message', (message: Reads | 'end') => {
  if (message === 'end') isOver = true;
  else void read(message).then((times) => process.send?.(times));
});
process.on('disconnect', () => process.exit(0));
