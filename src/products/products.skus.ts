/** What two SKUs have in common that are one: they are compared without case, and without spaces around. SKUs are ASCII. */
export const skuKey = (sku: string): string => sku.trim().toLowerCase();
