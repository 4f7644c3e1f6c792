/**
 * `node harness/run.mjs solver-costs [SYSTEM...]`: CPU milliseconds of a first, a second and later solves of systems: in f64 alone,
 * with the GPU stage, as `auto` chooses, and to the ends on the GPU without certificates; for each what is left outside
 * kernels, per path, and the kernels' share, and how many paths the GPU's endgame left to the CPU. Every way has a device of its own, so that each first solve compiles.
 *
 *   SYSTEM         of test/data, noonN, katsuraN, or 1-2-1, the network of the main job, or s8, the same of four points
 *   --ways a,b,c   of f64, gpu, auto, endgame (default), and in f64 from one kind of start alone total-degree,
 *                  linear-product, polyhedral
 *   --start KIND   the start of the ways that name none
 *   --solves N     of each way and system (default 2): of the third and later ones, in which V8 has compiled, the median is told
 *   --searches     in place of ways: CPU time of the search for the start, and of asking again. Of the first system given V8 has
 *                  compiled nothing: a process for each system measures what `lps solve` waits for
 *   --proofs       in place of ways: CPU time of a certificate, from later solves in f64 with and without
 */
import { parseArgs } from 'node:util';
import { ExitCode, UsageError } from '../../../src/cli/errors.js';
import { KernelClock } from '../../../src/cli/profile/cpu-time.js';
import { katsura, noon } from '../../../src/page/solve/examples.js';
import * as lps from '../../internals.js';
import { median } from '../../statistics.js';
import { asTool } from '../../tool.js';
import { readSystemFile, systemNames } from '../../verify/expectations.js';
import { diabetesProblem, fourPointProblem, networkOptions } from './network-jobs.js';

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
const DEFAULT_SOLVES = 2;
const PAIRS = 5;
const SYSTEMS = ['noon5', 'noon6', 'katsura8', 'cyclic6', 'eco9', 'reimer5'];

interface Cost {
  readonly totalMs: number;
  readonly kernelsMs: number;
  readonly paths: number;
  /** By the endgame on the GPU, where it was played there. */
  readonly handedBack: number | undefined;
}

/** One solve of a system. */
type Solve = (gpu: lps.GpuDevice, options: lps.SolveOptions) => Promise<lps.SolveResult>;

export const main = asTool(run);

async function run(words: string[]): Promise<ExitCode> {
  const { values, positionals } = parseArgs({
    args: words,
    allowPositionals: true,
    options: {
      ways: { type: 'string', default: DEFAULT_WAYS },
      start: { type: 'string' },
      solves: { type: 'string', default: String(DEFAULT_SOLVES) },
      searches: { type: 'boolean', default: false },
      proofs: { type: 'boolean', default: false },
    },
  });
  const ways = values.ways.split(',');
  const unknown = ways.find((way) => !Object.hasOwn(WAYS, way));
  if (unknown !== undefined)
    throw new UsageError(`--ways has "${unknown}"; give some of ${Object.keys(WAYS).join(', ')}`);
  const solves = Number(values.solves);
  if (!Number.isInteger(solves) || solves < 1)
    throw new UsageError(`--solves is "${values.solves}"; give a whole number from 1 on`);
  const start =
    values.start === undefined
      ? {}
      : { start: values.start as NonNullable<lps.SolveOptions['start']> };
  const names = positionals.length > 0 ? positionals : SYSTEMS;
  if (values.searches) {
    for (const name of names) console.log(`${name}: ${await searchText(jobOf(name))}`);
    return ExitCode.success;
  }
  const jobs = names.map((name) => [name, jobOf(name).solve] as const);
  // What every solve needs is loaded and compiled by V8.
  await costs(jobOf('noon3').solve, WAYS.f64!, DEFAULT_SOLVES);
  for (const [name, solve] of jobs) {
    if (values.proofs) {
      const { microseconds, solutions } = await proofCost(solve, { ...start, ...WAYS.f64! });
      console.log(`${name}: ${solutions} solutions, ${microseconds.toFixed(0)} us a certificate`);
      continue;
    }
    for (const way of ways) {
      const [first, second, ...later] = await costs(solve, { ...start, ...WAYS[way]! }, solves);
      const parts = [
        text(first!),
        ...(second ? [`again ${text(second)}`] : []),
        ...(later.length > 0 ? [`later ${text(typical(later))}`] : []),
      ];
      console.log(`${name} ${way}: ${parts.join('; ')}`);
    }
  }
  return ExitCode.success;
}

