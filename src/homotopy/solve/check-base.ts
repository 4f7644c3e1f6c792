/**
 * Is the base of parameter homotopies a general member? Every solution that a general member has and the base lacks is
 * missing at all targets, without a word: nothing on the way can tell.
 *
 * A base with as many solutions as its start has paths cannot lack any. One with fewer is held against a second member,
 * solved at random parameters from the same start; it is replaced when that has more.
 */
import { randomStream } from '../../math/random.js';
import type { ParameterValue, SystemFamily } from '../../polynomial/family.js';
import type { SolveResult } from './solution.js';
import type { SolvedMember } from './solve-options.js';

/** Keeps the second member's parameters apart from other random numbers of the seed. */
const PARAMETER_STREAM = 0x50000;
const SEED_OFFSET = 104_729;

export interface CheckedBase {
  readonly base: SolvedMember;
  /** What results should say. */
  readonly warnings: readonly string[];
}

/** Solves a member from the start that the base was solved from. */
export type SolveMember = (
  parameters: readonly ParameterValue[],
  structure: SolveResult['start']['structure'],
  seed: number,
) => Promise<SolveResult>;

const checked = new WeakMap<SolvedMember['solutions'], Promise<CheckedBase>>();

/** Once per base: its solutions are the key. */
export function checkBase(
  family: SystemFamily,
  base: SolvedMember,
  seed: number,
  solveMember: SolveMember,
): Promise<CheckedBase> {
  let result = checked.get(base.solutions);
  if (!result) {
    result = compare(family, base, seed, solveMember);
    checked.set(base.solutions, result);
    // Nor does an error.
    result.catch(() => checked.delete(base.solutions));
  }
  return result;
}

async function compare(
  family: SystemFamily,
  base: SolvedMember,
  seed: number,
  solveMember: SolveMember,
): Promise<CheckedBase> {
  const { paths, structure = [] } = base.start;
  const count = countNonsingular(base);
  if (paths === undefined || count >= paths) return { base, warnings: [] };
  if (structure.length === 0) {
    const warning = `\`from\` has ${count} of the ${paths} solutions of the member that it was itself followed from: it is not general, and solutions may be missing; take that member as \`from\``;
    return { base, warnings: [warning] };
  }
  const second = await solveMember(generalParameters(family, seed), structure, seed + SEED_OFFSET);
  const general = countNonsingular(second);
  // What an abort cut short says nothing of the base: the next call asks again.
  if (second.partial) checked.delete(base.solutions);
  if (second.partial || general <= count) return { base, warnings: [] };
  const warning = `\`from\` has ${count} solutions where a member at random parameters has ${general}: it is not general, so these results were followed from the other one`;
  return { base: second, warnings: [warning] };
}

function countNonsingular({ solutions }: Pick<SolvedMember, 'solutions'>): number {
  return solutions.filter(({ singular }) => !singular).length;
}

function generalParameters(family: SystemFamily, seed: number): ParameterValue[] {
  const stream = randomStream(seed, PARAMETER_STREAM);
  return family.parameters.map(() => stream.unitCircle());
}
