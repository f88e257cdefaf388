import { expect, test } from 'vitest';
import { failover } from './failover.ts';

test('with the first provider down the second delivers within 5 s, nothing is lost, and the first comes back', async () => {
  const report = await failover('down', 10, 3_000);
  expect(report).toMatchObject({ unsettled: 0, deliveredTwice: 0, over5s: 0 });
  expect(report.failoverMs).toBeLessThan(5_000);
  expect(report.backMs).toBeLessThan(20_000);
}, 120_000);
