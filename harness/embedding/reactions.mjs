/**
 * How soon the library reacts in a page: the time from `signal`'s abort to the end of a call, at moments all over each
 * of the jobs of page-jobs.js and by the stage that it had told of; and the time from the end of a path to the batch
 * of `onSolutions` with what was found. By the clock, so that a busy machine lengthens both: the first row is how
 * late a page that does nothing is for a timer.
 *
 * node harness/embedding/reactions.mjs [--moments N] [JOB...]
 *
 * `--moments N` (20) stops each job N times, at times spread evenly over how long it takes. Exit code 1 when a median
 * is above what is promised: 100 ms for stops, 250 ms for solutions.
 */
import { parseArgs } from 'node:util';
import { jobs, median, openApp, summary } from './job-page.mjs';

const STOP_MS = 100;
const SOLUTIONS_MS = 250;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { moments: { type: 'string', default: '20' } },
});
const moments = Number(values.moments);
const names =
  positionals.length > 0 ? positionals : Object.keys(jobs).filter((name) => name !== 'open');
const { newPage, close } = await openApp();
try {
  console.log(`late, ms: median (range)\n${'idle page, timer'.padEnd(44)} ${await idle()}`);
  for (const name of names) {
    const page = await newPage(name);
    const whole = await page.evaluate(async (name) => {
      // Later ones are faster.
      await globalThis.app.jobs[name]();
      const start = performance.now();
      await globalThis.app.jobs[name]();
      return performance.now() - start;
    }, name);
    const stops = [];
    for (let k = 0; k < moments; k++)
      stops.push(
        await page.evaluate(
          (name, after) => globalThis.app.stopped(name, after),
          name,
          (whole * (k + 0.5)) / moments,
        ),
      );
    const late = stops.filter((stop) => stop.late !== null);
    for (const stage of new Set(late.map((stop) => stop.stage)))
      row(
        `${name}: stopped, ${stage}`,
        late.filter((stop) => stop.stage === stage).map((stop) => stop.late),
        STOP_MS,
      );
    if (name.startsWith('solve'))
      row(
        `${name}: solutions`,
        await page.evaluate((name) => globalThis.app.waits(name), name),
        SOLUTIONS_MS,
      );
    await page.close();
  }
} finally {
  await close();
}

function row(label, list, most) {
  if (list.length > 0 && median(list) > most) process.exitCode = 1;
  console.log(
    `${label.padEnd(44)} ${list.length === 0 ? 'none' : `${summary(list)}, of ${list.length}`}`,
  );
}

async function idle() {
  const page = await newPage('open');
  const list = await page.evaluate(async (count) => {
    const late = [];
    for (let k = 0; k < count; k++) {
      const start = performance.now();
      await new Promise((resolve) => setTimeout(resolve, 20));
      late.push(performance.now() - start - 20);
    }
    return late;
  }, moments);
  await page.close();
  return summary(list);
}
