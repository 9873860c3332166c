import type { Located } from '../../src/common/openapi/operations.js';

/** What was asked of each operation, and what came of it. */
export class FuzzReport {
  private readonly counts = new Map<Located, Map<number, number>>();

  /** Counts an answer. */
  count(located: Located, status: number): void {
    const counts = this.counts.get(located) ?? new Map<number, number>();
    this.counts.set(located, counts.set(status, (counts.get(status) ?? 0) + 1));
  }

  /** Whether an operation was ever answered otherwise than by a refusal. */
  isReached(located: Located): boolean {
    return this.sum(2, located) + this.sum(3, located) > 0;
  }

  /** The report as lines of text. @param operations that there are. */
  toText(operations: readonly Located[]): string {
    const classes = [2, 3, 4, 5];
    const line = (name: string, columns: unknown[], end = ''): string =>
      `${name.padEnd(50)}${columns.map((column) => String(column).padStart(7)).join('')}${end}`;
    const lines = operations.map((located) => {
      const met = [...(this.counts.get(located)?.keys() ?? [])].map(String).sort();
      const unmet = Object.keys(located.operation.responses).filter((status) => !met.includes(status));
      return line(
        `${located.method.toUpperCase()} ${located.path}`,
        classes.map((each) => this.sum(each, located)),
        `  ${met.join(' ')}, not ${unmet.join(' ')}`,
      );
    });
    const all = classes.map((each) => operations.reduce((sum, located) => sum + this.sum(each, located), 0));
    const reached = operations.filter((located) => this.isReached(located)).length;
    return [
      line(
        '',
        classes.map((each) => `${String(each)}xx`),
        '  statuses met, and documented ones that were not',
      ),
      ...lines,
      line('all', all),
      `${String(reached)} of ${String(operations.length)} operations reached with success`,
      '',
    ].join('\n');
  }

  /** How many answers were of a class: 2 for 200 to 299. */
  private sum(statusClass: number, located: Located): number {
    return [...(this.counts.get(located) ?? [])].reduce(
      (sum, [status, count]) => (Math.floor(status / 100) === statusClass ? sum + count : sum),
      0,
    );
  }
}
