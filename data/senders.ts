import { createRandom, type Random, seedOf } from '../models/base/random.ts';
import { MARKETS, type Market } from './markets.ts';
import { BRANDS } from './slot-values.ts';

/** Who sends generated traffic. */
export interface Sender {
  readonly name: string;
  readonly industry: string;
  readonly market: Market;
  /** Share of its traffic that is promotional compared with the average, 0.3 to 1.7. */
  readonly lean: number;
  /** Sender reputation from confirmed outcomes, 0 to 1; undefined: too new to have one. */
  readonly reputation: number | undefined;
  readonly style: HouseStyle;
}

/** How all messages of one sender are written, whatever they say; each number picks a wording, 0 for none. */
export interface HouseStyle {
  readonly greeting: number;
  readonly signature: number;
  readonly optOut: number;
  /** Writes "u" and "pls". */
  readonly texting: boolean;
}

/** Senders of one industry in one market. */
const SENDERS_PER_CELL = 24;

const HEADS =
  'Bel Cor Dav Eln Far Gal Hest Iv Jor Kel Lum Mar Nov Or Pel Quil Rav Sel Tar Ul Vel Wen Xan Yar Zel'.split(
    ' ',
  );
const MIDDLES = ['a', 'e', 'i', 'o', 'an', 'en', 'or', 'un'];
const TAILS = 'mont wick dra lia nor ta vane rin sso by quo kara dell mere fold gate stow lune'.split(' ');

/** What a company of an industry puts behind its name; invented names stay without it now and then. */
const TRADES: Readonly<Record<string, readonly string[]>> = {
  banking: ['Bank', 'Savings', 'Trust', 'Credit Union', 'Co-op Bank', 'Finance'],
  'cards-wallets': ['Pay', 'Card', 'Wallet', 'Money'],
  insurance: ['Insurance', 'Life', 'Assurance', 'Cover', 'Mutual'],
  health: ['Clinic', 'Hospital', 'Pharmacy', 'Dental', 'Labs', 'Health'],
  retail: ['Stores', 'Fashion', 'Home', 'Outlet', 'Mart', 'Shoes', 'Electronics'],
  'grocery-food': ['Foods', 'Kitchen', 'Market', 'Cafe', 'Grill', 'Supermarket'],
  telecom: ['Mobile', 'Telecom', 'Broadband', 'Net', 'Fibre'],
  travel: ['Air', 'Hotels', 'Travel', 'Cabs', 'Rail', 'Tours'],
  logistics: ['Express', 'Courier', 'Logistics', 'Post', 'Parcel'],
  utilities: ['Energy', 'Power', 'Water', 'Gas', 'Electric'],
  education: ['Academy', 'School', 'College', 'Classes', 'University', 'Institute'],
  government: ['Council', 'Office', 'Authority', 'Department', 'Municipality'],
  entertainment: ['TV', 'Cinemas', 'Games', 'Music', 'Play', 'Tickets'],
  software: ['App', 'Cloud', 'Software', 'Labs', 'Online'],
  'property-jobs': ['Homes', 'Realty', 'Estates', 'Jobs', 'Careers', 'Staffing'],
};

/** Senders of one industry in one market, drawn by size and by what they tend to send. */
export interface SenderCell {
  readonly senders: readonly Sender[];
  pick(promotional: boolean, random: Random): Sender;
}

/** The senders of a market and an industry; the same for the same seed. Big ones first, sizes by Zipf's law. */
export function createSenderCell(seed: number, industry: string, market: Market): SenderCell {
  const random = createRandom(seedOf(`senders/${seed}/${industry}/${market}`));
  const names = new Set<string>();
  const known = BRANDS[industry] ?? [];
  // Each market knows some of the authored brands, and has its own.
  for (let i = 0; i < 6 && known.length > 0; i++) names.add(random.pick(known));
  while (names.size < SENDERS_PER_CELL) names.add(inventedName(industry, random));
  const senders = [...names].map((name): Sender => {
    const lean = 0.3 + 1.4 * random.next();
    const reputation = Math.min(1, Math.max(0, 0.9 - 0.18 * lean + 0.35 * (random.next() - 0.5)));
    return {
      name,
      industry,
      market,
      lean,
      reputation: random.next() < 0.2 ? undefined : Math.round(reputation * 100) / 100,
      style: {
        greeting: random.below(4) === 0 ? 1 + random.below(5) : 0,
        signature: random.below(3) > 0 ? 1 + random.below(6) : 0,
        optOut: random.below(5) > 1 ? 1 + random.below(7) : 0,
        texting: random.below(8) === 0,
      },
    };
  });
  const pickers = [false, true].map((promotional) =>
    createPicker(senders.map(({ lean }, rank) => (promotional ? lean : 2 - lean) / (rank + 1) ** 0.8)),
  );
  return { senders, pick: (promotional, random) => senders[pickers[Number(promotional)]!(random)]! };
}

function inventedName(industry: string, random: Random): string {
  const stem = random.pick(HEADS) + random.pick(MIDDLES) + random.pick(TAILS);
  return random.below(5) === 0 ? stem : `${stem} ${random.pick(TRADES[industry] ?? TRADES['retail']!)}`;
}

/** Draws indices with probability proportional to fixed weights, in logarithmic time. */
export function createPicker(weights: readonly number[]): (random: Random) => number {
  const sums = new Float64Array(weights.length);
  let total = 0;
  weights.forEach((weight, index) => {
    total += weight;
    sums[index] = total;
  });
  return (random) => {
    const wanted = random.next() * total;
    let low = 0;
    let high = sums.length - 1;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (sums[middle]! > wanted) high = middle;
      else low = middle + 1;
    }
    return low;
  };
}

/** Every cell, made when it is first asked for. */
export function createSenders(seed: number): (industry: string, market: Market) => SenderCell {
  const cells = new Map<string, SenderCell>();
  return (industry, market) => {
    const key = `${industry}/${market}`;
    let cell = cells.get(key);
    if (!cell) {
      cell = createSenderCell(seed, industry, market);
      cells.set(key, cell);
    }
    return cell;
  };
}

/** Markets times industries times senders of a cell. */
export const SENDER_COUNT = MARKETS.length * Object.keys(TRADES).length * SENDERS_PER_CELL;
