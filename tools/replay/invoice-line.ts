import { normaliseCode } from '../demo/goods.js';
import { readLines, toInteger } from '../demo/invoice-files.js';
import { toMills } from '../demo/price.js';

const COLUMNS = [
  'InvoiceNo',
  'StockCode',
  'Description',
  'Quantity',
  'InvoiceDate',
  'UnitPrice',
  'CustomerID',
] as const;

/** One line of an invoice, as the replay needs it. */
export interface InvoiceLine {
  /** Digits for a purchase, `C` and digits for a cancellation, `A` and digits for a booking of a debt. */
  invoice: string;
  /** In capital letters. */
  code: string;
  description: string;
  /** Below zero for what came back. */
  quantity: number;
  /** The price of one unit, in mills. */
  mills: number;
  /** `YYYY-MM-DD HH:MM:SS`. */
  date: string;
  /** A number; null for a guest. */
  customer: string | null;
}

/** What a line comes to, in mills. */
export const amountOf = ({ quantity, mills }: Pick<InvoiceLine, 'quantity' | 'mills'>): number => quantity * mills + 0;

/** Reads a file line by line. @throws InputError naming the file and the line where it is not as it should be. */
export function readInvoice(path: string): AsyncGenerator<InvoiceLine> {
  return readLines(path, COLUMNS, (field) => ({
    invoice: field('InvoiceNo').trim().toUpperCase(),
    code: normaliseCode(field('StockCode')),
    description: field('Description'),
    quantity: toInteger(field('Quantity')),
    mills: toMills(field('UnitPrice')),
    date: dateOf(field('InvoiceDate')),
    customer: field('CustomerID').trim() || null,
  }));
}

function dateOf(text: string): string {
  if (!/^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}$/.test(text)) throw new RangeError(`"${text}" is not a date`);
  return text;
}
