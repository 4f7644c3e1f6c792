/**
 * formatSystem: a system as plain text, JSON or in PHCpack's format, exactly.
 *
 * All three read back through parseSystem as the same system. Text and PHCpack's format have no
 * place for a declaration, so when the terms would show the unknowns in another order the first
 * equation begins with `x + y - x - y`, as PHCpack's own users do.
 */
import type Fraction from 'fraction.js';

import { SystemError } from './errors.js';
import { isImaginaryUnit, isNotFinite } from './expand.js';
import type { SystemFormat } from './read.js';
import type { ExactComplex, PolynomialSystem, Term } from './system.js';

/** Denominators up to this are written as fractions, larger powers of ten as decimals. */
const LARGEST_PLAIN_DENOMINATOR = 1000n;
/** Most digits after the decimal point; f64 literals have up to 17 significant ones. */
const MAX_DECIMALS = 20;

/**
 * Writes a system.
 *
 * text: one equation a line. json: `{ name, variables, equations, degrees }`. phc: the number of
 * equations, then each polynomial ended by `;`. The name is kept by json only.
 *
 * @throws SystemError code not-writable when an unknown's name would be read as a number
 *   (`i`, `I`, `inf`, ...) in a format without declarations
 */
export function formatSystem(system: PolynomialSystem, format: SystemFormat): string {
  const unit = imaginaryUnitFor(system);
  const equations = system.polynomials.map((terms) => formatTerms(terms, system.variables, unit));
  if (format === 'json') {
    const { name, variables, degrees } = system;
    return `${JSON.stringify({ name, variables, equations, degrees }, null, 2)}\n`;
  }
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

/** One polynomial as text, `0` when it has no terms. */
export function formatTerms(
  terms: readonly Term[],
  variables: readonly string[],
  imaginaryUnit = 'i',
): string {
  const parts = terms.map((term, index) => {
    const { negative, text } = formatTerm(term, variables, imaginaryUnit);
    if (index === 0) {
      return negative ? `-${text}` : text;
    }
    return negative ? `- ${text}` : `+ ${text}`;
  });
  return parts.length === 0 ? '0' : parts.join(' ');
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

function keepOrder(equations: readonly string[], { variables }: PolynomialSystem): string[] {
  const appearing = new Set(equations.join(' ').match(/[\p{L}_][\p{L}\p{N}_]*/gu));
  appearing.delete('i');
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
  imaginaryUnit: string,
): { negative: boolean; text: string } {
  const powers = variables.flatMap((variable, k) => {
    const exponent = exponents[k] ?? 0;
    return exponent === 0 ? [] : [exponent === 1 ? variable : `${variable}^${exponent}`];
  });
  const { negative, text } = formatCoefficient(coefficient, imaginaryUnit);
  if (powers.length > 0 && text === '1') {
    return { negative, text: powers.join('*') };
  }
  return { negative, text: [text, ...powers].join('*') };
}

function formatCoefficient(
  { re, im }: ExactComplex,
  imaginaryUnit: string,
): { negative: boolean; text: string } {
  if (im.n === 0n) {
    return { negative: re.s < 0n, text: formatMagnitude(re) };
  }
  const imaginary = im.n === im.d ? imaginaryUnit : `${formatMagnitude(im)}*${imaginaryUnit}`;
  if (re.n === 0n) {
    return { negative: im.s < 0n, text: imaginary };
  }
  const sign = re.s < 0n ? '-' : '';
  const operator = im.s < 0n ? '-' : '+';
  return { negative: false, text: `(${sign}${formatMagnitude(re)} ${operator} ${imaginary})` };
}

/** |value| as a whole number, a fraction, or a decimal where that is exact and easier to read. */
function formatMagnitude({ n: numerator, d: denominator }: Fraction): string {
  if (denominator === 1n) {
    return numerator.toString();
  }
  if (denominator > LARGEST_PLAIN_DENOMINATOR) {
    for (let decimals = 1; decimals <= MAX_DECIMALS; decimals += 1) {
      const scale = 10n ** BigInt(decimals);
      if (scale % denominator === 0n) {
        const digits = ((numerator * scale) / denominator).toString().padStart(decimals + 1, '0');
        return `${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`;
      }
    }
  }
  return `${numerator}/${denominator}`;
}
