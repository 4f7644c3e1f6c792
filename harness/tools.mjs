/**
 * The tools that are written in TypeScript: NAME is bundled into dist/internals/NAME.js, which shares
 * the library with dist/internals/index.js (build/bundle.mjs).
 *
 * Those of `commands` export `main(words)`, which resolves to an exit code, and are run by
 * `node harness/run.mjs NAME WORDS`; the other `tools` are loaded by what harness/embedding/ does with the built package.
 * Those that are `published` lie in dist/ itself: the `lps` command of the same name loads them.
 */
export const commands = {
  'bench-solver': 'harness/benchmark/solver/run.ts',
  'solver-costs': 'harness/benchmark/solver/costs.ts',
  'start-choice': 'harness/benchmark/solver/start-choice.ts',
  'compare-builds': 'harness/benchmark/solver/builds.ts',
  'check-hardware': 'harness/hardware/check.ts',
  'hardware-speed': 'harness/hardware/speed.ts',
  'readme-tables': 'harness/benchmark/readme-tables.ts',
  families: 'harness/families.ts',
  'minima-stream': 'harness/experiments/minima-stream.ts',
  'vision-families': 'harness/verify/vision-families.ts',
  'endgame-shares': 'harness/verify/endgame.ts',
  collection: 'harness/verify/collection.ts',
  'planted-errors': 'harness/verify/planted-errors.ts',
  steiner: 'harness/verify/steiner.ts',
  'relu-minima': 'harness/experiments/relu-minima.ts',
  'kernel-descents': 'harness/experiments/kernel-descents.ts',
  'polynomial-minima': 'harness/experiments/polynomial-minima.ts',
  'fashion-mnist': 'harness/experiments/fashion-mnist.ts',
  'replica-runs': 'harness/experiments/replica-runs.ts',
  'kill-resume': 'harness/faults/kill-resume.ts',
  'queue-faults': 'harness/faults/queue.ts',
  'large-solve': 'harness/large-solve.ts',
  interrupts: 'harness/faults/interrupts.ts',
  'full-disks': 'harness/faults/full-disks.ts',
  losses: 'harness/faults/losses.ts',
  fuzz: 'harness/faults/fuzz.ts',
  'tracked-blocks': 'harness/experiments/tracked-blocks.ts',
};

export const published = {
  bench: 'harness/benchmark/bench.ts',
  verify: 'harness/verify/run.ts',
  soak: 'harness/faults/soak.ts',
};

export const tools = {
  ...commands,
  browser: 'harness/browser.ts',
  server: 'harness/server.ts',
};
