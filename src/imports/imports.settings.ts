/** What becomes of columns that an import does not know. */
export const UNKNOWN_COLUMNS = ['skip', 'attributes'] as const;

/** Which line of a file counts when several have one SKU. */
export const DUPLICATES = ['first', 'last'] as const;

/** How an import reads its file, beyond what the file shows: kept with it, so that it goes on in the same way. */
export interface ImportSettings {
  /** What columns are, each as `Title=name`. */
  readonly mapping: readonly string[];
  /** The currency of prices that name none. */
  readonly currency?: string;
  /** The language tag (BCP 47) by which numbers are written; without it each must be clear by itself. */
  readonly locale?: string;
  readonly unknownColumns: (typeof UNKNOWN_COLUMNS)[number];
  /** With `first` every later line of a SKU is a fault; with `last` each line is imported, in order. */
  readonly duplicates: (typeof DUPLICATES)[number];
  /** The sheet of a workbook: its name, or its number among those that are shown; without it the first of those. */
  readonly sheet?: string;
  /** Whether nothing is written, but said what would be. */
  readonly dryRun: boolean;
}

/** The settings of an import that was kept before there were all of them. */
export const settingsOf = (kept: Partial<ImportSettings> = {}): ImportSettings => ({
  mapping: [],
  unknownColumns: 'skip',
  duplicates: 'first',
  dryRun: false,
  ...kept,
});
