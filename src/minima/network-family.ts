/**
 * The loss of a polynomial network as an exact polynomial in its weights, for all data at once.
 *
 *   J = 1/(2S) sum_s |y(x_s) - t_s|^2 + (lambda/2) |theta|^2
 *     = 1/2 sum_k E[y_k^2] - sum_k E[t_k y_k] + T/2 + (lambda/2) |theta|^2
 * y_k is a polynomial in x and theta, so both means need the data only through the moments
 *   M_a = E[x^a],   Q_k_a = E[t_k x^a],   T = sum_k E[t_k^2],
 * and J is affine in (M, Q, lambda, T) with rational coefficients that depend on the network
 * alone. They are expanded once here; a data set of any size then is one short parameter vector
 * (moments.ts), and a parameter homotopy moves from one data set to the next.
 */
import type Fraction from 'fraction.js';
import { LpsError } from '../math/lps-error.js';
import { atOnce, type Stepwise } from '../math/stepwise.js';
import { rationalFromDecimal } from '../math/rational.js';
import { compareExponents } from '../polynomial/canonical.js';
import { addExact, exactReal, isZero, multiplyExact } from '../polynomial/exact.js';
import {
  addInto,
  ExpansionLimit,
  monomial,
  multiply,
  type ExpansionBudget,
  type SparsePolynomial,
} from '../polynomial/sparse.js';
import { createFamily, type SystemFamily } from '../polynomial/family.js';
import type { ExactComplex, Term } from '../polynomial/system.js';
import {
  ArchitectureError,
  networkLayout,
  type NetworkArchitecture,
  type NetworkLayout,
} from '../network/architecture.js';

/** A moment of the data. */
export type MomentParameter =
  | {
      readonly kind: 'input';
      readonly name: string;
      /** a, one exponent per input. */
      readonly exponents: readonly number[];
    }
  | {
      readonly kind: 'target';
      readonly name: string;
      /** 0-based output k. */
      readonly output: number;
      readonly exponents: readonly number[];
    };

/** One parameter of the family: a moment of the data, or lambda. */
export type FamilyParameter =
  | MomentParameter
  | { readonly kind: 'regularization'; readonly name: string };

/** coefficient * parameter; parameter -1 stands for the constant 1 (the moment M_0). */
export interface ParameterMultiple {
  readonly parameter: number;
  readonly coefficient: Fraction;
}

/** (sum of parts) * theta^exponents */
export interface LossTerm {
  readonly exponents: readonly number[];
  readonly parts: readonly ParameterMultiple[];
}

export interface NetworkFamily {
  readonly layout: NetworkLayout;
  /** Power coefficients of the activation polynomial, lowest first. */
  readonly activation: readonly Fraction[];
  /** Its degree. */
  readonly degree: number;
  /** Input moments, then target moments, then lambda. */
  readonly parameters: readonly FamilyParameter[];
  /** J - T/2: the term of theta^0 that the targets alone make is left out. */
  readonly loss: readonly LossTerm[];
  /** grad J with the same parameters: equation j is dJ/dtheta_j. */
  readonly gradient: SystemFamily;
}

/** The expanded loss would be too large. */
export class NetworkTooLargeError extends LpsError {
  override readonly name = 'NetworkTooLargeError';
  override readonly kind = 'limit';
}

/** Parameter number of the constant 1. */
export const CONSTANT = -1;

/**
 * Expands the loss of a network and its gradient.
 *
 * @param activation power coefficients of the activation polynomial, lowest first, degree >= 1
 * @throws ArchitectureError for a malformed network or a constant activation
 * @throws NetworkTooLargeError when the expansion exceeds the limits of polynomial/limits.ts
 */
export function networkFamily(
  architecture: NetworkArchitecture,
  activation: readonly Fraction[],
): NetworkFamily {
  return atOnce(networkFamilyStepwise(architecture, activation));
}

