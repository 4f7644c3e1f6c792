/**
 * Are all solutions here? The exact count says; where it differs, what can still be found is looked for,
 * and then both numbers are said.
 */
import { everyOne } from '../../math/rows.js';
import { inSlices } from '../../math/stepwise.js';
import type { SolutionFinisher } from './finish.js';
import type { ExactComparison, ExactCounter, FoundSolutions } from './exact-comparison.js';
import { separateClusters } from './collect.js';
import type { Homotopy } from '../program/homotopy.js';
import type { PathLedger } from './ledger.js';
import type { EndPoint } from './regular-ends.js';
import type { SolveResult } from './solution.js';
import type { SolverResources } from './solver-resources.js';
import type { TrackedPaths } from './track-paths.js';
import type { NumericSystem } from '../../polynomial/system.js';

export interface CompletenessJob {
  /** null when nothing is to be counted. */
  readonly counter: ExactCounter | null;
  readonly numeric: NumericSystem;
  readonly homotopy: Homotopy;
  readonly finisher: SolutionFinisher;
  readonly tracked: TrackedPaths;
  readonly resources: SolverResources;
  /** From member to member ('parameters') nothing is mended: another gamma is at hand, and costs less. */
  readonly start: SolveResult['start']['kind'];
  readonly seed: number;
  readonly signal: AbortSignal | undefined;
}

export interface Completeness {
  readonly comparison: ExactComparison;
  /** Regular zeros that no path reached. */
  readonly recovered: readonly EndPoint[];
}

const NOT_COMPARED: ExactComparison = {
  dimension: null,
  count: null,
  distinct: null,
  nonsingular: null,
  prime: null,
  status: 'not compared',
};

/**
 * Compares, and mends what is missing: doubtful ends at infinity are decided, then all others in
 * double-double, and then monodromy looks for the rest.
 */
export async function checkCompleteness(job: CompletenessJob): Promise<Completeness> {
  const { counter, tracked, finisher, homotopy, signal } = job;
  const { ledger } = tracked;
  if (!counter || tracked.aborted) return { comparison: NOT_COMPARED, recovered: [] };
  let comparison = await counter.compare(foundIn(ledger));
  // From member to member another gamma is at hand, and costs less.
  if (job.start === 'parameters') return { comparison, recovered: [] };
  if (comparison.dimension === 0 && (await decideAnalyticEnds(job))) {
    comparison = await counter.compare(foundIn(ledger));
  }
  const missing = () => missingOf(comparison, foundIn(ledger));
  for (const which of ['doubtful', 'all'] as const) {
    if (!(missing() > 0) || signal?.aborted || !(await tracked.recall(which))) continue;
    await inSlices(separateClusters(homotopy.structure, finisher, ledger));
    comparison = await counter.compare(foundIn(ledger));
  }
  if (!(missing() > 0)) return { comparison, recovered: [] };
  const { findByMonodromy } = await import('./monodromy.js');
  const recovered = await findByMonodromy(job.resources, {
    numeric: job.numeric,
    homotopy,
    known: everyOne(ledger.regular.kept()),
    missing: missing(),
    seed: job.seed,
    refine: (point) => finisher.refineProjective(point),
    signal,
  });
  if (recovered.length > 0) comparison = await counter.compare(foundIn(ledger, recovered.length));
  return { comparison, recovered };
}

/**
 * A path that arrives analytically at an isolated zero arrives at a simple one: where f64 calls it singular
 * the zero is ill-conditioned, and double-double finds it.
 *
 * @returns whether there were such ends.
 */
async function decideAnalyticEnds({
  tracked,
  finisher,
  homotopy,
}: CompletenessJob): Promise<boolean> {
  const { ledger } = tracked;
  const ids = [...ledger.singular.values()].flatMap(({ id, winding }) =>
    winding === 1 ? [id] : [],
  );
  if (ids.length === 0) return false;
  await tracked.followAgain(ids, 'precise');
  await inSlices(separateClusters(homotopy.structure, finisher, ledger));
  return true;
}

