import type { Pipeline } from '../../pipeline/compose.ts';

export const phone = (i: number): string => `+1212${String(2_000_000 + (i % 7_999_999)).padStart(7, '0')}`;
export const sale = (i: number) => ({
  request: {
    to: phone(i),
    from: 'SHOP',
    channel: 'sms',
    category: 'marketing',
    body: `Big sale: ${i % 60}% off everything until Sunday at shop.example. Reply STOP to opt out.`,
  },
});
/** A Tuesday noon in New York: no quiet hours in any state. */
export const NOON_MS = Date.UTC(2026, 10, 24, 17);

/** Signed consent of every recipient of the campaign: without it the rules stop all of it. */
export async function consented(pipeline: Pipeline, from: number, n: number): Promise<void> {
  for (let i = 0; i < n; i += 500) {
    const rows = Array.from({ length: Math.min(500, n - i) }, (_, k) => ({
      tenant: 'bench',
      recipient: phone(from + i + k),
      event_id: 'signed',
      at_ms: 1,
      event:
        '{"atMs":1,"channel":"any","id":"signed","kind":"granted","level":"express-written","purpose":"any"}',
    }));
    await pipeline.store.bulk.insertInto('consent_events').values(rows).execute();
  }
}
