import type { ForeignFormat } from './format.js';
import { GOOGLE_MERCHANT } from './google-merchant.js';
import { SHOPIFY } from './shopify.js';
import { WOOCOMMERCE } from './woocommerce.js';

/** The formats of other shops: a new one is a file beside these, and a line here. */
export const FOREIGN_FORMATS: readonly ForeignFormat[] = [SHOPIFY, WOOCOMMERCE, GOOGLE_MERCHANT];
