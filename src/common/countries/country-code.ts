import { isISO31661Alpha2, ValidateBy, type ValidationOptions } from 'class-validator';

/** Whether a value is the code of a country, in capital letters; ISO 3166-1 alpha-2. */
const isCountryCode = (value: unknown): boolean =>
  typeof value === 'string' && /^[A-Z]{2}$/.test(value) && isISO31661Alpha2(value);

/** Accepts the code of a country of ISO 3166-1 alpha-2, in capital letters. @param options `each` for a list of codes. */
export const IsCountryCode = (options: Pick<ValidationOptions, 'each'> = {}): PropertyDecorator =>
  ValidateBy(
    {
      name: 'isCountryCode',
      validator: {
        validate: isCountryCode,
        defaultMessage: () => '$property must be an ISO 3166-1 alpha-2 country code in capital letters, e.g. GB',
      },
    },
    options,
  );
