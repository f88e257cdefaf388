import { expect, test } from 'vitest';
import { createMetrics } from '../http/metrics.ts';
import { problemIn, testApp } from '../testing/app.ts';
import { memoryModels } from '../testing/memory-models.ts';
import type { ModelPorts } from './model-doors.ts';
import { addModelMetrics } from './model-metrics.ts';

const answer = { class: 'promotional', band: 'sure', probability: 0.9, risk: 0 } as const;
const models = (seen: unknown[] = []): ModelPorts =>
  memoryModels({
    observe: (one) => seen.push(one),
    drift: (tenant) =>
      tenant === undefined || tenant === 'default'
        ? [
            {
              modelVersion: 'memory-1',
              tenant: 'default',
              messages: 900,
              state: 'watching',
              readings: [
                { monitor: 'score', value: 0.31, threshold: 0.25, alarm: true },
                { monitor: 'senders', value: 0.02, threshold: 0.3, alarm: false },
              ],
              shiftedSenders: [],
            },
          ]
        : [],
    challenger: () => ({
      version: 'next-2',
      state: 'in shadow',
      stats: {
        championVersion: 'memory-1',
        challengerVersion: 'next-2',
        compared: 10,
        disagreed: { class: 2, treatment: 1 },
        dropped: 4,
        failed: 3,
        waiting: 5,
      },
    }),
    disagreements: (tenant, limit) =>
      tenant === 'default' && limit === 7
        ? [
            {
              fingerprint: 'f1',
              kind: 'class',
              champion: answer,
              challenger: { ...answer, class: 'transactional' },
              count: 2,
              firstAtMs: 0,
              lastAtMs: 1_000,
            },
          ]
        : [],
  });

test('the doors show what is in service, how it drifts and where it is contradicted', async () => {
  const { ask } = testApp({ models: models() });
  expect(await (await ask('GET', '/v1/models')).json()).toEqual({
    champion: { version: 'memory-1', encoder: 'none' },
    challenger: {
      version: 'next-2',
      state: 'in shadow',
      compared: 10,
      disagreed: { class: 2, treatment: 1 },
      dropped: 4,
      failed: 3,
      waiting: 5,
    },
  });
  expect(await (await ask('GET', '/v1/models/drift')).json()).toMatchObject({
    state: 'watching',
    readings: [{ monitor: 'score', alarm: true }, { monitor: 'senders' }],
  });
  const listed = await (await ask('GET', '/v1/models/disagreements?limit=7')).json();
  expect(listed).toEqual({
    disagreements: [
      {
        fingerprint: 'f1',
        kind: 'class',
        champion: answer,
        challenger: { ...answer, class: 'transactional' },
        count: 2,
        firstAt: '1970-01-01T00:00:00.000Z',
        lastAt: '1970-01-01T00:00:01.000Z',
      },
    ],
  });
  expect(await problemIn(await ask('GET', '/v1/models/disagreements?limit=0'))).toMatchObject({
    code: 'INVALID_QUERY',
  });
});

test('without traffic or challenger the doors say so', async () => {
  const { ask } = testApp();
  expect(await (await ask('GET', '/v1/models')).json()).toMatchObject({ challenger: null });
  expect(await (await ask('GET', '/v1/models/drift')).json()).toEqual({
    modelVersion: 'memory-1',
    state: 'learning',
    messages: 0,
    readings: [],
    shiftedSenders: [],
  });
});

test('what is classified at the doors is observed, with tenant and sender', async () => {
  const seen: { tenant: string; sender?: string; text: string }[] = [];
  const { post } = testApp({ models: models(seen) });
  await post('/v1/classify', { text: 'one', sender: 'BANK' });
  await post('/v1/classify/batch', { messages: [{ text: 'two' }, { text: 3 }, { text: 'four' }] });
  expect(seen.map(({ tenant, sender, text }) => [tenant, sender, text])).toEqual([
    ['default', 'BANK', 'one'],
    ['default', undefined, 'two'],
    ['default', undefined, 'four'],
  ]);
});

test('Prometheus reads a metric for each monitor, its alarm and what the challenger did', async () => {
  const metrics = createMetrics();
  addModelMetrics(metrics.registry, { ...models(), version: 'memory-1', unobserved: 6 });
  const { app } = testApp({ metrics, models: models() });
  const text = await (await app.request('/metrics')).text();
  for (const line of [
    'laneway_drift_score_psi{tenant="default",model="memory-1"} 0.31',
    'laneway_drift_sender_shift{tenant="default",model="memory-1"} 0.02',
    'laneway_drift_alarm{tenant="default",model="memory-1",monitor="score"} 1',
    'laneway_drift_alarm{tenant="default",model="memory-1",monitor="senders"} 0',
    'laneway_shadow_messages_total{challenger="next-2",outcome="agreed"} 7',
    'laneway_shadow_messages_total{challenger="next-2",outcome="dropped"} 4',
    'laneway_model_info{role="challenger",model="next-2"} 1',
    'laneway_unobserved_messages_total 6',
  ]) {
    expect(text).toContain(line);
  }
  expect(text).not.toContain('laneway_drift_sure_share_change{');
});
