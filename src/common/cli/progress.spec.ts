import { PassThrough } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import { startProgress } from './progress.js';

function output({ isTTY }: { isTTY: boolean }): PassThrough & { isTTY: boolean; shown: () => string } {
  const stream = new PassThrough();
  return Object.assign(stream, { isTTY, shown: () => String(stream.read() ?? '') });
}

describe('startProgress', () => {
  it('writes a line at most every two seconds to a log, and one at the end', () => {
    const stream = output({ isTTY: false });
    let time = 0;
    const progress = startProgress({ label: 'Importing', total: 50_000, unit: 'products', stream, now: () => time });
    for (time = 100; time <= 4500; time += 100) {
      progress.update(time * 10);
    }
    progress.stop();
    expect(stream.shown()).toBe(
      'Importing: 20,000 of 50,000 products, 10,000/s\n' +
        'Importing: 40,000 of 50,000 products, 10,000/s\n' +
        'Importing: 45,000 of 50,000 products, 9,783/s\n',
    );
  });

  it('counts without a total when it is not known', () => {
    const stream = output({ isTTY: false });
    const progress = startProgress({ label: 'Reading', unit: 'lines', stream, now: () => 0 });
    progress.update(7);
    progress.stop();
    expect(stream.shown()).toBe('Reading: 7 lines, 0/s\n');
  });

  it('says nothing more once stopped', () => {
    const stream = output({ isTTY: false });
    let time = 0;
    const progress = startProgress({ label: 'Reading', unit: 'lines', stream, now: () => time });
    progress.stop();
    time = 10_000;
    progress.update(9);
    progress.stop();
    expect(stream.shown()).toBe('Reading: 0 lines, 0/s\n');
  });

  it('draws a bar with the count and the rate on a terminal', () => {
    const stream = output({ isTTY: true });
    let time = 0;
    const progress = startProgress({ label: 'Importing', total: 50_000, unit: 'products', stream, now: () => time });
    time = 5000;
    progress.update(25_000);
    progress.stop();
    expect(stream.shown()).toContain(
      `Importing [${'='.repeat(10)}${'-'.repeat(10)}] 25,000 of 50,000 products, 5,000/s`,
    );
  });

  it('leaves Ctrl-C to end the command', () => {
    const before = process.listenerCount('SIGINT');
    const progress = startProgress({ label: 'Importing', unit: 'products', stream: output({ isTTY: true }) });
    expect(process.listenerCount('SIGINT')).toBe(before);
    progress.stop();
  });
});
