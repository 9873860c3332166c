import type { Race } from './race.js';

const COLUMNS = ['scenario', 'runs', 'kills', 'anomalies'] as const;

/** What came of the scenarios, a line each. */
export function tableOf(races: readonly Race[]): string {
  const rows = races.map(({ name, runs, kills, anomalies }) => [
    name,
    String(runs),
    String(kills),
    String(anomalies.length),
  ]);
  const widths = COLUMNS.map((column, n) => Math.max(column.length, ...rows.map((row) => row[n]?.length ?? 0)));
  const lineOf = (cells: readonly string[]): string =>
    cells.map((cell, n) => (n === 0 ? cell.padEnd(widths[n] ?? 0) : cell.padStart(widths[n] ?? 0))).join(' | ');
  const rule = widths.map((width) => '-'.repeat(width)).join('-|-');
  return `${[lineOf(COLUMNS), rule, ...rows.map(lineOf)].join('\n')}\n`;
}
