import { describe, expect, it } from '@jest/globals';
import { type ImportSettings, settingsOf } from '../imports.settings.js';
import { type Detected, type ImportLine, InvalidHeaderError, readProducts, skippedIn } from '../reader.js';

interface Read {
  layout: string | undefined;
  columns: Record<string, string | null>;
  skipped: string[];
  lines: ImportLine[];
  products: unknown[];
  faults: string[];
}

async function read(text: string, chosen: Partial<ImportSettings> = {}, after = 0, takesPhotos = false): Promise<Read> {
  let detected: Detected | undefined;
  const onDetected = (found: Detected): Promise<void> => {
    detected = found;
    return Promise.resolve();
  };
  const stream = async function* (): AsyncGenerator<Buffer> {
    yield await Promise.resolve(Buffer.from(text));
  };
  let lines: ImportLine[] = [];
  let faults: string[];
  try {
    const options = { settings: settingsOf(chosen), after, takesPhotos, onDetected };
    lines = await Array.fromAsync(readProducts(stream(), 'csv', options));
    faults = lines.flatMap((line) =>
      [...('faults' in line ? line.faults : []), ...(line.remarks ?? [])].map(
        ({ column, code }) => `${String(line.line)} ${column ?? '-'} ${code}`,
      ),
    );
  } catch (error) {
    if (!(error instanceof InvalidHeaderError)) throw error;
    faults = error.faults.map(({ column, code }) => `header ${column ?? '-'} ${code}`);
  }
  return {
    layout: detected?.layout,
    columns: Object.fromEntries(detected?.columns.map(({ column, member }) => [column, member]) ?? []),
    skipped: detected ? skippedIn(detected) : [],
    lines,
    products: lines.flatMap((line) => ('product' in line ? [line.product] : [])),
    faults,
  };
}

describe('a file of Shopify', () => {
  const NEW = [
    'Title,URL handle,Description,Vendor,Product category,Type,Published on online store,Status,SKU,Barcode,Option1 name,Option1 value,Option2 name,Option2 value,Price,Price / International,Inventory quantity,Product image URL',
    'Clay Jug,clay-jug,<p>Two pints</p><p>Of clay</p>,,Home > Jugs,,true,Active,NJUG-S,,Size,S,Glaze colour,Blue,24.00,,7,https://shop.example/1.jpg',
    ',clay-jug,,,,,,,NJUG-L,,,L,,Red,29.50,,0,https://shop.example/2.jpg',
    ',clay-jug,,,,,,,,,,,,,,,,https://shop.example/3.jpg',
    'Mug,mug,,,,Mugs,false,active,MUG,,Title,Default Title,,,1299,,,',
  ].join('\n');
  const OLD = [
    'Handle,Title,Body (HTML),Vendor,Type,Tags,Published,Option1 Name,Option1 Value,Variant SKU,Variant Inventory Qty,Variant Price,Image Src,Status',
    'jug,Clay Jug,"Salt &amp; <b>pepper</b>",Pots,Jugs,,TRUE,Size,S,JUG-S,7,24.00,,active',
    'jug,,,,,,,,L,JUG-L,,29.50,https://shop.example/1.jpg,',
    'old,Old Jug,,Pots,,,TRUE,Title,Default Title,OLD,,5.00,,archived',
  ].join('\n');

  it('is known by the names that its export has', async () => {
    const { layout, columns, skipped, faults } = await read(NEW, { currency: 'EUR' });

    expect(faults).toEqual([]);
    expect(layout).toBe('shopify');
    expect(columns).toMatchObject({ Title: 'name', SKU: 'sku', Price: 'price', Description: 'description' });
    expect(skipped).toEqual(['Vendor', 'Barcode', 'Price / International', 'Product image URL']);
  });

  it('has a product for each variant, which inherits what the first row has; a row with an image alone adds nothing', async () => {
    const { products, lines } = await read(NEW, { currency: 'EUR' });

    expect(products).toMatchObject([
      {
        sku: 'NJUG-S',
        name: 'Clay Jug - S / Blue',
        description: 'Two pints\nOf clay',
        price: { amount: 2400, currency: 'EUR' },
        categories: [['Home', 'Jugs']],
        stock: 7,
        status: 'active',
        attributes: { size: 'S', glazeColour: 'Blue' },
      },
      {
        sku: 'NJUG-L',
        name: 'Clay Jug - L / Red',
        description: 'Two pints\nOf clay',
        price: { amount: 2950, currency: 'EUR' },
        categories: [['Home', 'Jugs']],
        stock: 0,
        status: 'active',
        attributes: { size: 'L', glazeColour: 'Red' },
      },
      {
        sku: 'MUG',
        name: 'Mug',
        description: null,
        price: { amount: 129900 },
        categories: [['Mugs']],
        status: 'draft',
      },
    ]);
    expect(lines.map(({ line }) => line)).toEqual([2, 3, 5]);
    expect(lines).toMatchObject([
      { family: { key: 'clay-jug', options: { Size: 'S', 'Glaze colour': 'Blue' } } },
      { family: { key: 'clay-jug', options: { Size: 'L', 'Glaze colour': 'Red' } } },
      { family: { key: 'mug', options: {} } },
    ]);
  });

  it('may have the names of before 2024', async () => {
    const { layout, products, faults } = await read(OLD, { currency: 'GBP' });

    expect([layout, faults]).toEqual(['shopify', []]);
    expect(products).toMatchObject([
      { sku: 'JUG-S', name: 'Clay Jug - S', description: 'Salt & pepper', price: { amount: 2400 }, stock: 7 },
      { sku: 'JUG-L', name: 'Clay Jug - L', description: 'Salt & pepper', price: { amount: 2950 }, stock: undefined },
      { sku: 'OLD', name: 'Old Jug', status: 'archived' },
    ]);
  });

  it('goes on in the middle of a product with what its first row has', async () => {
    expect((await read(NEW, { currency: 'EUR' }, 2)).products[0]).toMatchObject({
      sku: 'NJUG-L',
      name: 'Clay Jug - L / Red',
      description: 'Two pints\nOf clay',
      attributes: { size: 'L', glazeColour: 'Red' },
    });
  });

  it('needs the currency, which it does not name', async () => {
    expect((await read(OLD)).faults).toEqual(['header price.currency required']);
  });

  it('gives its pictures to an import that takes photos', async () => {
    const { lines, skipped } = await read(NEW, { currency: 'EUR' }, 0, true);

    expect(lines).toMatchObject([
      { photos: ['https://shop.example/1.jpg'] },
      { photos: ['https://shop.example/2.jpg'] },
      { photos: [] },
    ]);
    expect(skipped).not.toContain('Product image URL');
  });

  it('may have a column mapped otherwise, and others as attributes', async () => {
    const { products, skipped } = await read(OLD, {
      currency: 'GBP',
      mapping: ['Vendor=attributes.brand'],
      unknownColumns: 'attributes',
    });

    expect(products[0]).toMatchObject({ attributes: { brand: 'Pots', size: 'S', tags: null } });
    expect(skipped).toEqual([]);
  });
});

