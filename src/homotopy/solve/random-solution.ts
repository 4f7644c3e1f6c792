/**
 * A general member of a family with one of its solutions: the point is drawn, and Newton's method in the parameters finds
 * the values nearest to drawn ones for which it is a solution. Where the equations are affine in the parameters one step does.
 */
import { solveComplexLinear } from '../../math/complex-linear.js';
import { randomStream } from '../../math/random.js';
import type { SystemFamily } from '../../polynomial/family.js';
import { roundRational } from '../../polynomial/rounding.js';
import { SolveError, type StartSolutions } from './solve-options.js';

type Complex = readonly [number, number];

const STREAM = 0x80000;
const STEPS = 60;
/** Of a step relative to the parameters: rounding. */
const CONVERGED = 1e-14;
const SMALL_ENOUGH = 1e-10;

/** @throws SolveError when a general point is a solution for no parameters */
export function randomSolution(family: SystemFamily, seed: number): StartSolutions {
  const random = randomStream(seed, STREAM);
  const point = family.variables.map(() => random.unitCircle());
  let parameters: Complex[] = family.parameters.map(() => random.unitCircle());
  const equations = atPoint(family, point);
  let last = Infinity;
  for (let step = 0; step < STEPS && last > CONVERGED; step++) {
    const change = shortestStep(equations, parameters);
    if (change === null) break;
    parameters = parameters.map(([re, im], k) => [re - change[k]![0], im - change[k]![1]]);
    last = largest(change) / (1 + largest(parameters));
  }
  if (!(last <= SMALL_ENOUGH)) {
    throw new SolveError(
      `no parameters were found for which a general point is a solution of "${family.name}": where an equation has none, or too few, of its own, give \`monodromy.from\` instead of \`monodromy.seed\``,
    );
  }
  return { parameters, solutions: [{ coordinates: point }] };
}

/** coefficient * parameters^exponents */
interface ParameterTerm {
  readonly coefficient: Complex;
  readonly exponents: readonly number[];
}

/** The equations as polynomials in the parameters. */
function atPoint(family: SystemFamily, point: readonly Complex[]): ParameterTerm[][] {
  return family.polynomials.map((terms) =>
    terms.flatMap(({ exponents, coefficient }) => {
      const monomial = powers(point, exponents);
      return coefficient.map((part) => ({
        coefficient: product(monomial, [
          roundRational(part.coefficient.re),
          roundRational(part.coefficient.im),
        ]),
        exponents: part.exponents,
      }));
    }),
  );
}

/** The shortest solution of J step = F; null where the equations depend on each other there. */
function shortestStep(
  equations: readonly (readonly ParameterTerm[])[],
  parameters: readonly Complex[],
): Complex[] | null {
  const n = equations.length;
  const values = equations.map((terms) =>
    sum(terms.map((term) => product(term.coefficient, powers(parameters, term.exponents)))),
  );
  const jacobian = equations.map((terms) =>
    parameters.map((_, k) =>
      sum(
        terms.flatMap(({ coefficient: [re, im], exponents }) => {
          const exponent = exponents[k]!;
          if (exponent === 0) return [];
          const lower = exponents.map((each, j) => (j === k ? each - 1 : each));
          return [product([exponent * re, exponent * im], powers(parameters, lower))];
        }),
      ),
    ),
  );
  const matrix = new Float64Array(
    jacobian.flatMap((row, i) => [
      ...jacobian.flatMap((other) =>
        sum(row.map((each, k) => product(each, conjugate(other[k]!)))),
      ),
      ...values[i]!,
    ]),
  );
  if (solveComplexLinear(matrix, n, 1) === 0) return null;
  const multipliers = Array.from({ length: n }, (_, i): Complex => {
    const at = 2 * (i * (n + 1) + n);
    return [matrix[at]!, matrix[at + 1]!];
  });
  return parameters.map((_, k) =>
    sum(multipliers.map((each, i) => product(conjugate(jacobian[i]![k]!), each))),
  );
}

function powers(point: readonly Complex[], exponents: readonly number[]): Complex {
  let out: Complex = [1, 0];
  exponents.forEach((exponent, k) => {
    for (let e = 0; e < exponent; e++) out = product(out, point[k]!);
  });
  return out;
}

function product([a, b]: Complex, [c, d]: Complex): Complex {
  return [a * c - b * d, a * d + b * c];
}

function conjugate([re, im]: Complex): Complex {
  return [re, -im];
}

function sum(values: readonly Complex[]): Complex {
  return values.reduce<Complex>(([re, im], each) => [re + each[0], im + each[1]], [0, 0]);
}

function largest(values: readonly Complex[]): number {
  return Math.max(...values.map(([re, im]) => Math.hypot(re, im)));
}
