import { randomInt } from 'node:crypto';

/** Digits and letters that nobody takes for another one; Crockford's base 32. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

const group = (): string => Array.from({ length: 4 }, () => ALPHABET[randomInt(ALPHABET.length)]).join('');

/**
 * A number for people to read out, `7K2M-93XD-Q0AB`: random, so that it tells neither how many orders there are nor which came before.
 * Of 2^60 numbers, two of a million orders are the same once in two million shops; the table refuses the second.
 */
export const newOrderNumber = (): string => [group(), group(), group()].join('-');