describe('a file of WooCommerce', () => {
  const HEADER =
    'ID,Type,SKU,Name,Published,Short description,Description,In stock?,Stock,Sale price,Regular price,Categories,Images,Parent,Attribute 1 name,Attribute 1 value(s)';
  const TEXT = [
    HEADER,
    String.raw`12,variable,tee,Plain Tee,1,,First line\nsecond line,1,,,,"Clothing > Tees, Summer\, light",,,Colour,"Blue, Green"`,
    '13,variation,,Plain Tee - Blue,1,,,,4,,"19,90",,,tee,Colour,Blue',
    '14,variation,TEE-G,Plain Tee - Green,1,,<p>Green</p>,,,,20,,,id:12,Colour,Green',
    '15,simple,mug/1,Mug,-1,A mug,,0,,5,8,Kitchen,,,,',
    '16,"simple, virtual",gift,Gift,0,,,1,,,8,,,,,',
    '17,variation,LOST,Lost,1,,,1,,,8,,,nothing,,',
  ].join('\n');

  it('has products for variations, which inherit from their parent, and for simple ones', async () => {
    const { layout, products, lines, faults, skipped } = await read(TEXT, { currency: 'EUR' });

    expect(layout).toBe('woocommerce');
    expect(faults).toEqual(['7 Parent parent']);
    expect(skipped).toEqual(['Sale price', 'Images']);
    const tee = { categories: [['Clothing', 'Tees'], ['Summer, light']], status: 'active' };
    expect(products).toMatchObject([
      {
        ...tee,
        sku: 'tee-13',
        name: 'Plain Tee - Blue',
        description: 'First line\nsecond line',
        price: { amount: 1990, currency: 'EUR' },
        stock: 4,
        attributes: { colour: 'Blue' },
      },
      { ...tee, sku: 'TEE-G', description: 'Green', price: { amount: 2000 }, stock: undefined },
      {
        sku: 'mug/1',
        description: 'A mug',
        price: { amount: 800 },
        stock: 0,
        status: 'draft',
        categories: [['Kitchen']],
      },
      { sku: 'gift', status: 'draft', description: null },
      { sku: 'LOST', name: 'Lost' },
    ]);
    expect(lines[0]).toMatchObject({ line: 3, family: { key: 'tee', name: 'Plain Tee', options: { Colour: 'Blue' } } });
  });

  it('hides the variations of a parent that is a draft', async () => {
    const { products } = await read(TEXT.replace('Plain Tee,1', 'Plain Tee,-1'), { currency: 'EUR' });

    expect(products).toMatchObject([{ status: 'draft' }, { status: 'draft' }, {}, {}, { status: 'active' }]);
  });

  it('goes on below a parent', async () => {
    expect((await read(TEXT, { currency: 'EUR' }, 3)).products[0]).toMatchObject({
      sku: 'TEE-G',
      categories: [['Clothing', 'Tees'], ['Summer, light']],
    });
  });

  it('keeps the description of products where it has no column for it', async () => {
    const { products } = await read('Type,SKU,Name,Regular price,Parent\nvariable,a,A,,\nvariation,a-1,A 1,5,a\n', {
      currency: 'EUR',
    });

    expect(products).toMatchObject([{ sku: 'a-1', description: undefined, categories: undefined, status: undefined }]);
  });
});

