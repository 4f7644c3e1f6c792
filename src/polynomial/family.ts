/**
 * Families: systems whose coefficients are polynomials in parameters.
 *
 * A parameter homotopy moves between members, so all members must share one support: terms whose
 * coefficient vanishes at some values stay, with coefficient 0, and nothing is compiled again.
 * Member coefficients are exact until one final rounding. Finite f64 values are whole numbers
 * over powers of two, so after clearing the rational denominators once per family a coefficient
 * costs integer products, shifts and one division, without any gcd.
 */
import {
  canonicalTerms,
  checkSupport,
  checkSquare,
  checkVariables,
  compareExponents,
  distinctDivisors,
  totalDegree,
} from './canonical.js';
import { SystemError } from './errors.js';
import { isZero } from './exact.js';
import { expandEquation } from './expand.js';
import { factors } from './excluded.js';
import { formatTerms } from './format.js';
import {
  evaluateAlong,
  evaluateExactly,
  evaluateInteger,
  subtractDyadic,
  toDyadic,
  toIntegerPolynomial,
  type Dyadic,
  type IntegerPolynomial,
} from './integer.js';
import { numericPolynomial } from './numeric.js';
import { readSystem, symbolsByAppearance, type ReadOptions } from './read.js';
import type { Split } from './rounding.js';
import type { NumericSystem, PolynomialSystem, Term } from './system.js';

/** Largest real or imaginary part of a member's coefficients, as for systems (limits.ts). */
const LARGEST_COEFFICIENT = 1e300;

/** coefficient(parameters) * x^exponents */
export interface FamilyTerm {
  /** One exponent per unknown. */
  readonly exponents: readonly number[];
  /** A polynomial in the parameters: its terms have one exponent per parameter. */
  readonly coefficient: readonly Term[];
}

/** A square polynomial system whose coefficients are polynomials in parameters. */
export interface SystemFamily {
  readonly name: string;
  readonly variables: readonly string[];
  readonly parameters: readonly string[];
  /** Terms by decreasing total degree, then lexicographically decreasing exponents. */
  readonly polynomials: readonly (readonly FamilyTerm[])[];
  /** Total degree of each polynomial in the unknowns, for general parameters. */
  readonly degrees: readonly number[];
  /** What equations with rational coefficients were multiplied by: members where one of them is 0 do not exist. */
  readonly denominators: readonly Denominator[];
  /**
   * What equations with unknowns below a fraction line were multiplied by, over unknowns, then parameters: see
   * `PolynomialSystem`.
   */
  readonly excluded: readonly (readonly Term[])[];
}

/** A polynomial in the parameters by which an equation divides. */
export interface Denominator {
  /** The equation, as messages name it. */
  readonly label: string;
  /** As messages show it. */
  readonly text: string;
  /** Its terms have one exponent per parameter. */
  readonly coefficient: readonly Term[];
}

/** What a family is made of. */
export interface FamilyParts {
  readonly name: string;
  readonly variables: readonly string[];
  readonly parameters: readonly string[];
  /** Terms over (variables, then parameters); may repeat, vanish and come in any order. */
  readonly polynomials: readonly (readonly Term[])[];
  /** How messages name equation k; default "equation k+1". */
  readonly labels?: readonly string[];
  /** Default: none. */
  readonly denominators?: readonly Denominator[];
  /** May repeat. Default: none. */
  readonly excluded?: readonly (readonly Term[])[];
}

/** A parameter's value: real, or [re, im]. */
export type ParameterValue = number | readonly [number, number];

export interface FamilyOptions extends ReadOptions {
  /** The names that are parameters; every other name is an unknown. Default: those that a Julia script lists. */
  readonly parameters?: readonly string[];
}

/**
 * Parses a family in any format of parseSystem.
 *
 * @example parseFamily('x^2 + p*x + q', { parameters: ['p', 'q'] })
 * @throws SystemError as parseSystem does, and code parameters for bad parameter names
 */
export function parseFamily(input: string | object, options: FamilyOptions): SystemFamily {
  const { name, declared, equations, ...read } = readSystem(input, options);
  const parameters = options.parameters ?? read.parameters ?? [];
  const variables =
    declared ?? symbolsByAppearance(equations).filter((symbol) => !parameters.includes(symbol));
  checkNames(variables, parameters);
  const symbols = new Map([...variables, ...parameters].map((symbol, index) => [symbol, index]));
  const budget = { termProducts: 0 };
  const labels = equations.map(({ label }) => label);
  const denominators: Denominator[] = [];
  const excluded: (readonly Term[])[] = [];
  const n = variables.length;
  const polynomials = equations.map(({ expression, source }, k) => {
    const { terms, divisors } = expandEquation(expression, { source, symbols, budget }, n);
    for (const divisor of divisors) {
      if (divisor.some(({ exponents }) => exponents.some((exponent, j) => j < n && exponent > 0))) {
        excluded.push(divisor);
        continue;
      }
      const coefficient = divisor.map((term) => ({ ...term, exponents: term.exponents.slice(n) }));
      const text = formatTerms(coefficient, parameters);
      denominators.push({ label: labels[k]!, text, coefficient });
    }
    return terms;
  });
  return createFamily({ name, variables, parameters, polynomials, labels, denominators, excluded });
}

