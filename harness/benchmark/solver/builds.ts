/**
 * Two builds of the solver against one another, in paired rounds on one device: has a change cost anything?
 *
 *   git worktree add /tmp/before COMMIT; (cd /tmp/before && ln -s .../node_modules . && node harness/build.mjs)
 *   node harness/run.mjs compare-builds --before /tmp/before/dist
 *
 *   --after DIST              the other build (default: this checkout's dist)
 *   --before-options JSON     options of `solve` for a build, for example '{"precision":"f64"}'
 *   --after-options JSON
 *   --filter a,b              rows whose name contains one of these: the benchmark's systems, network/s8, main-job,
 *                             file/NAME for every file of test/data/systems with finitely many solutions
 *   --repeat 7                paired rounds (default 5), in random order within a round
 *   --json FILE
 *
 * Prints a row each: CPU seconds of this process and wall seconds of a whole solve, medians, and the median over
 * the rounds of before / after: above 1 the new build is faster; then the sums over all rows. Every result is checked
 * against the row's number of solutions (files: none is, `lps verify` does that); exit code 1 when the new build's is
 * wrong.
 */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { ExitCode, UsageError } from '../../../src/cli/errors.js';
import { printLines, writeOutput } from '../../../src/cli/output.js';
import { randomStream } from '../../../src/math/random.js';
import type * as library from '../../../src/index.js';
import { root } from '../../setup/paths.mjs';
import { mean, median, shuffled, sum } from '../../statistics.js';
import { countFrom, asTool } from '../../tool.js';
import { readSystemFile, systemNames } from '../../verify/expectations.js';
import {
  diabetesProblem,
  fourPointProblem,
  NETWORK_SOLUTIONS,
  networkOptions,
} from './network-jobs.js';
import type { Clocks } from '../../clocks.js';
import { complaint, measureSolve } from './ours.js';
import { benchmarkSystems } from './systems.js';

type Library = typeof library;
const SIDES = ['before', 'after'] as const;
type Side = (typeof SIDES)[number];
type PerSide<Value> = Readonly<Record<Side, Value>>;

/** Solves of each build before the first round: kernels are compiled, and V8 has compiled our code. */
const WARM_UP = 3;
/** Each round repeats a solve for this long. */
const ROUND_SECONDS = 0.5;
const MOST_SOLVES = 20;

interface Build {
  readonly side: Side;
  readonly lps: Library;
  readonly gpu: library.GpuDevice;
  readonly options: library.SolveOptions;
}

interface Row {
  readonly name: string;
  /** One solve before the first round is enough. */
  readonly isLong: boolean;
  /** Null when nothing is known here. */
  readonly solutions: number | null;
  solve(
    build: Build,
    options: Pick<library.SolveOptions, 'onProgress' | 'seed'>,
  ): Promise<library.SolveResult>;
}

/** Seconds of a solve: medians over the rounds, and of before / after round by round. */
interface MeasuredRow extends PerSide<Clocks> {
  readonly name: string;
  readonly ratio: Clocks;
  readonly problems: PerSide<readonly string[]>;
  readonly measured: readonly PerSide<Clocks>[];
}

export const main = asTool(run);

async function run(words: string[]): Promise<ExitCode> {
  const { values: options } = parseArgs({
    args: words,
    options: {
      before: { type: 'string' },
      after: { type: 'string', default: join(root, 'dist') },
      'before-options': { type: 'string', default: '{}' },
      'after-options': { type: 'string', default: '{}' },
      filter: { type: 'string', default: '' },
      repeat: { type: 'string', default: '5' },
      json: { type: 'string' },
    },
  });
  if (!options.before)
    throw new UsageError('--before DIST is missing: the folder of the build to compare');
  const rounds = countFrom('--repeat', options.repeat);
  const builds = [
    await openBuild('before', options.before, options['before-options']),
    await openBuild('after', options.after, options['after-options']),
  ];
  const wanted = ({ name }: Row): boolean =>
    options.filter.split(',').some((part) => name.includes(part));
  const results: MeasuredRow[] = [];
  for (const row of [...systemRows(), ...networkRows(), ...fileRows()].filter(wanted)) {
    const result = await measureRow(row, builds, rounds);
    results.push(result);
    printLines([describe(result)]);
  }
  const device = builds[0]!.gpu.info.description;
  printLines([
    describeSums(results),
    `on ${device}: row | CPU s before | after | wall s before | after | ratio CPU | ratio wall`,
  ]);
  if (options.json)
    await writeOutput(options.json, JSON.stringify({ device, options, results }, null, 2));
  for (const { gpu } of builds) gpu.close();
  return results.some(({ problems }) => problems.after.length > 0)
    ? ExitCode.failed
    : ExitCode.success;
}

