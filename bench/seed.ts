import { hash } from '@node-rs/argon2';
import { COLOURS, KINDS, MATERIALS, STYLES } from './catalogue.js';
import { type Connection, customer, CUSTOMERS, PASSWORD, PLENTY, STAFF, uuidv7 } from './seed.common.js';

/** The parameters of the hash of passwords: those of the application. */
const EFFORT = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

const BATCH = 10_000;

/** A whole number below `count` out of seven of those digits. */
const pick = (digits: string, from: number, count: string): string =>
  `(('x' || substr(${digits}, ${String(from)}, 7))::bit(28)::int % ${count})`;

/** Fills an empty database: accounts, categories, and so many products, the same ones each time. Orders are on top of it. */
export async function seed(
  connection: Connection,
  products: number,
  onMade: (products: number) => void = () => undefined,
): Promise<void> {
  await seedAccounts(connection);
  await seedCategories(connection);
  for (let from = 1; from <= products; from += BATCH) {
    const to = Math.min(from + BATCH - 1, products);
    await seedProducts(connection, from, to);
    onMade(to);
  }
  await connection.query('VACUUM (ANALYZE)');
}

async function seedAccounts(connection: Connection): Promise<void> {
  const accounts = [STAFF, ...Array.from({ length: CUSTOMERS }, (_, number) => customer(number))];
  await connection.query(
    `INSERT INTO users (id, email, name, roles, password_hash, email_verified_at)
     SELECT ${uuidv7('now()', 'md5(email)')}, email, 'Ada Lovelace',
            ARRAY[CASE WHEN email = $2 THEN 'staff' ELSE 'customer' END], $3, now()
     FROM unnest($1::text[]) email`,
    [accounts, STAFF, await hash(PASSWORD, EFFORT)],
  );
}

async function seedCategories(connection: Connection): Promise<void> {
  const categories = Object.entries(KINDS).flatMap(([department, inside]) => [
    { name: department, parent: null },
    ...Object.keys(inside).map((name) => ({ name, parent: department })),
  ]);
  await connection.query(
    `WITH made AS (
       SELECT ${uuidv7("timestamptz '2024-01-01Z'", "md5(concat(parent, '/', name))")} AS id, name, parent
       FROM jsonb_to_recordset($1) AS category (name text, parent text)
     )
     INSERT INTO categories (id, parent_id, name, slug)
     SELECT made.id, above.id, made.name, lower(made.name) || '-' || right(made.id::text, 8)
     FROM made LEFT JOIN made above ON above.name = made.parent AND above.parent IS NULL`,
    [JSON.stringify(categories)],
  );
  const kinds = Object.values(KINDS).flatMap((inside) =>
    Object.entries(inside).flatMap(([category, names]) => names.map((name) => ({ name, category }))),
  );
  await connection.query(
    `CREATE TEMPORARY TABLE kinds AS
     SELECT row_number() OVER () - 1 AS number, kind.name, c.id AS category_id,
            (SELECT string_agg(above.name, ' ' ORDER BY above.id) FROM categories above
             WHERE above.id IN (c.id, c.parent_id)) AS category_names
     FROM jsonb_to_recordset($1) AS kind (name text, category text) JOIN categories c ON c.name = kind.category
       AND c.parent_id IS NOT NULL`,
    [JSON.stringify(kinds)],
  );
}

/** `category_names` is given as the triggers would have it, so that they find nothing to change. */
async function seedProducts(connection: Connection, from: number, to: number): Promise<void> {
  await connection.query(
    `WITH numbers AS (
       SELECT n, md5(n::text) AS digits, timestamptz '2025-01-01Z' + n * interval '20 seconds' AS moment
       FROM generate_series($1::int, $2::int) n
     ), drawn AS (
       SELECT *, ${uuidv7('moment', 'digits')} AS id,
              ($3::text[])[1 + ${pick('digits', 1, 'cardinality($3::text[])')}] AS style,
              ($4::text[])[1 + ${pick('digits', 5, 'cardinality($4::text[])')}] AS colour,
              ($5::text[])[1 + ${pick('digits', 9, 'cardinality($5::text[])')}] AS material,
              ${pick('digits', 13, '(SELECT count(*) FROM kinds)')} AS kind,
              99 + ${pick('digits', 17, '9900')} AS price, CASE WHEN n % 5 = 1 THEN ${String(PLENTY)} ELSE ${pick('digits', 21, '200')} END AS stock
       FROM numbers
     ), made AS (
       INSERT INTO products (id, sku, slug, name, description, price_amount, price_currency, attributes, status, category_names,
                             created_at, updated_at)
       SELECT id, 'SEED-' || n, lower(concat_ws('-', style, colour, material)) || '-' || right(id::text, 12),
              concat_ws(' ', style, colour, material, kinds.name),
              format('A %s %s of %s, made to last. It comes in a box and is sent within two days.', lower(style),
                     lower(kinds.name), lower(material)),
              price, 'GBP', jsonb_build_object('colour', lower(colour), 'pieces', 1 + n % 12),
              CASE WHEN n % 50 = 0 THEN 'archived' ELSE 'active' END, kinds.category_names, moment, moment
       FROM drawn JOIN kinds ON kinds.number = drawn.kind
     )
     INSERT INTO stock_levels (product_id, on_hand, created_at, updated_at) SELECT id, stock, moment, moment FROM drawn`,
    [from, to, STYLES, COLOURS, MATERIALS],
  );
  await connection.query(
    `INSERT INTO product_categories (product_id, category_id)
     SELECT p.id, kinds.category_id
     FROM generate_series($1::int, $2::int) n JOIN products p ON p.sku = 'SEED-' || n
     JOIN kinds ON kinds.number = ${pick('md5(n::text)', 13, '(SELECT count(*) FROM kinds)')}`,
    [from, to],
  );
}
