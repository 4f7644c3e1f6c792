/**
 * formatSystem: a system as plain text, JSON, in PHCpack's format or as a script for HomotopyContinuation.jl.
 *
 * Text and JSON are exact and read back through parseSystem as the same system. PHCpack's format
 * is exact where PHCpack can read it (see format-number.ts) and rounded to f64 elsewhere. Text and PHCpack's format have no
 * place for a declaration, so when the terms would show the unknowns in another order the first
 * equation begins with `x + y - x - y`, as PHCpack's own users do. What a system was cleared of is added to the first
 * equation as `0/(x - 1)`, which excludes the same points again.
 */
import { SystemError } from './errors.js';
import { isImaginaryUnit, isNotFinite } from './expand.js';
import { formatMagnitude } from './format-number.js';
import { juliaNameProblem } from './julia.js';
import type { SystemFormat } from './read.js';
import type { ExactComplex, PolynomialSystem, Term } from './system.js';

/** How coefficients are written. */
interface Notation {
  readonly imaginaryUnit: string;
  readonly longNumbers: 'exact' | 'round';
  /** Between numerator and denominator of a fraction. */
  readonly division: '/' | '//';
}

const NOTATION: Notation = { imaginaryUnit: 'i', longNumbers: 'exact', division: '/' };

/**
 * Writes a system.
 *
 * text: one equation a line. json: `{ name, variables, equations, degrees }`. phc: the number of
 * equations, then each polynomial ended by `;`. julia: `@var` and `F = System([...]; variables = [...])`,
 * fractions exact. The name is kept by json only.
 *
 * @throws SystemError code not-writable when an unknown's name would be read as a number
 *   (`i`, `I`, `inf`, ...) in a format without declarations, or is a word of Julia's
 */
export function formatSystem(system: PolynomialSystem, format: SystemFormat): string {
  const notation: Notation = {
    imaginaryUnit: format === 'julia' ? 'im' : imaginaryUnitFor(system),
    longNumbers: format === 'phc' ? 'round' : 'exact',
    division: format === 'julia' ? '//' : '/',
  };
  const equations = writeEquations(system, format, notation);
  if (format === 'json') {
    const { name, variables, degrees } = system;
    return `${JSON.stringify({ name, variables, equations, degrees }, null, 2)}\n`;
  }
  if (format === 'julia') return formatScript(system.variables, equations);
  const reserved = system.variables.find((name) => isImaginaryUnit(name) || isNotFinite(name));
  if (reserved !== undefined) {
    throw new SystemError(
      'not-writable',
      `the unknown "${reserved}" would be read back as a number from ${format}; write json`,
    );
  }
  const ordered = keepOrder(equations, system);
  if (format === 'phc') {
    return `${ordered.length}\n${ordered.map((equation) => `${equation};\n`).join('')}`;
  }
  return `${ordered.join('\n')}\n`;
}

/** The equations of a system as its JSON has them. */
export function formatEquations(system: PolynomialSystem): string[] {
  return writeEquations(system, 'json', NOTATION);
}

/** " + 0/(x - 1) + 0/x": nothing but that the system has no solution where it divides by 0. */
function formatExcluded(
  { excluded = [], variables }: PolynomialSystem,
  format: SystemFormat,
  notation: Notation,
): string {
  return excluded
    .map((divisor) => {
      const text = formatTerms(divisor, variables, notation);
      const isUnknown = variables.includes(text);
      if (format !== 'phc') return ` + 0/${isUnknown ? text : `(${text})`}`;
      // PHCpack reads negative exponents, and no quotients.
      if (isUnknown) return ` + 0*${text}^(-1)`;
      throw new SystemError(
        'not-writable',
        `the system divides by ${text}, and PHCpack reads no quotients: write text, json or julia`,
      );
    })
    .join('');
}

