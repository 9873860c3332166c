/** Where a product goes when no rule knows it. */
export const REST_CATEGORY = 'Everything Else';

const CHRISTMAS = `
  christmas, xmas, santa, reindeer, nativity, advent, noel, snowmen, bauble, mistletoe, yuletide, jingle bell,
  sleigh, holly, snowflake, tinsel, tree decoration, goose feather tree, snow star, snowy, magical tree, cheerful robin,
  robin waterpump, perfect post, 12 days wrap, stocking`;

/**
 * The rules that file the products by their names, read by categorise.ts. A rule is a category path, a colon, and words
 * and phrases of which one must stand in the name; after a semicolon, a second list of which one must stand there too.
 * A plural is understood; case, punctuation and apostrophes don't count, and `&` and `+` read as `and`.
 *
 * The first rule that fits files the product, and the search ends there. So narrow words stand above the wide ones they
 * contain (`cake stand` above `cake`), and what a thing is above what is printed on it (`mug` above `heart`). `(also)`
 * marks rules that say when a thing is wanted rather than what it is: a later rule of another top category may follow.
 */
export const CATEGORY_TABLE = `
  # The season, and beside it what the thing is.
  Christmas > Decorations: advent calendar
  Home Decor > Signs, Magnets & Wall Art: mirrored wall art snowflake
  Christmas > Cards & Wrap (also): ${CHRISTMAS}; card, wrap, gift bag, gift sack, tag, ribbon, tissue, sticker,
    postcard, paper box
  Christmas > Lights & Candles (also): ${CHRISTMAS}; light, lamp, candle, lantern
  Christmas > Table & Gifts (also): ${CHRISTMAS}; napkin, doily, cake, tin, cracker, tablecloth, place setting,
    panettone
  Christmas > Decorations: ${CHRISTMAS}; decoration, tree, star, angel, bauble, wreath, garland, bell, heart, snowflake,
    reindeer, tinsel, stocking, flock, bunting, rocking horse
  Christmas > Table & Gifts (also): ${CHRISTMAS}
  Christmas > Table & Gifts: mini 50s cracker, mini vintage cracker
  Christmas > Decorations: acrylic jewel angel, acrylic jewel icicle, folkart clip on star, laurel heart, laurel star

  # Names with a word that would mislead a rule further down.
  Stationery & Crafts > Greeting Cards: set of 10 card
  Candles & Lighting > Candles & T-Lights: scent candle, scented candle, candle in bowl
  Kitchen & Dining > Baking & Cake Stands: cake case, petit four case, balloon whisk, toffee cup, cake tin
  Kitchen & Dining > Storage Jars & Tins: herb tin, spice tin, enamel pot
  Storage & Furniture > Cabinets & Furniture: umbrella stand, cutlery cupboard, cutlery shelf, school desk,
    st george chair
  Storage & Furniture > Hooks & Drawer Knobs: suction cup hook
  Toys & Children > Soft Toys & Dolls: baby mouse, mummy mouse
  Toys & Children > Games & Puzzles: jigsaw, catch cup game, playing card, snap card, card game
  Toys & Children > Drawing & Crayons: colouring pencil, colour pencil, crayon, chalk stick, drawing slate,
    colouring set, stencil craft, paint set, canvas set, modelling clay, coloured pencil
  Toys & Children > Toys & Money Boxes: toy cooking, boom box, money box, money bank, piggy bank
  Bath & Wellbeing > Tissues & First Aid: first aid, plasters in tin, lip gloss, balm, tissue box, girl tissue,
    doily tissue
  Bath & Wellbeing > Bathroom: bathroom scale, soap dish, wash bowl, soap holder
  Garden & Outdoors > Gardening: kneeling pad, kneeling mat, grow your own, watering can, seed envelope
  Garden & Outdoors > Pets: dog bowl, cat bowl, dog collar, dogs collar, cat food, dog food, dog canister
  Home Decor > Doormats & Doorstops: doorstop
  Home Decor > Ornaments & Flowers: ashtray, basket of toadstools, geisha girl
  Storage & Furniture > Boxes & Baskets: toy tidy
  Stationery & Crafts > Gift Wrap & Ribbons: wrap, bottle bag

  # What is bought for an occasion.
  Party & Celebration > Easter (also): easter; baking mould, gift tag, t light, craft, tin, wreath, garland
  Party & Celebration > Easter: easter, fluffy chick, chick and egg, hen and chick, bunny egg, hanging chick,
    chick decoration, spring flower egg, butterfly egg, egg house, paper egg, sticky bunny, bunnies in a bucket,
    chick magic garden, hen house, wobbly chicken, wobbly rabbit, hen on nest, swinging bunny, bunny wooden,
    decoration egg, egg warmer, metal chicken, metal rabbit, candy spot rabbit, candy spot bunny, bunny decoration,
    knitted hen
  Stationery & Crafts > Pens & Desk: writing set
  Party & Celebration > Party Bags & Dressing Up: party bag, tattoo, party invite, tiara, leis, hawaiian grass skirt,
    sombrero, sunglasses, of 4 badge, skull badge, toast its, candy bag
  Party & Celebration > Balloons & Bunting: balloon, bunting, pennant, paper chain, honeycomb, paper garland,
    cordon barrier tape, party cone, confetti, rosette, birthday garland, union flag windsock, tissue ream,
    paper lantern, skull and crossbones garland, party charm, flag of st george
  Party & Celebration > Party Tableware: napkin, paper cup, paper plate, straw, paper doily, flower doily, 36 doily,
    popcorn holder, cocktail parasol, cocktail sword, disposable, place setting, cake frill, lace paper

  # Bags and what travels with them.
  Stationery & Crafts > Gift Wrap & Ribbons: handbag gift box, panettone gift box, sweetie gift box
  Stationery & Crafts > Craft Kits & Sewing: handbag kit, flower peg, daisy peg
  Bags & Travel > Lunch Bags & Boxes: lunch bag, lunch box, snack box
  Stationery & Crafts > Notebooks & Albums: purse notebook
  Bags & Travel > Purses & Wallets: purse, wallet
  Bags & Travel > Luggage & Wash Bags: washbag, wash bag, cosmetic bag, cosmetics bag, luggage tag, passport cover,
    mini case, airline bag, cabin bag, weekend bag, overnight bag, bum bag, glasses case
  Bags & Travel > Shopping Bags: jumbo bag, jumbo storage bag, shopper, shopping bag, tote bag, recycling bag,
    charlotte bag, big flower bag, check bag, pocket bag
  Bags & Travel > Handbags & Backpacks: handbag, hand bag, shoulder bag, backpack, evening bag, kids bag,
    drawstring bag, beach bag

  # Jewellery: charms, rings and boxes first, whose names hold other things.
  Jewellery & Accessories > Charms & Key Rings: bag charm, phone charm, key ring, keyring, key chain, key fob,
    bead charm
  Jewellery & Accessories > Jewellery Boxes & Stands: jewellery box, jewellery stand, jewel box, jewel stand, trinket,
    jewellery drawer
  Jewellery & Accessories > Earrings: earring
  Jewellery & Accessories > Necklaces: necklace, lariat, choker, diamante chain
  Jewellery & Accessories > Bracelets & Rings: bracelet, bangle, expandable ring, boudicca ring, enamel flower ring,
    rosebud ring, diamante ring, silver ring, bubble gum ring, bubblegum ring, brooch, jewellery set
  Jewellery & Accessories > Hair Accessories: hair, hairslide, hairclip, hairband, flower cluster slide, butterfly clip
  Jewellery & Accessories > Umbrellas & Hats: umbrella, edwardian parasol, rain poncho, rain mac, rain hat,
    bead pink scarf, silk fan, sandalwood fan, pocket traveling fan, ear muff, slipper

  # Cards and paper, before what is printed on them.
  Kitchen & Dining > Storage Jars & Tins: recipe box, recipe book box, recipe book stand
  Storage & Furniture > Boxes & Baskets: book box
  Home Decor > Ornaments & Flowers: card holder, cardholder
  Stationery & Crafts > Craft Kits & Sewing: card kit, kit card
  Stationery & Crafts > Greeting Cards: card, postcard, notelet
  Stationery & Crafts > Stickers, Tapes & Stamps: sticker, gift tape, wrapping tape, bookcover tape, stamp, skulls tape,
    retrospot tape, cute cats tape, design tapes
  Stationery & Crafts > Gift Wrap & Ribbons: wrapping paper, gift bag, gift tag, ribbon, paper bag, tape dispenser
  Stationery & Crafts > Notebooks & Albums: notebook, note book, exercise book, journal, sketchbook, pocket book,
    address book, scrap book, photo album, calendar, notepad, book mark, shopping list
  Stationery & Crafts > Pens & Desk: pen, pencil, eraser, rubber, ruler
  Stationery & Crafts > Craft Kits & Sewing: sewing, knitting, feltcraft, pin cushion, tape measure, measuring tape,
    chinese style scissor, folding scissor, button box, crochet flower, repair kit, twine, iron on, car patch,
    butterfly patch, ice cream patch
  Stationery & Crafts > Pens & Desk: stationery set, stationery box, envelope, letter rack, letter holder, letter tray,
    office tidy, hole punch, calculator, paperweight, magazine rack, wall tidy, memo holder, usb, clip
  Home Decor > Signs, Magnets & Wall Art: magnet, memo board, memoboard, blackboard, black board, chalkboard, sign,
    doorsign, door hanger, plaque, number tile

  # The kitchen.
  Toys & Children > Baby & Mealtimes: childrens cutlery, childs breakfast, childrens bowl, childrens cup,
    childrens egg cup, childrens apron, childrens spaceboy mug, circus parade mug, dolly girl mug, dolly girl beaker,
    spaceboy beaker, i love london beaker, lolly maker, baby bib
  Bath & Wellbeing > Hot Water Bottles & Warmers: hot water bottle, hand warmer, pocket warmer, hottie
  Candles & Lighting > T-Light Holders: t light holder, tealight holder, t light glass, t light set, t light setting,
    hanging t light, etched tealight
  Candles & Lighting > Candles & T-Lights: t light, tea light, birthday candle
  Kitchen & Dining > Teapots & Tea Time: teapot, tea cosy, tea set, tea for one, tea strainer, coffee set, milk jug,
    sugar bowl, sugar tong, sugar dispenser, tea bag plate, mug cosy, mug warmer, tea plate, sugar jam bowl, egg cosy,
    toastrack
  Home Decor > Clocks, Mirrors & Frames: clock
  Kitchen & Dining > Mugs & Cups: mug, teacup, beaker, cup, egg holder
  Kitchen & Dining > Baking & Cake Stands: cake stand, cakestand, cake cover, food cover, cloche, cake plate,
    cookie cutter, biscuit cutter, rolling pin, mixing bowl, measuring spoon, pastry brush, jelly mould,
    ice lolly mould, kitchen scale, cooking set, baking, apple corer, spatula
  Kitchen & Dining > Storage Jars & Tins: storage jar, cookie jar, biscuit tin, bread bin, caddy, tea coffee sugar,
    tea container, coffee container, biscuit bin, biscuit barrel, biscuits tin, jam jar, jam pot, jam making,
    measuring jar, glass jar, bon bon jar, coffee grinder, container set, milk bottle, knick knack tin, bell jar
  Kitchen & Dining > Tea Towels & Aprons: tea towel, apron, oven glove, oven mitt, washing up glove, tablecloth,
    table cloth, table run, ironing board cover, washing up brush, scrubbing brush, peg bag, clothes peg, dolly peg
  Kitchen & Dining > Trays & Coasters: placemat, coaster, tray
  Kitchen & Dining > Cutlery & Utensils: cutlery, spoon, teaspoon, cake fork, cake slice, utensil, ladle, chopstick,
    chopping board, bottle opener, squeezer, frying pan, egg pan, milk pan, colander, kitchen organiser, measuring jug,
    beurre dish, salt and pepper, butter, cheese dish
  Candles & Lighting > Candle Holders: candle holder, candleholder, candlestick, candle stick, candlestand,
    candle stand, candle plate, votive holder, candlepot, candle pot, candle bowl, base for candle, candle spike,
    frosted white base, wire for candle
  Kitchen & Dining > Plates, Bowls & Glasses: wine glass, champagne glass, goblet, aperitif, tumbler, milkshake glass,
    tea glass, d o f glass, chalice, wine bottle dressing, plate, bowl, dish, platter, fruitbowl, jug, charger

  # Light.
  Candles & Lighting > Incense & Fragrance: incense, fragrance oil, oil burner, scented fabric heart, scent heart,
    scented hanging, scented flower, potpourri
  Candles & Lighting > Candles & T-Lights: candle, matches
  Candles & Lighting > Lamps & Lanterns: lantern, light chain, light garland, bird light, lights, lamp, lampshade,
    night light, nightlight, chandelier, bedside light, lightbulb, star bulb, silicon cube, torch, shade,
    portable table light, disco ball

  # The garden, before the house.
  Home Decor > Cushions & Curtains: cushion, filler pad, throw, quilt
  Garden & Outdoors > Picnics & Hammocks: picnic, hammock, acapulco mat, garden set, sandcastle, beach spade,
    seaside bucket, flying disc, camping
  Garden & Outdoors > Gardening: garden tool, secateur, garden glove, garden fork, garden spade, garden rake,
    garden trowel, garden brush, wheelbarrow, screwdriver, spirit level, fly swat, tool set, garden thermometer,
    wall thermometer, planter, plant pot, plant cage, plant holder, plant ladder, grow a, sow n grow, herb garden,
    herb marker, garden marker, growing
  Garden & Outdoors > Garden Ornaments: birdhouse, bird house, dovecote, gnome, windmill, windchime, chime,
    garden parasol, decorative parasol, paper parasol, fairy pole, provencal ceramic ball, garden decoration,
    decorative garden

  # Children.
  Toys & Children > Baby & Mealtimes: baby gift set, nursery, mobile
  Toys & Children > Soft Toys & Dolls: soft toy, teddy, doll, sock puppet, fabric pony, flowers pony, playhouse,
    felt farm animal, monster, ninja rabbit, space cadet, space frog, space owl, toy with, soft car toy, scottie dog
  Toys & Children > Games & Puzzles: domino, ludo, bingo, snakes and ladders, game, skittle, spinning top,
    skipping rope, marbles, heads and tails, building block word, alphabet block, harmonica
  Toys & Children > Toys & Money Boxes: helicopter, dinosaur, snake, creepy crawly, glider, bubble, inflatable, radio,
    glow in dark, stress ball, singing canary, treasure tin, boombox, electronic meter, magic tree, animal

  # The bathroom and the body.
  Bath & Wellbeing > Bathroom: bathroom, soap, flannel, shower cap, toilet roll, towel, medicine cabinet, water basin,
    bath, toilette
  Bath & Wellbeing > Tissues & First Aid: tissue, compact mirror, pocket mirror, pill box

  # Keeping things.
  Storage & Furniture > Hooks & Drawer Knobs: drawer knob, hook, hanger, coat rack, key holder, key cabinet
  Storage & Furniture > Cabinets & Furniture: cabinet, cupboard, shelf, shelving, chest of drawer, 7 drawer, 20 drawer,
    sideboard, stool, chair, steel table, pouffe, love seat, screen, mini chest, round table
  Storage & Furniture > Boxes & Baskets: basket, bin, bucket, crate, tidy, organiser, newspaper stand, storage cube,
    bdraw liner, box, tin, chest

  # The house.
  Home Decor > Doormats & Doorstops: doormat, doorbell
  Home Decor > Clocks, Mirrors & Frames: mirror, photoframe, frame, photo cube
  Home Decor > Cushions & Curtains: curtain
  Home Decor > Ornaments & Flowers: artificial flower, art flower, vase, rose small, rose large, flask
  Home Decor > Signs, Magnets & Wall Art: wall art, canvas, print, flying duck, letter
  Home Decor > Hanging Decorations: decoration, hanging, wreath, garland, heart of wicker, wicker heart, wicker star,
    filigree heart, trellis, string of, crystal heart, pearl heart, hearts, embossed heart, stamped heart
  Home Decor > Ornaments & Flowers: bird, mushroom, toadstool, buddha, cat, bottle, shell, rocking horse, glass, heart,
    rabbit, stones, hand open
`;
