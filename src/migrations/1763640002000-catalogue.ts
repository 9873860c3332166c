import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Categories, products with their stock, and what searching them needs. */
export class Catalogue1763640002000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('CREATE EXTENSION IF NOT EXISTS pg_trgm');
    await runner.query(`
      CREATE TABLE categories (
        id uuid CONSTRAINT categories_pk PRIMARY KEY,
        parent_id uuid CONSTRAINT categories_parent_fk REFERENCES categories (id),
        name text NOT NULL,
        slug text NOT NULL CONSTRAINT categories_slug_unique UNIQUE,
        version integer NOT NULL DEFAULT 1,
        created_at timestamptz(3) NOT NULL DEFAULT now(),
        updated_at timestamptz(3) NOT NULL DEFAULT now(),
        CONSTRAINT categories_name_unique_among_siblings UNIQUE NULLS NOT DISTINCT (parent_id, name)
      )`);
    await runner.query(`
      CREATE TABLE products (
        id uuid CONSTRAINT products_pk PRIMARY KEY,
        sku text NOT NULL CONSTRAINT products_sku_unique UNIQUE,
        slug text NOT NULL CONSTRAINT products_slug_unique UNIQUE,
        name text NOT NULL,
        description text,
        price_amount bigint NOT NULL CONSTRAINT products_price_not_negative CHECK (price_amount >= 0),
        price_currency char(3) NOT NULL,
        attributes jsonb NOT NULL DEFAULT '{}',
        status text NOT NULL CONSTRAINT products_status_known CHECK (status IN ('draft', 'active', 'archived')),
        on_hand integer NOT NULL DEFAULT 0,
        reserved integer NOT NULL DEFAULT 0,
        version integer NOT NULL DEFAULT 1,
        created_at timestamptz(3) NOT NULL DEFAULT now(),
        updated_at timestamptz(3) NOT NULL DEFAULT now(),
        found_in text NOT NULL DEFAULT '',
        search tsvector NOT NULL GENERATED ALWAYS AS (
          setweight(to_tsvector('english', name), 'A')
          || setweight(to_tsvector('simple', translate(sku, '-_./', '    ')), 'A')
          || setweight(to_tsvector('english', found_in), 'B')
          || setweight(to_tsvector('english', coalesce(description, '')), 'C')
        ) STORED,
        CONSTRAINT products_stock_never_oversold CHECK (reserved >= 0 AND on_hand >= reserved)
      )`);
    // The keyset order of each sort; names are sorted by code points, independent of the server's locale.
    await runner.query('CREATE INDEX products_by_name ON products (lower(name) COLLATE "C", id)');
    await runner.query('CREATE INDEX products_by_price ON products (price_amount, id)');
    await runner.query('CREATE INDEX products_by_created_at ON products (created_at, id)');
    await runner.query('CREATE INDEX products_for_search ON products USING gin (search)');
    await runner.query(
      "CREATE INDEX products_for_similar_words ON products USING gin ((name || ' ' || found_in) gin_trgm_ops)",
    );
    await runner.query(`
      CREATE TABLE product_categories (
        product_id uuid NOT NULL CONSTRAINT product_categories_product_fk REFERENCES products (id) ON DELETE CASCADE,
        category_id uuid NOT NULL CONSTRAINT product_categories_category_fk REFERENCES categories (id),
        CONSTRAINT product_categories_pk PRIMARY KEY (product_id, category_id)
      )`);
    await runner.query('CREATE INDEX product_categories_of_category ON product_categories (category_id, product_id)');
    await runner.query(`
      CREATE TABLE stock_movements (
        id uuid CONSTRAINT stock_movements_pk PRIMARY KEY,
        product_id uuid NOT NULL CONSTRAINT stock_movements_product_fk REFERENCES products (id) ON DELETE CASCADE,
        delta integer NOT NULL CONSTRAINT stock_movements_move_something CHECK (delta <> 0),
        on_hand integer NOT NULL,
        reason text NOT NULL,
        actor_id uuid,
        created_at timestamptz(3) NOT NULL DEFAULT now()
      )`);
    await runner.query('CREATE INDEX stock_movements_of_product ON stock_movements (product_id, created_at, id)');
    // `found_in` has the names of a product's categories and of those above them, so that a Christmas lantern is found by
    // that even if its name doesn't say Christmas.
    await runner.query(`
      CREATE FUNCTION products_note_categories(ids uuid[]) RETURNS void LANGUAGE sql AS $$
        UPDATE products p SET found_in = noted.names
        FROM (
          SELECT product.id, coalesce((
            WITH RECURSIVE above AS (
              SELECT c.id, c.parent_id, c.name
              FROM product_categories pc JOIN categories c ON c.id = pc.category_id WHERE pc.product_id = product.id
              UNION
              SELECT c.id, c.parent_id, c.name FROM categories c JOIN above ON c.id = above.parent_id
            ) SELECT string_agg(name, ' ' ORDER BY id) FROM above
          ), '') AS names
          FROM unnest(ids) AS product (id)
        ) noted
        WHERE p.id = noted.id AND p.found_in <> noted.names
      $$`);
    await runner.query(`
      CREATE FUNCTION product_categories_changed() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          PERFORM products_note_categories((SELECT array_agg(DISTINCT product_id) FROM changed));
          RETURN NULL;
        END
      $$`);
    await runner.query(`
      CREATE TRIGGER product_categories_noted_on_insert AFTER INSERT ON product_categories
      REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION product_categories_changed()`);
    await runner.query(`
      CREATE TRIGGER product_categories_noted_on_delete AFTER DELETE ON product_categories
      REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION product_categories_changed()`);
    await runner.query(`
      CREATE FUNCTION category_changed() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          PERFORM products_note_categories((
            WITH RECURSIVE below AS (
              SELECT NEW.id AS id UNION ALL SELECT c.id FROM categories c JOIN below ON c.parent_id = below.id
            ) SELECT array_agg(DISTINCT product_id) FROM product_categories WHERE category_id IN (SELECT id FROM below)
          ));
          RETURN NULL;
        END
      $$`);
    await runner.query(`
      CREATE TRIGGER categories_noted AFTER UPDATE OF name, parent_id ON categories
      FOR EACH ROW EXECUTE FUNCTION category_changed()`);
    // Of the products that are like some of the words, by their name or their categories, those that are like the most of
    // them. The threshold is the function's own, so that no session has to be set up for it.
    await runner.query(`
      CREATE FUNCTION products_similar_to(words text[]) RETURNS TABLE (id uuid, similarity real)
      LANGUAGE sql STABLE ROWS 50 SET pg_trgm.word_similarity_threshold = 0.45 AS $$
        SELECT alike.id, alike.similarity
        FROM (
          SELECT p.id, count(*) AS words, max(count(*)) OVER () AS most,
                 sum(greatest(word_similarity(word, p.name), 0.8 * word_similarity(word, p.found_in)))::real AS similarity
          FROM unnest(words) word JOIN products p ON word <% (p.name || ' ' || p.found_in) GROUP BY p.id
        ) alike
        WHERE alike.words = alike.most
      $$`);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of ['stock_movements', 'product_categories', 'products', 'categories']) {
      await runner.query(`DROP TABLE ${table}`);
    }
    const functions = [
      'category_changed',
      'product_categories_changed',
      'products_note_categories',
      'products_similar_to',
    ];
    for (const name of functions) await runner.query(`DROP FUNCTION ${name}`);
  }
}
