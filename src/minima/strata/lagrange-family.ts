/**
 * Stationarity of polynomial networks with one hidden layer in its Lagrange form: the residual moments
 * r_a = E[(y - t) x^a], |a| <= d = deg p, are unknowns beside the weights, so that no equation has a degree above
 * max(3, d + 1), and nothing is expanded.
 *
 *   lambda v_j + <r, p(w_j . x + b_j)> = 0,  lambda w_ji + v_j <r, x_i p'> = 0,  lambda b_j + v_j <r, p'> = 0,
 *   r_a = sum_b E[x^(a+b)] y_b - E[t x^a],  y_b the coefficients of y(x) = sum_j m_j v_j p(w_j . x + b_j) + c,
 *
 * with r_0 = -lambda c. The m_j are the multiplicities of a stratum: unit j stands for m_j equal ones. The coefficients of
 * p are parameters, too: one family serves all activations with the same powers.
 */
import { factorial } from '../../math/combinatorics.js';
import {
  evaluate,
  parseFamily,
  type NumericSystem,
  type SystemFamily,
} from '../../polynomial/index.js';

export type Complex = readonly [number, number];

export interface LagrangeFamily {
  readonly inputs: number;
  /** Different units, 0 or more. */
  readonly units: number;
  /** Powers of z in p(z), increasing. */
  readonly powers: readonly number[];
  /**
   * Unknowns: w, b, v of one unit after the other, c, then the r_a but r_0. Parameters: lambda, the multiplicities, the
   * coefficients of p, the moments E[x^a] but of a = 0, the moments E[t x^a].
   */
  readonly system: SystemFamily;
  /** The system of one unit, with lambda, the coefficients of p and the r_a as parameters. */
  readonly unitSystem: SystemFamily;
  /** The a of the r_a, 0 first. */
  readonly exponents: readonly (readonly number[])[];
  /** The a of the E[x^a], without 0. */
  readonly momentExponents: readonly (readonly number[])[];
}

/** @param powers of z in p(z), increasing, the last at least 2 */
export function lagrangeFamily(
  inputs: number,
  units: number,
  powers: readonly number[],
): LagrangeFamily {
  const degree = powers.at(-1)!;
  const exponents = exponentsUpTo(inputs, degree);
  const momentExponents = exponentsUpTo(inputs, 2 * degree).slice(1);
  const residual = (a: readonly number[]): string =>
    a.every((each) => each === 0) ? '(-lambda*c)' : `r_${a.join('_')}`;
  const unitVariables = (j: number): string[] => [
    ...Array.from({ length: inputs }, (_, i) => weight(j, i)),
    `b${j}`,
    `v${j}`,
  ];
  const unitIndices = Array.from({ length: units }, (_, j) => j + 1);
  const variables = [
    ...unitIndices.flatMap(unitVariables),
    'c',
    ...exponents.slice(1).map(residual),
  ];
  const coefficients = powers.map((power) => `p${power}`);
  const targets = exponents.map((a) => `Q_${a.join('_')}`);
  const parameters = [
    'lambda',
    ...unitIndices.map((j) => `m${j}`),
    ...coefficients,
    ...momentExponents.map(moment),
    ...targets,
  ];
  const outputs = exponents.map((b) =>
    [
      ...unitIndices.map((j) => `m${j}*v${j}*(${share(powers, b, j)})`),
      ...(b.every((each) => each === 0) ? ['c'] : []),
    ].join(' + '),
  );
  const closing = exponents.map((a, place) => {
    const fit = outputs.flatMap((output, k) => {
      if (output === '') return [];
      const sum = a.map((each, i) => each + exponents[k]![i]!);
      return [`${sum.every((each) => each === 0) ? '1' : moment(sum)}*(${output})`];
    });
    return `${residual(a)} - (${fit.join(' + ')}) + ${targets[place]!}`;
  });
  const equations = [
    ...unitIndices.flatMap((j) => unitEquations(inputs, powers, exponents, residual, j)),
    ...closing,
  ];
  const plain = (a: readonly number[]): string => `r_${a.join('_')}`;
  return {
    inputs,
    units,
    powers,
    system: parseFamily(
      { name: `${inputs}-${units}-1 network, Lagrange form`, variables, equations },
      { parameters },
    ),
    unitSystem: parseFamily(
      {
        name: 'one unit',
        variables: unitVariables(1),
        equations: unitEquations(inputs, powers, exponents, plain, 1),
      },
      { parameters: ['lambda', ...coefficients, ...exponents.map(plain)] },
    ),
    exponents,
    momentExponents,
  };
}

