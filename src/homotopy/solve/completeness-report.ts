/**
 * Which checks of completeness ran, with their figures, and what each of them proves, in a sentence for people.
 *
 * A sentence claims what follows from the figures and no more: where a check did not come out right, or could not, it
 * says that nothing is proved.
 */
import type { ExactComparison } from './exact-comparison.js';
import type { CompletenessCheck, SolveResult } from './solution.js';

/** What the tracker knows beside the result. */
export interface TrackingFacts {
  /**
   * Solutions without their complex conjugate: those that the coefficients determine, and those that their rounding
   * decides over. null where that was not looked at, or the system is not real.
   */
  readonly withoutConjugate: { readonly missing: number; readonly undetermined: number } | null;
  /** Solutions proved by interval arithmetic; null where none was to be. */
  readonly certified: number | null;
  /** Solutions of which rounding decides whether they exist. */
  readonly undetermined: number;
}

export function completenessOf(
  result: Omit<SolveResult, 'completeness'>,
  { withoutConjugate, certified, undetermined }: TrackingFacts,
): CompletenessCheck[] {
  return [
    pathCheck(result),
    jumpCheck(result),
    ...(withoutConjugate === null ? [] : [conjugateCheck(withoutConjugate)]),
    ...exactCheck(result, undetermined),
    ...(certified === null ? [] : [certificateCheck(certified, result.counts)]),
  ];
}

type Result = Omit<SolveResult, 'completeness'>;

function pathCheck({ start, paths, partial }: Result): CompletenessCheck {
  const { tracked, regular, singular, atInfinity, failed, weak } = paths;
  const value = { bound: start.paths, tracked, regular, singular, atInfinity, failed, weak };
  return { check: 'paths', value, proves: proves() };

  function proves(): string {
    if (partial || tracked < start.paths) {
      return 'nothing: not all paths were followed';
    }
    if (failed > 0) {
      return `nothing: ${failed} of ${start.paths} paths have no decided end, and each may lead to a solution`;
    }
    const source =
      start.kind === 'parameters'
        ? `every isolated solution is the end of one of the ${start.paths} paths, if the solved member that they start from is general and complete`
        : `every isolated solution is the end of one of the ${start.paths} paths, for almost every choice of the random constants`;
    const ends = weak > 0 ? `, of which ${weak} were sent to infinity on weak evidence` : '';
    return `${source}; all were followed to an end${ends}, each end judged in floating point`;
  }
}

function jumpCheck({ failedPaths, partial }: Result): CompletenessCheck {
  const jumped = failedPaths.filter(({ reason }) => reason === 'path jumped').length;
  return {
    check: 'collisions',
    value: { jumped },
    proves: partial
      ? 'nothing: not all paths were followed'
      : jumped > 0
        ? `nothing: ${jumped} paths arrived at a simple solution that another path had reached, so a solution may be missing`
        : 'no two paths arrived at the same simple solution, as would happen if one had jumped to another; a jump between two paths to infinity is not seen',
  };
}

function conjugateCheck(value: NonNullable<TrackingFacts['withoutConjugate']>): CompletenessCheck {
  return { check: 'conjugates', value, proves: proves(value) };

  function proves({ missing, undetermined }: typeof value): string {
    if (missing > 0)
      return `at least ${missing} solutions are missing: the system is real, and they are the conjugates of found ones`;
    const others =
      undetermined > 0
        ? `, but of ${undetermined} of which rounding decides whether they exist,`
        : '';
    return `the system is real, and the conjugate of every simple solution found${others} was found: what may be missing are whole pairs, or real ones`;
  }
}

