/**
 * Stationarity of a polynomial network with one hidden layer in its Lagrange form: the residual moments
 * r_a = E[(y - t) x^a], |a| <= d = deg p, are unknowns beside the weights, so that no equation has a degree above
 * max(3, d + 1), and nothing is expanded.
 *
 *   lambda v_j + <r, p(w_j . x + b_j)> = 0,  lambda w_ji + v_j <r, x_i p'> = 0,  lambda b_j + v_j <r, p'> = 0,
 *   r_a = sum_b E[x^(a+b)] y_b - E[t x^a],  y_b the coefficients of y(x) = sum_j m_j v_j p(w_j . x + b_j) + c,
 *
 * with r_0 = -lambda c. The m_j are the multiplicities of a stratum: unit j stands for m_j equal ones.
 */
import type Fraction from 'fraction.js';
import { parseFamily, type SystemFamily } from '../../polynomial/index.js';

export interface LagrangeFamily {
  readonly inputs: number;
  /** Different units. */
  readonly units: number;
  /** Coefficients of p, lowest power first. */
  readonly activation: readonly Fraction[];
  /**
   * Unknowns: w, b, v of one unit after the other, c, then the r_a but r_0. Parameters: lambda, the multiplicities, the
   * moments E[x^a] but of a = 0, the moments E[t x^a].
   */
  readonly system: SystemFamily;
  /** The system of one unit with lambda and the r_a as parameters. */
  readonly unitSystem: SystemFamily;
  /** The a of the r_a, 0 first. */
  readonly exponents: readonly (readonly number[])[];
  /** The a of the E[x^a], without 0. */
  readonly momentExponents: readonly (readonly number[])[];
}

export function lagrangeFamily(
  inputs: number,
  units: number,
  activation: readonly Fraction[],
): LagrangeFamily {
  const degree = activation.length - 1;
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
  const targets = exponents.map((a) => `Q_${a.join('_')}`);
  const parameters = [
    'lambda',
    ...unitIndices.map((j) => `m${j}`),
    ...momentExponents.map(moment),
    ...targets,
  ];
  const outputs = exponents.map((b) =>
    [
      ...unitIndices.map((j) => `m${j}*v${j}*(${share(activation, b, j)})`),
      ...(b.every((each) => each === 0) ? ['c'] : []),
    ].join(' + '),
  );
  const closing = exponents.map((a, place) => {
    const fit = outputs.map((output, k) => {
      const sum = a.map((each, i) => each + exponents[k]![i]!);
      return `${sum.every((each) => each === 0) ? '1' : moment(sum)}*(${output})`;
    });
    return `${residual(a)} - (${fit.join(' + ')}) + ${targets[place]!}`;
  });
  const equations = [
    ...unitIndices.flatMap((j) => unitEquations(inputs, activation, exponents, residual, j)),
    ...closing,
  ];
  const plain = (a: readonly number[]): string => `r_${a.join('_')}`;
  return {
    inputs,
    units,
    activation,
    system: parseFamily(
      { name: `${inputs}-${units}-1 network, Lagrange form`, variables, equations },
      { parameters },
    ),
    unitSystem: parseFamily(
      {
        name: 'one unit',
        variables: unitVariables(1),
        equations: unitEquations(inputs, activation, exponents, plain, 1),
      },
      { parameters: ['lambda', ...exponents.map(plain)] },
    ),
    exponents,
    momentExponents,
  };
}

/** All a with |a| <= degree, by degree. */
export function exponentsUpTo(inputs: number, degree: number): number[][] {
  const degreeOf = (a: readonly number[]): number => a.reduce((sum, each) => sum + each, 0);
  const all = (width: number, rest: number): number[][] =>
    width === 0
      ? [[]]
      : Array.from({ length: rest + 1 }, (_, first) =>
          all(width - 1, rest - first).map((others) => [first, ...others]),
        ).flat();
  return all(inputs, degree).sort((a, b) => degreeOf(a) - degreeOf(b));
}

function unitEquations(
  inputs: number,
  activation: readonly Fraction[],
  exponents: readonly (readonly number[])[],
  residual: (a: readonly number[]) => string,
  j: number,
): string[] {
  const degree = activation.length - 1;
  const slope = derivative(activation);
  const inner = exponents.filter((a) => a.reduce((sum, each) => sum + each, 0) < degree);
  const paired = (shift: number | null): string =>
    inner
      .map((a) => {
        const moved = a.map((each, i) => (i === shift ? each + 1 : each));
        return `${residual(moved)}*(${share(slope, a, j)})`;
      })
      .join(' + ');
  return [
    ...Array.from({ length: inputs }, (_, i) => `lambda*${weight(j, i)} + v${j}*(${paired(i)})`),
    `lambda*b${j} + v${j}*(${paired(null)})`,
    `lambda*v${j} + ${exponents.map((a) => `${residual(a)}*(${share(activation, a, j)})`).join(' + ')}`,
  ];
}

/** The coefficient of x^a in p(w_j . x + b_j): w^a p^(|a|)(b) / a!. */
function share(polynomial: readonly Fraction[], a: readonly number[], j: number): string {
  let coefficients = [...polynomial];
  a.forEach((exponent) => {
    for (let k = 1; k <= exponent; k++) {
      coefficients = derivative(coefficients).map((each) => each.div(k));
    }
  });
  const powers = coefficients.flatMap((coefficient, power) =>
    coefficient.n === 0n ? [] : [`(${coefficient.toFraction()})*b${j}^${power}`],
  );
  const monomials = a.flatMap((exponent, i) =>
    exponent > 0 ? [`${weight(j, i)}^${exponent}`] : [],
  );
  return [...monomials, `(${powers.length > 0 ? powers.join(' + ') : '0'})`].join('*');
}

function derivative(polynomial: readonly Fraction[]): Fraction[] {
  return polynomial.slice(1).map((coefficient, power) => coefficient.mul(power + 1));
}

function weight(j: number, i: number): string {
  return `w${j}_${i + 1}`;
}

function moment(a: readonly number[]): string {
  return `M_${a.join('_')}`;
}
