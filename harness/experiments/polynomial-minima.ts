/**
 * `node harness/run.mjs polynomial-minima [NAME] [--seeds 1,2] [--columns bmi,age] [--out FOLDER]`: all critical points of
 * polynomial networks on real data, by strata or from scratch, whose figures stand in docs/minima.md; what was found by two
 * ways is compared. Each result is verified by the code of `lps verify`, its trace must be affine to 1e-12 of what the
 * least solution adds to it, and bend by 5e-7 or more with each of 100 random solutions left out, and its document goes to FOLDER. NAME takes the jobs in whose name it is.
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ExitCode, UsageError } from '../../src/cli/errors.js';
import { writeOutput } from '../../src/cli/output.js';
import { findBaseSet } from '../../src/cli/family-store.js';
import { minimaDocument, type MinimaDocument } from '../../src/cli/network-solve.js';
import { DIABETES_CSV, DIABETES_TARGET, readTable, standardize } from '../../src/data/index.js';
import type { DataTable } from '../../src/data/table.js';
import { CpuDevice, type Device } from '../../src/gpu/index.js';
import { solve, type SolveResult } from '../../src/homotopy/index.js';
import { randomStream } from '../../src/math/random.js';
import { countPoints } from '../../src/minima/critical-points.js';
import {
  minimaOfSolved,
  stationarityProblem,
  type StationarityProblem,
} from '../../src/minima/find-minima.js';
import { solveLagrangeForm } from '../../src/minima/strata/solve-lagrange.js';
import { solveStrata } from '../../src/minima/strata/solve-strata.js';
import { NearPoints } from '../../src/verify/near-points.js';
import { traceCurvatures, traceDefect } from '../../src/verify/network/trace-test.js';
import { verifyDocument } from '../../src/verify/verify-document.js';
import { clocked } from '../clocks.js';
import { asTool } from '../tool.js';

const LAMBDA = 0.01;
const REMOVALS = 100;
/** Of what the least solution adds to the trace: how much it bends with all solutions at most, and at least without one. */
const COMPLETE = 1e-12;
const INCOMPLETE = 5e-7;
const STREAM = 0x54_52_43;
/** Of solutions found by two ways, relative to their size. */
const SAME = 1e-8;

interface Job {
  readonly name: string;
  readonly data: DataTable;
  readonly layers: readonly number[];
  readonly solve: (
    device: Device,
    problem: StationarityProblem,
    seed: number,
  ) => Promise<SolveResult>;
}

export const main = asTool(run);

const XOR = [
  [0, 0],
  [0, 1],
  [1, 0],
  [1, 1],
];
const XOR_TARGETS = [[0], [1], [1], [0]];
/** The same with -1 in the place of 0. */
const signed = (rows: readonly (readonly number[])[]): number[][] =>
  rows.map((row) => row.map((entry) => 2 * entry - 1));

async function run(words: readonly string[]): Promise<ExitCode> {
  const { values, positionals } = parseArgs({
    args: [...words],
    allowPositionals: true,
    options: {
      seeds: { type: 'string', default: '1' },
      columns: { type: 'string', default: 'bmi' },
      out: { type: 'string' },
    },
  });
  const [name = ''] = positionals;
  const jobs = jobsOn(values.columns.split(',')).filter((job) => job.name.includes(name));
  if (jobs.length === 0) throw new UsageError(`no job has "${name}" in its name`);
  let isRight = true;
  for (const job of jobs) {
    for (const seed of values.seeds.split(',').map(Number)) {
      const document = await measure(job, seed);
      isRight = verify(document) && isRight;
      isRight = traceTells(job, document) && isRight;
      compare(job, document);
      if (values.out !== undefined) {
        const file = `${job.name.replaceAll(/[^a-z0-9-]+/g, '-')}-${seed}.json`;
        await writeOutput(join(values.out, file), JSON.stringify(document));
      }
    }
  }
  return isRight ? ExitCode.success : ExitCode.failed;
}

function jobsOn(columns: readonly string[]): Job[] {
  const patients = (x: readonly string[]): DataTable =>
    standardize(readTable(DIABETES_CSV, { x, y: [DIABETES_TARGET] }));
  return [
    ...columns.flatMap((column): Job[] =>
      [1, 2, 3, 6].map((units) => ({
        name: `strata 1-${units}-1 ${column}`,
        data: patients([column]),
        layers: [1, units, 1],
        solve: byStrata,
      })),
    ),
    {
      name: 'strata 2-2-1 bmi map',
      data: patients(['bmi', 'map']),
      layers: [2, 2, 1],
      solve: byStrata,
    },
    {
      name: 'strata 2-2-1 xor 0/1',
      data: { inputs: XOR, targets: XOR_TARGETS },
      layers: [2, 2, 1],
      solve: byStrata,
    },
    {
      name: 'strata 2-2-1 xor +-1',
      data: { inputs: signed(XOR), targets: signed(XOR_TARGETS) },
      layers: [2, 2, 1],
      solve: byStrata,
    },
    ...columns.flatMap((column): Job[] => [
      {
        name: `gradient 1-2-1 ${column}`,
        data: patients([column]),
        layers: [1, 2, 1],
        solve: byGradient,
      },
      ...[2, 3].map((units) => ({
        name: `lagrange 1-${units}-1 ${column}`,
        data: patients([column]),
        layers: [1, units, 1],
        solve: byLagrange,
      })),
    ]),
  ];
}

