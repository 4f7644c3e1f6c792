/**
 * How long a page stands still while the library works: the longest task of the main thread in each of the jobs of
 * page-jobs.js, in an app that esbuild made of the packed package. A task is what the browser does between two looks
 * at its queue of events. Beside the time by the clock stands that by the thread's own processor time, which other
 * programs on the machine do not lengthen.
 *
 * node harness/embedding/main-thread.mjs [--rounds N] [--most MS] [--profile FOLDER] [JOB...]
 *
 * `--rounds N` (3) does each job N times in a page of its own, twice in each, cold and warm, and takes medians; a median of processor
 * time above `--most MS` is exit code 1. `--profile FOLDER` keeps the first round's traces, for the Performance panel
 * of Chromium's tools, and says in which functions the longest tasks were.
 */
import { build } from 'esbuild';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ensureBuild } from '../build/stamp.mjs';
import { root } from '../setup/paths.mjs';
import { functionsIn, longestTask } from './longest-task.mjs';
import { installPacked } from './pack.mjs';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '3' },
    most: { type: 'string', default: 'Infinity' },
    profile: { type: 'string' },
  },
});
/** The jobs of page-jobs.js, and what must come before each. */
const jobs = {
  open: [],
  'solve cyclic-7, f64': ['open'],
  'solve cyclic-7, auto': ['open'],
  'solve cyclic-7, gpu': ['open'],
  'minima 1-2-1, polynomial': ['open'],
  'minima 1-2-1, ReLU': ['open'],
  'initialize 20x64': ['open'],
  'train 20x64': ['open', 'initialize 20x64'],
};
ensureBuild();
// The build makes these.
const { openBrowser } = await import('../../dist/internals/browser.js');
const { serve } = await import('../../dist/internals/server.js');

const folder = mkdtempSync(join(tmpdir(), 'lps-app-'));
if (values.profile) mkdirSync(values.profile, { recursive: true });
installPacked(folder);
for (const name of ['page-jobs.js', 'program.js'])
  cpSync(join(root, 'harness', 'embedding', name), join(folder, name));
await build({
  stdin: {
    contents: `import { jobs } from './page-jobs.js'; globalThis.jobs = jobs;`,
    resolveDir: folder,
  },
  bundle: true,
  splitting: true,
  minify: true,
  // The same with the names of functions.
  ...(values.profile && {
    minify: false,
    alias: { 'lps-webgpu': join(root, 'dist', 'internals', 'browser', 'index.js') },
  }),
  format: 'esm',
  outdir: join(folder, 'out'),
  logLevel: 'error',
});
const server = await serve({
  folders: { '/app/': join(folder, 'out') },
  pages: {
    '/': '<!doctype html><title>app</title><script type="module" src="/app/stdin.js"></script>',
  },
});
const browser = await openBrowser();
const names = positionals.length > 0 ? positionals : Object.keys(jobs);
const measured = new Map();
try {
  for (let round = 0; round < Number(values.rounds); round++)
    for (const name of names) await inNewPage(name, round === 0);
} finally {
  await browser.close();
  await server.close();
  rmSync(folder, { recursive: true, force: true });
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
  const page = await browser.newPage();
  await page.goto(server.url);
  await page.waitForFunction('globalThis.jobs !== undefined');
  for (const needed of jobs[name])
    await page.evaluate((needed) => globalThis.jobs[needed](), needed);
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
    const answer = await globalThis.jobs[name]();
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

function summary(list) {
  const [least, most] = [Math.min(...list), Math.max(...list)].map((value) => value.toFixed(0));
  return `${median(list).toFixed(0).padStart(4)} (${least}-${most})`;
}

function median(list) {
  return [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)];
}
