/**
 * Tests run in processes of their own, two at a time: a shader compiles on one core, and so does most
 * of what the host computes.
 */
import { defineConfig } from 'vitest/config';

const minutes = 60_000;
/** Also on a machine with two cores, where vitest would leave one for itself. */
const maxWorkers = 2;

export default defineConfig({
  test: {
    pool: 'forks',
    projects: [
      {
        extends: true,
        test: {
          name: 'gpu',
          include: ['test/{gpu,browser,reference}/**/*.test.ts'],
          globalSetup: ['harness/test-setup.ts'],
          // A worker keeps its devices, and what is compiled for them, from file to file (test/helpers).
          isolate: false,
          testTimeout: 10 * minutes,
          hookTimeout: 10 * minutes,
          maxWorkers,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/unit/**/*.test.ts'],
          // Each file would load the same modules again.
          isolate: false,
          testTimeout: 5 * minutes,
          maxWorkers,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
