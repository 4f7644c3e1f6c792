/**
 * The nonsingular zeros of n polynomials in n unknowns, as all zeros of a system of one unknown more: with t det J(x) = 1,
 * J the Jacobian matrix (Rabinowitsch 1929). What is not isolated or multiple has det J = 0 and drops out.
 */
import type { Stepwise } from '../../math/stepwise.js';
import { BudgetExceeded, type Budget } from './budget.js';
import type { ModularPolynomial, ModularSystem } from './groebner.js';
import { PrimeField } from './prime-field.js';

/** Coefficients by exponents, these as a string of one UTF-16 unit each. */
type Sparse = ReadonlyMap<string, number>;

/** Of a term's key and coefficient. */
const BYTES_PER_TERM = 100;
/** The largest power of an unknown that a `ModularPolynomial` can have. */
const LARGEST_POWER = 255;
/** Multiplying two terms, in the steps of a budget. */
const STEPS_PER_PRODUCT = 20;
/** Columns of a minor are bits of an integer. */
const MOST_UNKNOWNS = 30;

/**
 * @param system as many polynomials as unknowns
 * @throws BudgetExceeded
 */
export function* nonsingularZeros(system: ModularSystem, budget: Budget): Stepwise<ModularSystem> {
  const { variables: n, prime, polynomials } = system;
  if (n > MOST_UNKNOWNS) throw new BudgetExceeded('out of memory');
  const determinant = yield* jacobianDeterminant(system, budget);
  const zero = '\0'.repeat(n);
  const last = new Map([...determinant].map(([key, c]) => [`${key}\u0001`, c]));
  last.set(`${zero}\0`, prime - 1);
  const longer = polynomials.map((polynomial) =>
    toModular(new Map([...toSparse(polynomial, n)].map(([key, c]) => [`${key}\0`, c]))),
  );
  return { variables: n + 1, prime, polynomials: [...longer, toModular(last)] };
}

/** By minors of the first rows, each computed once; rows with the fewest terms come first. The sign does not matter. */
function* jacobianDeterminant(
  { variables: n, prime, polynomials }: ModularSystem,
  budget: Budget,
): Stepwise<Sparse> {
  const field = new PrimeField(prime);
  const rows = polynomials
    .map((polynomial) => {
      const terms = toSparse(polynomial, n);
      return Array.from({ length: n }, (_, j) => derivative(terms, j, field));
    })
    .sort((a, b) => termsIn(a) - termsIn(b));
  let minors = new Map<number, Sparse>([[0, new Map([['\0'.repeat(n), 1]])]]);
  for (const row of rows) {
    const larger = new Map<number, Map<string, number>>();
    for (const [columns, minor] of minors) {
      let isNegative = false;
      for (let j = 0; j < n; j++) {
        if (columns & (1 << j)) {
          isNegative = !isNegative;
          continue;
        }
        if (row[j]!.size === 0) continue;
        const wider = columns | (1 << j);
        const sum = larger.get(wider) ?? new Map<string, number>();
        larger.set(wider, sum);
        yield* addProduct(sum, row[j]!, minor, isNegative, field, budget);
      }
    }
    minors = larger;
  }
  return minors.get(2 ** n - 1) ?? new Map<string, number>();
}

/** sum +- a b. */
function* addProduct(
  sum: Map<string, number>,
  a: Sparse,
  b: Sparse,
  isNegative: boolean,
  field: PrimeField,
  budget: Budget,
): Stepwise<void> {
  const { prime } = field;
  for (const [left, size] of a) {
    const c = isNegative ? prime - size : size;
    budget.spend(STEPS_PER_PRODUCT * b.size);
    const before = sum.size;
    for (const [right, d] of b) {
      let key = '';
      for (let j = 0; j < left.length; j++)
        key += String.fromCharCode(left.charCodeAt(j) + right.charCodeAt(j));
      const value = ((sum.get(key) ?? 0) + field.multiply(c, d)) % prime;
      if (value === 0) sum.delete(key);
      else sum.set(key, value);
    }
    budget.claim(BYTES_PER_TERM * Math.max(0, sum.size - before));
    yield;
  }
}

function derivative(terms: Sparse, j: number, field: PrimeField): Sparse {
  const out = new Map<string, number>();
  for (const [key, c] of terms) {
    const power = key.charCodeAt(j);
    if (power === 0) continue;
    const lower = key.slice(0, j) + String.fromCharCode(power - 1) + key.slice(j + 1);
    out.set(lower, field.multiply(c, power));
  }
  return out;
}

function termsIn(row: readonly Sparse[]): number {
  return row.reduce((sum, { size }) => sum + size, 0);
}

function toSparse({ exponents, coefficients }: ModularPolynomial, n: number): Sparse {
  return new Map(
    Array.from(coefficients, (c, term) => [
      String.fromCharCode(...exponents.subarray(n * term, n * (term + 1))),
      c,
    ]),
  );
}

/** @throws BudgetExceeded for powers that do not fit */
function toModular(terms: Sparse): ModularPolynomial {
  const exponents = [...terms.keys()].flatMap((key) =>
    Array.from(key, (each) => each.charCodeAt(0)),
  );
  if (exponents.some((power) => power > LARGEST_POWER)) throw new BudgetExceeded('out of memory');
  return {
    exponents: Uint8Array.from(exponents),
    coefficients: Uint32Array.from(terms.values()),
  };
}
