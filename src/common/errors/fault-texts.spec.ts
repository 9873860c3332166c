import { describe, expect, it } from '@jest/globals';
import { faultText, nameAt } from './fault-texts.js';

describe('what is wrong with a value', () => {
  it.each([
    ['email', 'email must be an email', 'must be an e-mail address, like name@example.com'],
    ['price', 'nested property price must be either object or array', 'must be an object'],
    ['name', 'name must be longer than or equal to 1 characters', 'must not be empty'],
    ['name', 'name must be longer than or equal to 3 characters', 'must have at least 3 characters'],
    ['name', 'name must be shorter than or equal to 100 characters', 'must have at most 100 characters'],
    ['limit', 'limit must not be greater than 100', 'must be at most 100'],
    ['amount', 'amount must be an integer number', 'must be a whole number'],
    ['tags', 'each value in tags must be a UUID', 'each item must be an id, as an answer gave it (a UUID)'],
    ['tags', "All tags's elements must be unique", 'must not have the same item twice'],
    ['status', 'status must be one of the following values: draft, active', 'must be one of draft, active'],
    ['sku', 'sku must match /^[A-Z]+$/ regular expression', expect.not.stringContaining('^')],
    ['limit', 'must be a whole number', 'must be a whole number'],
    ['name', 'name must be a line of text', 'must be a line of text'],
    ['q', 'must be one line, which name must be', 'must be one line, which name must be'],
    ['a.b', 'other must be an email', 'other must be an email'],
  ])('of %s: %s', (name, said, text) => {
    expect(faultText(name, said)).toEqual(text);
  });

  it('is said of the list, when an item is wrong', () => {
    expect(['#/tags/0', '#/price/amount', '#', 'limit'].map(nameAt)).toEqual(['tags', 'amount', '#', 'limit']);
  });
});