const byStrata: Job['solve'] = (device, problem, seed) =>
  solveStrata(device, problem, { seed, findBaseSet });

const byGradient: Job['solve'] = (device, { family, point }, seed) =>
  solve(device, family.gradient, {
    parameters: point.parameters,
    start: 'multihomogeneous',
    partition: family.layout.groups,
    seed,
    certify: true,
  });

const byLagrange: Job['solve'] = (device, problem, seed) =>
  solveLagrangeForm(device, problem, { seed, certify: true });

async function measure(
  { name, data, layers, solve: find }: Job,
  seed: number,
): Promise<MinimaDocument> {
  const problem = stationarityProblem({
    data,
    architecture: { layers },
    activation: { name: 'relu', degree: 2 },
    regularization: LAMBDA,
  });
  const device = new CpuDevice();
  const { result, wall, cpu } = await clocked(() => find(device, problem, seed));
  device.close();
  const minima = minimaOfSolved(problem, result);
  const { paths, counts, exactCount } = result;
  const losses = minima.minima.map((index) => minima.points[index]!.loss);
  const distinct = losses.filter((loss, k) => k === 0 || loss - losses[k - 1]! > 1e-10);
  print(
    `${name}, seed ${seed}: ${paths.tracked} paths, ${paths.failed} failed, ${paths.atInfinity} at infinity; ` +
      `${counts.distinct} critical points (${counts.nonsingular} simple), ${counts.real} real, ` +
      `${countPoints(minima.minima.map((index) => minima.points[index]!))} minima, Euler sum ${minima.eulerSum}; ` +
      `exact count ${exactCount.count ?? '-'}; ${wall.toFixed(1)} s, ${cpu.toFixed(1)} CPU s`,
  );
  print(
    `  losses ${distinct
      .slice(0, 6)
      .map((loss) => loss.toFixed(10))
      .join(', ')}`,
  );
  const document = JSON.parse(
    JSON.stringify(minimaDocument(result, minima, null)),
  ) as MinimaDocument;
  for (const { check, proves } of document.completeness) print(`  ${check}: ${proves}`);
  for (const warning of document.warnings) print(`  warning: ${warning}`);
  return document;
}

function verify(document: MinimaDocument): boolean {
  const start = performance.now();
  const failures = verifyDocument(document).flatMap(({ check, failures: found }) =>
    found.map((failure) => `${check}: ${failure}`),
  );
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  print(
    `  ${failures.length === 0 ? 'verified' : `NOT verified: ${failures.join('; ')}`}, ${seconds} s`,
  );
  return failures.length === 0;
}

/** Whether the trace tells all solutions from all but one. */
function traceTells({ data, layers }: Job, { activation, solutions }: MinimaDocument): boolean {
  const curvatures = traceCurvatures(
    {
      inputs: data.inputs,
      targets: data.targets.map((row) => row[0]!),
      units: layers[1]!,
      activation: activation.coefficients,
      regularization: LAMBDA,
    },
    solutions.map(({ coordinates }) => coordinates),
  );
  const copies = solutions.map((solution) => ('copies' in solution ? Number(solution.copies) : 1));
  const random = randomStream(1, STREAM);
  const least = Math.min(
    ...Array.from({ length: REMOVALS }, () => {
      const gone = random.integer(solutions.length);
      const kept = <T>(list: readonly T[]): T[] => list.filter((_, k) => k !== gone);
      return traceDefect(kept(curvatures), kept(copies));
    }),
  );
  const all = traceDefect(curvatures, copies);
  print(
    `  trace ${all.toExponential(1)}, ` +
      `with any of ${REMOVALS} random solutions left out at least ${least.toExponential(1)}`,
  );
  return all <= COMPLETE && least >= INCOMPLETE;
}

/** By the name of what was solved, without the way: what was found first. */
const found = new Map<string, MinimaDocument>();

function compare({ name }: Job, document: MinimaDocument): void {
  const what = name.slice(name.indexOf(' '));
  const before = found.get(what);
  if (before === undefined) {
    found.set(what, document);
    return;
  }
  const known = new NearPoints(before.solutions.map(({ coordinates }) => coordinates.flat()));
  const same = document.solutions.filter(({ coordinates }) => {
    const point = coordinates.flat();
    return known.near(point, SAME * (1 + Math.max(...point.map(Math.abs)))).length === 1;
  });
  print(
    `  ${same.length} of ${document.solutions.length} are among the ${before.solutions.length} that were found before`,
  );
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