/**
 * Makes a family from terms over unknowns and parameters.
 *
 * @throws SystemError codes no-variables, variable-name, parameters, zero-equation,
 *   constant-equation, degree, not-square
 */
export function createFamily(parts: FamilyParts): SystemFamily {
  const { name, variables, parameters, labels } = parts;
  checkNames(variables, parameters);
  const polynomials = parts.polynomials.map((terms, index) => {
    const label = labels?.[index] ?? `equation ${index + 1}`;
    const symbolCount = variables.length + parameters.length;
    const grouped = groupTerms(canonicalTerms(terms, symbolCount, label), variables.length);
    checkSupport(grouped, label);
    return grouped;
  });
  checkSquare(polynomials.length, variables);
  const degrees = polynomials.map((terms) => totalDegree(terms));
  return {
    name,
    variables: [...variables],
    parameters: [...parameters],
    polynomials,
    degrees,
    denominators: parts.denominators ?? [],
    excluded: distinctDivisors(parts.excluded ?? [], variables.length + parameters.length),
  };
}

/** [equation][term] total degree of each coefficient in the parameters. */
export function parameterDegrees(family: SystemFamily): number[][] {
  return family.polynomials.map((terms) =>
    terms.map(({ coefficient }) => totalDegree(coefficient)),
  );
}

/**
 * The member of a family at given parameter values, its coefficients correctly rounded and with low parts.
 *
 * Every member has the same exponents (the very same arrays) in the same order.
 *
 * @param values one per parameter, in the order of family.parameters
 * @throws SystemError code parameters for a missing or non-finite value, coefficient when a
 *   coefficient exceeds 1e300, zero-equation or constant-equation when an equation loses all its
 *   terms with unknowns
 */
export function member(family: SystemFamily, values: readonly ParameterValue[]): NumericSystem {
  const point = readPoint(family, values);
  const equations = integerForm(family).map((terms, index) => {
    const equation = numericPolynomial(
      terms.map((term) => term.exponents),
      terms.flatMap(({ coefficient }) => evaluateInteger(coefficient, point)),
    );
    checkMember(equation.exponents, equation.coefficients, `equation ${index + 1}`);
    return equation;
  });
  return { variables: family.variables, equations };
}

/**
 * The member of a family at given parameter values, without any rounding.
 *
 * @throws SystemError as `member` does for values that are missing or not finite
 */
export function exactMember(
  family: SystemFamily,
  values: readonly ParameterValue[],
): PolynomialSystem {
  const point = readPoint(family, values);
  const polynomials = integerForm(family).map((terms) =>
    terms
      .map(({ exponents, coefficient }) => ({
        exponents,
        coefficient: evaluateExactly(coefficient, point),
      }))
      .filter(({ coefficient }) => !isZero(coefficient)),
  );
  const { name, variables, degrees } = family;
  const divisors = excludedAt(family, point).flatMap(factors);
  const excluded = distinctDivisors(divisors, variables.length);
  return { name, variables, polynomials, degrees, ...(excluded.length > 0 && { excluded }) };
}

/**
 * The way from one member to another, their parameters joined by a straight line, to + tau (from - to): Bernstein
 * coefficients in tau. Every part is correctly rounded, with low parts.
 *
 * @returns line[k] has the k-th of every coefficient whose degree in the parameters is at least k, else 0. line[0] is the
 *   member at `to`.
 * @throws SystemError as `member` does for `to`
 */
export function memberLine(
  family: SystemFamily,
  from: readonly ParameterValue[],
  to: readonly ParameterValue[],
): NumericSystem[] {
  const target = member(family, to);
  const end = readPoint(family, to);
  const direction = readPoint(family, from).map((value, k) => subtractDyadic(value, end[k]!));
  const parts = integerForm(family).map((terms) =>
    terms.map(({ coefficient }) => evaluateAlong(coefficient, end, direction)),
  );
  const degree = Math.max(...parts.flat().map((powers) => powers.length)) - 1;
  const slopes = Array.from({ length: degree }, (_, k): NumericSystem => ({
    variables: family.variables,
    equations: parts.map((terms, i) =>
      numericPolynomial(
        target.equations[i]!.exponents,
        terms.flatMap((powers) => powers[k + 1] ?? NOTHING),
      ),
    ),
  }));
  return [target, ...slopes];
}

const NOTHING: [Split, Split] = [
  [0, 0],
  [0, 0],
];

