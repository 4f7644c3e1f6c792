/**
 * Tests run in processes of their own, two at a time: a shader compiles on one core, and so does most
 * of what the host computes.
 */
import { defineConfig } from 'vitest/config';

const minutes = 60_000;
/** Also on a machine with two cores, where vitest would leave one for itself. */
const maxWorkers = 2;

/** Tests that use dist/ and a GPU; a worker keeps its devices from file to file (test/helpers). */
const onGpu = {
  globalSetup: ['harness/test-setup.mjs'],
  isolate: false,
  testTimeout: 10 * minutes,
  hookTimeout: 10 * minutes,
};
/** Compares times with times, so nothing else may run. */
const alone = ['test/browser/bench.test.ts'];

export default defineConfig({
  test: {
    pool: 'forks',
    projects: [
      {
        extends: true,
        test: {
          ...onGpu,
          name: 'gpu',
          include: ['test/{gpu,browser,reference}/**/*.test.ts'],
          exclude: alone,
          maxWorkers,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/unit/**/*.test.ts'],
          testTimeout: 5 * minutes,
          maxWorkers,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          ...onGpu,
          name: 'alone',
          include: alone,
          maxWorkers: 1,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
