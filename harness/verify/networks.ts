/**
 * The sections `networks` and `main job` of the verification.
 *
 * networks: the seven networks of test/data/networks, solved by an independent program.
 * main job: diabetes bmi -> progression, for which no truth is on file. Five seeds must agree, the
 * Euler characteristic must be right, and the family must lead to the same solutions.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as lps from '../../src/index.js';
import { root } from '../setup/paths.mjs';
import { judgeNetwork, type NetworkRun, type NetworkTruth } from './judge-network.js';
import { withLimit } from './limit.js';
import type { VerificationRow } from './report.js';
import type { SectionOptions } from './systems.js';

const folder = join(root, 'test', 'data', 'networks');
/** Largest share of undecided paths: of any network, and of the main job. */
const FAILED_SHARE = 0.01;
const MAIN_FAILED_SHARE = 0.005;
const REGULARIZATION = 0.01;

const three = 'x,t\n-1,0.5\n0.5,-0.25\n1,1\n';
const four = `x,t\n-1,1\n-0.5,0.2\n0.5,${-1 / 3}\n1,0.75\n`;
/** name, layers, biases, activation, data. */
const NETWORKS = [
  ['s0_111_relu2_nobias', [1, 1, 1], false, 'relu', three],
  ['s1_111_square', [1, 1, 1], true, 'square', three],
  ['s2_111_relu2', [1, 1, 1], true, 'relu', three],
  ['s4_121_square_nobias', [1, 2, 1], 'output', 'square', four],
  ['s6_1111_square_nobias', [1, 1, 1, 1], false, 'square', three],
  ['s7_1111_relu2_nobias', [1, 1, 1, 1], false, 'relu', three],
  ['s8_121_relu2_full', [1, 2, 1], true, 'relu', four],
] as const;

/** What is read of a file of test/data/networks. */
interface NetworkFile {
  readonly isolated_complex_exact_M2?: number | null;
  readonly isolated_complex_found: number;
  readonly complex_solutions?: NonNullable<NetworkTruth['solutions']>;
  readonly real_critical_points: readonly {
    readonly x: readonly number[];
    readonly loss: number;
    readonly morse_index: number;
  }[];
  readonly lps_count_layer_groups: number;
}

type Run = NetworkRun<lps.SolveResult> & { readonly minima: lps.NetworkMinima };

/** @yields one row per network. */
export async function* verifyNetworks(
  gpu: lps.GpuDevice,
  options: SectionOptions,
): AsyncGenerator<VerificationRow> {
  const fewer = { ...options, seeds: options.seeds.slice(0, 3) };
  for (const [name, layers, bias, activation, csv] of NETWORKS) {
    const file = JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8')) as NetworkFile;
    const data = lps.readTable(csv, { x: ['x'], y: ['t'] });
    const problem = lps.stationarityProblem(problemOptions({ layers, bias }, activation, data));
    const begin = performance.now();
    const runs = await solveSeeds(gpu, problem, fewer);
    const seconds = (performance.now() - begin) / 1000;
    const truth: NetworkTruth = {
      complex: file.isolated_complex_exact_M2 ?? file.isolated_complex_found,
      ...(file.complex_solutions && { solutions: file.complex_solutions }),
      points: file.real_critical_points.map((point) => ({ ...point, index: point.morse_index })),
    };
    const row = describeRow(
      'networks',
      name,
      runs,
      judgeNetwork(truth, runs, FAILED_SHARE),
      seconds,
    );
    const enough = file.lps_count_layer_groups;
    yield row.paths <= enough
      ? row
      : {
          ...row,
          verdict: 'FAIL',
          problems: [...row.problems, `${row.paths} paths, ${enough} suffice`],
        };
  }
}

/** @yields the main job with all seeds, and its family run. */
export async function* verifyMainJob(
  gpu: lps.GpuDevice,
  options: SectionOptions,
): AsyncGenerator<VerificationRow> {
  const { DIABETES_CSV, DIABETES_TARGET } = lps;
  const data = lps.standardize(lps.readTable(DIABETES_CSV, { x: ['bmi'], y: [DIABETES_TARGET] }));
  const problem = lps.stationarityProblem(problemOptions({ layers: [1, 2, 1] }, 'relu', data));
  let begin = performance.now();
  const runs = await solveSeeds(gpu, problem, options);
  const fullSeconds = (performance.now() - begin) / 1000;
  const unknown = { complex: null, points: null };
  yield describeRow(
    'main job',
    'bmi, all paths',
    runs,
    judgeNetwork(unknown, runs, MAIN_FAILED_SHARE),
    fullSeconds,
  );

  const { gradient, layout } = problem.family;
  const base = await withLimit(options.limitMs, options.signal, (limit) =>
    lps.solve(gpu, gradient, {
      parameters: lps.genericParameters(problem.family, 1),
      start: 'multihomogeneous',
      partition: layout.groups,
      signal: limit,
    }),
  );
  begin = performance.now();
  const [member] = await lps.solve(gpu, gradient, {
    from: base,
    targets: [problem.point.parameters],
    precision: 'f64',
  });
  const result = member!;
  const seconds = (performance.now() - begin) / 1000;
  const { result: full, minima } = runs[0]!;
  const truth = {
    complex: full.counts.distinct,
    solutions: full.solutions.map(({ coordinates }) => coordinates),
    points: minima.points.map(({ unknowns, loss, morseIndex }) => ({
      x: unknowns,
      loss,
      index: morseIndex,
    })),
  };
  const family = [{ result, minima: minimaOf(problem, result) }];
  const row = judgeNetwork(truth, family, MAIN_FAILED_SHARE);
  yield describeRow('main job', 'bmi, from the family', family, row, seconds);
}

function problemOptions(
  architecture: lps.NetworkArchitecture,
  name: 'relu' | 'square',
  data: Parameters<typeof lps.stationarityProblem>[0]['data'],
) {
  return {
    data,
    architecture,
    activation: { name, degree: 2 },
    regularization: REGULARIZATION,
  };
}

async function solveSeeds(
  gpu: lps.GpuDevice,
  problem: lps.StationarityProblem,
  { seeds, limitMs, signal }: SectionOptions,
): Promise<Run[]> {
  const runs: Run[] = [];
  for (const seed of seeds) {
    const result = await withLimit(limitMs, signal, (limit) =>
      lps.solve(gpu, problem.family.gradient, {
        parameters: problem.point.parameters,
        start: 'multihomogeneous',
        partition: problem.family.layout.groups,
        seed,
        signal: limit,
      }),
    );
    runs.push({ result, minima: minimaOf(problem, result) });
  }
  return runs;
}

function minimaOf(
  problem: lps.StationarityProblem,
  { solutions }: Pick<lps.SolveResult, 'solutions'>,
): lps.NetworkMinima {
  return lps.minimaOfSolutions(
    problem,
    solutions.map(({ coordinates }) => coordinates),
  );
}

function describeRow(
  section: VerificationRow['section'],
  name: string,
  runs: readonly Run[],
  judged: ReturnType<typeof judgeNetwork>,
  seconds: number,
): VerificationRow {
  return {
    section,
    name,
    kind: 'exact',
    seeds: runs.length,
    ...judged,
    start: runs[0]!.result.start.kind,
    seconds,
    runs: runs.map(({ result, minima }) => ({
      seed: result.seed,
      counts: result.counts,
      paths: result.paths,
      warnings: [...result.warnings, ...minima.warnings],
      timing: result.timing,
    })),
  };
}
