/**
 * The polyhedral start of a solve: from the mixed cells to a general system with the same monomials, whose zeros are the
 * start points of the homotopy to the target that moves every coefficient.
 */
import type { Device } from '../../gpu/index.js';
import { inSlices, nextTurn, unlessAborted, type Stepwise } from '../../math/stepwise.js';
import type { NumericSystem } from '../../polynomial/system.js';
import { coefficientFamilyStepwise, type CoefficientFamily } from '../program/homotopy.js';
import { gammaOf, type PolyhedralPlan } from '../start/index.js';
import { CellStarts, generalCoefficients } from '../start/polyhedral/cell-start.js';
import { generalZeros } from './general-system.js';
import type { ProgressReporter } from './progress.js';
import { trackCellsOnGpu } from './cells-on-gpu.js';
import type { HomotopyJob, RunOptions } from './run-homotopy.js';
import { solverResources } from './solver-resources.js';

/** @param numeric the target in the units of the homotopy. @throws the signal's reason */
export async function fromMixedCells(
  device: Device,
  numeric: NumericSystem,
  plan: PolyhedralPlan,
  options: Pick<RunOptions, 'seed' | 'precision' | 'endgame' | 'tracker' | 'signal'>,
  progress: ProgressReporter,
): Promise<Omit<HomotopyJob, 'start'>> {
  const { seed, signal } = options;
  const paths = Number(plan.paths);
  const target = withTerms(numeric, plan);
  const coefficients = generalCoefficients(plan, seed);
  const general: NumericSystem = {
    variables: numeric.variables,
    equations: plan.supports.map((exponents, i) => ({
      exponents,
      coefficients: coefficients[i]!,
    })),
  };
  const family = await inSlices(familyOf(plan, general), signal);
  const to = family(general, gammaOf(seed));
  await nextTurn();
  const homotopy = to(target);
  const resources = solverResources(device);
  const begin = performance.now();
  progress.report('compiling', null);
  const setup = await unlessAborted(resources.setup(homotopy), signal);
  if (!setup) throw signal!.reason;
  const compiled = performance.now();
  progress.report('starting', null);
  const starts = new CellStarts(plan, coefficients);
  const source = to(general);
  const onGpu = await trackCellsOnGpu(device, source, starts, paths, options);
  const { points } = await generalZeros(
    source,
    starts,
    paths,
    { pool: resources.pool, setup },
    onGpu?.batches ?? null,
    signal,
  );
  const length = 2 * homotopy.structure.coordinates;
  return {
    numeric: target,
    homotopy,
    source: {
      total: paths,
      point: (id) => points.slice(id * length, (id + 1) * length),
    },
    table: null,
    warnings: onGpu?.losses.warnings ?? [],
    spent: { compileMs: compiled - begin, trackingMs: performance.now() - compiled },
  };
}

const families = new WeakMap<PolyhedralPlan, CoefficientFamily>();

/** The systems with a plan's monomials: recorded for its first solve, which may be any of them. */
function* familyOf(plan: PolyhedralPlan, member: NumericSystem): Stepwise<CoefficientFamily> {
  const known = families.get(plan);
  if (known) return known;
  const { groups, supports } = plan;
  const degrees = supports.map((support) =>
    groups.map((group) =>
      Math.max(...support.map((exponents) => group.reduce((sum, j) => sum + exponents[j]!, 0))),
    ),
  );
  const family = yield* coefficientFamilyStepwise(member, groups, degrees);
  families.set(plan, family);
  return family;
}

/** The target with its terms in the order of the plan, and a constant, which may be 0, in every equation. */
function withTerms(system: NumericSystem, { supports }: PolyhedralPlan): NumericSystem {
  return {
    variables: system.variables,
    equations: system.equations.map((equation, i) => {
      const more = 2 * (supports[i]!.length - equation.exponents.length);
      if (more === 0) return equation;
      const extend = (parts: Float64Array) =>
        Float64Array.from([...parts, ...new Float64Array(more)]);
      return {
        exponents: supports[i]!,
        coefficients: extend(equation.coefficients),
        ...(equation.low && { low: extend(equation.low) }),
      };
    }),
  };
}
