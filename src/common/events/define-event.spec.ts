import { describe, expect, it } from '@jest/globals';
import { defineEvent } from './define-event.js';

describe('a kind of event', () => {
  it.each([
    'email',
    'customerEmail',
    'phoneNumber',
    'shippingAddress',
    'street',
    'userName',
    'lastName',
    'ip',
    'token',
  ])('holds no personal data such as %s', (member) => {
    const define = (): unknown =>
      defineEvent<Record<string, string>>('thing.made', 1, 'Never.', { [member]: { type: 'string' } });

    expect(define).toThrow(`personal data in ${member}`);
  });

  it('holds no personal data deeper in it either, and no name of a person', () => {
    const place = {
      type: 'object' as const,
      properties: { lines: { type: 'array', items: { properties: { zip: {}, postcode: {} } } } },
    };

    expect(() => defineEvent<{ place: object }>('thing.sent', 1, 'Never.', { place })).toThrow('postcode');
    expect(() => defineEvent<{ name: string }>('customer.made', 1, 'Never.', { name: { type: 'string' } })).toThrow(
      'personal data in name',
    );
  });

  it('may have ids, and names of things; its schema says what may be left out', () => {
    const type = defineEvent<{ name: string; addressId: string; emailId?: string }>('parcel.sent', 2, 'It left.', {
      name: { type: 'string' },
      addressId: { type: 'string', format: 'uuid' },
      emailId: { type: 'string', optional: true },
    });

    expect(type).toMatchObject({ aggregateType: 'parcel', version: 2 });
    expect(type.schema).toEqual({
      type: 'object',
      required: ['name', 'addressId'],
      additionalProperties: false,
      properties: {
        name: { type: 'string' },
        addressId: { type: 'string', format: 'uuid' },
        emailId: { type: 'string' },
      },
    });
  });

  it('is defined once, and is called aggregate.verb', () => {
    defineEvent('shelf.moved', 1, 'It moved.', {});

    expect(() => defineEvent('shelf.moved', 1, 'Again.', {})).toThrow('defined twice');
    expect(() => defineEvent('Shelf.moved', 1, 'No.', {})).toThrow('aggregate.verb');
    expect(() => defineEvent('shelf.moved.far', 1, 'No.', {})).toThrow('aggregate.verb');
  });
});