/** A family's coefficients ready for evaluation; made once per family, at its first member. */
const integerForms = new WeakMap<SystemFamily, IntegerTerm[][]>();

interface IntegerTerm {
  readonly exponents: readonly number[];
  readonly coefficient: IntegerPolynomial;
}

function integerForm(family: SystemFamily): IntegerTerm[][] {
  const known = integerForms.get(family);
  if (known !== undefined) {
    return known;
  }
  const made = family.polynomials.map((terms) =>
    terms.map(({ exponents, coefficient }) => ({
      exponents,
      coefficient: toIntegerPolynomial(coefficient),
    })),
  );
  integerForms.set(family, made);
  return made;
}

/** `excluded` of a member; one that is 0 for all unknowns has no terms. */
function excludedAt({ excluded, variables }: SystemFamily, point: readonly Dyadic[]): Term[][] {
  return excluded.map((divisor) =>
    groupTerms(divisor, variables.length)
      .map(({ exponents, coefficient }) => ({
        exponents,
        coefficient: evaluateExactly(toIntegerPolynomial(coefficient), point),
      }))
      .filter(({ coefficient }) => !isZero(coefficient)),
  );
}

/** @throws SystemError for a wrong number of values, values that are not finite, and poles. */
function readPoint(family: SystemFamily, values: readonly ParameterValue[]): Dyadic[] {
  const { parameters, denominators } = family;
  if (values.length !== parameters.length) {
    throw new SystemError(
      'parameters',
      `${values.length} values were given for ${parameters.length} parameters ` +
        `(${parameters.join(', ')}); give one each`,
    );
  }
  const point = parameters.map((parameter, index) => readValue(parameter, values[index]));
  for (const { label, text, coefficient } of denominators) {
    if (isZero(evaluateExactly(toIntegerPolynomial(coefficient), point))) {
      throw new SystemError(
        'parameters',
        `${label} divides by ${text}, which is 0 at these parameter values; choose others`,
      );
    }
  }
  excludedAt(family, point).forEach((divisor, k) => {
    if (divisor.length > 0) return;
    const text = formatTerms(family.excluded[k]!, [...family.variables, ...parameters]);
    throw new SystemError(
      'parameters',
      `an equation divides by ${text}, which is 0 for all unknowns at these parameter values; choose others`,
    );
  });
  return point;
}

function readValue(parameter: string, value: ParameterValue | undefined): Dyadic {
  const [re, im] = typeof value === 'number' ? [value, 0] : (value ?? [NaN, NaN]);
  if (!Number.isFinite(re) || !Number.isFinite(im)) {
    throw new SystemError(
      'parameters',
      `parameter "${parameter}" has the value ${String(value)}; a finite number or [re, im] is ` +
        'needed',
    );
  }
  return toDyadic(re, im);
}

function checkMember(
  exponents: readonly (readonly number[])[],
  coefficients: Float64Array,
  label: string,
): void {
  const excessive = coefficients.find((part) => Math.abs(part) > LARGEST_COEFFICIENT);
  if (excessive !== undefined) {
    throw new SystemError(
      'coefficient',
      `${label} has the coefficient ${excessive} at these parameter values; rescale them so ` +
        `that coefficients stay below ${LARGEST_COEFFICIENT}`,
    );
  }
  const remaining = exponents.filter(
    (_, term) => coefficients[2 * term] !== 0 || coefficients[2 * term + 1] !== 0,
  );
  checkSupport(
    remaining.map((each) => ({ exponents: each })),
    `${label}, at these parameter values,`,
  );
}

function checkNames(variables: readonly string[], parameters: readonly string[]): void {
  checkVariables(variables);
  if (parameters.length === 0) {
    throw new SystemError(
      'parameters',
      'a family needs at least one parameter; name its parameters or parse it as a system',
    );
  }
  const both = parameters.find((parameter) => variables.includes(parameter));
  if (both !== undefined) {
    throw new SystemError(
      'parameters',
      `"${both}" is declared both as an unknown and as a parameter; choose one`,
    );
  }
  checkVariables(parameters);
}

/** Groups terms over (variables, parameters) by their exponents in the variables. */
function groupTerms(terms: readonly Term[], variableCount: number): FamilyTerm[] {
  const groups = new Map<string, { exponents: number[]; coefficient: Term[] }>();
  for (const { coefficient, exponents } of terms) {
    const own = exponents.slice(0, variableCount);
    const key = own.join();
    const group = groups.get(key) ?? { exponents: own, coefficient: [] };
    group.coefficient.push({ coefficient, exponents: exponents.slice(variableCount) });
    groups.set(key, group);
  }
  const sorted = [...groups.values()];
  sorted.forEach(({ coefficient }) => {
    coefficient.sort((a, b) => compareExponents(a.exponents, b.exponents));
  });
  return sorted.sort((a, b) => compareExponents(a.exponents, b.exponents));
}