/** The same, a product or a derivative a step. */
export function* networkFamilyStepwise(
  architecture: NetworkArchitecture,
  activation: readonly Fraction[],
): Stepwise<NetworkFamily> {
  const layout = networkLayout(architecture);
  const degree = activation.findLastIndex((coefficient) => coefficient.n !== 0n);
  if (degree < 1) {
    throw new ArchitectureError(
      'the activation polynomial is constant: the outputs would not depend on the inputs; use degree 1 or more',
    );
  }
  try {
    return yield* expandFamily(layout, activation.slice(0, degree + 1), degree);
  } catch (error) {
    if (error instanceof ExpansionLimit) {
      throw new NetworkTooLargeError(
        `the loss of a ${layout.architecture.layers.join('-')} network with an activation of degree ${degree} ` +
          `is too large to expand (${error.message}); use fewer units, fewer layers or a lower degree`,
      );
    }
    throw error;
  }
}

function* expandFamily(
  layout: NetworkLayout,
  activation: readonly Fraction[],
  degree: number,
): Stepwise<NetworkFamily> {
  const inputCount = layout.architecture.layers[0]!;
  const budget: ExpansionBudget = { termProducts: 0 };
  const outputs = yield* expandOutputs(layout, activation, budget);
  const collector = new MomentCollector(inputCount);
  const half = exactReal(rationalFromDecimal('0.5'));
  const minusOne = exactReal(-1n);
  for (const output of outputs) {
    const square = multiply(output, output, budget);
    yield;
    collector.add(square, half, null);
    yield;
  }
  outputs.forEach((output, k) => collector.add(output, minusOne, k));
  const { parameters, terms } = collector.finish();

  const allParameters: FamilyParameter[] = [
    ...parameters,
    { kind: 'regularization', name: 'lambda' },
  ];
  const loss = mergeTerms([
    ...terms,
    ...layout.variables.map((_, variable) => ({
      exponents: layout.variables.map((__, other) => (other === variable ? 2 : 0)),
      parts: [{ parameter: parameters.length, coefficient: half.re }],
    })),
  ]);
  const polynomials: Term[][] = [];
  for (const variable of layout.variables.keys()) {
    yield;
    polynomials.push(differentiate(loss, variable, allParameters.length));
  }
  yield;
  return {
    layout,
    activation,
    degree,
    parameters: allParameters,
    loss,
    gradient: createFamily({
      name: `${layout.architecture.layers.join('-')} network, activation of degree ${degree}`,
      variables: layout.variables,
      parameters: allParameters.map(({ name }) => name),
      polynomials,
      labels: layout.variables.map((variable) => `the derivative by ${variable}`),
    }),
  };
}

/** y_k as polynomials in (x, theta), inputs first. */
function* expandOutputs(
  layout: NetworkLayout,
  activation: readonly Fraction[],
  budget: ExpansionBudget,
): Stepwise<SparsePolynomial[]> {
  const inputCount = layout.architecture.layers[0]!;
  const symbolCount = inputCount + layout.variables.length;
  const symbol = (index: number): SparsePolynomial =>
    monomial(
      Array.from({ length: symbolCount }, (_, k) => (k === index ? 1 : 0)),
      exactReal(1n),
    );
  const constant = (value: Fraction): SparsePolynomial =>
    monomial(new Array<number>(symbolCount).fill(0), exactReal(value));

  let features = Array.from({ length: inputCount }, (_, j) => symbol(j));
  const { affineLayers } = layout.network;
  for (const [layer, { weight, bias }] of affineLayers.entries()) {
    const { first, rows, columns } = weight;
    const next: SparsePolynomial[] = [];
    for (let i = 0; i < rows; i++) {
      yield;
      const unit: SparsePolynomial = new Map();
      features.forEach((feature, j) => {
        const own = symbol(inputCount + first + i * columns + j);
        addInto(unit, multiply(own, feature, budget), false);
      });
      if (bias) addInto(unit, symbol(inputCount + bias.first + i), false);
      next.push(layer === affineLayers.length - 1 ? unit : applyPolynomial(unit));
    }
    features = next;
  }
  return features;

  /** Horner's rule. */
  function applyPolynomial(unit: SparsePolynomial): SparsePolynomial {
    return activation.reduceRight<SparsePolynomial>((value, coefficient) => {
      const raised = multiply(value, unit, budget);
      addInto(raised, constant(coefficient), false);
      return raised;
    }, new Map());
  }
}

