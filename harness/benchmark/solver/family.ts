/**
 * Families: the main job with all its 12,225 paths against 465 from a solved general member, and many data sets at
 * once.
 */
import * as lps from '../../internals.js';
import { median } from '../../statistics.js';
import { comparePointSets, flatten } from '../../verify/point-sets.js';
import { diabetesProblem, networkOptions } from './network-jobs.js';
import { clocked, type Clocks } from '../../clocks.js';

const SAME = 1e-8;
const MOST_RUNS = 3;

export interface FamilyRun extends Clocks {
  readonly paths: number;
}

export interface FamilyRow {
  readonly full: FamilyRun;
  readonly firstMember: FamilyRun;
  readonly member: FamilyRun;
  readonly tenMembers: FamilyRun;
  readonly speedup: Clocks;
  readonly sameSolutions: boolean;
  readonly solutions: number;
}

export async function measureFamily(gpu: lps.GpuDevice, repeat: number): Promise<FamilyRow> {
  const main = diabetesProblem(lps, 'bmi');
  const { gradient } = main.family;
  const fullSolve = (parameters: readonly lps.ParameterValue[]) =>
    clocked(() => lps.solve(gpu, gradient, { ...networkOptions(main), parameters }));
  // Compiles the kernels and makes the base that everything else starts from.
  const base = await fullSolve(lps.genericParameters(main.family, 1));
  const full = await fullSolve(main.point.parameters);
  const follow = (targets: readonly (readonly number[])[]) =>
    clocked(() => lps.solve(gpu, gradient, { from: base.result, targets, precision: 'f64' }));
  const first = await follow([main.point.parameters]);
  const runs = [];
  for (let k = 0; k < Math.min(repeat, MOST_RUNS); k++)
    runs.push(await follow([main.point.parameters]));
  const columns = lps.DIABETES_INPUTS.map(
    (column) => diabetesProblem(lps, column, main.family).point.parameters,
  );
  const batch = await follow(columns);
  const sets = comparePointSets(
    full.result.solutions.map(flatten),
    runs[0]!.result[0]!.solutions.map(flatten),
    SAME,
  );
  const wall = median(runs.map((run) => run.wall));
  const cpu = median(runs.map((run) => run.cpu));
  const paths = base.result.solutions.length;
  return {
    full: describe(full, full.result.start.paths),
    firstMember: describe(first, paths),
    member: { wall, cpu, paths },
    tenMembers: describe(batch, columns.length * paths),
    speedup: { wall: full.wall / wall, cpu: full.cpu / cpu },
    sameSolutions: sets.missing + sets.surplus === 0,
    solutions: full.result.solutions.length,
  };
}

function describe({ wall, cpu }: Clocks, paths: number): FamilyRun {
  return { wall, cpu, paths };
}
