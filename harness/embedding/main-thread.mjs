/**
 * How long a page stands still while the library works: the longest task of the main thread in each of the jobs of
 * page-jobs.js, in an app that esbuild made of the packed package. A task is what the browser does between two looks
 * at its queue of events. Beside the time by the clock stands that by the thread's own processor time, which other
 * programs on the machine do not lengthen.
 *
 * node harness/embedding/main-thread.mjs [--rounds N] [--most MS] [--policy TEXT] [--profile FOLDER] [JOB...]
 *
 * `--rounds N` (3) does each job N times in a page of its own, twice in each, cold and warm, and takes medians; a median of processor
 * time above `--most MS` is exit code 1. `--policy TEXT` is the page's Content-Security-Policy: under "script-src 'self';
 * worker-src 'none'" the thread does all of the work itself, in interpreted code. `--profile FOLDER` keeps the first round's traces, for the Performance panel
 * of Chromium's tools, and says in which functions the longest tasks were.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { jobs, median, openApp, summary } from './job-page.mjs';
import { functionsIn, longestTask } from './longest-task.mjs';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '3' },
    most: { type: 'string', default: 'Infinity' },
    policy: { type: 'string' },
    profile: { type: 'string' },
  },
});
if (values.profile) mkdirSync(values.profile, { recursive: true });
const { newPage, close } = await openApp({
  isNamed: values.profile !== undefined,
  policy: values.policy,
});
const names = positionals.length > 0 ? positionals : Object.keys(jobs);
const measured = new Map();
try {
  for (let round = 0; round < Number(values.rounds); round++)
    for (const name of names) await inNewPage(name, round === 0);
} finally {
  await close();
}
console.log('longest task of the main thread, ms: median (range)');
for (const [label, tasks] of measured) {
  const [processor, clock] = ['processor', 'clock'].map((key) => tasks.map((task) => task[key]));
  if (median(processor) > Number(values.most)) process.exitCode = 1;
  console.log(
    `${label.padEnd(32)} processor time ${summary(processor)}, by the clock ${summary(clock)}`,
  );
}

async function inNewPage(name, isFirst) {
  const page = await newPage(name);
  for (const state of ['cold', 'warm']) {
    const label = `${name}, ${state}`;
    const task = await measure(page, name, isFirst && values.profile && label);
    measured.set(label, [...(measured.get(label) ?? []), task]);
  }
  await page.close();
}

async function measure(page, name, kept) {
  await page.tracing.start({
    categories: [
      '-*',
      'toplevel',
      'blink.user_timing',
      'disabled-by-default-devtools.timeline',
      ...(kept ? ['devtools.timeline', 'v8', 'disabled-by-default-v8.cpu_profiler'] : []),
    ],
  });
  const answer = await page.evaluate(async (name) => {
    performance.mark('begin');
    // The job's first task is its own, without what the tools do before it.
    await new Promise((resolve) => setTimeout(resolve, 50));
    const answer = await globalThis.app.jobs[name]();
    performance.mark('end');
    return answer;
  }, name);
  if (!answer) throw new Error(`${name} did nothing`);
  const trace = await page.tracing.stop();
  const { traceEvents } = JSON.parse(Buffer.from(trace).toString());
  const task = longestTask(traceEvents);
  if (kept) {
    writeFileSync(join(values.profile, `${kept.replaceAll(/\W+/g, '-')}.json`), trace);
    console.log(
      `${kept}: ${answer}, ${task.clock.toFixed(0)} ms (processor ${task.processor.toFixed(0)})`,
    );
    for (const line of functionsIn(traceEvents, task)) console.log(`  ${line}`);
  }
  return task;
}
