/**
 * The staircase: the monomials that none of some leading monomials divides. How many there are, or
 * in how many unknowns they are unbounded together.
 */
import type { Budget } from './budget.js';

/**
 * Krull dimension of the quotient by a monomial ideal: the largest number of unknowns such that no
 * leading monomial consists of them alone; -1 when 1 is a leading monomial.
 *
 * @param leading exponents, one per unknown
 * @throws BudgetExceeded
 */
export function dimension(
  leading: readonly Uint16Array[],
  variables: number,
  budget: Budget,
): number {
  // The other unknowns are the fewest that meet the support of every leading monomial. Small
  // supports first: one of their few unknowns must be taken.
  const supports = leading
    .map((exponents) => [...exponents.keys()].filter((k) => exponents[k]! > 0))
    .sort((a, b) => a.length - b.length);
  if (supports[0]?.length === 0) {
    return -1;
  }
  const taken = new Uint8Array(variables);
  let fewest = variables;
  const search = (start: number, size: number) => {
    let open = start;
    while (open < supports.length && supports[open]!.some((k) => taken[k] === 1)) {
      open += 1;
    }
    budget.spend(10 * (open - start + 1));
    if (open === supports.length) {
      fewest = size;
      return;
    }
    for (const k of supports[open]!) {
      if (size + 1 < fewest) {
        taken[k] = 1;
        search(open + 1, size + 1);
        taken[k] = 0;
      }
    }
  };
  search(0, 0);
  return variables - fewest;
}

/**
 * Number of monomials in a staircase of dimension 0: exact below 2^53, rounded above.
 *
 * @param leading exponents, one per unknown
 * @throws BudgetExceeded
 */
export function staircaseSize(
  leading: readonly Uint16Array[],
  variables: number,
  budget: Budget,
): number {
  // Slice by slice of one unknown's exponent: between two exponents that occur, slices are equal.
  const count = (active: readonly Uint16Array[], variable: number): number => {
    budget.spend(5 * active.length * (variables - variable + 1));
    if (active.some((exponents) => isOneFrom(exponents, variable))) {
      return 0;
    }
    if (variable === variables) {
      return 1;
    }
    const occurring = new Set(active.map((exponents) => exponents[variable]!));
    const bounds = [...occurring.add(0)].sort((a, b) => a - b);
    let total = 0;
    for (let slice = 0; slice + 1 < bounds.length; slice += 1) {
      const [from, to] = [bounds[slice]!, bounds[slice + 1]!];
      const inSlice = active.filter((exponents) => exponents[variable]! <= from);
      total += (to - from) * count(inSlice, variable + 1);
    }
    return total;
  };
  return count(leading, 0);
}

/** True when no unknown from the given one on occurs. */
function isOneFrom(exponents: Uint16Array, variable: number): boolean {
  for (let k = variable; k < exponents.length; k += 1) {
    if (exponents[k] !== 0) {
      return false;
    }
  }
  return true;
}
