/** Tests run in processes of their own; those that use a GPU one file after another. */
import { defineConfig } from 'vitest/config';

const minutes = 60_000;

export default defineConfig({
  test: {
    pool: 'forks',
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/unit/**/*.test.ts'],
          testTimeout: 2 * minutes,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: 'gpu',
          include: ['test/{gpu,browser,reference}/**/*.test.ts'],
          globalSetup: ['harness/test-setup.mjs'],
          // A software adapter uses every core, and two compilers at once double each other's time.
          fileParallelism: false,
          isolate: false,
          testTimeout: 5 * minutes,
          hookTimeout: 2 * minutes,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
