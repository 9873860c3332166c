/** What a picture shows. */
export interface Motif {
  /** What it is called in names of products and categories, in the singular: alternatives of a regular expression. */
  readonly words: string;
  /**
   * Its layers from back to front, in a square of 100 units, with `|` between them. Each one is a colour of the palette, or one of its own, and
   * the data of an SVG path, in which `o50 40 9` is a circle: its center and its radius. `line` and `wire` are a thick and a thin line.
   */
  readonly layers: string;
  /** The center of where it has room for a second motif, if it has some. */
  readonly spot?: readonly [x: number, y: number];
}

const motif = (words: string, layers: string, spot?: Motif['spot']): Motif => ({ words, layers, spot });

/** What is shown where no word is known. */
export const PARCEL = motif(
  'gift|present|parcel|kit',
  'main M20 42H80V84H20z|dark M15 30H85V44H15z|accent M45 30h10V84H45z|accent M50 30c-20-2-22-18-10-18 6 0 10 10 10 18zm0 0c20-2 22-18 10-18-6 0-10 10-10 18z',
);

/** All motifs. They are data: to add one, draw it in a square of 100 units. */
export const MOTIFS: readonly Motif[] = [
  PARCEL,
  motif(
    'mug|cup|beaker|tumbler',
    'line M64 40h8a10 10 0 0 1 0 22h-8|main M20 30H66V66a14 14 0 0 1-14 14H34a14 14 0 0 1-14-14z|light M20 30H66v7H20z',
    [43, 58],
  ),
  motif(
    'teapot|tea pot|tea time|coffee pot|kettle|tea set|tea for one',
    'line M28 46c-18-4-20 24 0 22|main M72 54l12-14 7 4-17 28z|main M26 44h48a4 4 0 0 1 4 4c0 22-12 32-28 32S22 70 22 48a4 4 0 0 1 4-4z|dark M32 44a18 13 0 0 1 36 0z|accent o50 28 5',
    [50, 61],
  ),
  motif(
    'plate|saucer|dinnerware|tableware|platter|cake plate',
    'main o50 50 36|light o50 50 26|white o50 50 23',
    [50, 50],
  ),
  motif(
    'bowl|dish|glass|colander|trinket pot',
    'light M14 42a36 9 0 0 1 72 0a36 9 0 0 1-72 0z|main M14 42c10 10 62 10 72 0 0 24-14 38-36 38S14 66 14 42z|dark M36 79h28v5H36z',
    [50, 62],
  ),
  motif(
    'cake ?stand|stand',
    'dark M46 50h8v28h-8z|dark M30 76h40a4 4 0 0 1 0 8H30a4 4 0 0 1 0-8z|main M12 44h76c0 8-8 11-16 11H28c-8 0-16-3-16-11z|accent M28 44V32c0-8 44-8 44 0v12z|white M28 34c0-10 44-10 44 0 0 8-7 8-8 2-2 8-9 8-10 1-2 8-9 8-10 0-2 7-16 6-16-3z|dark o50 23 4.5',
  ),
  motif(
    'cake|cupcake|cake case|cake tin|baking|muffin|biscuit|cookie|sweet|chocolate',
    'main M28 54H72L66 84H34z|accent M24 56c-5-10 5-15 8-17 0-11 12-17 18-17s18 6 18 17c3 2 13 7 8 17z|white o40 42 2.5o54 36 2.5o62 46 2.5o48 49 2.5|dark o50 20 5.5',
  ),
  motif(
    'cutlery|fork|spoon|knife|utensil|server|spatula',
    'main M25 16h4v18h4V16h4v18h4V16h4v22c0 7-4 10-7 12v34h-6V50c-3-2-7-5-7-12z|accent M66 16c9 0 12 9 12 17 0 9-4 14-9 16v35h-6V49c-5-2-9-7-9-16 0-8 3-17 12-17z',
  ),
  motif(
    'bottle|decanter|oil|vase|flask',
    'dark M43 12h14v12H43z|main M44 24h12v10c0 7 13 9 13 19v27a8 8 0 0 1-8 8H39a8 8 0 0 1-8-8V53c0-10 13-12 13-19z|white M31 56H69v18H31z',
    [50, 65],
  ),
  motif(
    'hot water bottle|hand ?warmer|warmer',
    'dark M41 10h18v12H41z|main M40 22h20c2 7 17 7 17 20v36a10 10 0 0 1-10 10H33a10 10 0 0 1-10-10V42c0-13 15-13 17-20z|wire M32 46v32M68 46v32',
    [50, 60],
  ),
  motif(
    'jar|pot|canister|caddy|salt|pepper',
    'dark M29 16H71v13H29z|main M32 29H68c6 4 9 8 9 15v32a9 9 0 0 1-9 9H32a9 9 0 0 1-9-9V44c0-7 3-11 9-15z|white M31 48H69v24H31z',
    [50, 60],
  ),
  motif(
    'tin|bucket|tub|cream|balm|lip gloss',
    'main M24 30H76V78a26 7 0 0 1-52 0z|dark M21 24H79v9a29 8 0 0 1-58 0z|light M21 24a29 8 0 0 1 58 0a29 8 0 0 1-58 0z',
    [50, 62],
  ),
  motif(
    'box|crate|chest|jewellery box|trinket box',
    'main M16 38 50 50V88L16 74z|dark M84 38 50 50V88l34-14z|light M50 26 84 38 50 50 16 38z|accent M62 46l8-3v35l-8 3z',
  ),
  motif('basket|hamper|trug', 'line M26 42c0-36 48-36 48 0|main M15 44H85L77 84H23z|dark M12 40H88v9H12z'),
  motif(
    'bag|shopper|shopping bag|tote|sack',
    'line M36 38c0-28 28-28 28 0|main M22 34H78L85 86H15z|light M22 34H78l1 8H21z',
    [50, 63],
  ),
  motif(
    'purse|wallet|clutch',
    'accent o44 28 6o56 28 6|main M22 40c-10 34 2 44 28 44s38-10 28-44z|dark M22 32H78a5 5 0 0 1 0 11H22a5 5 0 0 1 0-11z',
    [50, 63],
  ),
  motif(
    'backpack|rucksack|school ?bag|handbag',
    'line M40 22c0-14 20-14 20 0|main M27 38c0-24 46-24 46 0V80a7 7 0 0 1-7 7H34a7 7 0 0 1-7-7z|dark M34 58H66V80H34z|accent M34 58H66v7H34z',
  ),
  motif(
    'luggage|suitcase|travel|passport|luggage tag|wash bag|lunch box|picnic',
    'line M39 30V20H61V30|main M18 30H82a6 6 0 0 1 6 6V76a6 6 0 0 1-6 6H18a6 6 0 0 1-6-6V36a6 6 0 0 1 6-6z|dark M24 30h7V82h-7zM69 30h7V82h-7z',
    [50, 56],
  ),
  motif(
    'umbrella|parasol|sun ?shade',
    'line M50 20V78c0 12-17 11-16 0|main M10 54C12 8 88 8 90 54c-6-8-19-8-26 0-6-8-22-8-28 0-7-8-20-8-26 0z|light M36 54C37 34 43 24 50 20c7 4 13 14 14 34-6-8-22-8-28 0z',
  ),
  motif(
    'candle|tea ?light candle|candlestick|candle ?holder',
    '#f2a530 M50 10c9 11 9 20 0 22-9-2-9-11 0-22z|wire M50 32v8|main M35 40H65V86H35z|light M35 40H65v7c-4 7-7 0-10 0s-4 12-9 9-5-9-11-5z',
  ),
  motif(
    't-light|t-light holder|t-?light glass|holder|votive',
    '#f2a530 M50 10c10 12 10 24 0 26-10-2-10-14 0-26z|main M20 42H80L71 80a6 6 0 0 1-6 5H35a6 6 0 0 1-6-5z|light M20 42H80l-2 7H22z',
    [50, 66],
  ),
  motif(
    'lantern|birdcage|bird cage|cage',
    'line M40 24c0-14 20-14 20 0|dark M28 34 50 18 72 34z|main M26 34H74V80H26z|light M34 42H66V74H34z|#f2a530 M50 44c7 9 7 17 0 19-7-2-7-10 0-19z|white M44 63h12v11H44z|dark M22 78H78v7H22z',
  ),
  motif(
    'lamp|lampshade|night light|chandelier|lighting',
    'dark M46 50h8v30h-8z|dark M32 78H68v7H32z|main M36 14H64L82 54H18z|light M20 49H80l2 5H18z',
    [50, 37],
  ),
  motif(
    'light|lights|fairy light|string of light|led',
    'line M6 22C28 46 72 46 94 22|accent M15 32h10l4 18a9 9 0 0 1-18 0z|main M45 40h10l5 22a10 10 0 0 1-20 0z|dark M75 32h10l4 18a9 9 0 0 1-18 0z',
  ),
  motif(
    'clock|alarm clock|timer|watch',
    'dark o28 22 9o72 22 9|main o50 52 36|white o50 52 28|line M50 34V53L63 60|dark o50 53 3.5',
  ),
  motif(
    'frame|photo frame|picture|cabinet photo|photo',
    'main M18 14H82V88H18z|light M28 24H72V78H28z|dark M28 78 44 52 54 66 62 57 72 70v8z|accent o60 38 6.5',
  ),
  motif(
    'mirror',
    'main M50 8a31 38 0 0 1 0 76a31 38 0 0 1 0-76z|light M50 17a23 29 0 0 1 0 58a23 29 0 0 1 0-58z|white M36 46 56 24l6 5-24 26zM42 62 65 38l3 4-22 26z|dark M40 82h20v8H40z',
  ),
  motif(
    'cushion|cushion cover|curtain|pillow|throw|quilt|blanket',
    'main M18 22c21 6 43 6 64 0 6 2 7 6 5 11-4 15-4 26 0 42 2 6-2 9-8 8-18-4-40-4-58 0-6 1-10-2-8-8 4-14 4-27 0-42-2-5 0-9 5-11z',
    [50, 53],
  ),
  motif(
    'card|greeting card|calendar|memoboard|playing card',
    'dark M32 14H78V80H32z|main M22 20H68V86H22z|white M28 26H62V80H28z',
    [45, 53],
  ),
  motif(
    'envelope|letter|postcard|writing set|invite|invitation',
    'main M12 26H88V78H12z|light M12 26H88L50 56z|accent o50 54 7',
  ),
  motif(
    'book|notebook|album|diary|journal|address book|recipe|passport cover|pad',
    'dark M26 18H80V88H26z|main M22 14H75V82H22z|accent M30 14h6V82h-6z|white M43 26H67V44H43z',
    [55, 63],
  ),
  motif(
    'pencil|pen|crayon|chalk|pencils|drawing|desk|rubber|eraser|sharpener',
    'main M22 36h14V86H22z|light M22 36l7-20 7 20z|dark M26 25l3-9 3 9z|accent M43 36h14V86H43z|light M43 36l7-20 7 20z|dark M47 25l3-9 3 9z|dark M64 36h14V86H64z|light M64 36l7-20 7 20z|main M68 25l3-9 3 9z',
  ),
  motif(
    'sign|plaque|wall art|chalkboard|blackboard|board|art|slate',
    'wire M28 36 50 14 72 36|main M12 34H88V76H12z|light M18 40H82V70H18z',
    [50, 55],
  ),
  motif('hook|hanger|coat rack|rack', 'main M26 14H74V36H26z|line M50 30V60c0 24-28 22-26 2|accent o36 25 4o64 25 4'),
  motif(
    'cabinet|drawer|furniture|cupboard|shelf|table|chair|stool|bench',
    'dark M26 80h8v9h-8zM66 80h8v9h-8z|main M20 12H80V82H20z|light M27 19H73V36H27zM27 41H73V57H27zM27 62H73V77H27z|dark o50 28 3o50 49 3o50 70 3',
  ),
  motif(
    'knob|drawer knob|door ?knob|handle',
    'dark M30 78H70v8H30z|dark M43 60h14v20H43z|main o50 40 28|light o41 30 7',
    [50, 42],
  ),
  motif(
    'heart|valentine|sweetheart|love',
    'main M50 86C6 56 10 18 33 18c9 0 14 6 17 13 3-7 8-13 17-13 23 0 27 38-17 68z|light M26 40c0-8 4-12 9-12 3 0 3 4 0 5-3 1-4 4-4 8 0 4-5 3-5-1z',
  ),
  motif('star', 'main M50 10 62 38 92 41 69 61 76 90 50 75 24 90 31 61 8 41 38 38z'),
  motif(
    'flower|rose|daisy|floral|blossom|garden|poppy|lily|sunflower|petal|orchid|tulip|botanical|bouquet',
    'line M50 52V90|dark M50 82c16-2 20-11 20-16-13 0-20 7-20 16zM50 76c-16-2-20-11-20-16 13 0 20 7 20 16z|main o50 21 12o67 33 12o60 53 12o40 53 12o33 33 12|accent o50 38 10',
  ),
  motif(
    'tree|christmas tree|woodland|fir|christmas|noel',
    'dark M44 76h12v12H44z|main M50 8 70 36H60L78 57H65L86 78H14L35 57H22L40 36H30z|accent o50 30 3.5o42 48 3.5o58 52 3.5o38 68 3.5o60 68 3.5',
  ),
  motif(
    'bunting|garland|banner|flag|hanging decoration|party|streamer',
    'wire M4 22Q50 40 96 22|main M8 24 34 31 20 64z|accent M38 32 62 32 50 68z|dark M66 31 92 24 80 64z',
  ),
  motif(
    'balloon',
    'wire M50 66q-8 10 2 24|main M50 8a26 28 0 0 1 26 28c0 15-13 27-26 30-13-3-26-15-26-30A26 28 0 0 1 50 8z|light o40 26 6|dark M50 64l6 7H44z',
  ),
  motif(
    'egg|easter',
    'main M50 10c19 0 30 26 30 46a30 30 0 0 1-60 0c0-20 11-46 30-46z|light M21 46l10 9 9.5-9 9.5 9 9.5-9 9.5 9 10-9 1 10-11 9-9.5-9-9.5 9-9.5-9-9.5 9-11-9z',
    [50, 74],
  ),
  motif(
    'rabbit|bunny|hare',
    'main M34 46C22 14 32 4 40 12c5 6 7 18 8 30h4c1-12 3-24 8-30 8-8 18 2 6 34z|main o50 62 26|dark o41 58 3.5o59 58 3.5|accent M45 67h10l-5 6z',
  ),
  motif(
    'bird|robin|dove|chick|hen|cockerel|rooster|duck|swallow|peacock',
    'wire M44 74v14M54 74v14|main M10 44c16 4 22-20 44-20 17 0 24 12 24 23 0 17-15 29-32 29C30 76 14 64 10 44z|dark M32 48h30c0 16-24 20-30 0z|accent M77 38l16 6-15 7z|white o65 39 3.5',
  ),
  motif(
    'butterfly|fairy|dragonfly|ladybird|bee|angel',
    'wire M49 30 38 14M51 30 62 14|main M50 48C40 8 6 12 10 36c2 15 18 20 40 14zM50 48C60 8 94 12 90 36c-2 15-18 20-40 14z|accent M50 50c-24 0-34 13-27 27 7 11 25 0 27-23zM50 50c24 0 34 13 27 27-7 11-25 0-27-23z|dark M47 28h6v50h-6z',
  ),
  motif(
    'cat|kitten|kitty|mouse|tiger|leopard',
    'main M22 18 42 34h16l20-16v42a28 26 0 0 1-56 0z|white o39 52 5o61 52 5|dark o39 52 3o61 52 3|accent M45 62h10l-5 6z|wire M12 60l16 3M88 60l-16 3',
  ),
  motif(
    'dog|doggy|puppy|pet|scottie',
    'main M28 26h44v38a22 22 0 0 1-44 0z|dark M28 24c-17 0-19 32-10 38 7 3 12-11 14-34zM72 24c17 0 19 32 10 38-7 3-12-11-14-34z|dark o41 45 3.5o59 45 3.5|accent M42 58h16l-8 9z',
  ),
  motif(
    'owl',
    'main M22 16 38 27h24l16-11v46a28 28 0 0 1-56 0z|white o38 45 12o62 45 12|dark o38 45 5o62 45 5|accent M45 54h10l-5 9z',
  ),
  motif(
    'doll|dolly|babushka|russian|girl|boy|lola|charlie|children|childrens|baby|gnome|santa|matryoshka',
    'main M50 8c15 0 22 11 20 22 14 12 16 58-4 58H34c-20 0-18-46-4-58C28 19 35 8 50 8z|white o50 29 12|dark o45 28 2o55 28 2|accent o50 64 13|light o50 64 6',
  ),
  motif(
    'toy|car|truck|tractor|train|bus|money ?box|piggy',
    'main M10 54h14l9-18h30l14 18h13v20H10z|light M36 41h11v13H29zM51 41h10l9 13H51z|dark o30 74 10o70 74 10|white o30 74 4.5o70 74 4.5',
  ),
  motif(
    'rocket|spaceboy|space|robot|plane|circus',
    'dark M36 48 18 72h20zM64 48 82 72H62z|accent M40 64h20l-10 26z|main M50 6c18 15 20 38 15 60H35c-5-22-3-45 15-60z|white o50 36 9',
  ),
  motif('jigsaw|puzzle', 'main M18 32h22c-8-16 20-16 14 0h24v22c16-8 16 22 0 14v20H18V68c14 7 14-21 0-14z'),
  motif(
    'game|dice|domino|ludo|chess|bingo|block|snakes',
    'main M28 18h44a10 10 0 0 1 10 10v44a10 10 0 0 1-10 10H28a10 10 0 0 1-10-10V28a10 10 0 0 1 10-10z|white o34 34 6o66 34 6o50 50 6o34 66 6o66 66 6',
  ),
  motif(
    'necklace|pendant|chain|choker|locket|lariat',
    'wire M20 10c0 66 60 66 60 0|accent o26 34 4o34 46 5o66 46 5o74 34 4|main M50 52 64 70 50 90 36 70z|light M36 70h28L50 52z',
  ),
  motif(
    'bracelet|bangle|bead|anklet',
    'main o50 22 10o80 50 10o50 80 10o20 50 10|accent o71 29 9o71 71 9o29 71 9o29 29 9',
  ),
  motif(
    'ring|diamante ring|jewellery|jewelled|gem|crystal',
    'line o50 64 24|main M36 10H64L78 26 50 48 22 26z|light M22 26H78L50 48z|accent M40 26H60L50 48z',
  ),
  motif(
    'earring|ear ring|drop earring',
    'wire M30 14c-12 8 8 12 0 24M70 14c-12 8 8 12 0 24|main M30 36 46 66a17 17 0 1 1-32 0zM70 36 86 66a17 17 0 1 1-32 0z|accent o30 70 7o70 70 7',
  ),
  motif('key ?ring|charm|bag charm|keyring|phone charm', 'line o50 22 14|wire M50 36v16|main o50 68 22', [50, 68]),
  motif(
    'hair|hairband|hair clip|bow|hairslide|hairgrip|scrunchie|alice band|scarf|tie',
    'main M50 50C22 18 8 24 12 50s-2 34 38 0zM50 50c28-32 42-26 38 0s2 34-38 0z|dark M43 40h14a3 3 0 0 1 3 3v14a3 3 0 0 1-3 3H43a3 3 0 0 1-3-3V43a3 3 0 0 1 3-3z',
  ),
  motif(
    'hat|cap|bonnet|tea cosy|cosy',
    'main M28 58c0-50 44-50 44 0z|accent M28 48h44v11H28z|dark M6 60c22-9 66-9 88 0-4 14-84 14-88 0z',
  ),
  motif(
    'bell|doorbell|chime|wind ?chime',
    'accent o50 13 6|dark o50 80 8|main M50 16c21 0 23 22 25 42l9 18H16l9-18c2-20 4-42 25-42z',
  ),
  motif(
    'bauble|ball|christmas decoration|decoration|ornament',
    'wire M50 4v12|accent M42 14h16v10H42z|main o50 56 32',
    [50, 56],
  ),
  motif(
    'snowflake|snow|snowman|icicle|reindeer',
    'line M50 12V88M17 31 83 69M83 31 17 69|wire M40 18l10 9 10-9M40 82l10-9 10 9M18 45l12-5-3-13M82 55l-12 5 3 13M82 45l-12-5 3-13M18 55l12 5-3 13',
  ),
  motif(
    'stocking|sock|slipper|glove',
    'main M34 26H64V54c0 7 20 7 20 20 0 12-11 14-20 12-15-2-30-2-30-18z|accent M34 62c10 0 12 10 10 20-6-2-10-6-10-14z|white M29 12H69V28H29z',
  ),
  motif(
    'bath|bathroom|soap|shower|towel|sponge|bath salt',
    'white o28 34 8o42 26 11o58 34 8|dark M26 78h8v8h-8zM66 78h8v8h-8z|main M10 46H90c0 26-8 34-22 34H32C18 80 10 72 10 46z|dark M6 42H94v8H6z',
  ),
  motif(
    'tissue|napkin|first aid|plaster|wipe',
    'white M34 48c-5-18 5-22 8-36 7 9 20 7 24 16 3 9-4 13 0 20z|main M16 44H84V84H16z|dark M32 44H68v6H32z',
    [50, 67],
  ),
  motif(
    'incense|fragrance|scented|oil burner|potpourri|diffuser|joss',
    'wire M40 74 62 38M52 74 70 46|wire M62 34c-10-8 10-12 0-24M71 42c-6-6 8-10 2-20|accent o62 37 3.5o70 46 3.5|main M14 70H86c-2 12-16 16-36 16s-34-4-36-16z',
  ),
  motif(
    'watering can|water|jug|pitcher',
    'line M30 44C8 42 8 76 32 72|dark M64 62 84 34l8 5-26 38z|main M28 38H66V84H28z|light M24 32H70v9H24z',
    [47, 62],
  ),
  motif(
    'plant pot|planter|plant|herb|seed|gardening|trowel|hyacinth|grow your own|flower ?pot|leaf|ivy',
    'accent M50 46C28 42 26 22 30 10c14 4 20 18 20 36zM50 46c22-4 24-24 20-36-14 4-20 18-20 36z|main M28 52H72L66 86H34z|dark M23 44H77v11H23z',
  ),
  motif(
    'doormat|mat|rug|doorstop|door ?stop|placemat',
    'dark M4 34h6v40H4zM90 34h6v40h-6z|main M8 30H92V78H8z|light M15 37H85V71H15z',
    [50, 54],
  ),
  motif(
    'apron|overall|bib',
    'wire M36 22c0-18 28-18 28 0|main M35 20H65v20c13 4 15 14 15 46H20c0-32 2-42 15-46z|dark M36 58H64V74H36z',
  ),
  motif(
    'tea towel|oven glove|cloth|bunting cloth|handkerchief|table ?cloth',
    'line M12 16H88|main M26 14H74V86H26z|light M26 66H74v8H26z',
    [50, 42],
  ),
  motif(
    'tray|coaster|chopping board|trivet|tile',
    'main M20 24H80a12 12 0 0 1 12 12V66a12 12 0 0 1-12 12H20A12 12 0 0 1 8 66V36a12 12 0 0 1 12-12z|light M24 34H76a6 6 0 0 1 6 6V62a6 6 0 0 1-6 6H24a6 6 0 0 1-6-6V40a6 6 0 0 1 6-6z',
    [50, 51],
  ),
  motif(
    'sewing|craft|feltcraft|knitting|twine|string|thread|spool|wool|reel|crochet',
    'main M32 26H68V76H32z|light M32 34l36-4v5l-36 4zM32 46l36-4v5l-36 4zM32 58l36-4v5l-36 4zM32 70l36-4v5l-36 4z|dark M26 14H74V27H26zM26 75H74V88H26z|wire M68 70c20 0 4 20 24 18',
  ),
  motif(
    'sticker|stamp|badge|seal|tattoo|patch',
    'main M50 10 61 18 74 16 79 29 91 36 87 50 91 64 79 71 74 84 61 82 50 90 39 82 26 84 21 71 9 64 13 50 9 36 21 29 26 16 39 18z|light o50 50 27',
    [50, 50],
  ),
  motif('tape|ribbon|ribbons|masking tape', 'main M44 74H92v10H44z|main o44 50 34|light o44 50 22|dark o44 50 12'),
  motif(
    'wrap|gift wrap|wrapping paper|paper|roll|wallpaper',
    'dark M14 68 64 18 82 36 32 86z|main M20 62 70 12l8 8-50 50z|light o23 77 12.5|dark o23 77 5|accent M40 42l18 18 8-8-18-18z',
  ),
  motif(
    'skull|skeleton|halloween|pirate',
    'main M50 10c24 0 35 15 35 32 0 13-6 18-13 22v16H28V64c-7-4-13-9-13-22 0-17 11-32 35-32z|dark o36 44 8o64 44 8|dark M44 62h12l-6-9zM41 72h4v8h-4zM55 72h4v8h-4z',
  ),
  motif(
    'strawberry|fruit|cherry|apple|pear|jam|berry|lemon',
    'main M50 90C26 76 14 56 19 40c6-14 22-9 31-7 9-2 25-7 31 7 5 16-7 36-31 50z|accent M50 38 32 32l11-5-5-14 12 9 12-9-5 14 11 5z|white o36 50 2.5o50 54 2.5o64 50 2.5o43 66 2.5o57 66 2.5',
  ),
  motif(
    'union jack|union flag|london|english|british',
    '#2b4480 M10 24H90V76H10z|white M10 24h11L90 69v7H79L10 31zM90 24H79L10 69v7h11L90 31z|white M42 24h16V76H42zM10 42H90V58H10z|#cf3a3f M45 24h10V76H45zM10 45H90V55H10z',
  ),
  motif(
    'magnet|fridge magnet',
    'main M18 16h20v38a12 12 0 0 0 24 0V16h20v38a32 32 0 0 1-64 0z|light M18 16h20v14H18zM62 16h20v14H62z',
  ),
  motif(
    'crown|princess|tiara|royal|king|queen|regency|coronation',
    'main M14 76V32l18 20 18-30 18 30 18-20v44z|accent o50 20 6o14 30 5o86 30 5|dark M14 70H86V82H14z',
  ),
  motif(
    'hammock|seaside|beach|boat|nautical|sea|anchor|shell|fish',
    'line M50 14V64|main M54 14c20 14 26 28 28 44H54z|accent M46 22C34 34 28 44 26 58h20z|dark M8 64H92c-4 14-14 22-26 22H34C22 86 12 78 8 64z',
  ),
];
