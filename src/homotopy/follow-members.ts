/**
 * Parameter homotopies: from one solved member of a family to many others.
 *
 * H = gamma s F(x; p0) + (1 - s) F(x; p1) stays in the family (up to a factor) when the
 * coefficients are affine in the parameters, so for a general p0 every isolated solution of every
 * member is the end of a path that starts at a solution of p0 (Morgan, Sommese 1989). All members
 * share one structure: nothing is compiled twice.
 */
import type { GpuDevice } from '../gpu/index.js';
import { isAffineInParameters, member, type SystemFamily } from '../polynomial/family.js';
import { SolveError } from './errors.js';
import { parameterHomotopies } from './homotopy.js';
import { ProgressReporter } from './progress.js';
import { trackMembersOnGpu } from './first-tier.js';
import { runHomotopy, worthTheGpu } from './run-homotopy.js';
import type { SolveResult } from './solution.js';
import type { FamilyOptions, SolvedMember } from './solve-options.js';
import { gammaOf } from './structure/index.js';
import { solverResources } from './tiers.js';
import type { StartSource } from './track-paths.js';

export async function followMembers(
  gpu: GpuDevice,
  family: SystemFamily,
  options: FamilyOptions,
  seed: number,
): Promise<SolveResult[]> {
  const { from } = options;
  checkBase(family, from);
  const base = member(family, from.parameters!);
  const groups = from.start.groups.map((group) =>
    group.map((name) => family.variables.indexOf(name)),
  );
  const degrees = family.polynomials.map((terms) =>
    groups.map((group) =>
      Math.max(
        ...terms.map(({ exponents }) =>
          group.reduce((sum, variable) => sum + exponents[variable]!, 0),
        ),
      ),
    ),
  );
  const starts = from.solutions.filter((solution) => !solution.singular);
  const n = family.variables.length;
  const points = starts.map(({ coordinates }) => {
    const point = new Float64Array(2 * (n + groups.length));
    coordinates.forEach(([re, im], j) => point.set([re, im], 2 * j));
    for (let g = 0; g < groups.length; g++) point[2 * (n + g)] = 1;
    return point;
  });
  const homotopyTo = parameterHomotopies(base, groups, degrees, gammaOf(seed));
  const source: StartSource = { total: points.length, point: (id) => points[id]!.slice() };
  const numerics = options.targets.map((target) => member(family, target));
  const homotopies = numerics.map(homotopyTo);
  const resources = solverResources(gpu);
  const first = homotopies[0];
  const tracked =
    first && worthTheGpu(options.precision, points.length * homotopies.length)
      ? trackMembersOnGpu(await resources.tracker(first, null), homotopies, source, options.signal)
      : null;
  const results: SolveResult[] = [];
  for (const [k, target] of options.targets.entries()) {
    const batch = (await tracked?.next())?.value;
    if (options.signal?.aborted) break;
    results.push(
      await runHomotopy(
        gpu,
        {
          system: family,
          numeric: numerics[k]!,
          // Family coefficients are rounded from exact values.
          exactCoefficients: false,
          homotopy: homotopies[k]!,
          source,
          start: {
            kind: 'parameters',
            structure: [],
            groups: from.start.groups,
            paths: points.length,
          },
          parameters: target,
          table: null,
          ...(batch && { tracked: batch }),
        },
        { ...options, seed, ...(tracked ? {} : { precision: 'f64' as const }) },
        new ProgressReporter(points.length, options.onProgress),
      ),
    );
  }
  return results;
}

function checkBase(family: SystemFamily, from: SolvedMember): void {
  if (!from.parameters) {
    throw new SolveError(
      '`from` was not solved as a member of a family: solve(gpu, family, { parameters }) makes a base',
    );
  }
  if (
    from.system.variables.join() !== family.variables.join() ||
    from.parameters.length !== family.parameters.length
  ) {
    throw new SolveError(
      `\`from\` belongs to another family: it has the unknowns ${from.system.variables.join(', ')} and ${from.parameters.length} parameters, the family ${family.variables.join(', ')} and ${family.parameters.length}`,
    );
  }
  if (from.partial) {
    throw new SolveError('`from` is a partial result: solve that member to the end first');
  }
  if (!isAffineInParameters(family)) {
    throw new SolveError(
      'the coefficients must be affine in the parameters (a + b p + c q ...): name each product or power of parameters as a parameter of its own',
    );
  }
}