describe('a feed of Google Merchant Center', () => {
  it('has a product on each line', async () => {
    const { layout, products, lines, faults, skipped } = await read(
      [
        'id\ttitle\tdescription\tlink\timage_link\tavailability\tprice\tsale_price\tgoogle_product_category\tproduct_type\titem_group_id\tcolor',
        'A-1\tJug\tOf clay\thttps://shop.example/jug\thttps://shop.example/jug.jpg\tin_stock\t19.99 GBP\t15.00 GBP\t4171\tHome & Garden > Jugs\tJUG\tblue',
        'A-2\tMug\t\t\t\tout of stock\t1,299.95 GBP\t\tHome > Mugs\t\t\t',
        'A-3\tCup\t\t\t\tin_stock\t5\t\t\t\t\t',
      ].join('\n'),
    );

    expect(layout).toBe('google-merchant');
    expect(skipped).toEqual(['link', 'image_link', 'sale_price']);
    expect(products).toMatchObject([
      {
        sku: 'A-1',
        name: 'Jug',
        description: 'Of clay',
        price: { amount: 1999, currency: 'GBP' },
        categories: [['Home & Garden', 'Jugs']],
        stock: undefined,
        attributes: { color: 'blue' },
      },
      { sku: 'A-2', price: { amount: 129995 }, categories: [['Home', 'Mugs']], stock: 0 },
    ]);
    expect(lines[0]).toMatchObject({ family: { key: 'JUG', name: expect.any(String), options: { color: 'blue' } } });
    expect(faults).toEqual(['4 price currency']);
  });
});

