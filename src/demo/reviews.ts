/** A review of the demo shop: of a product of its catalogue, by one of {@link REVIEWERS} or the demo customer. */
export interface DemoReview {
  sku: string;
  /** The e-mail of the author. */
  author: string;
  rating: number;
  title: string;
  body?: string;
}

const CLEO = 'customer@stockroom.example';

/** Customers who wrote reviews; they have no password, so nobody signs in as one of them. */
export const REVIEWERS: readonly { email: string; name: string }[] = [
  { email: 'maya.lind@stockroom.example', name: 'Maya Lind' },
  { email: 'tom.okafor@stockroom.example', name: 'Tom Okafor' },
  { email: 'ines.duarte@stockroom.example', name: 'Inês Duarte' },
  { email: 'priya.nair@stockroom.example', name: 'Priya Nair' },
  { email: 'jonas.weber@stockroom.example', name: 'Jonas Weber' },
];
const [MAYA = '', TOM = '', INES = '', PRIYA = '', JONAS = ''] = REVIEWERS.map(({ email }) => email);

const review = (sku: string, author: string, rating: number, title: string, body?: string): DemoReview => ({
  sku,
  author,
  rating,
  title,
  ...(body !== undefined && { body }),
});

/** Invented for the demo. */
export const REVIEWS: readonly DemoReview[] = [
  review(
    '85123A',
    CLEO,
    5,
    'Warm light',
    'I have four of them in the kitchen window. The glass is thicker than it looks.',
  ),
  review('85123A', MAYA, 5, 'Bought again', 'The first ones were for me, these are presents.'),
  review('85123A', TOM, 4, 'Good, but small', 'A standard tea light fits exactly, with nothing to spare.'),
  review('85123A', JONAS, 4, 'As in the picture'),
  review('22423', INES, 5, 'The star of the table', 'Three tiers, easy to assemble, and it stands firmly.'),
  review('22423', PRIYA, 4, 'Lovely', 'The gold paint needs hand washing.'),
  review('22423', CLEO, 3, 'One plate was chipped', 'The shop sent a new plate within two days.'),
  review('85099B', TOM, 5, 'Carries everything', 'Two years of weekly shopping and no seam has opened.'),
  review('85099B', INES, 4, 'Big and light'),
  review('85099B', PRIYA, 5, 'My third one'),
  review('85099B', JONAS, 2, 'The colour fades', 'After one summer in the garden the red is pink.'),
  review('47566', MAYA, 5, 'Made the party', 'Longer than expected: it spans our whole garden.'),
  review('47566', CLEO, 4, 'Nice fabric', 'Iron it once, then it hangs well.'),
  review('23298', INES, 5, 'Cheerful'),
  review('84879', PRIYA, 4, 'Sweet little birds', 'Colours come mixed, as it says.'),
  review('84879', JONAS, 3, 'Fine for the price'),
  review('20725', MAYA, 5, 'Keeps lunch cold until one'),
  review('20725', TOM, 4, 'Easy to clean', 'Wipe it out and it is ready for the next day.'),
  review('21212', CLEO, 5, 'Always in my cupboard'),
  review('21212', INES, 4, 'They hold their shape', 'Even with a wet batter.'),
  review('22197', JONAS, 3, 'Smaller than I thought', 'Right for children, too small for a film.'),
  review('22457', PRIYA, 4, 'For our menu of the week'),
  review('22720', MAYA, 5, 'Stack neatly', 'The lids fit tightly.'),
  review('22720', TOM, 5, 'Useful and pretty'),
  review('22960', INES, 4, 'All you need to begin', 'Labels, lids and jars; only the fruit is missing.'),
  review('22961', CLEO, 4, 'A good present'),
  review('22699', PRIYA, 5, 'Beautiful roses', 'Thin china, but it survived the dishwasher.'),
  review('22697', MAYA, 4, 'Matches the cake stand'),
  review('22698', JONAS, 4, 'My mother loves it'),
  review('22112', TOM, 5, 'Warm feet', 'The cover is soft and comes off for washing.'),
  review('22114', INES, 3, 'Nice, but leaks a little', 'Close it firmly.'),
  review('48138', CLEO, 2, 'Loses its fibres', 'It looked good for three months.'),
  review('84946', PRIYA, 5, 'A lovely glow'),
  review('22178', MAYA, 4, 'Pretty in the garden', 'The wire could be longer.'),
  review('21931', JONAS, 5, 'Room for all the toys'),
  review('22386', INES, 1, 'A handle came off', 'On the first day. I got my money back.'),
];
