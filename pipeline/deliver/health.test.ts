import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createHealth } from './health.ts';
import { DEFAULT_BREAKER } from './policy.ts';
import type { DeliveryOutcome } from './provider.ts';

beforeEach(() => void vi.useFakeTimers({ now: 1_000_000 }));
afterEach(() => void vi.useRealTimers());

const taken: DeliveryOutcome = { kind: 'taken', providerRef: 'r' };
const down: DeliveryOutcome = { kind: 'retry', code: 'DOWN', detail: 'it is down' };
const open = () => createHealth(DEFAULT_BREAKER, () => Date.now());
const call = (health: ReturnType<typeof open>, ...outcomes: DeliveryOutcome[]) =>
  health.watch(async () => outcomes);

test('three failed calls open the circuit, one call tries it, a good one closes it and traffic comes back in parts', async () => {
  const health = open();
  for (let i = 0; i < 3; i++) {
    expect(health.claim()).toBe(true);
    await call(health, down);
  }
  expect(health.circuit).toBe('open');
  expect(health.claim()).toBe(false);
  vi.setSystemTime(health.readyAtMs);
  expect(health.claim()).toBe(true);
  expect(health.claim()).toBe(false);
  await call(health, taken);
  expect(health.circuit).toBe('closed');
  expect(health.share).toBeCloseTo(0.1);
  vi.setSystemTime(Date.now() + 15_000);
  expect(health.share).toBeCloseTo(0.55);
  vi.setSystemTime(Date.now() + 15_000);
  expect(health.share).toBe(1);
});

test('a failed trial opens it for twice as long', async () => {
  const health = open();
  for (let i = 0; i < 3; i++) await call(health, down);
  const first = health.readyAtMs - Date.now();
  vi.setSystemTime(health.readyAtMs);
  health.claim();
  await call(health, down);
  expect(health.readyAtMs - Date.now()).toBeGreaterThan(1.9 * first);
});

test('a provider that hangs is suspect after its slow limit and open before anybody has an answer', async () => {
  const health = open();
  const never = Array.from({ length: 3 }, () => health.watch(() => new Promise(() => undefined)));
  expect(health.suspect).toBe(false);
  await vi.advanceTimersByTimeAsync(DEFAULT_BREAKER.slowMs);
  expect(health.suspect).toBe(true);
  expect(health.circuit).toBe('open');
  expect(never).toHaveLength(3);
});

test('refusals and busy mailboxes are no faults; being asked to slow down is a pause', async () => {
  const health = open();
  for (let i = 0; i < 30; i++) {
    await call(
      health,
      { kind: 'refused', code: 'BAD', detail: 'no such number' },
      { kind: 'retry', code: 'FULL', detail: 'mailbox full', cause: 'message' },
    );
  }
  expect(health.circuit).toBe('closed');
  await call(health, { kind: 'retry', code: '429', detail: 'slow', cause: 'rate', retryAfterMs: 2_000 });
  expect(health.claim()).toBe(false);
  expect(health.readyAtMs).toBe(Date.now() + 2_000);
  vi.setSystemTime(Date.now() + 2_000);
  expect(health.claim()).toBe(true);
});

test('half of the latest calls failing opens it even when they are never in a row', async () => {
  const health = open();
  for (let i = 0; i < 40 && health.circuit === 'closed'; i++) await call(health, i % 3 === 0 ? taken : down);
  expect(health.circuit).toBe('open');
});
