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
 *   --proofs       in place of ways: CPU time of a certificate, and of the inverse of the Jacobian that it takes
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
const PROOF_ROUNDS = 5;
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
  const textOf = values.searches ? searchText : values.proofs ? proofText : null;
  if (textOf) {
    for (const name of names) console.log(`${name}: ${await textOf(jobOf(name))}`);
    return ExitCode.success;
  }
  const jobs = names.map((name) => [name, jobOf(name).solve] as const);
  // What every solve needs is loaded and compiled by V8.
  await costs(jobOf('noon3').solve, WAYS.f64!, DEFAULT_SOLVES);
  for (const [name, solve] of jobs) {
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
  readonly numeric: lps.NumericSystem;
  readonly wish: NonNullable<Parameters<typeof lps.chooseStart>[1]>;
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
      numeric: lps.member(gradient, own.parameters),
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
    numeric: lps.toNumeric(system),
    wish: { start: 'total-degree' },
    isMember: false,
  };
}

async function searchText({ system, wish, isMember }: Job): Promise<string> {
  const gpu = await lps.openGpu();
  try {
    const find = async () => {
      const begin = process.cpuUsage();
      const { kind, paths } = await lps.findStart(gpu, system, isMember ? wish : {}, isMember);
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

/** Of all solutions of a solve, again and again, when V8 has compiled. */
async function proofText({ solve, system, numeric, wish }: Job): Promise<string> {
  const gpu = await lps.openGpu();
  try {
    const options = { precision: 'f64', seed: 1, countMilliseconds: 0 } as const;
    const { solutions } = await solve(gpu, { ...options, certify: true });
    // Whatever the start, F is the same.
    const plan = lps.chooseStart(system, wish);
    const { startCoefficients, startHomotopy, gammaOf } = lps;
    const homotopy = startHomotopy(numeric, plan, startCoefficients(plan, 1), gammaOf(1));
    const { structure } = homotopy;
    const inverter = new lps.TargetInverter(homotopy);
    const certifier = new lps.Certifier(homotopy);
    const points = solutions.map(({ coordinates }) =>
      lps.normalise(structure, lps.homogenise(structure, Float64Array.from(coordinates.flat()))),
    );
    const round = () => {
      const begin = process.cpuUsage();
      const targets = points.map((point) => {
        const target = inverter.invert(point)!;
        return { point, charts: target.charts, inverse: target.inverse.slice() };
      });
      const inverted = process.cpuUsage(begin);
      const proved = targets.filter(({ point, charts, inverse }) =>
        certifier.certify(point, charts, inverse),
      );
      const all = process.cpuUsage(begin);
      const sum = ({ user, system: kernel }: NodeJS.CpuUsage) => user + kernel;
      return {
        proved: proved.length,
        inverseUs: sum(inverted) / points.length,
        proofUs: (sum(all) - sum(inverted)) / points.length,
      };
    };
    round();
    const rounds = Array.from({ length: PROOF_ROUNDS }, round);
    const us = (pick: (each: (typeof rounds)[number]) => number) =>
      median(rounds.map(pick)).toFixed(1);
    return `${rounds[0]!.proved} of ${points.length} proved, ${us(({ proofUs }) => proofUs)} us a certificate, ${us(({ inverseUs }) => inverseUs)} us the inverse before it, which the condition number takes, too`;
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
