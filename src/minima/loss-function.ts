/**
 * The polynomial loss of one data set with gradient and Hessian, in f64, from the moments: the
 * cost does not depend on the number of rows.
 */
import { roundRational } from '../polynomial/rounding.js';
import type { FamilyPoint } from './moments.js';
import { CONSTANT, type NetworkFamily } from './network-family.js';

export interface LossEvaluation {
  /** J */
  readonly value: number;
  /** dJ/dtheta_i */
  readonly gradient: Float64Array;
  /** d2J/dtheta_i dtheta_j, row by row. */
  readonly hessian: Float64Array;
}

/** @param unknowns one number per unknown of the network */
export type LossFunction = (unknowns: ArrayLike<number>) => LossEvaluation;

/** Prepares the loss of one member of a family. */
export function lossFunction(family: NetworkFamily, point: FamilyPoint): LossFunction {
  const terms = family.loss.map(({ exponents, parts }) => ({
    coefficient: parts.reduce(
      (sum, { parameter, coefficient }) =>
        sum +
        roundRational(coefficient) * (parameter === CONSTANT ? 1 : point.parameters[parameter]!),
      0,
    ),
    factors: exponents.flatMap((exponent, variable) =>
      exponent > 0 ? [{ variable, exponent }] : [],
    ),
  }));
  const size = family.layout.variables.length;

  return (unknowns) => {
    let value = point.meanSquareTarget / 2;
    const gradient = new Float64Array(size);
    const hessian = new Float64Array(size * size);
    for (const { coefficient, factors } of terms) {
      value += factors.reduce(
        (product, { variable, exponent }) => product * unknowns[variable]! ** exponent,
        coefficient,
      );
      factors.forEach((first, place) => {
        // The term without its first factor, differentiated once.
        const slope = power(unknowns, first, 1);
        const others = productWithout(unknowns, factors, place, -1) * coefficient;
        gradient[first.variable] = gradient[first.variable]! + slope * others;
        const diagonal = first.variable * (size + 1);
        hessian[diagonal] = hessian[diagonal]! + power(unknowns, first, 2) * others;
        for (let later = place + 1; later < factors.length; later++) {
          const second = factors[later] as Factor;
          const mixed =
            coefficient *
            slope *
            power(unknowns, second, 1) *
            productWithout(unknowns, factors, place, later);
          for (const index of [
            first.variable * size + second.variable,
            second.variable * size + first.variable,
          ]) {
            hessian[index] = hessian[index]! + mixed;
          }
        }
      });
    }
    return { value, gradient, hessian };
  };
}

interface Factor {
  readonly variable: number;
  readonly exponent: number;
}

/** The order-th derivative of x^exponent. */
function power(unknowns: ArrayLike<number>, { variable, exponent }: Factor, order: 1 | 2): number {
  const x = unknowns[variable]!;
  if (exponent < order) {
    return 0;
  }
  return order === 1
    ? exponent * x ** (exponent - 1)
    : exponent * (exponent - 1) * x ** (exponent - 2);
}

function productWithout(
  unknowns: ArrayLike<number>,
  factors: readonly Factor[],
  first: number,
  second: number,
): number {
  return factors.reduce(
    (product, { variable, exponent }, place) =>
      place === first || place === second ? product : product * unknowns[variable]! ** exponent,
    1,
  );
}
