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
import { parameterHomotopies, type Homotopy } from './homotopy.js';
import { ProgressReporter } from './progress.js';
import { trackMembersOnGpu } from './first-tier.js';
import { runHomotopy, worthTheGpu } from './run-homotopy.js';
import type { SolveResult } from './solution.js';
import type { FamilyOptions, SolvedMember } from './solve-options.js';
import { gammaOf } from './structure/index.js';
import { solverResources } from './tiers.js';
import type { FirstTierBatch, StartSource } from './track-paths.js';

/**
 * How often another gamma is tried. Almost every gamma is right in theory, but a line through the
 * parameters that passes next to a singular member makes many paths crawl: with one gamma of 1-2-1
 * 1,250 solves a path instead of 100 (2026-11-23).
 */
const ATTEMPTS = 4;
/** Keeps the seeds of the attempts apart. */
const SEED_STRIDE = 7919;

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
  const source: StartSource = { total: points.length, point: (id) => points[id]!.slice() };
  const numerics = options.targets.map((target) => member(family, target));
  const homotopiesBy = (attempt: number) =>
    parameterHomotopies(base, groups, degrees, gammaOf(seed + SEED_STRIDE * attempt));
  const run = (k: number, homotopy: Homotopy, batch?: FirstTierBatch) =>
    runHomotopy(
      gpu,
      {
        system: family,
        numeric: numerics[k]!,
        // Family coefficients are rounded from exact values.
        exactCoefficients: false,
        homotopy,
        source,
        start: {
          kind: 'parameters',
          structure: [],
          groups: from.start.groups,
          paths: points.length,
        },
        parameters: options.targets[k]!,
        table: null,
        ...(batch && { tracked: batch }),
      },
      { ...options, seed, ...(batch ? {} : { precision: 'f64' as const }) },
      new ProgressReporter(points.length, options.onProgress),
    );

  const results: SolveResult[] = [];
  if (numerics.length === 0) return results;
  // The first member tells whether gamma is a lucky one; all others then use it together.
  let attempt = 0;
  let homotopyTo = homotopiesBy(attempt);
  let first = await run(0, homotopyTo(numerics[0]!));
  while (first.paths.failed > 0 && ++attempt < ATTEMPTS && !options.signal?.aborted) {
    homotopyTo = homotopiesBy(attempt);
    const again = await run(0, homotopyTo(numerics[0]!));
    if (again.paths.failed < first.paths.failed) first = again;
  }
  results.push(first);
  const homotopies = numerics.slice(1).map(homotopyTo);
  const tracked =
    homotopies[0] && worthTheGpu(options.precision, points.length * homotopies.length)
      ? trackMembersOnGpu(
          await solverResources(gpu).tracker(homotopies[0], null),
          homotopies,
          source,
          options.signal,
        )
      : null;
  for (const [k, homotopy] of homotopies.entries()) {
    const batch = (await tracked?.next())?.value;
    if (options.signal?.aborted) break;
    let result = await run(k + 1, homotopy, batch ?? undefined);
    for (let other = 1; result.paths.failed > 0 && other < ATTEMPTS; other++) {
      if (options.signal?.aborted) break;
      const again = await run(k + 1, homotopiesBy(attempt + other)(numerics[k + 1]!));
      if (again.paths.failed < result.paths.failed) result = again;
    }
    results.push(result);
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
