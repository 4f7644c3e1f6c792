/** The trace test of a base set: complex moments, lambda and activation, one solution of each orbit. */
import type { StartSolutions } from '../../homotopy/index.js';
import { doubleDoubles, type NetworkMoments } from '../../verify/network/shallow-network.js';
import { curvaturesOf, traceDefect } from '../../verify/network/trace-test.js';
import type { Complex, LagrangeFamily } from './lagrange-family.js';

/** Near 0 for all solutions of a component, about 1 or more where some are missing; NaN for a singular one (see traceDefect). */
export function baseSetDefect(
  family: LagrangeFamily,
  { parameters, solutions }: StartSolutions,
): number {
  const { units, inputs } = family;
  const values = parameters.map((value): Complex =>
    typeof value === 'number' ? [value, 0] : value,
  );
  const multiplicities = values.slice(1, 1 + units).map(([re]) => re);
  const points = solutions.map(({ coordinates }) => ({
    units: Array.from({ length: units }, (_, j) =>
      coordinates.slice(j * (inputs + 2), (j + 1) * (inputs + 2)),
    ),
    multiplicities,
  }));
  return traceDefect(curvaturesOf(momentsAt(family, values), points));
}

function momentsAt(family: LagrangeFamily, values: readonly Complex[]): NetworkMoments {
  const { units, powers, exponents, momentExponents } = family;
  const firstMoment = 1 + units + powers.length;
  const moment = (exponent: readonly number[]): Complex => {
    const place = momentExponents.findIndex((other) => other.every((e, i) => e === exponent[i]));
    return place < 0 ? [1, 0] : values[firstMoment + place]!;
  };
  const activation = Array.from({ length: powers.at(-1)! + 1 }, (_, power): Complex => {
    const place = powers.indexOf(power);
    return place < 0 ? [0, 0] : values[1 + units + place]!;
  });
  return {
    exponents,
    inputMoments: doubleDoubles(
      exponents.flatMap((a) => exponents.map((b) => moment(a.map((e, i) => e + b[i]!)))),
    ),
    targetMoments: doubleDoubles(values.slice(firstMoment + momentExponents.length)),
    activation: doubleDoubles(activation),
    regularization: doubleDoubles([values[0]!]),
  };
}
