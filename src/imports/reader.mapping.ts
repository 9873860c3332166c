import { COMMON_NAMES } from './formats/common-names.js';
import type { ForeignFormat, Layout } from './formats/format.js';
import { FOREIGN_FORMATS } from './formats/formats.js';
import type { ImportSettings } from './imports.settings.js';
import { attributeMember, FAULT_COLUMN, memberNamed, plain } from './reader.columns.js';
import { pairIn } from './reader.pairs.js';
import type { LineFault } from './reader.product.js';

/** A column of a file, and what it is. */
export interface MappedColumn {
  place: number;
  /** As the header names it. */
  name: string;
  /** Undefined when it is skipped. */
  member: string | undefined;
}

/** What the columns of a file are. */
export interface ColumnMapping {
  layout: Layout;
  format: ForeignFormat | undefined;
  columns: readonly MappedColumn[];
  faults: readonly LineFault[];
}

/** How many columns a line must name to be a header: a title may have the word `name` in it, but not two cells. */
const LEAST_NAMED = 2;

const COMMON = new Map(
  Object.entries(COMMON_NAMES).flatMap(([member, names]) => names.map((name) => [plain(name), member] as const)),
);

const FORMATS = FOREIGN_FORMATS.map((format) => ({
  format,
  signatures: format.signatures.map((names) => names.map(plain)),
  columns: new Map(Object.entries(format.columns).map(([name, member]) => [plain(name), member])),
}));

/** The names of columns that an import takes: our own, those of other shops, common ones, and those that its options map. */
export class ColumnNames {
  /** What columns are by the option `mapping`. */
  private readonly chosen: ReadonlyMap<string, { source: string; member: string }>;

  constructor(private readonly settings: Pick<ImportSettings, 'mapping' | 'unknownColumns'>) {
    const pairs = settings.mapping.flatMap((pair) => pairIn(pair) ?? []);
    this.chosen = new Map(pairs.map(({ source, member }) => [plain(source), { source, member }]));
  }

  /** How many different columns the cells name. */
  countIn(cells: readonly string[]): number {
    return new Set(cells.flatMap((cell) => this.known(cell) ?? [])).size;
  }

  /** Whether these are the names of columns, and not a title, a note or a product. */
  isHeader(cells: readonly string[]): boolean {
    return this.countIn(cells) >= LEAST_NAMED;
  }

  /**
   * What the columns of a header are: by the option `mapping` first, then by the names of the format that it is of, then by our
   * own names, then by common ones. What is claimed before is not claimed again, except by two columns of one name.
   * @param takesPhotos whether photos are imported: those of another shop are skipped otherwise.
   */
  map(names: readonly string[], takesPhotos: boolean): ColumnMapping {
    const plainNames = names.map(plain);
    const found = FORMATS.find(({ signatures }) =>
      signatures.some((signature) => signature.every((name) => plainNames.includes(name))),
    );
    const claimed = new Map<number, string>();
    const members = new Set<string>();
    const claim = (memberOf: (name: string, place: number) => string | undefined, isMany: boolean): void => {
      const before = new Set(members);
      for (const [place, name] of names.entries()) {
        if (name === '' || claimed.has(place)) continue;
        const member = memberOf(name, place);
        if (member === undefined || isTaken(member, isMany ? before : members)) continue;
        claimed.set(place, member);
        members.add(member);
      }
    };
    claim((name) => this.chosen.get(plain(name))?.member, true);
    claim((name) => {
      const member = found?.columns.get(plain(name));
      return member === 'photos' && !takesPhotos ? undefined : member;
    }, true);
    claim((name) => memberNamed(name), true);
    const own = members.size;
    claim((name) => COMMON.get(plain(name)), false);
    const isMapped = this.chosen.size > 0 || members.size > own;
    if (this.settings.unknownColumns === 'attributes') {
      claim((name) => (name === FAULT_COLUMN ? undefined : attributeMember(name)), false);
    }
    return {
      layout: found?.format.layout ?? (isMapped ? 'mapped' : 'stockroom'),
      format: found?.format,
      columns: names.map((name, place) => ({ place, name, member: claimed.get(place) })),
      faults: this.missingIn(plainNames),
    };
  }

  /** The columns that the option names and the header does not. */
  private missingIn(plainNames: readonly string[]): LineFault[] {
    return [...this.chosen]
      .filter(([name]) => !plainNames.includes(name))
      .map(([, { source }]) => ({
        column: source,
        code: 'mapping',
        detail: 'is named by the option mapping, but is not in the header',
      }));
  }

  private known(cell: string): string | undefined {
    const name = plain(cell);
    return (
      this.chosen.get(name)?.member ??
      memberNamed(cell) ??
      COMMON.get(name) ??
      FORMATS.map(({ columns }) => columns.get(name)).find((member) => member !== undefined)
    );
  }
}

/** A price is in major or in minor units. */
function isTaken(member: string, members: ReadonlySet<string>): boolean {
  const other = member === 'price' ? 'price.amount' : member === 'price.amount' ? 'price' : undefined;
  return members.has(member) || (other !== undefined && members.has(other));
}