async function openBuild(side: Side, folder: string, options: string): Promise<Build> {
  // Until 0.2 Node had a build of its own.
  const file = ['index.js', 'web/index.js']
    .map((path) => join(resolve(folder), path))
    .find((path) => existsSync(path));
  if (!file) throw new UsageError(`--${side} ${folder} holds no build: give a dist folder`);
  const url = pathToFileURL(file).href;
  const lps = (await import(url)) as Library;
  const gpu = await lps.openGpu();
  return { side, lps, gpu, options: JSON.parse(options) as library.SolveOptions };
}

async function measureRow(
  row: Row,
  builds: readonly Build[],
  rounds: number,
): Promise<MeasuredRow> {
  const random = randomStream(1);
  const problems: PerSide<string[]> = { before: [], after: [] };
  const solveOnce = async (build: Build, seed: number): Promise<Clocks> => {
    const { total, wall, result } = await measureSolve((onProgress) =>
      row.solve(build, { ...build.options, seed, onProgress }),
    );
    const problem = row.solutions === null ? null : complaint(result, row.solutions);
    if (problem) problems[build.side].push(problem);
    return { cpu: total, wall };
  };
  for (const build of builds)
    for (let k = 0; k < (row.isLong ? 1 : WARM_UP); k++) await solveOnce(build, k + 1);
  const measured: PerSide<Clocks>[] = [];
  for (let round = 0; round < rounds; round++) {
    const entry: Partial<Record<Side, Clocks>> = {};
    for (const build of shuffled(builds, random)) {
      const runs: Clocks[] = [];
      for (let spent = 0; runs.length < MOST_SOLVES && spent < ROUND_SECONDS;) {
        const one = await solveOnce(build, 1000 * (round + 1) + runs.length);
        runs.push(one);
        spent += one.wall;
      }
      entry[build.side] = combine((clock) => mean(runs.map((one) => one[clock])));
    }
    measured.push(entry as PerSide<Clocks>);
  }
  const middle = (side: Side): Clocks =>
    combine((clock) => median(measured.map((entry) => entry[side][clock])));
  return {
    name: row.name,
    before: middle('before'),
    after: middle('after'),
    ratio: combine((clock) => median(measured.map((e) => e.before[clock] / e.after[clock]))),
    problems,
    measured,
  };
}

function combine(value: (clock: keyof Clocks) => number): Clocks {
  return { cpu: value('cpu'), wall: value('wall') };
}

function describe({ name, before, after, ratio, problems }: MeasuredRow): string {
  const times = [before.cpu, after.cpu, before.wall, after.wall].map((value) =>
    value.toPrecision(3),
  );
  const ratios = [ratio.cpu, ratio.wall].map((value) => value.toFixed(2));
  const complaints = [
    ...problems.before.slice(0, 1).map((problem) => ` before: ${problem}`),
    ...problems.after.slice(0, 1).map((problem) => ` AFTER: ${problem}`),
  ];
  return `| ${[name, ...times, ...ratios].join(' | ')} |${complaints.join('')}`;
}

function describeSums(results: readonly MeasuredRow[]): string {
  const cells = (['cpu', 'wall'] as const).flatMap((clock) =>
    SIDES.map((side) => sum(results.map((row) => row[side][clock])).toPrecision(4)),
  );
  return `| sum | ${cells.join(' | ')} |`;
}

function systemRows(): Row[] {
  return benchmarkSystems().map(({ name, input, solutions }) => ({
    name,
    isLong: false,
    solutions,
    solve: ({ lps, gpu }, options) =>
      lps.solve(gpu, lps.parseSystem(input), { start: 'total-degree', ...options }),
  }));
}

/** Files with finitely many solutions, all of them known to be simple or with their multiplicities. */
function fileRows(): Row[] {
  return systemNames(null)
    .map(readSystemFile)
    .filter(({ finiteSolutions }) => finiteSolutions.gbDimension === 0)
    .map((file) => ({
      name: `file/${file.name}`,
      isLong: true,
      solutions: null,
      solve: ({ lps, gpu }, options) => lps.solve(gpu, lps.parseSystem(file), options),
    }));
}

function networkRows(): Row[] {
  const row = (name: string, problemOf: (lps: Library) => library.StationarityProblem): Row => ({
    name,
    isLong: true,
    solutions: NETWORK_SOLUTIONS,
    solve({ lps, gpu }, options) {
      const problem = problemOf(lps);
      return lps.solve(gpu, problem.family.gradient, { ...networkOptions(problem), ...options });
    },
  });
  return [
    row('network/s8', fourPointProblem),
    row('main-job', (lps) => diabetesProblem(lps, 'bmi')),
  ];
}
