import { Injectable } from '@nestjs/common';
import { faultOfText, lengthOf, normalized } from '../common/text/text.js';
import { ProductFamiliesBulkService } from '../product-families/product-families.bulk.service.js';
import { ProductsService } from '../products/products.service.js';
import type { Family } from './formats/format.js';
import type { ImportFaultAt } from './reader.js';

/** How long the code and the name of a family may be, in characters. */
const MAX_CODE = 255;
const MAX_NAME = 200;

/** A line whose product is there, and is one of several variants. */
export interface LineWithFamily {
  line: number;
  sku: string;
  family: Family;
}

/** Puts the products of lines into the families that their file has: those of one key are one. */
@Injectable()
export class ImportFamilies {
  constructor(
    private readonly products: ProductsService,
    private readonly families: ProductFamiliesBulkService,
  ) {}

  /** The same lines again change nothing. @returns what is wrong: the products stay as they are. */
  async add(lines: readonly LineWithFamily[]): Promise<ImportFaultAt[]> {
    const refused = lines.flatMap(({ line, family }) => {
      const detail = faultOf(family);
      return detail === undefined ? [] : [{ line, column: null, code: 'family', detail }];
    });
    const refusedAt = new Set(refused.map(({ line }) => line));
    const sound = lines.filter(({ line }) => !refusedAt.has(line));
    return [...refused, ...(await this.addSound(sound.map((one) => ({ ...one, family: composed(one.family) }))))];
  }

  private async addSound(lines: readonly LineWithFamily[]): Promise<ImportFaultAt[]> {
    const ids = await this.products.idsOf([...new Set(lines.map(({ sku }) => sku))]);
    const lineOf = new Map(lines.map(({ line, sku }) => [ids.get(sku), line]));
    const byKey = Map.groupBy(lines, ({ family }) => family.key);
    const results = await this.families.ensureMany(
      [...byKey.values()].flatMap(([first, ...others]) => (first ? [familyOf([first, ...others], first, ids)] : [])),
    );
    return results.flatMap(({ code, faults }) =>
      faults.map(({ productId, detail }) => ({
        line: lineOf.get(productId) ?? byKey.get(code)?.[0]?.line ?? 0,
        column: null,
        code: 'family',
        detail: `is imported, but is not in the family ${code}: ${detail}`,
      })),
    );
  }
}

/** Why a family can't be kept. */
function faultOf({ key, name, options }: Family): string | undefined {
  const texts = [key, name, ...Object.entries(options).flat()];
  const fault = texts.map((text) => faultOfText(text)).find((found) => found !== undefined);
  if (fault) return `is imported, but has a family with a text that ${fault.detail}`;
  if (lengthOf(key) <= MAX_CODE && lengthOf(name) <= MAX_NAME) return undefined;
  return `is imported, but has a family with a key of more than ${String(MAX_CODE)} or a name of more than ${String(MAX_NAME)} characters`;
}

/** A family in the normal form of texts: files of some systems have letters and marks apart. */
const composed = ({ key, name, options }: Family): Family => ({
  key: normalized(key),
  name: normalized(name),
  options: Object.fromEntries(
    Object.entries(options).map(([option, value]) => [normalized(option), normalized(value)]),
  ),
});

/** The family of the lines, with the options that the first one has; a member that has others has no values for these. */
function familyOf(
  lines: readonly LineWithFamily[],
  { family: { key, name, options } }: LineWithFamily,
  ids: ReadonlyMap<string, string>,
): Parameters<ProductFamiliesBulkService['ensureMany']>[0][number] {
  const names = Object.keys(options);
  return {
    code: key,
    name,
    options: names,
    members: lines.flatMap(({ sku, family }) => {
      const productId = ids.get(sku);
      const isAlike = Object.keys(family.options).length === names.length;
      const values = isAlike ? names.map((option) => family.options[option] ?? '') : [];
      return productId === undefined ? [] : [{ productId, values }];
    }),
  };
}
