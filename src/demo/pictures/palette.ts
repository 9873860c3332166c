/** A colour as CSS has it: its hue in degrees, its saturation and its lightness in percent. */
type Colour = readonly [hue: number, saturation: number, lightness: number];

/** The colours of a picture, by what they are for. */
export interface Palette {
  readonly main: string;
  readonly dark: string;
  readonly light: string;
  readonly accent: string;
  readonly white: string;
  readonly ground: string;
  /** Of what is drawn on the ground, behind the motif. */
  readonly shade: string;
}

/** Colours that names say. The first ones are also those of products whose names say none. */
const COLOURS: readonly (readonly [words: string, colour: Colour])[] = [
  ['red|scarlet|cherry|strawberry|retrospot', [356, 68, 54]],
  ['pink|rose|raspberry|fuchsia', [338, 66, 67]],
  ['blue|navy|sky|sapphire|denim|london', [212, 56, 52]],
  ['green|olive|lime|emerald|woodland|leaf', [138, 36, 46]],
  ['purple|lilac|violet|lavender|amethyst|plum', [268, 40, 60]],
  ['yellow|gold|golden|lemon|sunflower', [43, 84, 57]],
  ['orange|amber|tangerine|peach|pumpkin', [22, 82, 60]],
  ['turquoise|aqua|mint|teal|jade', [176, 44, 47]],
  ['brown|chocolate|wood|wooden|wicker|mocha|coffee|oak', [25, 40, 44]],
  ['copper|bronze|brass|rusty', [16, 46, 50]],
  ['black|midnight|jet|charcoal|blackboard|chalkboard', [230, 14, 27]],
  ['white|ivory|cream|pearl|lace|porcelain', [38, 44, 94]],
  ['silver|grey|zinc|metal|slate|steel|tin|diamante', [214, 14, 64]],
  ['clear|crystal|glass|ice', [196, 40, 80]],
];

const KNOWN = COLOURS.map(([words, colour]) => ({ pattern: new RegExp(`\\b(?:${words})\\b`, 'i'), colour }));

/** How many of the colours a product has whose name says none. */
const CHOICE = 8;

/** By how many degrees the hue of the ground differs from that of the motif. */
const TURNS = [0, 25, 150, 180, 210, 335];

/** From this lightness on, a motif is not seen on a pale ground. */
const PALE = 78;

const css = ([hue, saturation, lightness]: Colour): string =>
  `hsl(${String(Math.round(hue) % 360)},${String(Math.round(saturation))}%,${String(Math.round(lightness))}%)`;

/** The colours that a name says, in the order of their words. */
const coloursIn = (name: string): Colour[] =>
  KNOWN.flatMap(({ pattern, colour }) => {
    const found = pattern.exec(name);
    return found ? [{ at: found.index, colour }] : [];
  })
    .sort((one, other) => one.at - other.at)
    .map(({ colour }) => colour);

/**
 * The colours of a product: those that its name says, else others.
 * @param choose one of so many numbers, from 0 on: the same for the same product.
 */
export function paletteOf(name: string, choose: (count: number) => number): Palette {
  const others = COLOURS.slice(0, CHOICE).map(([, colour]) => colour);
  const first = choose(CHOICE);
  const [main = others[first], accent = others[(first + 2 + choose(CHOICE - 3)) % CHOICE]] = coloursIn(name);
  if (!main || !accent) throw new RangeError(`${String(CHOICE)} colours are not there`);
  const [hue, saturation, lightness] = main;
  const base = (saturation < 20 ? accent[0] : hue) + (TURNS[choose(TURNS.length)] ?? 0);
  const pale = lightness >= PALE ? 70 : 85 + choose(7);
  const tint = 34 + choose(30);
  return {
    main: css([hue + choose(13) - 6 + 360, saturation, lightness]),
    dark: css([hue, saturation * 0.9, lightness * 0.7]),
    light: css([hue, saturation, lightness + (100 - lightness) * 0.55]),
    accent: css(accent),
    white: '#fffaf1',
    ground: css([base, tint, pale]),
    shade: css([base, tint, pale - 6]),
  };
}
