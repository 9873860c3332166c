import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ProductPage } from '../src/products/dto/product.dto.js';
import { ProductsBulkService } from '../src/products/products.bulk.service.js';
import { Shop } from './support/shop.js';

/** A name with a mark that is a character of its own. */
const DECOMPOSED = 'Pâté Dish'.normalize('NFD');

/** What is found in a shop that has all of these, and `Kettle 1` to `Kettle 9`. */
const NAMES = [
  'Mixer ZT-5272',
  'Mixer ZT-5272B',
  'Cable 2.5',
  'Cable 2 x 5',
  'Elbow 3/4',
  'Elbow 3 to 4',
  'Adapter AC/DC',
  'Adapter AC DC',
  'Book Node.js',
  'Book Node JS',
  "Men's Slipper",
  'Zibétte Torte',
  'Zibette Tart',
  'Crème Brûlée Torch',
  'Creme Puff',
  'Müller Krug',
  'Muller Krug',
  'Ποτήρι Κρασιού',
  'Μύλος',
  'Гриль Ёлка',
  'Strasse Print',
  'Straße Print',
  'Œuvre Book',
  'Oeuvre Book',
  'ﬁgurine',
  'Ørsted Lamp',
  'चाय पत्ती',
  'चम्मच यान',
  'चावल यंत्र',
  'แก้วกาแฟ',
  'กาต้มน้ำ',
  'İstanbul Fincan',
  'Istanbul Tray',
  '商品券',
  '新商品入荷',
  '머그컵 세트',
  '도자기머그컵',
  'Gartenlaterne',
  'Laterne Rot',
  'The Who Poster',
  'Who Poster',
  'To Be or Not to Be',
  'Gift 🎁 Box',
  'Party 🎉 Box',
  'Vitamin C',
  'Cotton Candle',
  DECOMPOSED,
  'Lantern',
  'Lanterns',
  'Lanternfish',
  'Big Lantern',
  'iPhone12-Pro',
  'Spray (WD40)',
  'Hahn größe42',
  'USBケーブル',
  'LG세탁기',
  'Tea Pot',
  'Pewter Ladle Rest',
  'Pewter Ladle Hook',
  'Walnut Rest',
];

