import type { Located } from '../../src/common/openapi/operations.js';

/** What was asked of each operation, and what came of it. */
export class FuzzReport {
  private readonly counts = new Map<Located, Map<number, number>>();

  /** Counts an answer. */
  count(located: Located, status: number): void {
    const counts = this.counts.get(located) ?? new Map<number, number>();
    this.counts.set(located, counts.set(status, (counts.get(status) ?? 0) + 1));
  }

  /** How many answers of an operation, or of all, were of a class: 2 for 200 to 299. */
  of(statusClass: number, located?: Located): number {
    const chosen = located ? [this.counts.get(located) ?? []] : [...this.counts.values()];
    return chosen
      .flatMap((counts) => [...counts])
      .filter(([status]) => Math.floor(status / 100) === statusClass)
      .reduce((sum, [, count]) => sum + count, 0);
  }

  /** The report as lines of text. @param operations that there are. */
  toText(operations: readonly Located[]): string {
    const classes = [2, 3, 4, 5];
    const all = classes.map((each) => this.of(each));
    const reached = operations.filter((located) => this.of(2, located) + this.of(3, located) > 0);
    const rows = operations.map((located): string[] => {
      const met = this.counts.get(located);
      const unmet = Object.keys(located.operation.responses).filter((status) => !met?.has(Number(status)));
      return [
        `${located.method.toUpperCase()} ${located.path}`.padEnd(50),
        ...classes.map((each) => String(this.of(each, located)).padStart(7)),
        `  ${[...(met?.keys() ?? [])].sort().join(' ')}, not ${unmet.join(' ')}`,
      ];
    });
    return [
      `${String(all.reduce((sum, count) => sum + count, 0))} requests; ` +
        `${String(reached.length)} of ${String(operations.length)} operations reached with success`,
      ...[
        [
          ' '.repeat(50),
          ...classes.map((each) => `${String(each)}xx`.padStart(7)),
          '  statuses met, and documented ones not met',
        ],
        ...rows,
        ['all'.padEnd(50), ...all.map((count) => String(count).padStart(7))],
      ].map((row) => row.join('')),
      '',
    ].join('\n');
  }
}