/** Place of c, the first unknown behind those of the units; neither c nor the r_a know which unit is which. */
export function placeOfBias({ inputs, units }: LagrangeFamily): number {
  return units * (inputs + 2);
}

/** Places of c and the r_a, which are the same for all copies of a solution. */
export function placesOfMoments(family: LagrangeFamily): number[] {
  const first = placeOfBias(family);
  return family.system.variables.slice(first).map((_, k) => first + k);
}

/**
 * The solution of a member that has these units: c and the r_a follow from the closing equations, which are affine in them.
 *
 * @param unitValues w, b, v of one unit after the other
 */
export function withMoments(
  family: LagrangeFamily,
  numeric: NumericSystem,
  unitValues: readonly Complex[],
): Complex[] {
  const first = placeOfBias(family);
  const closingAt = (bias: Complex): Complex[] => {
    const zeros = family.exponents.slice(1).map((): Complex => [0, 0]);
    const values = evaluate(numeric, [...unitValues, bias, ...zeros].flat());
    return family.exponents.map((_, a) => [values[2 * (first + a)]!, values[2 * (first + a) + 1]!]);
  };
  const at0 = closingAt([0, 0]);
  const at1 = closingAt([1, 0]);
  const bias = negativeQuotient(at0[0]!, difference(at1[0]!, at0[0]!));
  return [
    ...unitValues,
    bias,
    ...closingAt(bias)
      .slice(1)
      .map(([re, im]): Complex => [-re, -im]),
  ];
}

/** A solution with its units in another order. */
export function inOrder(
  family: LagrangeFamily,
  coordinates: readonly Complex[],
  order: readonly number[],
): Complex[] {
  const size = family.inputs + 2;
  return [
    ...order.flatMap((unit) => coordinates.slice(unit * size, (unit + 1) * size)),
    ...coordinates.slice(placeOfBias(family)),
  ];
}

/** -a/b */
export function negativeQuotient([a, b]: Complex, [c, d]: Complex): Complex {
  const norm = c * c + d * d;
  return [-(a * c + b * d) / norm, (a * d - b * c) / norm];
}

export function difference([a, b]: Complex, [c, d]: Complex): Complex {
  return [a - c, b - d];
}

/** All a with |a| <= degree, by degree. */
export function exponentsUpTo(inputs: number, degree: number): number[][] {
  const all = (width: number, rest: number): number[][] =>
    width === 0
      ? [[]]
      : Array.from({ length: rest + 1 }, (_, first) =>
          all(width - 1, rest - first).map((others) => [first, ...others]),
        ).flat();
  return all(inputs, degree).sort((a, b) => total(a) - total(b));
}

function unitEquations(
  inputs: number,
  powers: readonly number[],
  exponents: readonly (readonly number[])[],
  residual: (a: readonly number[]) => string,
  j: number,
): string[] {
  const inner = exponents.filter((a) => total(a) < powers.at(-1)!);
  const paired = (shift: number | null): string =>
    inner
      .map((a) => {
        const moved = a.map((each, i) => (i === shift ? each + 1 : each));
        return `${residual(moved)}*(${share(powers, a, j, 1)})`;
      })
      .join(' + ');
  return [
    ...Array.from({ length: inputs }, (_, i) => `lambda*${weight(j, i)} + v${j}*(${paired(i)})`),
    `lambda*b${j} + v${j}*(${paired(null)})`,
    `lambda*v${j} + ${exponents.map((a) => `${residual(a)}*(${share(powers, a, j)})`).join(' + ')}`,
  ];
}

/**
 * The coefficient of x^a in p(w_j . x + b_j), or in its first derivative p'(w_j . x + b_j): over all powers k of p, p_k times
 * a multinomial coefficient times w^a b^(k - |a|).
 */
function share(powers: readonly number[], a: readonly number[], j: number, derivative = 0): string {
  const monomials = a.map((exponent, i) => `*${weight(j, i)}^${exponent}`).join('');
  const terms = powers.flatMap((power) => {
    const left = power - derivative - total(a);
    if (left < 0) return [];
    const count = [...a, left].reduce(
      (product, each) => product / factorial(each),
      factorial(power),
    );
    return [`${count}*p${power}*b${j}^${left}${monomials}`];
  });
  return terms.length > 0 ? terms.join(' + ') : '0';
}

function total(a: readonly number[]): number {
  return a.reduce((sum, each) => sum + each, 0);
}

function weight(j: number, i: number): string {
  return `w${j}_${i + 1}`;
}

function moment(a: readonly number[]): string {
  return `M_${a.join('_')}`;
}
