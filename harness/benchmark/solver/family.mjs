/**
 * Families: the main job with all its 12,225 paths against 465 from a solved general member, and many data sets at
 * once.
 */
import { comparePointSets, flatten } from '../../verify/point-sets.mjs';
import { cpuSeconds } from './ours.mjs';
import { median } from './statistics.mjs';

const SAME = 1e-8;
const REGULARIZATION = 0.01;
const MOST_RUNS = 3;

/** @param {{ repeat: number }} options */
export async function measureFamily(lps, gpu, { repeat }) {
  const { DIABETES_CSV, DIABETES_INPUTS, DIABETES_TARGET } = lps;
  const problemOf = (column, family) =>
    lps.stationarityProblem(
      {
        data: lps.standardize(lps.readTable(DIABETES_CSV, { x: [column], y: [DIABETES_TARGET] })),
        architecture: { layers: [1, 2, 1] },
        activation: { name: 'relu', degree: 2 },
        regularization: REGULARIZATION,
      },
      family,
    );
  const main = problemOf('bmi');
  const { gradient, layout } = main.family;
  const fullSolve = (parameters) =>
    measured(() =>
      lps.solve(gpu, gradient, {
        parameters,
        start: 'multihomogeneous',
        partition: layout.groups,
      }),
    );
  // Compiles the kernels and makes the base that everything else starts from.
  const base = await fullSolve(lps.genericParameters(main.family, 1));
  const full = await fullSolve(main.point.parameters);
  const follow = (targets) =>
    measured(() => lps.solve(gpu, gradient, { from: base.result, targets, precision: 'f64' }));
  const first = await follow([main.point.parameters]);
  const runs = [];
  for (let k = 0; k < Math.min(repeat, MOST_RUNS); k++)
    runs.push(await follow([main.point.parameters]));
  const columns = DIABETES_INPUTS.map((column) => problemOf(column, main.family).point.parameters);
  const batch = await follow(columns);
  const sets = comparePointSets(
    full.result.solutions.map(flatten),
    runs[0].result[0].solutions.map(flatten),
    SAME,
  );
  const wall = median(runs.map((run) => run.wall));
  const cpu = median(runs.map((run) => run.cpu));
  return {
    full: describe(full, full.result.start.paths),
    firstMember: describe(first, base.result.solutions.length),
    member: { wall, cpu, paths: base.result.solutions.length },
    tenMembers: describe(batch, columns.length * base.result.solutions.length),
    speedup: { wall: full.wall / wall, cpu: full.cpu / cpu },
    sameSolutions: sets.missing + sets.surplus === 0,
    solutions: full.result.solutions.length,
  };
}

async function measured(job) {
  const begin = process.cpuUsage();
  const wallBegin = performance.now();
  const result = await job();
  return { result, wall: (performance.now() - wallBegin) / 1000, cpu: cpuSeconds(begin) };
}

function describe({ wall, cpu }, paths) {
  return { wall, cpu, paths };
}
