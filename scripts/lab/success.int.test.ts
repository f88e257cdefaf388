import { expect, test } from 'vitest';
import { deliverySuccess } from './success.ts';

test('with 2% of calls failing at least 99.95% of codes are delivered, each once', async () => {
  const report = await deliverySuccess(2_000);
  expect(report.failedCalls).toBeGreaterThan(0.01);
  expect(report.successShare).toBeGreaterThanOrEqual(0.9995);
  expect(report.deliveredTwice).toBe(0);
}, 240_000);
