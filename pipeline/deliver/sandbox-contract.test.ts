import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeProvider } from './contract.fixture.ts';
import { createSandboxProvider, type SandboxOptions } from './sandbox.ts';
import { readLedger } from './sandbox-ledger.ts';
import type { WeatherState } from './sandbox-weather.ts';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

describeProvider('sandbox', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'laneway-sandbox-'));
  const ledgerFile = join(dir, 'ledger');
  let weather: WeatherState = 'fair';
  const bodies = new Map<string, string>();
  const options: Mutable<SandboxOptions> = {
    ledgerFile,
    clock: () => Date.now(),
    latencyMedianMs: 1,
    receiptMedianMs: 1,
    receiptRate: 1,
    undeliveredRate: 0.5,
    weather: () => weather,
  };
  const provider = createSandboxProvider(options);
  const deliver = provider.deliver.bind(provider);
  return {
    // What a carrier delivered is in its ledger by id only.
    provider: {
      ...provider,
      async deliver(requests) {
        for (const one of requests) bodies.set(one.messageId, one.body);
        const outcomes = await deliver(requests);
        Object.assign(options, { refusedRate: 0, transientRate: 0, ambiguousRate: 0 });
        return outcomes;
      },
    },
    request: {
      messageId: 'm',
      tenant: 'acme',
      idempotencyKey: 'k',
      channel: 'sms',
      lane: 'transactional',
      from: 'BANK',
      to: '+12125550123',
      subject: null,
      body: 'hello',
    },
    received: () =>
      readLedger(ledgerFile).flatMap((line) =>
        line.kind === 'delivered' ? [bodies.get(line.messageId) ?? ''] : [],
      ),
    provoke(fault) {
      const rate = { busy: 'transientRate', refuse: 'refusedRate', lose: 'ambiguousRate' }[fault];
      Object.assign(options, { [rate]: 1 });
      return {};
    },
    async leave() {
      weather = 'down';
    },
    async close() {
      rmSync(dir, { recursive: true, force: true });
    },
  };
});
