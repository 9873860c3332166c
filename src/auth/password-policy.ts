import { Injectable } from '@nestjs/common';
import type { ZxcvbnFactory } from '@zxcvbn-ts/core';
import { AppError } from '../common/errors/app-error.js';
import { ValidationFailed } from '../common/errors/errors.js';
import { FAMOUS_PHRASES } from './famous-phrases.js';

/** Bounds of a password in characters; NIST SP 800-63B-4 §3.1.1.2. */
const MIN_PASSWORD_LENGTH = 15;
const MAX_PASSWORD_LENGTH = 128;

const SHOP = 'stockroom';

/** A local part shorter than this stands in half of all passwords by chance. */
const MIN_CONTEXT_LENGTH = 4;

/**
 * How much of a password is compared with the lists at a time, and in how many spellings (`4$1!`): the effort grows with the
 * square of the length and with every spelling, and is spent on the event loop (32 characters: at most 6 ms; 128 characters
 * with the usual 100 spellings: more than 100 ms). What holds for a part holds for the whole: no password is guessed sooner than
 * a part of it.
 */
const COMPARED_LENGTH = 32;
const SPELLINGS = 4;

/** With so few digits, signs and spaces around it, a common word is still a common word. */
const MAX_PADDING = 10;
/** Fewer letters than these are no word. */
const MIN_WORD = 4;
/** Up to so many guesses a word counts as common. */
const COMMON_WORD_GUESSES = 1_000_000;
/** A famous phrase with so few other letters is still one. */
const MAX_OTHER_LETTERS = 8;

/** zxcvbn's score of what takes more than 10^8 guesses: beyond the lists, and what is made of them with a few digits. */
const GOOD_SCORE = 3;

/** What is wrong with a password; codes are contract. */
export interface PasswordFault {
  code: 'minLength' | 'maxLength' | 'password_context' | 'password_breached';
  detail: string;
}

/** Which passwords are taken: long ones that nobody else uses. There are no rules of composition. */
@Injectable()
export class PasswordPolicy {
  private comparison?: Promise<ZxcvbnFactory>;

  /** @throws AppError 422 with what is wrong, at `pointer`. */
  async check(password: string, email: string, pointer: string): Promise<void> {
    const faults = await this.faultsOf(password, email);
    if (faults.length === 0) return;
    throw new AppError(ValidationFailed, 'The password can’t be used; errors says why.', {
      errors: faults.map((fault) => ({ pointer, ...fault })),
    });
  }

  /** What speaks against the password for the account of that e-mail. */
  async faultsOf(password: string, email: string): Promise<PasswordFault[]> {
    const characters = Array.from(password.normalize('NFC'));
    if (characters.length < MIN_PASSWORD_LENGTH) {
      return [{ code: 'minLength', detail: `must have at least ${String(MIN_PASSWORD_LENGTH)} characters` }];
    }
    if (characters.length > MAX_PASSWORD_LENGTH) {
      return [{ code: 'maxLength', detail: `must have at most ${String(MAX_PASSWORD_LENGTH)} characters` }];
    }
    const faults: PasswordFault[] = [];
    if (isOfContext(password, email)) {
      faults.push({ code: 'password_context', detail: 'must not contain the name of the shop or of the e-mail' });
    }
    if (await this.isCommon(characters)) {
      faults.push({
        code: 'password_breached',
        detail: 'is among the common and breached passwords, or made of one; three or four unrelated words do better',
      });
    }
    return faults;
  }

  private async isCommon(characters: string[]): Promise<boolean> {
    this.comparison ??= loadComparison();
    const comparison = await this.comparison;
    const letters = characters.filter((character) => /\p{L}/u.test(character));
    if (isFamous(letters.join('').toLowerCase())) return true;
    const parts = [characters.slice(0, COMPARED_LENGTH), characters.slice(COMPARED_LENGTH).slice(-COMPARED_LENGTH)];
    if (parts.every((part) => comparison.check(part.join('')).score < GOOD_SCORE)) return true;
    if (letters.length < MIN_WORD || characters.length - letters.length > MAX_PADDING) return false;
    return comparison.check(letters.slice(0, COMPARED_LENGTH).join('')).guesses < COMMON_WORD_GUESSES;
  }
}

const isFamous = (letters: string): boolean =>
  FAMOUS_PHRASES.some((phrase) => letters.length - phrase.length <= MAX_OTHER_LETTERS && letters.includes(phrase));

/** The lists come with the package: nothing is asked of anybody outside. Loaded when first needed, as they are large. */
async function loadComparison(): Promise<ZxcvbnFactory> {
  const [{ ZxcvbnFactory: Factory }, { adjacencyGraphs, dictionary }] = await Promise.all([
    import('@zxcvbn-ts/core'),
    import('@zxcvbn-ts/language-common'),
  ]);
  return new Factory({ dictionary, graphs: adjacencyGraphs, l33tMaxSubstitutions: SPELLINGS });
}

const LEET: Readonly<Record<string, string>> = {
  '0': 'o',
  '1': 'i',
  '3': 'e',
  '4': 'a',
  '5': 's',
  '7': 't',
  '@': 'a',
  $: 's',
  '!': 'i',
};

const plain = (text: string): string =>
  text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[013457@$!]/g, (character) => LEET[character] ?? character);

function isOfContext(password: string, email: string): boolean {
  const localPart = email.slice(0, email.lastIndexOf('@'));
  const names = localPart.length >= MIN_CONTEXT_LENGTH ? [SHOP, localPart] : [SHOP];
  return names.some((name) => plain(password).includes(plain(name)));
}
