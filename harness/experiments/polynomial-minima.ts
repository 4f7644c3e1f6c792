/**
 * `node harness/run.mjs polynomial-minima [NAME] [--seeds 1,2] [--columns bmi,age]`: all critical points of polynomial networks
 * on real data, by strata or from scratch, whose figures stand in docs/minima.md. Each result is verified by the
 * code of `lps verify`, and so is each of six planted errors, which must be refused. NAME takes the jobs in whose name it is.
 */
import { parseArgs } from 'node:util';
import { ExitCode, UsageError } from '../../src/cli/errors.js';
import { findBaseSet } from '../../src/cli/family-store.js';
import { minimaDocument, type MinimaDocument } from '../../src/cli/network-solve.js';
import { DIABETES_CSV, DIABETES_TARGET, readTable, standardize } from '../../src/data/index.js';
import type { DataTable } from '../../src/data/table.js';
import { CpuDevice, type Device } from '../../src/gpu/index.js';
import { solve, type SolveResult } from '../../src/homotopy/index.js';
import { countPoints } from '../../src/minima/critical-points.js';
import {
  minimaOfSolved,
  stationarityProblem,
  type StationarityProblem,
} from '../../src/minima/find-minima.js';
import { solveLagrangeForm } from '../../src/minima/strata/solve-lagrange.js';
import { solveStrata } from '../../src/minima/strata/solve-strata.js';
import { verifyDocument } from '../../src/verify/verify-document.js';
import { clocked } from '../clocks.js';
import { asTool } from '../tool.js';

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
    },
  });
  const [name = ''] = positionals;
  const jobs = jobsOn(values.columns.split(',')).filter((job) => job.name.includes(name));
  if (jobs.length === 0) throw new UsageError(`no job has "${name}" in its name`);
  let isRight = true;
  for (const job of jobs) {
    for (const seed of values.seeds.split(',').map(Number)) {
      isRight = (await measure(job, seed)) && isRight;
    }
  }
  return isRight ? ExitCode.success : ExitCode.failed;
}

function jobsOn(columns: readonly string[]): Job[] {
  const patients = (x: readonly string[]): DataTable =>
    standardize(readTable(DIABETES_CSV, { x, y: [DIABETES_TARGET] }));
  return [
    ...columns.flatMap((column): Job[] =>
      [3, 6].map((units) => ({
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
      {
        name: `lagrange 1-2-1 ${column}`,
        data: patients([column]),
        layers: [1, 2, 1],
        solve: byLagrange,
      },
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

/** @returns whether the result is verified and no planted error is */
async function measure({ name, data, layers, solve: find }: Job, seed: number): Promise<boolean> {
  const problem = stationarityProblem({
    data,
    architecture: { layers },
    activation: { name: 'relu', degree: 2 },
    regularization: 0.01,
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
  return verify(document);
}

function verify(document: MinimaDocument): boolean {
  const failuresOf = (text: MinimaDocument): string[] =>
    verifyDocument(text).flatMap(({ check, failures }) =>
      failures.map((failure) => `${check}: ${failure}`),
    );
  const failures = failuresOf(document);
  print(failures.length === 0 ? '  verified' : `  NOT verified: ${failures.join('; ')}`);
  let isRight = failures.length === 0;
  for (const [error, plant] of Object.entries(PLANTED)) {
    const copy = structuredClone(document) as Mutable<MinimaDocument>;
    plant(copy);
    const found = failuresOf(copy);
    if (found.length > 0) print(`  refused, ${error}: ${found[0]!}`);
    else print(`  NOT refused: ${error}`);
    isRight &&= found.length > 0;
  }
  return isRight;
}

type Mutable<T> = T extends object ? { -readonly [Key in keyof T]: Mutable<T[Key]> } : T;

const PLANTED: Readonly<Record<string, (document: Mutable<MinimaDocument>) => void>> = {
  'a changed digit': ({ solutions }) => {
    const first = solutions[0]!.coordinates[0]!;
    first[0] += 1e-4 * (1 + Math.abs(first[0]));
  },
  'a duplicate': ({ solutions, counts }) => {
    solutions.push(structuredClone(solutions[0]!));
    counts.distinct++;
    counts.nonsingular++;
  },
  'a removed minimum': (document) => {
    document.minima = document.minima.slice(1);
  },
  'a false real flag': ({ solutions, counts }) => {
    solutions.find(({ real }) => !real)!.real = true;
    counts.real++;
  },
  'a changed loss': ({ criticalPoints, minima }) => {
    criticalPoints[minima[0]!]!.loss *= 1 - 1e-6;
  },
  'a removed critical point': (document) => {
    const last = document.criticalPoints.length - 1;
    document.criticalPoints = document.criticalPoints.slice(0, last);
    document.minima = document.minima.filter((index) => index !== last);
  },
};

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
