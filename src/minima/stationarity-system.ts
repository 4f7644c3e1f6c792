/**
 * The stationarity system grad J = 0 of one data set with exact coefficients: for files, for
 * exact root counts, and for whoever wants to see it. Numbers for a tracker come faster from
 * `member(family.gradient, point.parameters)`.
 */
import type Fraction from 'fraction.js';
import { createSystem } from '../polynomial/canonical.js';
import { addExact, exactReal, multiplyExact, ZERO } from '../polynomial/exact.js';
import type { PolynomialSystem } from '../polynomial/system.js';
import { rationalFromNumber } from '../math/rational.js';
import type { FamilyPoint } from './moments.js';
import type { NetworkFamily } from './network-family.js';

/**
 * The member of the family at a point.
 *
 * @param point exactFamilyPoint's rationals, or familyPoint's f64 taken as the numbers they are
 * @throws SystemError when an equation vanishes (for example all targets and lambda are zero)
 */
export function stationaritySystem(
  family: NetworkFamily,
  point: FamilyPoint<Fraction> | FamilyPoint,
  name: string,
): PolynomialSystem {
  const values = point.parameters.map((value) =>
    exactReal(typeof value === 'number' ? rationalFromNumber(value) : value),
  );
  return createSystem({
    name,
    variables: family.layout.variables,
    // The gradient is affine in the parameters: a coefficient term has one of them or none.
    polynomials: family.gradient.polynomials.map((terms) =>
      terms.map(({ exponents, coefficient }) => ({
        exponents,
        coefficient: coefficient.reduce((sum, part) => {
          const value = values[part.exponents.indexOf(1)];
          return addExact(
            sum,
            value === undefined ? part.coefficient : multiplyExact(part.coefficient, value),
          );
        }, ZERO),
      })),
    ),
    labels: family.layout.variables.map((variable) => `the derivative by ${variable}`),
  });
}
