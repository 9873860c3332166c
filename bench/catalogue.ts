/** What the invented products are called: kinds by department and category, and what stands before a kind. */
export const KINDS: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  Kitchen: {
    Mugs: ['Mug', 'Teacup', 'Beaker'],
    Baking: ['Cake Tin', 'Rolling Pin', 'Cake Stand'],
    Storage: ['Biscuit Tin', 'Spice Jar', 'Bread Bin'],
  },
  Lighting: {
    Lanterns: ['Lantern', 'Tea Light Holder'],
    Lamps: ['Table Lamp', 'Night Light', 'Lamp Shade'],
    Candles: ['Candle', 'Candlestick'],
  },
  Garden: {
    Pots: ['Flower Pot', 'Planter', 'Watering Can'],
    Birds: ['Bird House', 'Bird Feeder'],
  },
  Stationery: {
    Paper: ['Notebook', 'Writing Set', 'Sketchbook'],
    Pens: ['Pencil Case', 'Fountain Pen'],
    Wrapping: ['Gift Bag', 'Ribbon', 'Wrapping Paper'],
  },
  Textiles: {
    Cushions: ['Cushion', 'Pillow'],
    Table: ['Tablecloth', 'Napkin', 'Tea Towel'],
    Bags: ['Shopping Bag', 'Wash Bag', 'Lunch Bag'],
  },
  Toys: {
    Games: ['Domino Set', 'Skipping Rope', 'Jigsaw'],
    Dolls: ['Rag Doll', 'Puppet', 'Spinning Top'],
  },
};

export const COLOURS = ['Red', 'Blue', 'Green', 'Ivory', 'Pink', 'Black', 'White', 'Grey', 'Yellow', 'Turquoise'];
export const STYLES = ['Retro', 'Vintage', 'Polkadot', 'Regency', 'Nordic', 'Rustic', 'Striped', 'Floral', 'Paisley'];
export const MATERIALS = [
  'Metal',
  'Glass',
  'Wooden',
  'Ceramic',
  'Cotton',
  'Enamel',
  'Wicker',
  'Paper',
  'Brass',
  'Linen',
];

/** What people search for: whole words and begun ones, more and fewer of them. */
export const SEARCHES = [
  'red metal lantern',
  'vintage mug',
  'glass candle',
  'floral cush',
  'wooden bird house',
  'regency teacup blue',
  'nordic lamp',
  'linen napkin',
];
