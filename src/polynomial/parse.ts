/**
 * parseSystem: the public way from text or JSON to an exact, checked polynomial system.
 */
import { checkVariables, createSystem } from './canonical.js';
import { expandEquation } from './expand.js';
import { SystemError } from './errors.js';
import { readSystem, symbolsByAppearance, type ReadOptions } from './read.js';
import type { PolynomialSystem } from './system.js';

export type { ReadOptions as ParseOptions, SystemFormat } from './read.js';

/**
 * Parses a polynomial system of as many equations as unknowns, or more.
 *
 * Plain text has one equation a line, or equations ended by `;` over any number of lines; `#`
 * starts a comment; `lhs = rhs` or just `lhs`, meaning `lhs = 0`. Coefficients are whole,
 * rational (`3/4*x`), decimal or scientific, all read exactly; `i` and `I` are the imaginary
 * unit unless declared as unknowns. Parentheses, products (`*`) and powers (`^` or `**`) of sums
 * are multiplied out. Negative exponents and quotients (`x^-1`, `y/(x - 1)`) are cleared exactly; `excluded` names the
 * points where an equation divides by 0, which are no solutions. JSON is `{ name?, variables?, equations: string[] }`. PHCpack's format is
 * recognised by its first line, the number of equations; scripts for HomotopyContinuation.jl by `using` or
 * `@var`. Without a declaration the unknowns are
 * ordered by first appearance, cancelled terms included: begin with `x + y - x - y +` to choose.
 *
 * @example parseSystem('x^2 + y^2 = 4\n x*y - 1').degrees // [2, 2]
 * @throws SystemSyntaxError text that does not follow the grammar: line, column, excerpt
 * @throws SystemError every other bad input (see SystemErrorCode), one line each
 */
export function parseSystem(input: string | object, options: ReadOptions = {}): PolynomialSystem {
  const { name, declared, parameters = [], equations } = readSystem(input, options);
  if (parameters.length > 0) {
    throw new SystemError(
      'parameters',
      `the system has parameters (${parameters.join(', ')}), so it is a family: read it with parseFamily (lps family)`,
    );
  }
  const variables = declared ?? symbolsByAppearance(equations);
  checkVariables(variables);
  const symbols = new Map(variables.map((variable, index) => [variable, index]));
  const budget = { termProducts: 0 };
  const expanded = equations.map(({ expression, source }) =>
    expandEquation(expression, { source, symbols, budget }, variables.length),
  );
  return createSystem({
    name,
    variables,
    polynomials: expanded.map(({ terms }) => terms),
    labels: equations.map(({ label }) => label),
    mayBeSliced: options.underdetermined ?? false,
    excluded: expanded.flatMap(({ divisors }) => divisors),
  });
}
