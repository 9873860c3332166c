import { createHash } from 'node:crypto';
import { type Motif, MOTIFS, PARCEL } from './motifs.js';
import { type Palette, paletteOf } from './palette.js';

/** What a picture is drawn of. */
export interface Subject {
  readonly sku: string;
  readonly name: string;
  /** The path of its category. */
  readonly category: string;
}

/** The sides of a picture, in pixels. */
export const SIDE = 360;

/** A circle from its left end on, as two arcs: paths have none. */
const circle = (radius: string): string => {
  const diameter = String(Number(radius) * 2);
  return `a${radius} ${radius} 0 1 0 ${diameter} 0a${radius} ${radius} 0 1 0-${diameter} 0z`;
};

/** A pattern: a tile of 10 units that is repeated. */
interface Pattern {
  /** What it is called in names: alternatives of a regular expression; empty for one that is only chosen. */
  readonly words: string;
  /** In relative commands, from the corner of the tile on. */
  readonly path: string;
}

/** {@link PLAIN} is not among them. */
const PATTERNS: readonly Pattern[] = [
  {
    words: 'retrospot|polka ?dot|spot|spots|spotty|dot|dots|dotty',
    path: `m1 2.5${circle('1.5')}m5 5${circle('1.5')}`,
  },
  { words: 'stripe|stripes|striped|stripey|deckchair', path: 'h5v10h-5z' },
  { words: 'gingham|check|checks|tartan|plaid', path: 'h5v10h5v-5h-10z' },
  { words: 'star|stars|starry', path: 'm5 1 1 3h3l-2.4 2 .9 3-2.5-1.8-2.5 1.8.9-3-2.4-2h3z' },
  {
    words: 'heart|hearts|love|sweetheart',
    path: 'm5 9c-4-3-4-7-1.7-7 .9 0 1.5.6 1.7 1.3.2-.7.8-1.3 1.7-1.3 2.3 0 2.3 4-1.7 7z',
  },
  {
    words: 'flower|flowers|floral|rose|roses|daisy|blossom|poppy|botanical|paisley|folkart',
    path: `m3.3 2.9${circle('1.7')}m2.1 1.5${circle('1.7')}m-.8 2.5${circle('1.7')}m-2.6 0${circle('1.7')}m-.8-2.5${circle('1.7')}`,
  },
  { words: 'baroque|lace|chevron|zigzag|moroccan', path: 'm0 3 5-3 5 3v3l-5-3-5 3z' },
  { words: '', path: 'm0 10 10-10h-5l-5 5z' },
  { words: '', path: 'm5 1 4 4-4 4-4-4z' },
];

const PLAIN: Pattern = { words: '', path: '' };

/** All motifs, with the words that name them, also in the plural. */
const KNOWN = MOTIFS.map((motif) => ({ motif, pattern: new RegExp(`\\b(?:${motif.words})(?:s|es)?\\b`, 'gi') }));

/** Behind such a word, a name says what comes with the product or what it is for. */
const REST = /\b(?:with|in|for|on|by)\b|,/i;

/** What says little of a thing: it counts where there is nothing else. */
const VAGUE =
  /\b(?:hanging|christmas|decorations?|ornaments?|gifts?|garden|party|childrens?|girls?|boys?|baby|english|london|glass|crystal|travel|paper|art|craft|sweet|love|chocolate|scented|pot of|kit)\b/gi;

/** How many pieces are shown: those that a name says, but not more than three. */
const SEVERAL = /\b(?:set of|pack of|box of|s\/|pair of)\s*(\d+)|^(\d+)\s/i;

/** Where each of so many pieces is: its place and its size. */
const PLACES: readonly (readonly string[])[] = [
  ['translate(14 13) scale(.72)'],
  ['translate(7 12) scale(.48)', 'translate(45 38) scale(.48)'],
  ['translate(28 7) scale(.44)', 'translate(6 47) scale(.44)', 'translate(50 47) scale(.44)'],
];

/** What is behind the motif. */
const BACKDROPS: readonly string[] = [
  'o50 50 40',
  'M14 92V50a36 36 0 0 1 72 0v42z',
  'M0 70H100V100H0z',
  'M50 6 94 50 50 94 6 50z',
  'M18 10H82a8 8 0 0 1 8 8V82a8 8 0 0 1-8 8H18a8 8 0 0 1-8-8V18a8 8 0 0 1 8-8z',
];

/**
 * Draws a product as an SVG document: the same for the same product, and another one for another product.
 */
export function drawPicture({ sku, name, category }: Subject): string {
  const choose = chooser(sku);
  const [motif, second] = motifsOf(name, category);
  const palette = paletteOf(name, choose);
  const said = PATTERNS.find(({ words }) => words !== '' && new RegExp(`\\b(?:${words})\\b`, 'i').test(name));
  const any = PATTERNS[choose(PATTERNS.length)] ?? PLAIN;
  const onMotif = said ?? (choose(2) === 0 ? any : PLAIN);
  const onGround = choose(3) === 0 ? (PATTERNS[choose(PATTERNS.length)] ?? PLAIN) : PLAIN;
  const ground = tilesOf(onGround, 1.2 + choose(8) / 10, choose(4) * 15);
  const tiles = onMotif === PLAIN ? '' : tilesOf(onMotif, 1.1 + choose(7) / 10, choose(3) * 15);
  const pieces = PLACES[piecesOf(name) - 1] ?? [];
  const turn = `rotate(${String(choose(13) - 6)} 50 50)${choose(2) === 0 ? '' : ' translate(100) scale(-1 1)'}`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${String(SIDE)}" height="${String(SIDE)}" viewBox="0 0 100 100">`,
    `<title>${escaped(name)}</title><defs>`,
    `<g id="p" transform="${turn}">${layersOf(motif, palette, tiles)}${secondOf(motif, second, palette)}</g></defs>`,
    `<rect width="100" height="100" fill="${palette.ground}"/>`,
    onGround === PLAIN ? '' : `<path ${ground} fill="${palette.shade}"/>`,
    `<path d="${pathOf(BACKDROPS[choose(BACKDROPS.length)] ?? '')}" fill="${palette.shade}"/>`,
    ...pieces.map((place) => `<use href="#p" transform="${place}"/>`),
    '</svg>',
  ].join('');
}

