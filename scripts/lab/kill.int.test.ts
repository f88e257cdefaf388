import { expect, test } from 'vitest';
import { isClean, pipelineKill } from './pipeline-kill.ts';
import { storeKill } from './store-kill.ts';

test('kill -9 in the middle of group commits loses nothing that was acknowledged', async () => {
  const report = await storeKill(Number(process.env['LANEWAY_LAB_KILLS'] ?? 4), 4);
  expect(report).toMatchObject({ lost: 0, failedOpens: 0, messagesWithoutKey: 0 });
  expect(report.killsAmidCommits).toBeGreaterThan(0);
}, 600_000);

test('kill -9 of the whole pipeline: every accepted message is settled, none reaches a person twice', async () => {
  const report = await pipelineKill(600, 3);
  expect(report.acknowledged).toBeGreaterThan(0);
  expect(isClean(report), JSON.stringify(report)).toBe(true);
}, 300_000);
