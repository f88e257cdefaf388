import { createKeyCheck } from '../api-key.ts';
import { type AppOptions, createApp } from '../http/app.ts';
import { createMetrics } from '../http/metrics.ts';
import type { Problem } from '../http/problem.ts';
import { memoryModels } from './memory-models.ts';
import { memoryPipeline, NOW_MS } from './memory-pipeline.ts';

export const TEST_KEY = `lw_${'k'.repeat(43)}`;

/** For tests: the app on a pipeline in memory, and a way to ask it. */
export function testApp(overrides: Partial<AppOptions> = {}) {
  const pipeline = memoryPipeline();
  const faults: unknown[] = [];
  const lines: unknown[] = [];
  const app = createApp({
    pipeline,
    metrics: createMetrics(),
    models: memoryModels(),
    clock: () => NOW_MS,
    newId: () => 'event-1',
    authorized: createKeyCheck(TEST_KEY),
    tenant: 'default',
    version: '1.2.3',
    phase: () => 'serving',
    readiness: async () => ({
      ready: true,
      store: 'ok',
      redis: 'ok',
      providers: {},
      model: { version: 'memory-1', refused: [] },
      encoder: 'none',
      degraded: [],
    }),
    onFault: (error) => faults.push(error),
    onRequest: (line) => lines.push(line),
    ...overrides,
  });
  const ask = (method: string, path: string, body?: string | Uint8Array<ArrayBuffer>, headers = {}) =>
    app.request(path, {
      method,
      headers: {
        Authorization: `Bearer ${TEST_KEY}`,
        ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body }),
    });
  const post = (path: string, value: unknown, headers = {}) =>
    ask('POST', path, JSON.stringify(value), headers);
  return { app, pipeline, faults, lines, ask, post };
}

/** The problem in an answer, which must be one. */
export async function problemIn(response: Response): Promise<Problem> {
  const type = response.headers.get('content-type');
  if (type !== 'application/problem+json') throw new Error(`${response.status} ${type}: no problem document`);
  const problem = (await response.json()) as Problem;
  if (problem.status !== response.status) throw new Error(`status ${problem.status} in a ${response.status}`);
  return problem;
}
