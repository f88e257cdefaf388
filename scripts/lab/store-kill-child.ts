import { randomUUID } from 'node:crypto';
import { appendFileSync } from 'node:fs';
import { systemClock } from '../../models/base/clock.ts';
import { type NewMessage, storeAccepted } from '../../pipeline/store/accept.ts';
import { openStore } from '../../pipeline/store/open.ts';

/**
 * Writes group commits for ever and notes each acknowledged id in a file after its commit, until it is killed.
 * Arguments: store folder, file of acknowledged ids.
 */
const [dir, ackFile] = process.argv.slice(2) as [string, string];
const store = await openStore({ kind: 'pglite', dir });
process.send?.('open');
const BODY = 'Your code is 482913. Do not share it. '.repeat(4);

for (let round = 0; ; round++) {
  const rows: NewMessage[] = Array.from({ length: 1 + ((round * 37) % 300) }, () => {
    const id = randomUUID();
    return {
      tenant: 'lab',
      id,
      state: 'accepted',
      lane: 'transactional',
      order_key: id.slice(0, 8),
      channel: 'sms',
      sender: 'BANK',
      recipient: '+12125550123',
      subject: null,
      body: BODY,
      claim: null,
      metadata: null,
      accepted_at_ms: systemClock(),
      send_at_ms: null,
      expires_at_ms: null,
      idempotency_key: id,
      body_hash: id,
    };
  });
  await storeAccepted(round % 2 === 0 ? store.urgent : store.bulk, rows);
  appendFileSync(ackFile, `${rows.map((row) => row.id).join('\n')}\n`);
  // What follows acceptance in real life: rows change, so kills also meet updates and their index entries.
  await store.bulk
    .updateTable('messages')
    .set({ state: 'sent', version: 2, updated_at_ms: systemClock() })
    .where('tenant', '=', 'lab')
    .where(
      'id',
      'in',
      rows.slice(0, 50).map((row) => row.id),
    )
    .execute();
}