/**
 * What a product shows, and what is shown on it, if its name names that also: of the things in the name, the last one that is also in the
 * name of the category, else the last one. So a "Lunch Bag Black Skull" is a bag.
 */
export function motifsOf(name: string, category: string): [Motif, Motif | undefined] {
  const [head = ''] = name.split(REST);
  const ofCategory = motifsIn(category.split('>').at(-1) ?? '');
  const agrees = ({ motif }: Found): boolean => ofCategory.some((other) => other.motif === motif);
  const candidates = [head.replace(VAGUE, blank), head, name].map(motifsIn).find((found) => found.length > 0) ?? [];
  const first = candidates.find(agrees) ?? candidates[0] ?? ofCategory[0];
  if (!first) return [PARCEL, undefined];
  const isOther = ({ motif, start, end }: Found): boolean =>
    motif !== first.motif && (end <= first.start || start >= first.end);
  return [first.motif, motifsIn(name.replace(VAGUE, blank)).find(isOther)?.motif];
}

/** A motif, and where a text names it. */
interface Found {
  readonly motif: Motif;
  readonly start: number;
  readonly end: number;
}

/** The motifs that a text names, the last one first; of those that end at one place, the longest first. */
function motifsIn(text: string): Found[] {
  return KNOWN.flatMap(({ motif, pattern }) => {
    const last = [...text.matchAll(pattern)].at(-1);
    return last ? [{ motif, start: last.index, end: last.index + last[0].length }] : [];
  }).sort((one, other) => other.end - one.end || one.start - other.start);
}

const blank = (word: string): string => ' '.repeat(word.length);

function piecesOf(name: string): number {
  const [, one, other] = SEVERAL.exec(name) ?? [];
  return Math.min(Math.max(Number(one ?? other ?? 1), 1), PLACES.length);
}

/** One number after the other: for the same SKU, the same ones. */
function chooser(sku: string): (count: number) => number {
  const bytes = createHash('sha256').update(sku).digest();
  let at = 0;
  return (count) => (bytes[at++ % bytes.length] ?? 0) % count;
}

/** A pattern over everything. It is one path, since a `<pattern>` of SVG takes ten times as long. */
function tilesOf({ path }: Pattern, scale: number, turn: number): string {
  const count = Math.ceil(14 / scale);
  const places = Array.from(
    { length: count * count },
    (_, at) => `M${String((at % count) * 10)} ${String(Math.floor(at / count) * 10)}`,
  );
  const transform = `rotate(${String(turn)} 50 50) translate(-20 -20) scale(${scale.toFixed(1)})`;
  return `transform="${transform}" d="${places.map((place) => place + path).join('')}"`;
}

/** The layers of a motif; what is of the main colour has the pattern on it. */
function layersOf({ layers }: Motif, palette: Palette, tiles: string): string {
  return layers
    .split('|')
    .map((layer, at) => {
      const [colour, data] = split(layer);
      const path = pathOf(data);
      if (colour === 'line' || colour === 'wire') return strokeOf(path, palette.dark, colour === 'line' ? 6 : 2.5);
      const fill = isColour(colour, palette) ? palette[colour] : colour;
      const own = `<path d="${path}" fill="${fill}"/>`;
      if (colour !== 'main' || tiles === '') return own;
      const clip = `c${String(at)}`;
      return `${own}<clipPath id="${clip}"><path d="${path}"/></clipPath><g clip-path="url(#${clip})"><path ${tiles} fill="${palette.light}"/></g>`;
    })
    .join('');
}

/** The second motif, small and in the place that the first one has for it. */
function secondOf({ spot }: Motif, second: Motif | undefined, palette: Palette): string {
  if (!spot || !second) return '';
  const [x, y] = spot;
  const colours = { ...palette, main: palette.accent, accent: palette.main };
  return (
    `<path d="${pathOf(`o${String(x)} ${String(y)} 16`)}" fill="${palette.white}"/>` +
    `<g transform="translate(${String(x - 12)} ${String(y - 12)}) scale(.24)">${layersOf(second, colours, '')}</g>`
  );
}

const strokeOf = (path: string, colour: string, width: number): string =>
  `<path d="${path}" fill="none" stroke="${colour}" stroke-width="${String(width)}" stroke-linecap="round" stroke-linejoin="round"/>`;

const split = (layer: string): [string, string] => {
  const at = layer.indexOf(' ');
  return [layer.slice(0, at), layer.slice(at + 1)];
};

const isColour = (name: string, palette: Palette): name is keyof Palette => name in palette;

const pathOf = (data: string): string =>
  data.replace(
    /o([\d.]+) ([\d.]+) ([\d.]+)/g,
    (_, x: string, y: string, radius: string) => `M${x} ${y}m-${radius} 0${circle(radius)}`,
  );

/** A text as XML has it. */
const escaped = (text: string): string =>
  text.replace(/[&<>"]/g, (character) => `&#${String(character.charCodeAt(0))};`);
