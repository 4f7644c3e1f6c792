/**
 * src/page -> dist/page: the live page, for any static host and without a network: relative addresses only.
 *
 *   main.js           the shell; each part of the page, the charts and the data sets are loaded on demand
 *   *-worker.js       threads: paths, start systems, the benchmark
 *   benchmark-guest.js   the suites of `lps bench` in a headless page, or in Deno
 *   families/         solved network families (data/families)
 *   systems/          what the benchmark solves (test/data/systems)
 */
import { copyFileSync, cpSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/** What runs suites for `lps bench`, in a page or in a process of its own. */
export const benchmarkGuest = 'harness/benchmark/page/main.ts';

export const pageEntries = {
  main: 'src/page/main.ts',
  'start-worker': 'src/page/solve/start-worker.ts',
  'benchmark-worker': 'harness/benchmark/page/visitor.ts',
  'benchmark-guest': benchmarkGuest,
};
/** Libraries that ours is measured beside, whose megabytes the page leaves out. */
export const peers = ['@tensorflow/*', '@jax-js/*', 'gpu.js'];

const statics = ['index.html', 'style.css', 'icon.svg'];
/** Those that the suites ask for by name; dense_n6_d3 is made by a generator and left out. */
const systems = ['katsura8', 'noon5', 'dense_n4_d3'];

/** Everything of dist/page that is not a script. @param {string} root */
export function copyPage(root) {
  const target = join(root, 'dist', 'page');
  mkdirSync(target, { recursive: true });
  for (const file of statics) copyFileSync(join(root, 'src', 'page', file), join(target, file));
  for (const folder of ['families', 'systems'])
    rmSync(join(target, folder), { recursive: true, force: true });
  cpSync(join(root, 'data', 'families'), join(target, 'families'), { recursive: true });
  mkdirSync(join(target, 'systems'));
  for (const name of systems)
    copyFileSync(
      join(root, 'test', 'data', 'systems', `${name}.json`),
      join(target, 'systems', `${name}.json`),
    );
}
