/**
 * What becomes of an app's own device: 100 solves and 20 trainings on it, in an app that esbuild made of the packed
 * package, and a twentieth of them within a budget of each frame, and `close()` after them. The app's buffer, error scope,
 * listeners and limits must be as before, the number of live buffers flat, the results the same.
 *
 * node harness/embedding/own-device.mjs [--solves N] [--trainings N]
 */
import { parseArgs } from 'node:util';
import { openApp } from './job-page.mjs';

const { values } = parseArgs({
  options: {
    solves: { type: 'string', default: '100' },
    trainings: { type: 'string', default: '20' },
  },
});
const [solves, trainings] = [Number(values.solves), Number(values.trainings)];
const runs = [
  { solves, trainings },
  { solves: Math.ceil(solves / 20), trainings: Math.ceil(trainings / 20), frameBudget: 8 },
];
/** Buffers for reading back are kept by size: a size that comes up late is one more. */
const LATE = 2;
const { newPage, close } = await openApp();
const answers = [];
try {
  for (const run of runs) {
    const page = await newPage('open');
    const begin = performance.now();
    const answer = await page.evaluate((options) => globalThis.app.onOwnDevice(options), run);
    const seconds = ((performance.now() - begin) / 1000).toFixed(1);
    await page.close();
    answers.push(answer);
    const { live, found, losses: _, opened, leftOver, ...rest } = answer;
    const bound = run.frameBudget ? `, ${run.frameBudget} ms of each frame` : '';
    console.log(`${run.solves} solves and ${run.trainings} trainings${bound}: ${seconds} s`);
    const isFlat = (list) => list.at(-1) <= list[Math.floor(list.length / 4)] + LATE;
    check('live buffers after solves are flat', isFlat(live.solves), [opened, ...live.solves]);
    check('live buffers after trainings are flat', isFlat(live.trainings), live.trainings);
    check('nothing is left after close()', leftOver === 0, leftOver);
    check(
      'all solutions are found',
      found.every((count) => count === 70),
      found,
    );
    for (const [name, value] of Object.entries(rest))
      check(name, value === true || value === null || value === 0, value);
  }
  const [free, bounded] = answers.map(({ losses }) => losses);
  check(
    'the same losses within the budget',
    bounded.every((loss, k) => loss === free[k]),
    [free, bounded],
  );
} finally {
  await close();
}

function check(what, isRight, value) {
  if (!isRight) process.exitCode = 1;
  const shown = isRight && Array.isArray(value) ? [value[0], value.at(-1)] : value;
  console.log(`  ${what}: ${isRight ? 'yes' : 'NO'}, ${JSON.stringify(shown)}`);
}
