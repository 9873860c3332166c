import { readFileSync, writeFileSync } from 'node:fs';
import { cpus, release, totalmem, type } from 'node:os';
import { join } from 'node:path';
import type { Grown, Pace } from './growth.js';
import type { LedgerCosts } from './ledger.js';
import type { Row } from './measure.js';
import type { Process } from './processes.js';
import type { Frame } from './profile.js';
import type { Searched } from './searches.js';
import { ROOT } from './servers.js';
import type { UploadCosts } from './uploads.js';

/** Headings, then rows: the first column is text, the others are figures. */
type Table = readonly (readonly string[])[];

const whole = new Intl.NumberFormat('en-GB', { maximumFractionDigits: 0 });
const figure = (value: number): string => whole.format(value);

export const operationsTable = (rows: readonly Row[]): Table => [
  ['operation', 'Stockroom /s', 'bare /s', 'docs /s', 'to bare', 'to docs', 'p99 ms'],
  ...rows.map((row) => [
    row.operation,
    figure(row.stockroom),
    figure(row.bare),
    row.docs === null ? '–' : figure(row.docs),
    row.ratioToBare.toFixed(2),
    row.ratioToDocs?.toFixed(2) ?? '–',
    row.p99.toFixed(1),
  ]),
];

export const processesTable = (processes: readonly Process[]): Table => [
  ['server', 'start ms', 'idle MiB', 'after load MiB'],
  ...processes.map(({ server, start, idle, afterLoad }) => [server, figure(start), figure(idle), figure(afterLoad)]),
];

export const growthTable = (grown: readonly Grown[]): Table => [
  ['server and products', 'by id', 'page 1', 'page 1,000', 'start ms', 'idle MiB', 'after load MiB'],
  ...grown
    .toSorted((a, b) => a.server.localeCompare(b.server) || a.products - b.products)
    .map(({ server, products, byId, firstPage, deepPage, start, idle, afterLoad }) => [
      `${server}, ${figure(products)}`,
      ...[byId, firstPage, deepPage].map(pace),
      ...[start, idle, afterLoad].map(figure),
    ]),
];

/** Times by the number of products, and at the most of them also how many times as long as by id. */
export function searchesTable(searched: readonly Searched[]): Table {
  const sizes = [...(searched[0]?.latencies.keys() ?? [])];
  const most = sizes.at(-1) ?? NaN;
  const byId = searched[0]?.latencies.get(most)?.p99 ?? NaN;
  return [
    ['search', ...sizes.map((products) => `${figure(products)}: p50, p99 ms`), 'p99 to by id'],
    ...searched.map(({ search, latencies }) => [
      search,
      ...[...latencies.values()].map(({ p50, p99 }) => `${p50.toFixed(1)}, ${p99.toFixed(1)}`),
      ((latencies.get(most)?.p99 ?? NaN) / byId).toFixed(1),
    ]),
  ];
}

export const enduranceTable = (memory: readonly number[]): Table => [
  ['minutes of load', 'MiB'],
  ...memory.map((held, minutes) => [figure(minutes), figure(held)]),
];

const pace = ({ rate, p50 }: Pace): string =>
  p50 === null ? 'none in time' : `${figure(rate)}/s, ${p50.toFixed(1)} ms`;

export const profileTable = (frames: readonly Frame[]): Table => [
  ['self time', 'share'],
  ...frames.map(({ name, share }) => [name, `${(share * 100).toFixed(1)} %`]),
];

export const ledgerTable = ({ share, onOneAccount, onOwnAccounts }: LedgerCosts): Table => [
  ['ledger', 'measured'],
  ['share of the database time of an order', share === undefined ? 'not known' : `${(share * 100).toFixed(1)} %`],
  ['postings per second, 16 connections on one account', figure(onOneAccount)],
  ['postings per second, 16 connections on 16 accounts', figure(onOwnAccounts)],
  ['one account to 16', (onOneAccount / onOwnAccounts).toFixed(2)],
];

export const uploadsTable = (costs: UploadCosts): Table => [
  ['uploads', 'measured'],
  ['photos', figure(costs.count)],
  ['MB of a photo', (costs.bytes / costs.count / 1e6).toFixed(1)],
  ['seconds until all are answered', costs.answered.toFixed(1)],
  ['photos per second', (costs.count / costs.answered).toFixed(2)],
  ['seconds until all files are made', costs.complete.toFixed(1)],
  ['idle MiB', figure(costs.idle)],
  ['peak MiB above idle', figure(costs.peak - costs.idle)],
  ['p99 ms of a product, idle', costs.p99Idle.toFixed(1)],
  ['p99 ms of a product, meanwhile', costs.p99Meanwhile.toFixed(1)],
];

/** A table for a terminal. */
export function inColumns(table: Table): string {
  const widths = (table[0] ?? []).map((_, column) => Math.max(...table.map((line) => line[column]?.length ?? 0)));
  const padded = (cell: string, column: number): string =>
    column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0);
  return `${table.map((line) => line.map(padded).join('  ')).join('\n')}\n`;
}

function inMarkdown([headings = [], ...rows]: Table): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(headings), line(headings.map((_, column) => (column === 0 ? '---' : '---:'))), ...rows.map(line)].join(
    '\n',
  );
}

/** What it was measured on, in a sentence. */
export function circumstances(postgresql: string, products: string): string {
  const versions = { ...pinned('package.json'), ...pinned('bench/package.json') };
  const packages = ['@nestjs/common', 'fastify', 'typeorm', 'pg', 'autocannon'].map(
    (name) => `${name} ${versions[name] ?? ''}`,
  );
  const processors = cpus();
  const date = new Date().toISOString().slice(0, 10);
  return [
    `Measured on ${date} with ${products} on ${String(processors.length)} × ${processors[0]?.model.trim() ?? 'processor'},`,
    `${figure(totalmem() / 2 ** 30)} GiB of memory, ${type()} ${release()}, shared by the servers, PostgreSQL and the load:`,
    `Node.js ${process.versions.node}, PostgreSQL ${postgresql}, ${packages.join(', ')}.`,
  ].join('\n');
}

function pinned(manifest: string): Partial<Record<string, string>> {
  const { dependencies } = JSON.parse(readFileSync(join(ROOT, manifest), 'utf8')) as {
    dependencies: Record<string, string>;
  };
  return dependencies;
}

const PAGE = join(ROOT, 'docs/performance.md');

/** Puts what was measured into docs/performance.md, between the marks of that part; the words around it stay. */
export function publish(
  part: 'operations' | 'growth' | 'searches' | 'endurance',
  said: string,
  tables: readonly Table[],
): void {
  const page = readFileSync(PAGE, 'utf8');
  const [begin, end] = [`<!-- begin ${part} -->`, `<!-- end ${part} -->`];
  const [before, rest] = page.split(begin, 2);
  const after = rest?.split(end, 2)[1];
  if (before === undefined || after === undefined) throw new Error(`${PAGE} has no marks ${begin} and ${end}`);
  writeFileSync(PAGE, `${before}${[begin, said, ...tables.map(inMarkdown), end].join('\n\n')}${after}`);
}
