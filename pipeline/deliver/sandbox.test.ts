import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createSandboxProvider } from './sandbox.ts';
import { readLedger, summariseLedger } from './sandbox-ledger.ts';

let dir: string;
let ledgerFile: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'laneway-sandbox-'));
  ledgerFile = join(dir, 'ledger.jsonl');
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const request = (n: number, idempotencyKey = `key-${n}`) => ({
  messageId: `m${n}`,
  idempotencyKey,
  channel: 'sms' as const,
  tenant: 'acme',
  lane: 'transactional' as const,
  from: 'BANK',
  to: '+12125550123',
  subject: null,
  body: 'hello',
});
const open = (options = {}) =>
  createSandboxProvider({ ledgerFile, clock: () => 1_000, latencyMedianMs: 1, ...options });

test('a repeat under the same key is delivered once, even after the ledger was reopened and cut short', async () => {
  const first = open();
  const taken = await first.deliver([request(1)]);
  expect(await first.deliver([request(1)])).toEqual(taken);
  await first.close();
  appendFileSync(ledgerFile, '{"kind":"delivered","ref":"half');
  const second = open();
  expect(await second.deliver([request(1), request(2)])).toMatchObject([taken[0], { kind: 'taken' }]);
  await second.close();
  expect(summariseLedger(readLedger(ledgerFile))).toMatchObject({
    delivered: 2,
    deliveredTwice: 0,
    repeatsSuppressed: 2,
  });
});

test('one message under two keys is delivered twice, and the ledger says so', async () => {
  const provider = open();
  await provider.deliver([request(1, 'a'), request(1, 'b')]);
  await provider.close();
  expect(summariseLedger(readLedger(ledgerFile)).deliveredTwice).toBe(1);
});

test('faults come at the asked rates and are the same for the same seed', async () => {
  const outcomes = async (seed: number) => {
    const provider = open({
      seed,
      ledgerFile: join(dir, `${seed}-${Math.floor(performance.now())}`),
      refusedRate: 0.1,
      transientRate: 0.2,
      ambiguousRate: 0.1,
    });
    const kinds = (await provider.deliver(Array.from({ length: 500 }, (_, n) => request(n)))).map(
      (one) => one.kind,
    );
    await provider.close();
    return kinds;
  };
  const one = await outcomes(1);
  expect(await outcomes(1)).toEqual(one);
  expect(await outcomes(2)).not.toEqual(one);
  const share = (kind: string) => one.filter((found) => found === kind).length / one.length;
  expect(share('refused')).toBeGreaterThan(0.05);
  expect(share('refused')).toBeLessThan(0.15);
  expect(share('retry')).toBeGreaterThan(0.14);
  expect(share('ambiguous')).toBeGreaterThan(0.05);
});
