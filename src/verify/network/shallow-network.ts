/**
 * The stationarity system of a polynomial network with one hidden layer, from rows of data, in its factored form,
 * over complex series in s:
 *
 *   y(x) = sum_j v_j p(w_j . x + b_j) + c = sum_a y_a x^a,  |a| <= deg p,
 *   r_a = sum_b E[x^(a+b)] y_b - E[t x^a] - s q_a,
 *   dJ/dtheta = sum_a r_a dy_a/dtheta + lambda theta.
 *
 * Nothing is expanded: the cost does not depend on the number of rows and is linear in the number of units.
 */

export interface ShallowNetwork {
  /** S rows of D inputs. */
  readonly inputs: readonly (readonly number[])[];
  /** One target a row. */
  readonly targets: readonly number[];
  readonly units: number;
  /** Coefficients of p, lowest power first. */
  readonly activation: readonly number[];
  readonly regularization: number;
}

/** Complex numbers c_0 + c_1 s + c_2 s^2: re, im of each. */
export type Series = Float64Array;

/** Numbers per series. */
const LENGTH = 6;

export function series(...parts: number[]): Series {
  const out = new Float64Array(LENGTH);
  out.set(parts);
  return out;
}

export interface Stationarity {
  /** The y_a, in the order of `exponents`. */
  readonly outputs: readonly Series[];
  /** dJ/dtheta by W row by row, b, v, c. */
  readonly gradient: readonly Series[];
}

export class StationaritySystem {
  readonly unknowns: number;
  /** The a of the moments, |a| <= deg p. */
  readonly exponents: readonly (readonly number[])[];
  /** [place of a][place of b]: E[x^(a+b)] */
  private readonly moments: readonly (readonly number[])[];
  private readonly targetMoments: readonly number[];
  private readonly width: number;

  /** @param shifts q_a of the line that the target moments move on; interleaved re, im, in the order of `exponents` */
  constructor(
    private readonly network: ShallowNetwork,
    private readonly shifts: (index: number) => readonly [number, number],
  ) {
    const { inputs, targets, units, activation } = network;
    this.width = inputs[0]!.length;
    this.unknowns = units * (this.width + 2) + 1;
    this.exponents = exponentsUpTo(this.width, activation.length - 1);
    const powers = inputs.map((row) => this.exponents.map((a) => monomial(row, a)));
    const mean = (value: (row: number) => number): number =>
      inputs.reduce((sum, _, row) => sum + value(row), 0) / inputs.length;
    this.moments = this.exponents.map((_, a) =>
      this.exponents.map((__, b) => mean((row) => powers[row]![a]! * powers[row]![b]!)),
    );
    this.targetMoments = this.exponents.map((_, a) =>
      mean((row) => targets[row]! * powers[row]![a]!),
    );
  }

  evaluate(theta: readonly Series[]): Stationarity {
    const { network, width, exponents } = this;
    const { units, activation, regularization } = network;
    const degree = activation.length - 1;
    const outputs = exponents.map(() => series());
    const gradient = theta.map((unknown) => scaled(unknown, regularization));
    const hidden = Array.from({ length: units }, (_, j) => {
      const w = theta.slice(j * width, (j + 1) * width);
      const v = theta[units * (width + 1) + j]!;
      const derivatives = derivativesAt(activation, theta[units * width + j]!);
      // w^a / a! and its parts without one factor.
      const monomials = exponents.map((a) => seriesMonomial(w, a));
      return { w, v, derivatives, monomials };
    });
    for (const { v, derivatives, monomials } of hidden) {
      exponents.forEach((a, place) => {
        addTo(outputs[place]!, times(v, times(monomials[place]!, derivatives[degreeOf(a)]!)));
      });
    }
    addTo(outputs[0]!, theta.at(-1)!);
    const residuals = exponents.map((_, a) => {
      const [re, im] = this.shifts(a);
      const residual = series(-this.targetMoments[a]!, 0, -re, -im);
      outputs.forEach((output, b) => {
        addTo(residual, scaled(output, this.moments[a]![b]!));
      });
      return residual;
    });
    hidden.forEach(({ w, v, derivatives, monomials }, j) => {
      exponents.forEach((a, place) => {
        const order = degreeOf(a);
        const share = times(residuals[place]!, monomials[place]!);
        addTo(gradient[units * (width + 1) + j]!, times(share, derivatives[order]!));
        const inner = times(residuals[place]!, v);
        if (order < degree) {
          addTo(
            gradient[units * width + j]!,
            times(inner, times(monomials[place]!, derivatives[order + 1]!)),
          );
        }
        a.forEach((exponent, i) => {
          if (exponent === 0) return;
          // d/dw_i of w^a / a! is w^(a - e_i) / (a - e_i)!.
          const lowered = seriesMonomial(
            w,
            a.map((e, k) => (k === i ? e - 1 : e)),
          );
          addTo(gradient[j * width + i]!, times(inner, times(lowered, derivatives[order]!)));
        });
      });
    });
    addTo(gradient.at(-1)!, residuals[0]!);
    return { outputs, gradient };
  }
}

/** All a with |a| <= degree, 0 first. */
function exponentsUpTo(width: number, degree: number): number[][] {
  if (width === 0) return [[]];
  return Array.from({ length: degree + 1 }, (_, first) =>
    exponentsUpTo(width - 1, degree - first).map((rest) => [first, ...rest]),
  )
    .flat()
    .sort((a, b) => degreeOf(a) - degreeOf(b));
}

function degreeOf(exponents: readonly number[]): number {
  return exponents.reduce((sum, each) => sum + each, 0);
}

function monomial(row: readonly number[], exponents: readonly number[]): number {
  return exponents.reduce((product, exponent, k) => product * row[k]! ** exponent, 1);
}

/** w^a / a! */
function seriesMonomial(w: readonly Series[], a: readonly number[]): Series {
  let product = series(1);
  a.forEach((exponent, i) => {
    for (let k = 1; k <= exponent; k++) product = scaled(times(product, w[i]!), 1 / k);
  });
  return product;
}

/** p, p', p'', ... at b. */
function derivativesAt(activation: readonly number[], b: Series): Series[] {
  let coefficients = [...activation];
  return activation.map(() => {
    const value = coefficients.reduceRight<Series>((sum, coefficient) => {
      const next = times(sum, b);
      next[0]! += coefficient;
      return next;
    }, series());
    coefficients = coefficients.slice(1).map((coefficient, power) => coefficient * (power + 1));
    return value;
  });
}

function times(a: Series, b: Series): Series {
  const out = series();
  for (let i = 0; i < LENGTH; i += 2) {
    for (let j = 0; i + j < LENGTH; j += 2) {
      out[i + j]! += a[i]! * b[j]! - a[i + 1]! * b[j + 1]!;
      out[i + j + 1]! += a[i]! * b[j + 1]! + a[i + 1]! * b[j]!;
    }
  }
  return out;
}

function scaled(a: Series, factor: number): Series {
  return a.map((part) => part * factor);
}

function addTo(sum: Series, term: Series): void {
  for (let k = 0; k < LENGTH; k++) sum[k]! += term[k]!;
}
