/** Words that TypeScript doesn't take as a name. */
const OF_TYPESCRIPT =
  'arguments async await break case catch class const continue debugger default delete do else enum eval export extends false finally for function if implements import in instanceof interface let new null package private protected public return static super switch this throw true try typeof undefined var void while with yield';

/** Words that PostgreSQL doesn't take as the name of a column; https://www.postgresql.org/docs/current/sql-keywords-appendix.html */
const OF_POSTGRESQL =
  'all analyse analyze and any array as asc asymmetric authorization binary both case cast check collate collation column concurrently constraint create cross current_catalog current_date current_role current_schema current_time current_timestamp current_user default deferrable desc distinct do else end except false fetch for foreign freeze from full grant group having ilike in initially inner intersect into is isnull join lateral leading left like limit localtime localtimestamp natural not notnull null offset on only or order outer overlaps placing primary references returning right select session_user similar some symmetric system_user table tablesample then to trailing true union unique user using variadic verbose when where window with';

const WORDS = new Set([...OF_TYPESCRIPT.split(' '), ...OF_POSTGRESQL.split(' ')]);

/** Whether code or SQL has another meaning for a name. */
export const isReserved = (name: string): boolean => WORDS.has(name);
