import { describe, expect, it } from '@jest/globals';
import sharp from 'sharp';
import { readSubjects } from '../catalogue.js';
import { MOTIFS, PARCEL } from './motifs.js';
import { drawPicture, motifsOf, SIDE } from './picture.js';
import { rasterise } from './raster.js';

const MUG = { sku: '22900', name: 'Red Retrospot Mug', category: 'Kitchen & Dining > Mugs & Cups' };

/** A document without the name that it has in it. */
const shapesOf = (svg: string): string => svg.replace(/<title>.*<\/title>/, '');

describe('drawPicture', () => {
  it('draws the same for the same product', () => {
    expect(drawPicture({ ...MUG })).toBe(drawPicture({ ...MUG }));
  });

  it.each([
    ['another colour', { name: 'Blue Retrospot Mug' }],
    ['another pattern', { name: 'Red Stripe Mug' }],
    ['another thing', { name: 'Red Retrospot Cushion' }],
    ['several pieces', { name: 'Set of 3 Red Retrospot Mug' }],
    ['a second thing', { name: 'Red Retrospot Owl Mug' }],
    ['another SKU', { sku: '22901' }],
  ])('draws something else for %s', (_, change) => {
    expect(shapesOf(drawPicture({ ...MUG, ...change }))).not.toBe(shapesOf(drawPicture(MUG)));
  });

  it('draws each product of the catalogue differently', async () => {
    const subjects = await readSubjects();

    expect(subjects).toHaveLength(3648);
    expect(new Set(subjects.map((subject) => shapesOf(drawPicture(subject)))).size).toBe(subjects.length);
  });

  it('has the name as text, not as markup', async () => {
    const svg = drawPicture({ ...MUG, name: 'Mug <script>&"</title>' });

    expect(svg).toContain('<title>Mug &#60;script&#62;&#38;&#34;&#60;/title&#62;</title>');
    expect((await sharp(Buffer.from(svg)).metadata()).width).toBe(SIDE);
  });

  it.each(MOTIFS.map((motif) => [motif.words.split('|')[0]?.replace('?', '') ?? '', motif] as const))(
    'can draw: %s',
    async (word, motif) => {
      expect(motifsOf(word, '')[0]).toBe(motif);
      // an error in a path ends it, and nothing says so: each layer has numbers and commands alone
      for (const layer of motif.layers.split('|'))
        expect(layer).toMatch(/^(?:\w+|#[\da-f]{6}) [MmLlHhVvCcSsQqAaZzo\d .,-]+$/);
      const { data, info } = await sharp(Buffer.from(drawPicture({ ...MUG, name: word })))
        .removeAlpha()
        .raw()
        .toBuffer({ resolveWithObject: true });
      expect([info.width, info.height]).toEqual([SIDE, SIDE]);
      expect(
        new Set(Array.from({ length: SIDE }, (_, at) => data.readUIntBE(at * (SIDE + 1) * 3, 3))).size,
      ).toBeGreaterThan(3);
    },
  );
});

describe('motifsOf', () => {
  it.each([
    ['Red Retrospot Cake Stand', 'Baking & Cake Stands', 'cake stand'],
    ['Lunch Bag Black Skull', 'Bags & Travel > Lunch Bags & Boxes', 'bag'],
    ['Hot Water Bottle Tea and Sympathy', 'Hot Water Bottles & Warmers', 'hot water bottle'],
    ['Set of 6 T-Lights in a Box', 'Candles & T-Lights', 't-light'],
    ['Wooden Star Christmas Decoration', 'Christmas > Decorations', 'star'],
    ['Something Lovely', 'Jewellery & Accessories > Necklaces', 'necklace'],
  ])('shows of %j in %j a thing that is called %s', (name, category, word) => {
    expect(word).toMatch(new RegExp(`^(?:${motifsOf(name, category)[0].words})$`));
  });

  it('knows something for each category of the catalogue', async () => {
    const categories = new Set((await readSubjects()).map(({ category }) => category));
    const unknown = [...categories].filter((category) => motifsOf('', category)[0] === PARCEL);

    // what is shown of gifts is a parcel
    expect(unknown.sort()).toEqual(['Christmas > Table & Gifts', 'Everything Else']);
  });
});

describe('rasterise', () => {
  it('makes two JPEGs and a ThumbHash, the same for the same document', async () => {
    const picture = await rasterise(drawPicture(MUG));
    const [original, thumb] = [await sharp(picture.original).metadata(), await sharp(picture.thumb).metadata()];

    expect([original.format, original.width, original.height]).toEqual(['jpeg', picture.side, picture.side]);
    expect([thumb.format, thumb.width, thumb.height]).toEqual(['jpeg', picture.thumbSide, picture.thumbSide]);
    expect(Buffer.from(picture.thumbHash, 'base64').length).toBeGreaterThan(10);
    expect(await rasterise(drawPicture(MUG))).toEqual(picture);
  });
});
