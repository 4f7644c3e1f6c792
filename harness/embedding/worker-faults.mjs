/**
 * How much later a job ends when something befalls its workers, in an app that esbuild made of the packed package:
 * cyclic-7 in f64, compared with the same job undisturbed, or with `workers: 0` where none can start. By the clock, so
 * that a busy machine lengthens all of it: the range of the job itself tells how busy.
 *
 * node harness/embedding/worker-faults.mjs [--rounds N]    each N times (5), the kills at times spread over the job
 *
 * Exit code 1 when a median is more than 2 s later, a result is wrong or an error has no type, and for a job that has
 * not ended after a minute.
 */
import { parseArgs } from 'node:util';
import { median, openApp, summary } from './job-page.mjs';

const LATE_MS = 2000;
const HANGS_MS = 60_000;
/** A worker that does not answer. */
const SILENT = 'data:text/javascript,';
const JOB = 'solve cyclic-7, f64';
/** What it ends with: the number of solutions, or the name of an error. */
const ENDS = [924, 'UnfinishedSolveError', 'WorkerError'];

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '5' } } });
const rounds = Number(values.rounds);
const free = await openApp();
const forbidding = await openApp({ policy: "worker-src 'none'" });
try {
  const [first, later] = await timesOf(free, {});
  const [alone] = await timesOf(free, { workers: 0 });
  console.log(`job, ms: median (range)
first            ${summary(first)}
second           ${summary(later)}
without workers  ${summary(alone)}
later than that, ms`);
  row('one killed', later, (await timesOf(free, {}, killOnce))[1]);
  row('each one killed', later, (await timesOf(free, {}, killEach))[1]);
  row('forbidden', alone, (await timesOf(forbidding, {}))[0]);
  row('404', alone, (await timesOf(free, { worker: '/nothing.js' }))[0]);
  row('silent', alone, (await timesOf(free, { worker: SILENT }))[0]);
  row('killed at birth', alone, (await timesOf(free, {}, undefined, killAtBirth))[0]);
} finally {
  await free.close();
  await forbidding.close();
}

function row(label, usual, times) {
  const later = times.map((time) => time - median(usual));
  if (!(median(later) <= LATE_MS)) process.exitCode = 1;
  console.log(`${label.padEnd(16)} ${summary(later)}`);
}

/** Of the job in pages of their own, the first time and the second, which is disturbed. */
async function timesOf(app, options, disturb = () => undefined, prepare = () => undefined) {
  const times = [[], []];
  for (let round = 0; round < rounds; round++) {
    const page = await app.newPage(JOB, options);
    prepare(page);
    const first = await timeOf(page);
    const over = new AbortController();
    disturb(page, (first * (round + 0.5)) / (2 * rounds), over.signal);
    const second = await timeOf(page);
    over.abort();
    times[0].push(first);
    times[1].push(second);
    await page.close();
  }
  return times;
}

async function timeOf(page) {
  const answer = await page.evaluate(
    async (job, hangsMs) => {
      const begin = performance.now();
      const end = await Promise.race([
        globalThis.app.jobs[job]().catch((error) => error.name),
        new Promise((resolve) => setTimeout(resolve, hangsMs, 'it hangs')),
      ]);
      return { end, ms: performance.now() - begin };
    },
    JOB,
    HANGS_MS,
  );
  if (!ENDS.includes(answer.end)) {
    console.log(`WRONG: ${answer.end}`);
    process.exitCode = 1;
  }
  return answer.ms;
}

function killAtBirth(page) {
  page.on('workercreated', (worker) => void worker.close().catch(() => undefined));
}

function killOnce(page, afterMs) {
  setTimeout(
    () =>
      void page
        .workers()[0]
        ?.close()
        .catch(() => undefined),
    afterMs,
  );
}

function killEach(page, afterMs, signal) {
  const kill = () => {
    for (const worker of page.workers()) void worker.close().catch(() => undefined);
    if (!signal.aborted) setTimeout(kill, 20);
  };
  setTimeout(kill, afterMs);
}