/** Every path ends at a solution, and a regular one is the end of one path. */
function foundIn({ regular, singular }: PathLedger, recovered = 0): FoundSolutions {
  const nonsingular = regular.size + recovered;
  return { withMultiplicity: nonsingular + singular.size, nonsingular };
}

/** How many more there are; on a set of positive dimension only the nonsingular ones are counted. */
function missingOf({ status, count, nonsingular }: ExactComparison, found: FoundSolutions): number {
  if (status === 'different') return count! - found.withMultiplicity;
  return nonsingular === null ? 0 : nonsingular - found.nonsingular;
}

/**
 * What the user must know, most important first.
 *
 * @param different solutions, each counted once.
 * @param undetermined those of which rounding decides whether they exist
 */
export function describeCompleteness(
  { comparison, recovered }: Completeness,
  { ledger, doubts }: TrackedPaths,
  different: number,
  undetermined: number,
  nonIsolated: number,
): string[] {
  const { status, count, distinct, nonsingular, dimension, prime } = comparison;
  const { withMultiplicity: found, nonsingular: simple } = foundIn(ledger, recovered.length);
  const failed = ledger.failed.size;
  const warnings: string[] = [];
  if (status === 'different' && found === count) {
    warnings.push(
      `${different} different solutions were found, but there are ${distinct} (exact count modulo ${prime}): ${
        different < distinct!
          ? 'what is called one multiple solution may be several close together; another seed may tell them apart'
          : 'what is called several solutions is one multiple solution; try another seed'
      }`,
    );
  } else if (status === 'different' && found < count! && undetermined > 0) {
    warnings.push(
      `${found} solutions were found, with multiplicity, and the coefficients as they are rounded have ${count} (exact count modulo ${prime}): rounding decides over ${undetermined} of those that were found, and the others may be of that kind, or missing`,
    );
  } else if (status === 'different') {
    warnings.push(
      `${found} solutions were found, with multiplicity, but there are ${count} (exact count modulo ${prime}): ${
        found < count!
          ? `${count! - found} are missing; another seed may find them, or other unknowns in which no large terms cancel`
          : `${found - count!} are false or counted twice; try another seed`
      }`,
    );
  }
  if (status === 'positive-dimensional') {
    warnings.push(
      `the solution set has dimension ${dimension} (counted modulo ${prime}): the system has a positive-dimensional solution set, of which singular solutions may be points; the number of isolated solutions is ${
        nonsingular === null ? 'not checked' : 'checked for nonsingular ones only'
      }`,
    );
    if (nonsingular !== null && nonsingular !== simple) {
      const { size } = ledger.singular;
      warnings.push(
        `${simple} nonsingular solutions were found, but there are ${nonsingular} (exact count modulo ${prime}): ${
          simple > nonsingular
            ? `${simple - nonsingular} are false or counted twice; try another seed`
            : nonsingular - simple > size
              ? `${nonsingular - simple - size} are missing; another seed may find them`
              : `the others may be among ${size} ends that look singular, as where rounded coefficients break a set up into points, or missing`
        }`,
      );
    }
  } else if (nonIsolated > 0) {
    warnings.push(
      `${nonIsolated} singular end points are reached by one path only, so they are not isolated: the system seems to have a positive-dimensional solution set, of which these are points`,
    );
  }
  if (status === 'equal') {
    if (failed > 0) {
      warnings.push(
        `${failed} paths could not be decided (failedPaths lists them), but all solutions are here: as many as the exact count says`,
      );
    }
    return warnings;
  }
  if (failed > 0) {
    const what =
      nonsingular === simple
        ? 'no nonsingular solution is missing, as the exact count says, but an isolated multiple one may be'
        : 'a solution may be missing';
    warnings.push(
      `${failed} paths could not be decided (failedPaths lists them): ${what}; another seed or a start with fewer paths may decide them`,
    );
  }
  return [...warnings, ...doubts];
}
