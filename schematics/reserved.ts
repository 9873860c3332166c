/** Words that TypeScript doesn't take as a name. */
const OF_TYPESCRIPT =
  'arguments async await break case catch class const continue debugger default delete do else enum eval export extends false finally for function if implements import in instanceof interface let new null package private protected public return static super switch this throw true try typeof undefined var void while with yield';

/** Words that PostgreSQL doesn't take as the name of a column; https://www.postgresql.org/docs/current/sql-keywords-appendix.html */
const OF_POSTGRESQL =
  'all analyse analyze and any array as asc asymmetric authorization binary both case cast check collate collation column concurrently constraint create cross current_catalog current_date current_role current_schema current_time current_timestamp current_user default deferrable desc distinct do else end except false fetch for foreign freeze from full grant group having ilike in initially inner intersect into is isnull join lateral leading left like limit localtime localtimestamp natural not notnull null offset on only or order outer overlaps placing primary references returning right select session_user similar some symmetric system_user table tablesample then to trailing true union unique user using variadic verbose when where window with';

const TYPESCRIPT = new Set(OF_TYPESCRIPT.split(' '));
const POSTGRESQL = new Set(OF_POSTGRESQL.split(' '));

/** Whether TypeScript does not take a name for a variable. */
export const isWordOfTypeScript = (name: string): boolean => TYPESCRIPT.has(name);

/** Whether PostgreSQL does not take a name for a column or a table. */
export const isWordOfSql = (name: string): boolean => POSTGRESQL.has(name);

/** What the generated code imports and calls by its name where it also imports an entity. */
const IMPORTED =
  'AppError AskedList Attributes Caller DataSchema EventsService Clock Column Entity ExpectedVersions Injectable InjectRepository IsNull Module NotFound Page Pages ConstraintErrors Repository SortKey Sql Transactions TypeOrmModule ValidationFailed VersionedRow';

/** The types that TypeScript has without an import, and that are no values. */
const UTILITY_TYPES =
  'Awaited Capitalize ConstructorParameters Exclude Extract InstanceType Lowercase NoInfer NonNullable Omit OmitThisParameter Parameters Partial Pick PropertyKey Readonly Record Required ReturnType ThisParameterType ThisType Uncapitalize Uppercase';

const TYPES = new Set([...IMPORTED.split(' '), ...UTILITY_TYPES.split(' ')]);

/** Whether a class would hide, under its name, what the generated code means by it. */
export const isTypeElsewhere = (name: string): boolean => TYPES.has(name) || name in globalThis;