function writeEquations(
  system: PolynomialSystem,
  format: SystemFormat,
  notation: Notation,
): string[] {
  const equations = system.polynomials.map((terms) =>
    formatTerms(terms, system.variables, notation),
  );
  equations[0] += formatExcluded(system, format, notation);
  return equations;
}

function formatScript(variables: readonly string[], equations: readonly string[]): string {
  for (const name of variables) {
    const problem = juliaNameProblem(name);
    if (problem === null) continue;
    throw new SystemError('not-writable', `the unknown ${problem}: rename it, or write json`);
  }
  return [
    'using HomotopyContinuation',
    `@var ${variables.join(' ')}`,
    'F = System([',
    ...equations.map((equation) => `    ${equation},`),
    `]; variables = [${variables.join(', ')}])`,
    '',
  ].join('\n');
}

/** Writes one polynomial. */
export function formatTerms(
  terms: readonly Term[],
  variables: readonly string[],
  notation: Notation = NOTATION,
): string {
  const parts = terms.map((term, index) => {
    const { negative, text } = formatTerm(term, variables, notation);
    if (index === 0) {
      return negative ? `-${text}` : text;
    }
    return negative ? `- ${text}` : `+ ${text}`;
  });
  return parts.join(' ');
}

function imaginaryUnitFor({ variables, polynomials }: PolynomialSystem): string {
  const unit = ['i', 'I'].find((name) => !variables.includes(name));
  const isComplex = polynomials.some((terms) => terms.some((term) => term.coefficient.im.n !== 0n));
  if (unit === undefined && isComplex) {
    throw new SystemError(
      'not-writable',
      'both "i" and "I" are unknowns, so complex coefficients cannot be written; rename one',
    );
  }
  return unit ?? 'i';
}

/** Begins the first equation with all unknowns in order, if their first appearances differ. */
function keepOrder(
  equations: readonly string[],
  { variables, polynomials }: PolynomialSystem,
): string[] {
  const appearing = new Set(
    polynomials.flatMap((terms) =>
      terms.flatMap(({ exponents }) => variables.filter((_, k) => (exponents[k] ?? 0) > 0)),
    ),
  );
  const [first = '', ...rest] = equations;
  if ([...appearing].join() === variables.join()) {
    return [first, ...rest];
  }
  const prefix = `${variables.join(' + ')} - ${variables.join(' - ')}`;
  const continued = first.startsWith('-') ? `- ${first.slice(1)}` : `+ ${first}`;
  return [`${prefix} ${continued}`, ...rest];
}

function formatTerm(
  { coefficient, exponents }: Term,
  variables: readonly string[],
  notation: Notation,
): { negative: boolean; text: string } {
  const powers = variables.flatMap((variable, k) => {
    const exponent = exponents[k] ?? 0;
    return exponent === 0 ? [] : [exponent === 1 ? variable : `${variable}^${exponent}`];
  });
  const { negative, text } = formatCoefficient(coefficient, notation);
  if (powers.length > 0 && text === '1') {
    return { negative, text: powers.join('*') };
  }
  return { negative, text: [text, ...powers].join('*') };
}

function formatCoefficient(
  { re, im }: ExactComplex,
  { imaginaryUnit, longNumbers, division }: Notation,
): { negative: boolean; text: string } {
  const magnitude = (value: ExactComplex['re']) =>
    formatMagnitude(value, longNumbers).replace('/', division);
  if (im.n === 0n) {
    return { negative: re.s < 0n, text: magnitude(re) };
  }
  const imaginary = im.n === im.d ? imaginaryUnit : `${magnitude(im)}*${imaginaryUnit}`;
  if (re.n === 0n) {
    return { negative: im.s < 0n, text: imaginary };
  }
  const sign = re.s < 0n ? '-' : '';
  const operator = im.s < 0n ? '-' : '+';
  return {
    negative: false,
    text: `(${sign}${magnitude(re)} ${operator} ${imaginary})`,
  };
}
