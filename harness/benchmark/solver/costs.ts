/**
 * `node harness/run.mjs solver-costs [SYSTEM...]`: CPU milliseconds of a first and a second solve of systems of test/data:
 * in f64 alone, with the GPU stage, as `auto` chooses, and to the ends on the GPU without certificates; for the last what is
 * left outside kernels, per path, and the kernels' share. Every way has a device of its own, so that each first solve compiles.
 *
 *   --ways a,b,c   of f64, gpu, auto, endgame (default), and in f64 from one kind of start alone total-degree,
 *                  linear-product, polyhedral
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ExitCode, UsageError } from '../../../src/cli/errors.js';
import { KernelClock } from '../../../src/cli/profile/cpu-time.js';
import * as lps from '../../internals.js';
import { root } from '../../setup/paths.mjs';
import { asTool } from '../../tool.js';

const WAYS: Readonly<Record<string, lps.SolveOptions>> = {
  f64: { precision: 'f64' },
  gpu: { precision: 'gpu' },
  auto: {},
  endgame: { precision: 'gpu', endgame: 'gpu', certify: false },
  'total-degree': { precision: 'f64', start: 'total-degree' },
  'linear-product': { precision: 'f64', start: 'linear-product' },
  polyhedral: { precision: 'f64', start: 'polyhedral' },
};
const DEFAULT_WAYS = 'f64,gpu,auto,endgame';
const SYSTEMS = ['noon5', 'noon6', 'katsura8', 'cyclic6', 'eco9', 'reimer5'];

interface Cost {
  readonly totalMs: number;
  readonly kernelsMs: number;
  readonly paths: number;
}

export const main = asTool(run);

async function run(words: string[]): Promise<ExitCode> {
  const { values, positionals } = parseArgs({
    args: words,
    allowPositionals: true,
    options: { ways: { type: 'string', default: DEFAULT_WAYS } },
  });
  const ways = values.ways.split(',');
  const unknown = ways.find((way) => !Object.hasOwn(WAYS, way));
  if (unknown !== undefined)
    throw new UsageError(`--ways has "${unknown}"; give some of ${Object.keys(WAYS).join(', ')}`);
  // What every solve needs is loaded and compiled by V8.
  await costs(systemOf('noon3'), WAYS.f64!);
  for (const name of positionals.length > 0 ? positionals : SYSTEMS)
    for (const way of ways) {
      const [first, second] = await costs(systemOf(name), WAYS[way]!);
      console.log(`${name} ${way}: ${text(first)}; again ${text(second)}`);
    }
  return ExitCode.success;
}

function systemOf(name: string): lps.PolynomialSystem {
  const file = join(root, 'test', 'data', 'systems', `${name}.json`);
  return lps.parseSystem(JSON.parse(readFileSync(file, 'utf8')) as object);
}

/** Of a first and a second solve, with another seed: nothing but what is compiled is the same. */
async function costs(
  system: lps.PolynomialSystem,
  options: lps.SolveOptions,
): Promise<[Cost, Cost]> {
  const gpu = await lps.openGpu();
  try {
    return [await cost(gpu, system, options, 1), await cost(gpu, system, options, 2)];
  } finally {
    gpu.close();
  }
}

async function cost(
  gpu: lps.GpuDevice,
  system: lps.PolynomialSystem,
  options: lps.SolveOptions,
  seed: number,
): Promise<Cost> {
  const clock = new KernelClock();
  const { paths } = await lps.solve(gpu, system, { ...options, seed, countMilliseconds: 0 });
  return { ...clock.stop(), paths: paths.tracked };
}

function text({ totalMs, kernelsMs, paths }: Cost): string {
  const host = totalMs - kernelsMs;
  const share = Math.round((100 * kernelsMs) / totalMs);
  return `${totalMs.toFixed(0)} ms, ${paths} paths, ${((1000 * host) / paths).toFixed(0)} us each outside kernels, kernels ${share}%`;
}