/** Something to solve, with what it needs to be said besides. */
interface Job {
  readonly solve: Solve;
  /** The system whose start is looked for, and what is asked of it. */
  readonly system: lps.PolynomialSystem;
  readonly wish: lps.SolveOptions;
  readonly isMember: boolean;
}

function jobOf(name: string): Job {
  if (name === '1-2-1' || name === 's8') {
    const problem = name === 's8' ? fourPointProblem(lps) : diabetesProblem(lps, 'bmi');
    const { gradient } = problem.family;
    const own = networkOptions(problem);
    const { parameters: _, ...wish } = own;
    return {
      solve: (gpu, options) => lps.solve(gpu, gradient, { ...own, ...options }),
      system: lps.skeleton(gradient),
      wish,
      isMember: true,
    };
  }
  const [, kind, size] = /^(noon|katsura)(\d+)$/.exec(name) ?? [];
  const text = kind
    ? (kind === 'noon' ? noon : katsura)(Number(size))
    : readSystemFile(systemNames([name])[0]!);
  const system = lps.parseSystem(text);
  return {
    solve: (gpu, options) => lps.solve(gpu, system, options),
    system,
    wish: {},
    isMember: false,
  };
}

async function searchText({ system, wish, isMember }: Job): Promise<string> {
  const gpu = await lps.openGpu();
  try {
    const find = async () => {
      const begin = process.cpuUsage();
      const { kind, paths } = await lps.findStart(gpu, system, wish, isMember);
      const { user, system: kernel } = process.cpuUsage(begin);
      return { kind, paths, ms: (user + kernel) / 1000 };
    };
    const [{ kind, paths, ms }, again] = [await find(), await find()];
    return `${kind}, ${paths} paths, ${ms.toFixed(1)} ms; again ${again.ms.toFixed(1)} ms`;
  } finally {
    gpu.close();
  }
}

/** Of so many solves, each with another seed: nothing but what is compiled is the same. */
async function costs(solve: Solve, options: lps.SolveOptions, solves: number): Promise<Cost[]> {
  const gpu = await lps.openGpu();
  try {
    const all: Cost[] = [];
    for (let seed = 1; seed <= solves; seed++) all.push(await cost(gpu, solve, options, seed));
    return all;
  } finally {
    gpu.close();
  }
}

/** The median of pairs of solves, after one that V8 compiles in. */
async function proofCost(
  solve: Solve,
  options: lps.SolveOptions,
): Promise<{ microseconds: number; solutions: number }> {
  const gpu = await lps.openGpu();
  try {
    const proved = { ...options, seed: 1, countMilliseconds: 0, certify: true };
    const { counts } = await solve(gpu, proved);
    const differences: number[] = [];
    for (let pair = 0; pair < PAIRS; pair++) {
      const [without, withProofs] = [
        await cost(gpu, solve, options, 1),
        await cost(gpu, solve, proved, 1),
      ];
      differences.push(withProofs.totalMs - without.totalMs);
    }
    return {
      microseconds: (1000 * median(differences)) / counts.distinct,
      solutions: counts.distinct,
    };
  } finally {
    gpu.close();
  }
}

async function cost(
  gpu: lps.GpuDevice,
  solve: Solve,
  options: lps.SolveOptions,
  seed: number,
): Promise<Cost> {
  const clock = new KernelClock();
  const { paths, endgame } = await solve(gpu, { ...options, seed, countMilliseconds: 0 });
  return { ...clock.stop(), paths: paths.tracked, handedBack: endgame?.handedBack };
}

/** The one with the median time outside kernels. */
function typical(all: readonly Cost[]): Cost {
  const hostMs = ({ totalMs, kernelsMs }: Cost) => totalMs - kernelsMs;
  return all.toSorted((a, b) => hostMs(a) - hostMs(b))[all.length >> 1]!;
}

function text({ totalMs, kernelsMs, paths, handedBack }: Cost): string {
  const host = totalMs - kernelsMs;
  const share = Math.round((100 * kernelsMs) / totalMs);
  const back = handedBack === undefined ? '' : ` (${handedBack} handed back)`;
  return `${totalMs.toFixed(0)} ms, ${paths} paths${back}, ${((1000 * host) / paths).toFixed(0)} us each outside kernels, kernels ${share}%`;
}
