import { expect, test } from 'vitest';
import { compareToGoals } from './goals.ts';

test('goals of what ran, met or by how much not, ratios from the same run', () => {
  const rows = [
    { name: 'Laneway MiniLM int8', textsPerSecond: 900 },
    { name: 'transformers.js fp32, sorted batches of 8', textsPerSecond: 300 },
  ];
  expect(
    compareToGoals({ encoder: { rows }, http: { rows: [{ what: 'cached, 200 requests/s', p95Ms: 4 }] } }),
  ).toEqual([
    { goal: 'encoder', wanted: 'at least 1200', unit: 'texts/s', result: 900, share: '75%' },
    {
      goal: 'encoder to transformers.js fp32, sorted',
      wanted: 'at least 2',
      unit: 'times',
      result: 3,
      share: 'met',
    },
    {
      goal: 'encoder to transformers.js q8, sorted',
      wanted: 'at least 1.2',
      unit: 'times',
      result: 'not measured',
      share: '',
    },
    { goal: 'POST /v1/classify, cached, p95', wanted: 'under 2', unit: 'ms', result: 4, share: '50%' },
    ...[
      'POST /v1/classify, needs the encoder, p95',
      'POST /v1/classify/batch of 1,000',
      'start to first answer',
    ].map((goal) => expect.objectContaining({ goal, result: 'not measured' })),
  ]);
});
