import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['{data,train,models,pipeline,serve,scripts}/**/*.test.{ts,tsx}'],
    pool: 'forks',
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
