import { describe, expect, it } from '@jest/globals';
import { CATEGORY_PATHS, categoriesOf } from './categorise.js';

describe('categoriesOf', () => {
  it.each([
    ['White Hanging Heart T-Light Holder', 'Candles & Lighting > T-Light Holders'],
    ['Regency Cakestand 3 Tier', 'Kitchen & Dining > Baking & Cake Stands'],
    ['Lunch Bag Red Retrospot', 'Bags & Travel > Lunch Bags & Boxes'],
    ['Jumbo Bag Toys', 'Bags & Travel > Shopping Bags'],
    ['Ceramic Cake Design Spotted Mug', 'Kitchen & Dining > Mugs & Cups'],
    ['Fairy Cake Design Umbrella', 'Jewellery & Accessories > Umbrellas & Hats'],
    ['Cake Shop Sticker Sheet', 'Stationery & Crafts > Stickers, Tapes & Stamps'],
    ['Mini Jigsaw Dolly Girl', 'Toys & Children > Games & Puzzles'],
    ['Childrens Apron Spaceboy Design', 'Toys & Children > Baby & Mealtimes'],
    ['Amber Drop Earrings with Long Beads', 'Jewellery & Accessories > Earrings'],
    ['Party Bunting', 'Party & Celebration > Balloons & Bunting'],
    ['Set of 36 Paisley Flower Doilies', 'Party & Celebration > Party Tableware'],
    ['Hot Water Bottle Keep Calm', 'Bath & Wellbeing > Hot Water Bottles & Warmers'],
    ['Herb Marker Basil', 'Garden & Outdoors > Gardening'],
    ['Red Spot Ceramic Drawer Knob', 'Storage & Furniture > Hooks & Drawer Knobs'],
    ['Doormat Union Flag', 'Home Decor > Doormats & Doorstops'],
  ])('files %s under %s', (name, path) => {
    expect(categoriesOf(name)).toEqual([path]);
  });

  it('files a Christmas thing under Christmas and under what it is', () => {
    expect(categoriesOf('Christmas Tree T-Light Holder')).toEqual([
      'Christmas > Lights & Candles',
      'Candles & Lighting > T-Light Holders',
    ]);
  });

  it('files a thing that is only for Christmas there alone', () => {
    expect(categoriesOf('Glitter Christmas Star')).toEqual(['Christmas > Decorations']);
  });

  it('finds a word in the plural, but not inside another word', () => {
    expect(categoriesOf('Two Mugs')).toEqual(['Kitchen & Dining > Mugs & Cups']);
    expect(categoriesOf('Smuggler')).toEqual(['Everything Else']);
  });

  it('files what no rule knows under Everything Else', () => {
    expect(categoriesOf('Zeppelin')).toEqual(['Everything Else']);
  });
});

describe('CATEGORY_PATHS', () => {
  it('has two levels everywhere but for the rest', () => {
    const odd = CATEGORY_PATHS.filter((path) => !/^[^>|]+ > [^>|]+$/.test(path));
    expect(odd).toEqual(['Everything Else']);
  });
});
