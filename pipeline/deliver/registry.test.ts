import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createRandom } from '../../models/base/random.ts';
import type { ProviderPolicy } from './policy.ts';
import type { DeliveryOutcome, Provider } from './provider.ts';
import { createProviderRegistry, type RouteQuery } from './registry.ts';

beforeEach(() => void vi.useFakeTimers({ now: 1_000_000 }));
afterEach(() => void vi.useRealTimers());

const taken: DeliveryOutcome = { kind: 'taken', providerRef: 'r' };
const down: DeliveryOutcome = { kind: 'retry', code: 'DOWN', detail: 'it is down' };

function carrier(name: string, channels: Provider['channels'] = ['sms']) {
  const state = { answers: taken as DeliveryOutcome };
  const provider: Provider = {
    name,
    channels,
    honoursKeys: true,
    maxBatch: 10,
    deliver: async (requests) => requests.map(() => state.answers),
    onReceipts: () => undefined,
    ping: async () => undefined,
    close: async () => undefined,
  };
  return { provider, state };
}

const registryOf = (providers: Provider[], policies: Record<string, ProviderPolicy> = {}) =>
  createProviderRegistry(providers, { clock: () => Date.now(), random: createRandom(1), policies });
const us: RouteQuery = { channel: 'sms', lane: 'transactional', recipient: '+12125550123' };
const de: RouteQuery = { ...us, recipient: '+4915112345678' };
const request = {
  messageId: 'm',
  tenant: 't',
  idempotencyKey: 'k',
  channel: 'sms',
  lane: 'transactional',
  from: 'A',
  to: '+12125550123',
  subject: null,
  body: 'b',
} as const;

const named = (answer: ReturnType<ReturnType<typeof registryOf>['route']>) =>
  answer.kind === 'go' ? answer.provider.name : answer.kind;

test('channel, class, country, priority and cost choose the provider', () => {
  const mail = carrier('mail', ['email']).provider;
  const registry = registryOf(
    [mail, ...['dear', 'cheap', 'german', 'codes'].map((name) => carrier(name).provider)],
    {
      dear: { cost: { default: 0.05, countries: { GB: 0.001 } } },
      cheap: { cost: { default: 0.01 } },
      german: { countries: ['DE'], cost: { default: 0.002 } },
      codes: { classes: ['transactional'], channels: ['sms'], priority: 10, countries: ['FR'] },
    },
  );
  expect(named(registry.route(us))).toBe('cheap');
  expect(named(registry.route(de))).toBe('german');
  expect(named(registry.route({ ...us, recipient: '+447400123456' }))).toBe('dear');
  expect(named(registry.route({ ...us, recipient: '+33612345678' }))).toBe('codes');
  expect(named(registry.route({ ...us, recipient: '+33612345678', lane: 'promotional' }))).toBe('cheap');
  expect(named(registry.route({ ...us, channel: 'email', recipient: 'a@b.example' }))).toBe('mail');
  expect(named(registry.route({ ...us, channel: 'voice' }))).toBe('none');
});

test('after a failure another one is asked, the same one where there is no other', () => {
  const registry = registryOf([carrier('one').provider, carrier('two').provider]);
  expect(named(registry.route({ ...us, avoid: ['one'] }))).toBe('two');
  expect(named(registry.route({ ...us, avoid: ['one', 'two'] }))).toBe('one');
});

test('a provider that fails is left for the next one, comes back by one trial and then part by part', async () => {
  const [one, two] = [carrier('one'), carrier('two')];
  const registry = registryOf([one.provider, two.provider]);
  one.state.answers = down;
  for (let i = 0; i < 3; i++) await registry.deliver(one.provider, [request]);
  expect(registry.status()[0]).toMatchObject({ circuit: 'open', outcomes: { retry: 3 } });
  expect(named(registry.route(us))).toBe('two');
  one.state.answers = taken;
  vi.setSystemTime(Date.now() + 5_010);
  expect([named(registry.route(us)), named(registry.route(us))]).toEqual(['one', 'two']);
  await registry.deliver(one.provider, [request]);
  const share = (n: number): number =>
    Array.from({ length: n }, () => named(registry.route(us))).filter((name) => name === 'one').length / n;
  const early = share(400);
  expect(early).toBeGreaterThan(0.04);
  expect(early).toBeLessThan(0.2);
  vi.setSystemTime(Date.now() + 15_000);
  expect(share(400)).toBeGreaterThan(0.45);
  vi.setSystemTime(Date.now() + 20_000);
  expect(share(50)).toBe(1);
});

test('with all of them down a message waits until the first may be asked again', async () => {
  const one = carrier('one');
  const registry = registryOf([one.provider]);
  one.state.answers = down;
  for (let i = 0; i < 3; i++) await registry.deliver(one.provider, [request]);
  expect(registry.route(us)).toEqual({ kind: 'wait', untilMs: Date.now() + 5_005 });
  expect(registry.routeTo(one.provider)).toMatchObject({ kind: 'wait' });
});

test('a hanging provider is passed over as soon as its calls are overdue', async () => {
  const [one, two] = [carrier('one'), carrier('two')];
  const registry = registryOf([
    { ...one.provider, deliver: () => new Promise(() => undefined) },
    two.provider,
  ]);
  void registry.deliver(registry.byName('one')!, [request]);
  expect(named(registry.route(us))).toBe('one');
  await vi.advanceTimersByTimeAsync(1_501);
  expect(named(registry.route(us))).toBe('two');
});
