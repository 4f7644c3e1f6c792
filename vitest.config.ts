/**
 * Three kinds of tests. `npm test` runs them side by side, each in one process (harness/test.mjs): a shader compiles on one
 * core, and so does most of what the host computes.
 */
import { defineConfig } from 'vitest/config';

const minutes = 60_000;
const slow = { testTimeout: 10 * minutes, hookTimeout: 10 * minutes };
const globalSetup = ['harness/test-setup.ts'];

export default defineConfig({
  test: {
    pool: 'forks',
    // Each file would load the same modules again.
    isolate: false,
    projects: [
      {
        extends: true,
        test: {
          name: 'gpu',
          include: ['test/{gpu,reference}/**/*.test.ts'],
          globalSetup,
          ...slow,
          // One device an engine, and what is compiled for it, from file to file (test/helpers).
          maxWorkers: 1,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: 'programs',
          include: ['test/{browser,cli}/**/*.test.ts'],
          globalSetup,
          ...slow,
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/unit/**/*.test.ts'],
          testTimeout: 5 * minutes,
          // Also on a machine with two cores, where vitest would leave one for itself.
          maxWorkers: 2,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