function exactCheck(
  { exactCount, paths, recovered, counts }: Result,
  undetermined: number,
): CompletenessCheck[] {
  const { status, count, distinct, nonsingular, dimension, prime } = exactCount;
  if (status === 'not compared') return [];
  const found = paths.regular + paths.singular + recovered;
  const value = { status, count, distinct, nonsingular, found, recovered, prime };
  return [{ check: 'exact count', value, proves: proves() }];

  function proves(): string {
    switch (status) {
      case 'equal': {
        const unlucky = `unless the prime ${prime!} is an unlucky one`;
        const multiple = count !== counts.distinct && distinct === null;
        return multiple
          ? `the number of solutions with multiplicity is exactly ${count!}, as many as were found, ${unlucky}; how many of them are different was not counted`
          : `the number of different solutions is exactly ${counts.distinct}, as many as were found: none is missing and none is false, ${unlucky}`;
      }
      case 'different':
        if (undetermined > 0 && found < count!)
          return `nothing: the coefficients as they are rounded have ${count} solutions, and rounding decides over ${undetermined} of the ${found} that were found; the others may be of that kind, or missing`;
        return `the list is wrong, unless the prime ${prime!} is an unlucky one: there are ${distinct ?? count!} solutions and ${distinct === null ? found : counts.distinct} were found`;
      case 'positive-dimensional':
        return `${provesOfNonsingular(exactCount, paths.regular + recovered, paths.singular)}: the solutions form a set of dimension ${dimension!}, and ${nonsingular === null ? '' : 'multiple '}isolated ones among them cannot be counted`;
      case 'not compared':
      case 'no suitable prime':
      case 'out of memory':
      case 'out of time':
        return `nothing: the count ended without an answer (${status})`;
    }
  }
}

/**
 * What the count says of a system with infinitely many solutions.
 *
 * @param singular ends of paths that look singular
 */
function provesOfNonsingular(
  { nonsingular, prime }: ExactComparison,
  found: number,
  singular: number,
): string {
  if (nonsingular === null) return 'nothing';
  if (found < nonsingular && nonsingular <= found + singular)
    return `nothing: there are ${nonsingular} nonsingular solutions and ${found} were found, of which the others may be among ${singular} ends that look singular, or missing`;
  const unlucky = `unless the prime ${prime!} is an unlucky one`;
  return nonsingular === found
    ? `the number of nonsingular solutions is exactly ${found}, as many as were found: none of them is missing and none is false, ${unlucky}`
    : `the list is wrong, ${unlucky}: there are ${nonsingular} nonsingular solutions and ${found} were found`;
}

/**
 * The count of the different solutions of a system that was solved in another form.
 *
 * @param which of the zeros that were found they are
 */
export function countCheck(
  { status, ...figures }: ExactComparison,
  found: SolveResult['counts'],
  which: string,
): CompletenessCheck[] {
  if (status === 'not compared') return [];
  return [
    {
      check: 'exact count',
      value: { status, found: found.distinct, ...figures },
      proves:
        status === 'equal'
          ? `the number of different solutions ${which} is exactly ${found.distinct}, as many as were found, unless the prime ${figures.prime!} is an unlucky one`
          : status === 'different'
            ? `the list is wrong, unless the prime ${figures.prime!} is an unlucky one: there are ${figures.distinct!} different solutions and ${found.distinct} were found`
            : status === 'positive-dimensional'
              ? provesOfNonsingular(
                  { status, ...figures },
                  found.nonsingular,
                  found.distinct - found.nonsingular,
                )
              : `nothing: ${status}`,
    },
  ];
}

/** @param certified solutions that are proved. */
export function certificateCheck(
  certified: number,
  { distinct, nonsingular }: SolveResult['counts'],
): CompletenessCheck {
  const beside = distinct - certified;
  return {
    check: 'certificates',
    value: { certified, nonsingular, distinct },
    proves:
      certified === 0
        ? 'nothing: no solution was proved'
        : `${certified} ${certified === 1 ? 'box holds' : 'disjoint boxes hold'} exactly one solution each, by interval arithmetic (Krawczyk's test): ${certified === 1 ? 'it is' : 'these are'} true and different${beside > 0 ? `; not proved: ${beside}` : ''}`,
  };
}