describe('a search in any language', () => {
  let shop: Shop;
  beforeAll(async () => {
    shop = await Shop.open();
    const goods = NAMES.map((name, index) => ({
      sku: `S-${String(index)}`,
      name,
      price: { amount: 1, currency: 'GBP' },
    }));
    await shop.app.get(ProductsBulkService).upsertMany(goods);
  });
  afterAll(() => shop.close());

  const namesFor = async (q: string): Promise<string[]> => {
    const { status, body } = await shop.ask<ProductPage>(
      `products?${new URLSearchParams({ q, limit: '100' }).toString()}`,
    );
    expect([q, status]).toEqual([q, 200]);
    return body.data.map(({ name }) => name);
  };

  // the names that are found, in their order
  it.each<[string, string[]]>([
    ['Mixer ZT-5272', ['Mixer ZT-5272', 'Mixer ZT-5272B']],
    ['zt-5272', ['Mixer ZT-5272', 'Mixer ZT-5272B']],
    ['ZT5272', ['Mixer ZT-5272', 'Mixer ZT-5272B']],
    ['Mixer ZT-5272B', ['Mixer ZT-5272B']],
    ['cable 2.5', ['Cable 2.5', 'Cable 2 x 5']],
    ['2.5', ['Cable 2.5', 'Cable 2 x 5']],
    ['elbow 3/4', ['Elbow 3/4', 'Elbow 3 to 4']],
    ['3/4', ['Elbow 3/4', 'Elbow 3 to 4']],
    ['adapter ac/dc', ['Adapter AC/DC', 'Adapter AC DC']],
    ['adapter ac dc', ['Adapter AC DC', 'Adapter AC/DC']],
    ['Book Node.js', ['Book Node.js', 'Book Node JS']],
    ['nodejs', ['Book Node.js']],
    ['mens', ["Men's Slipper"]],
    ['men’s', ["Men's Slipper"]],
    ['zibette', ['Zibette Tart', 'Zibétte Torte']],
    ['zibétte', ['Zibétte Torte', 'Zibette Tart']],
    ['creme brulee', ['Crème Brûlée Torch']],
    ['CRÈME', ['Crème Brûlée Torch', 'Creme Puff']],
    ['creme', ['Creme Puff', 'Crème Brûlée Torch']],
    ['muller', ['Muller Krug', 'Müller Krug']],
    ['müller', ['Müller Krug', 'Muller Krug']],
    ['MÜLLER'.normalize('NFD'), ['Müller Krug', 'Muller Krug']],
    ['mueller', ['Müller Krug']],
    ['ποτηρι', ['Ποτήρι Κρασιού']],
    ['ΠΟΤΗΡΙ', ['Ποτήρι Κρασιού']],
    ['Ποτήρι', ['Ποτήρι Κρασιού']],
    ['ΜΥΛΟΣ', ['Μύλος']],
    ['μυλος', ['Μύλος']],
    ['елка гриль', ['Гриль Ёлка']],
    ['ГРИЛЬ', ['Гриль Ёлка']],
    ['strasse', ['Strasse Print', 'Straße Print']],
    ['straße', ['Straße Print', 'Strasse Print']],
    ['STRASSE', ['Strasse Print', 'Straße Print']],
    ['œuvre', ['Œuvre Book', 'Oeuvre Book']],
    ['oeuvre', ['Oeuvre Book', 'Œuvre Book']],
    ['figurine', ['ﬁgurine']],
    ['ﬁgurine', ['ﬁgurine']],
    ['orsted', ['Ørsted Lamp']],
    ['oersted', ['Ørsted Lamp']],
    ['चाय', ['चाय पत्ती']],
    ['गाड़ी', []],
    ['กาแฟ', ['แก้วกาแฟ']],
    ['กา', ['กาต้มน้ำ', 'แก้วกาแฟ']],
    ['İstanbul', ['İstanbul Fincan', 'Istanbul Tray']],
    ['istanbul', ['Istanbul Tray', 'İstanbul Fincan']],
    ['ISTANBUL', ['Istanbul Tray', 'İstanbul Fincan']],
    ['商品', ['商品券', '新商品入荷']],
    ['新商品', ['新商品入荷']],
    ['荷', ['新商品入荷']],
    ['머그컵', ['머그컵 세트', '도자기머그컵']],
    ['laterne', ['Laterne Rot', 'Gartenlaterne']],
    ['tenlat', ['Gartenlaterne']],
    ['gartenlaterne', ['Gartenlaterne']],
    ['the who poster', ['The Who Poster', 'Who Poster']],
    ['the who', ['The Who Poster']],
    ['to be or not to be', ['To Be or Not to Be']],
    ['🎁', ['Gift 🎁 Box']],
    ['🎁\ufe0f', ['Gift 🎁 Box']],
    ['🛒', []],
    ['vitamin c', ['Vitamin C']],
    ['c', ['Vitamin C']],
    ['pâté', [DECOMPOSED]],
    ['pâté'.normalize('NFD'), [DECOMPOSED]],
    ['pate', [DECOMPOSED]],
    ['lantern', ['Lantern', 'Big Lantern', 'Lanterns', 'Lanternfish']],
    ['lanterns', ['Lanterns', 'Lantern', 'Big Lantern']],
    // letters in a code, or beside a script without spaces
    ['iphone', ['iPhone12-Pro']],
    ['wd', ['Spray (WD40)']],
    ['größe', ['Hahn größe42']],
    ['usb', ['USBケーブル']],
    ['lg', ['LG세탁기']],
    ['the the the the the the the the lantern', ['Lanterns', 'Lantern', 'Big Lantern', 'Lanternfish']],
    ['!!!', []],
    ['\u0301', []],
    ['- \u0301\u0301 \u05b0', []],
    ['\u226e\u2260', []],
    ['puff \u226e', ['Creme Puff']],
    ['eta-tao-oin-nsh-shr-hrl-abc-def-fed-cab bad-dab-ate', ['Zibette Tart']],
    ["'", []],
    ['% _ \\ : * & | ! ( )', []],
    ['🎁:*', ['Gift 🎁 Box']],
  ])('finds by %j, in this order: %j', async (q, expected) => {
    expect(await namesFor(q)).toEqual(expected);
  });

  it('finds every product first by its own name', async () => {
    const firsts = await Promise.all(NAMES.map(async (name) => (await namesFor(name))[0]));

    expect(firsts).toEqual(NAMES);
  });

  it('finds by likeness what is misspelled, with marks or without', async () => {
    expect(await namesFor('gartnlaterne')).toEqual(['Gartenlaterne', 'Laterne Rot']);
    expect(await namesFor('brulze')).toEqual(['Crème Brûlée Torch']);
    expect(await namesFor('κρασιυο')).toEqual(['Ποτήρι Κρασιού']);
    expect(await namesFor('teapot')).toEqual(['Tea Pot']);
    // no product has all three, and two of them are better than one
    expect(await namesFor('pewterr ladlle walnutt')).toEqual(['Pewter Ladle Rest', 'Pewter Ladle Hook']);
  });
});
