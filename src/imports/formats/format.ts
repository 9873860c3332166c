import { attributeNameOf } from '../../common/attributes/attribute-names.js';

/** The shops and feeds whose files an import knows by their columns. */
const FOREIGN_LAYOUTS = ['shopify', 'woocommerce', 'google-merchant'] as const;

/** Whose names the columns of a file have: our own, those of another shop, or names that were mapped. */
export const LAYOUTS = ['stockroom', ...FOREIGN_LAYOUTS, 'mapped'] as const;
export type Layout = (typeof LAYOUTS)[number];

/** A cell, or the parts of one that has several. */
export type Cell = string | readonly string[];

/** The cells of a record by their members: our own, and others of a format. */
export type Cells = Map<string, Cell>;

/** What holds the variants of one product together: the key is of the file. */
export interface Family {
  key: string;
  /** What the variants are called together; of one key always the same. */
  name: string;
  /** What makes the difference, by the names in the file: `{ Size: 'S' }`. */
  options: Readonly<Record<string, string>>;
}

/** A record as one of ours. */
export interface Row {
  cells: Cells;
  family?: Family;
  /** What is to be said of it although it is imported. */
  remark?: { column: string; code: string; detail: string };
}

/** Reads the records of a file in their order, also those that were imported before an interruption: rows inherit from rows above. */
export interface RowReader {
  /** @returns undefined when the record is no product of its own. */
  read(cells: Cells): Row | undefined;
}

/** How the files of another shop are read. */
export interface ForeignFormat {
  layout: (typeof FOREIGN_LAYOUTS)[number];
  /** A header that has all columns of one of them is of this format. */
  signatures: readonly (readonly string[])[];
  /** What its columns are. */
  columns: Readonly<Record<string, string>>;
  /** Whether the cells of prices name their currency. */
  namesCurrency: boolean;
  rows(): RowReader;
}

/** The text of a cell; empty when there is none. */
export const textIn = (cells: Cells, member: string): string => {
  const cell = cells.get(member);
  return typeof cell === 'string' ? cell.trim() : '';
};

/** Options as attributes; one whose name can be none, as it has no Latin letter, is in the family alone. */
export const attributesOf = (options: readonly (readonly [string, string])[]): [string, string][] =>
  options.flatMap(([name, value]): [string, string][] => {
    const attribute = attributeNameOf(name);
    return attribute === undefined ? [] : [[`attributes.${attribute}`, value]];
  });
