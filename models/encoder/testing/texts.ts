import { createRandom } from '../../base/random.ts';

const OPENINGS = [
  'Your code is',
  'Flash sale:',
  'Reminder,',
  'Dear customer,',
  'Order',
  'Last chance!',
  'Payment of',
];
const MIDDLES = [
  '482913',
  'all shoes half price',
  'your parcel is on its way',
  'a/c XX1234 debited',
  '🎉 win',
];
const ENDS = [
  '. Do not share it.',
  '!!!',
  ' today at 18:30.',
  ' T&C apply https://ex.am/ple',
  '',
  ' Reply STOP',
];

/** Made-up messages of many lengths, all different, the same ones every time. */
export function madeUpTexts(count: number): string[] {
  const random = createRandom(20);
  return Array.from({ length: count }, (_, i) => {
    const middle = Array.from({ length: 1 + random.below(8) }, () => random.pick(MIDDLES)).join(' ');
    return `${random.pick(OPENINGS)} ${middle}${random.pick(ENDS)} ${i}`;
  });
}