/** Takes means over the data: every monomial in x becomes a parameter. */
class MomentCollector {
  private readonly parameterOf = new Map<string, MomentParameter>();
  private readonly collected = new Map<string, Map<string, ExactComplex>>();

  constructor(private readonly inputCount: number) {}

  /** Adds factor * E[polynomial], or factor * E[t_output polynomial] when an output is given. */
  add(polynomial: SparsePolynomial, factor: ExactComplex, output: number | null): void {
    for (const [key, coefficient] of polynomial) {
      const parameter = this.momentKey(key.slice(0, this.inputCount), output);
      const unknowns = key.slice(this.inputCount);
      let parts = this.collected.get(unknowns);
      if (parts === undefined) {
        parts = new Map();
        this.collected.set(unknowns, parts);
      }
      const product = multiplyExact(coefficient, factor);
      const present = parts.get(parameter);
      const sum = present === undefined ? product : addExact(present, product);
      if (isZero(sum)) {
        parts.delete(parameter);
      } else {
        parts.set(parameter, sum);
      }
    }
  }

  /** Parameters in a fixed order (inputs by degree, then targets), and the terms that use them. */
  finish(): { parameters: MomentParameter[]; terms: LossTerm[] } {
    const used = new Set([...this.collected.values()].flatMap((parts) => [...parts.keys()]));
    const entries = [...this.parameterOf].filter(([key]) => used.has(key));
    entries.sort(([, a], [, b]) => compareMoments(a, b));
    const indexOf = new Map(entries.map(([key], index) => [key, index]));
    const terms = [...this.collected].map(([unknowns, parts]) => ({
      exponents: unpack(unknowns),
      parts: [...parts].map(([key, coefficient]) => ({
        parameter: indexOf.get(key) ?? CONSTANT,
        coefficient: coefficient.re,
      })),
    }));
    return { parameters: entries.map(([, parameter]) => parameter), terms };
  }

  private momentKey(inputs: string, output: number | null): string {
    const exponents = unpack(inputs);
    if (output === null && exponents.every((exponent) => exponent === 0)) {
      return 'one';
    }
    const suffix = exponents.join('_');
    const name = output === null ? `M_${suffix}` : `Q_${output + 1}_${suffix}`;
    if (!this.parameterOf.has(name)) {
      this.parameterOf.set(
        name,
        output === null
          ? { kind: 'input', name, exponents }
          : { kind: 'target', name, output, exponents },
      );
    }
    return name;
  }
}

function compareMoments(a: MomentParameter, b: MomentParameter): number {
  const output = (moment: MomentParameter): number =>
    moment.kind === 'target' ? moment.output : -1;
  return output(a) - output(b) || compareExponents(b.exponents, a.exponents);
}

/** Collects equal exponents; terms by decreasing degree, then decreasing exponents. */
function mergeTerms(terms: readonly LossTerm[]): LossTerm[] {
  const byExponents = new Map<
    string,
    { exponents: readonly number[]; parts: ParameterMultiple[] }
  >();
  for (const { exponents, parts } of terms) {
    const key = exponents.join();
    const present = byExponents.get(key);
    if (present === undefined) {
      byExponents.set(key, { exponents, parts: [...parts] });
    } else {
      present.parts.push(...parts);
    }
  }
  return [...byExponents.values()]
    .filter(({ parts }) => parts.length > 0)
    .sort((a, b) => compareExponents(a.exponents, b.exponents));
}

/** dJ/dtheta_variable over (unknowns, parameters). */
function differentiate(
  terms: readonly LossTerm[],
  variable: number,
  parameterCount: number,
): Term[] {
  return terms.flatMap(({ exponents, parts }) => {
    const exponent = exponents[variable]!;
    const lowered = exponents.map((value, k) => (k === variable ? value - 1 : value));
    return exponent === 0
      ? []
      : parts.map(({ parameter, coefficient }) => ({
          exponents: [
            ...lowered,
            ...Array.from({ length: parameterCount }, (_, k) => (k === parameter ? 1 : 0)),
          ],
          coefficient: exactReal(coefficient.mul(exponent)),
        }));
  });
}

function unpack(key: string): number[] {
  return Array.from(key, (character) => character.charCodeAt(0));
}
