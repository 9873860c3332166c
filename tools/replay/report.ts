import { MILLS } from '../demo/price.js';
import type { Plan } from './plan.js';
import { COLUMNS, type Figures, isColumn, type Reconciliation } from './reconciliation.js';

const number = new Intl.NumberFormat('en-GB');

/** How many differences are printed. */
const SHOWN = 20;

/** What of the files is imported, and what is left out, by reason. */
export function describePlan({ leftOut, totals, orders, refunds }: Plan): string {
  const reasons = [...leftOut].sort(([, one], [, other]) => other.lines - one.lines || other.amount - one.amount);
  const left = reasons.reduce(
    (sum, [, { lines, amount }]) => ({ lines: sum.lines + lines, amount: sum.amount + amount }),
    { lines: 0, amount: 0 },
  );
  const net = (totals.captured - totals.refunded) * MILLS;
  return table([
    ['', 'lines', 'GBP'],
    ['in the files', number.format(totals.lines), mills(totals.sum)],
    [
      `imported: ${number.format(orders.length)} orders, ${number.format(refunds.length)} refunds`,
      number.format(totals.importedLines),
      mills(net),
    ],
    ['left out', number.format(left.lines), mills(left.amount)],
    ...reasons.map(([reason, { lines, amount }]) => [`  ${reason}`, number.format(lines), mills(amount)]),
  ]);
}

/** The reconciliation as a table, and each difference in a line. */
export function describeReconciliation({ rows, differences }: Reconciliation): string {
  const names = Object.keys(COLUMNS).filter(isColumn);
  const shown = table([['', ...names], ...rows.map(([source, figures]) => [source, ...names.map(cell(figures))])]);
  const more = differences.length - SHOWN;
  return [
    shown.trimEnd(),
    ...differences.slice(0, SHOWN),
    ...(more > 0 ? [`and ${number.format(more)} more differences`] : []),
    differences.length === 0 ? 'No differences.' : `${number.format(differences.length)} differences.`,
    '',
  ].join('\n');
}

const cell =
  (figures: Figures) =>
  (name: keyof Figures): string => {
    const value = figures[name];
    if (value === null) return '';
    return COLUMNS[name] === 'money' ? pounds(value) : number.format(value);
  };

/** Pennies as pounds, exactly. */
const pounds = (pennies: number): string => decimal(pennies, 2);
/** Mills as pounds, exactly. */
const mills = (amount: number): string => decimal(amount, 3);

function decimal(value: number, places: number): string {
  const digits = String(Math.abs(value)).padStart(places + 1, '0');
  const whole = number.format(BigInt(digits.slice(0, -places)));
  return `${value < 0 ? '-' : ''}${whole}.${digits.slice(-places)}`;
}

/** Rows in columns: the first one to the left, the others to the right. */
function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, at) => Math.max(...rows.map((row) => (row[at] ?? '').length)));
  const lineOf = (row: readonly string[]): string =>
    row.map((text, at) => (at === 0 ? text.padEnd(widths[at] ?? 0) : text.padStart((widths[at] ?? 0) + 2))).join('');
  return rows.map((row) => `${lineOf(row).trimEnd()}\n`).join('');
}
