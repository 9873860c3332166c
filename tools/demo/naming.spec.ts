import { describe, expect, it } from '@jest/globals';
import { readableName } from './naming.js';

describe('readableName', () => {
  it.each([
    ['WHITE HANGING HEART T-LIGHT HOLDER', 'White Hanging Heart T-Light Holder'],
    ['SET/6 RED SPOTTY PAPER CUPS', 'Set of 6 Red Spotty Paper Cups'],
    ['S/4 CACTI CANDLES', 'Set of 4 Cacti Candles'],
    ['SET 3 WICKER OVAL BASKETS W LIDS', 'Set of 3 Wicker Oval Baskets with Lids'],
    ['PACK OF 72 RETROSPOT CAKE CASES', 'Pack of 72 Retrospot Cake Cases'],
    ['BAKING SET 9 PIECE RETROSPOT ', 'Baking Set 9 Piece Retrospot'],
    ['3D DOG PICTURE PLAYING CARDS', '3D Dog Picture Playing Cards'],
    ['RED TOADSTOOL LED NIGHT LIGHT', 'Red Toadstool LED Night Light'],
    ['TV DINNER TRAY AIR HOSTESS ', 'TV Dinner Tray Air Hostess'],
    ['*Boombox Ipod Classic', 'Boombox iPod Classic'],
    ['BLACK CHRISTMAS TREE 120CM', 'Black Christmas Tree 120cm'],
    ['POLYESTER FILLER PAD 30CMx30CM', 'Polyester Filler Pad 30cm x 30cm'],
    ['THE KING GIFT BAG 25x24x12cm', 'The King Gift Bag 25x24x12cm'],
    ["MOTHER'S KITCHEN SPOON REST ", "Mother's Kitchen Spoon Rest"],
    ['BLACK/BLUE POLKADOT UMBRELLA', 'Black/Blue Polkadot Umbrella'],
    ['LETTER "A" BLING KEY RING', 'Letter "A" Bling Key Ring'],
    ['PLAYING CARDS KEEP CALM & CARRY ON', 'Playing Cards Keep Calm & Carry On'],
    ['GOLD M.O.P ORBIT BRACELET', 'Gold M.O.P Orbit Bracelet'],
  ])('prints %s as %s', (description, name) => {
    expect(readableName(description)).toBe(name);
  });

  it.each([
    ['DECOUPAGE,GREETING CARD,', 'Decoupage, Greeting Card'],
    ['LUNCH BAG  BLACK SKULL.', 'Lunch Bag Black Skull'],
    ['DECORATION , WOBBLY RABBIT , METAL ', 'Decoration, Wobbly Rabbit, Metal'],
    ['CHARLIE+LOLA"EXTREMELY BUSY" SIGN', 'Charlie + Lola "Extremely Busy" Sign'],
  ])('tidies the punctuation of %s', (description, name) => {
    expect(readableName(description)).toBe(name);
  });

  it.each([
    ['BLUE ROSE PATCH PURSE PINK BUTTERFL', 'Blue Rose Patch Purse Pink Butterfly'],
    ['FLOWER GLASS GARLD NECKL36"TURQUOIS', 'Flower Glass Garland Necklace 36" Turquoise'],
    ["ASS COL LARGE SAND FROG P'WEIGHT", 'Assorted Colour Large Sand Frog Paperweight'],
    ['SQUARECUSHION COVER PINK UNION FLAG', 'Square Cushion Cover Pink Union Flag'],
  ])('writes out what the till cuts short in %s', (description, name) => {
    expect(readableName(description)).toBe(name);
  });

  it('drops the number of the supplier', () => {
    expect(readableName('SET 10 CARDS HANGING BAUBLES 17080')).toBe('Set of 10 Cards Hanging Baubles');
  });
});