describe('a spreadsheet', () => {
  const GERMAN = [
    'Artikelnummer;Bezeichnung;Preis;Währung;Bestand;Kategorie;Farbe',
    '00123;"Teekanne ""Größe M""";1.299,95;EUR;5;Küche;rot',
    '4,00638E+12;"Schlüssel; weiß";20,00;EUR;12;Küche;',
    'B-1;Tasse;1.299;EUR;1.000;;',
  ].join('\r\n');

  it('may have its columns named in German; what may be read in two ways is a fault', async () => {
    const { layout, columns, products, faults } = await read(GERMAN);

    expect(layout).toBe('mapped');
    expect(columns).toEqual({
      Artikelnummer: 'sku',
      Bezeichnung: 'name',
      Preis: 'price',
      Währung: 'price.currency',
      Bestand: 'stock',
      Kategorie: 'categories',
      Farbe: null,
    });
    expect(products).toMatchObject([
      {
        sku: '00123',
        name: 'Teekanne "Größe M"',
        price: { amount: 129995, currency: 'EUR' },
        stock: 5,
        categories: [['Küche']],
      },
    ]);
    expect(faults).toEqual(['3 sku scientific', '4 price ambiguous', '4 stock isInt']);
  });

  it('is read as the option locale writes numbers', async () => {
    const { products, faults } = await read(GERMAN, { locale: 'de-DE' });

    expect(products).toMatchObject([{ sku: '00123' }, { sku: 'B-1', price: { amount: 129900 }, stock: 1000 }]);
    expect(faults).toEqual(['3 sku scientific']);
  });

  it('has its common names only where nothing else claims the member', async () => {
    const { columns, products, layout } = await read(
      'sku,name,title,price.amount,Preis,currency,quantity,Bestand\nA-1,Lamp,Other,5,77,GBP,3,4\n',
    );

    expect(layout).toBe('mapped');
    expect(columns).toMatchObject({ name: 'name', title: null, Preis: null, quantity: 'stock', Bestand: null });
    expect(products).toMatchObject([{ name: 'Lamp', price: { amount: 5, currency: 'GBP' }, stock: 3 }]);
  });

  it.each([
    ['sku,title,price,Preis\nA-1,Lamp,19.99 EUR,1\n', 1999],
    ['sku,title,price\nA-1,Lamp,"1.299,95 €"\n', 129995],
    ['sku,title,price,currency\nA-1,Lamp,19.99,EUR\n', 1999],
    ['sku,title,price,currency\nA-1,Lamp,€19.99,\n', 1999],
    ['sku,title,currency,price\nA-1,Lamp,,€19.99\n', 1999],
  ])('has prices in major units: %s', async (text, amount) => {
    expect((await read(text)).products).toMatchObject([{ price: { amount, currency: 'EUR' } }]);
  });

  it.each([
    ['sku,name,price\nA-1,Lamp,19.99\n', {}, ['2 price currency']],
    ['sku,name,price\nA-1,Lamp,\n', { currency: 'EUR' }, ['2 price price']],
    ['sku,name,price\nA-1,Lamp,-5\n', { currency: 'EUR' }, ['2 price min']],
    ['sku,name,price,currency\nA-1,Lamp,5,XXP\n', {}, ['2 price.currency isISO4217CurrencyCode']],
    ['sku,name,price,currency\nA-1,,€5,GBP\n', {}, ['2 name minLength', '2 price currency']],
    ['sku,name,price,price.amount\nA-1,Lamp,5,500\n', { currency: 'EUR' }, ['header price twice']],
    ['sku,name,price.amount\nA-1,Lamp,500\n', {}, ['header price.currency required']],
    ['sku,name,price.currency\nA-1,Lamp,EUR\n', { currency: 'EUR' }, ['header price required']],
  ])('has its price refused: %s', async (text, settings, faults) => {
    expect((await read(text, settings)).faults).toEqual(faults);
  });

  it('says how to name a price of major units otherwise', async () => {
    const { lines } = await read('sku,name,price.amount,price.currency\nA-1,Lamp,24.00,EUR\n');

    expect(lines).toMatchObject([
      {
        faults: [
          {
            column: 'price.amount',
            detail:
              '24.00 is not a whole number of minor units; for EUR 24.00 write 2400; for prices in major units, as 19.99, name the column price',
          },
        ],
      },
    ]);
  });

  it('has prices in minor units in the currency of the option, where it names none', async () => {
    const { products } = await read('sku,name,price.amount\nA-1,Lamp,500\n', { currency: 'JPY' });

    expect(products).toMatchObject([{ price: { amount: 500, currency: 'JPY' } }]);
  });
});

describe('the option mapping', () => {
  it('names what columns are, before all other names', async () => {
    const { columns, layout, products } = await read('Code;Ware;name;Kosten;Größe, cm\nA-1;<p>Lamp</p>;x;19,90;7\n', {
      mapping: ['CODE=sku', 'ware=name', 'Kosten=price', 'Größe, cm=attributes.size'],
      currency: 'EUR',
    });

    expect(layout).toBe('mapped');
    expect(columns).toEqual({ Code: 'sku', Ware: 'name', name: null, Kosten: 'price', 'Größe, cm': 'attributes.size' });
    expect(products).toMatchObject([{ sku: 'A-1', price: { amount: 1990 }, attributes: { size: 7 } }]);
  });

  it('makes a price of major units of a column that says minor ones', async () => {
    const { products } = await read(
      'sku,name,description,price.amount,price.currency\nRN-S,Clay Jug,<p>Two pints</p>,24.00,EUR\n',
      { mapping: ['price.amount=price'] },
    );

    expect(products).toMatchObject([{ price: { amount: 2400, currency: 'EUR' }, description: 'Two pints' }]);
  });

  it('must name columns of the header', async () => {
    expect((await read('sku,name,price\nA-1,Lamp,5 EUR\n', { mapping: ['Title=name', 'Sku=sku'] })).faults).toEqual([
      'header Title mapping',
    ]);
  });
});

describe('unknown columns', () => {
  it('become attributes where that is asked for, except those that cannot', async () => {
    const { products, skipped } = await read(
      'sku,name,price,Lead time,Größe (cm),1st,颜色,constructor,leadTime\nA-1,Lamp,5 EUR,3,7,a,b,c,d\n',
      { unknownColumns: 'attributes' },
    );

    expect(products).toMatchObject([{ attributes: { leadTime: 3, groesseCm: 7 } }]);
    expect(skipped).toEqual(['1st', '颜色', 'constructor', 'leadTime']);
  });
});
