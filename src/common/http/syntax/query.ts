/** For `@Transform`: `true` and `false` in a query become truth values; anything else stays, to be refused. */
export const truthOf = ({ value }: { value: unknown }): unknown =>
  value === 'true' ? true : value === 'false' ? false : value;

/** For `@Transform`: `a,b` as well as `a` given twice become a list. */
export const listOf = ({ value }: { value: unknown }): unknown =>
  (Array.isArray(value) ? value : [value]).flatMap((item: unknown) =>
    typeof item === 'string' ? item.split(',') : [item],
  );

/** For `@Transform`: what is given once becomes a list, too; unlike {@link listOf}, for texts that may have commas. */
export const itemsOf = ({ value }: { value: unknown }): unknown => (Array.isArray(value) ? value : [value]);
