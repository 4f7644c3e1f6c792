// Believed after it passes: every kind of bad system is refused with a typed, one-line error that names what, where and what to do. Truth: the list of bad inputs below, places counted by hand.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createSystem } from '../../../src/polynomial/canonical.js';
import { SystemError, SystemSyntaxError } from '../../../src/polynomial/errors.js';
import { exactReal } from '../../../src/polynomial/exact.js';
import { parseSystem, type ParseOptions } from '../../../src/polynomial/parse.js';

function errorOf(input: string | object, options: ParseOptions = {}): SystemError {
  try {
    parseSystem(input, options);
  } catch (error) {
    if (error instanceof SystemError) {
      expect(error.message).not.toContain('\n');
      return error;
    }
    throw error;
  }
  throw new Error('no error was thrown');
}

describe('syntax errors name line and column', () => {
  const cases: [string, number, number, RegExp][] = [
    ['x^2 - 1\ny + * x', 2, 5, /expected a number, a name or "\(" but found "\*"/],
    ['x^2 + ', 1, 7, /found the end of the input; complete the expression/],
    ['x = 1\ny = )', 2, 5, /found "\)"/],
    ['2x - 1', 1, 2, /found "x"; write products with \*/],
    ['x*(y + 1\nx', 2, 1, /found "x"; write products with \*/],
    ['(x + 1', 1, 7, /expected an operator or "\)".*add the missing "\)"/],
    ['x + 1) - 2', 1, 6, /found "\)"; remove it or open a parenthesis/],
    ['x = y = 1', 1, 7, /an equation has one =/],
    ['x^2^3', 1, 4, /powers do not chain, use parentheses/],
    ['# good\r\nx @ 1', 2, 3, /found "@"; remove it/],
    ['1.2.3*x', 1, 4, /found "\."/],
    ['x - 1;\n y - 2\n z - 3;', 3, 2, /expected an operator or ";" but found "z"/],
    ['2\nx - y;\nx + y', 3, 6, /add the missing ";"/],
    ['2\nx - y;\n', 3, 1, /found the end of the input/],
    [`${'('.repeat(300)}x`, 1, 201, /nested more than 200 deep/],
  ];
  it.each(cases)('%j', (text, line, column, message) => {
    const error = errorOf(text);
    expect(error).toBeInstanceOf(SystemSyntaxError);
    expect(error.code).toBe('syntax');
    expect([error.line, error.column]).toEqual([line, column]);
    expect(error.message).toMatch(message);
    expect(error.message).toContain(`line ${line}, column ${column}`);
  });

  it('shows the place with a caret, also in a long line', () => {
    expect(errorOf('x - 1\ny + * 2').excerpt).toBe('y + * 2\n    ^');
    const long = `${'x + '.repeat(100)}$ + y`;
    const [shown = '', caret = ''] = errorOf(long).excerpt?.split('\n') ?? [];
    expect(shown.length).toBeLessThanOrEqual(80);
    expect(shown.charAt(caret.indexOf('^'))).toBe('$');
  });

  it('names the equation of a JSON list', () => {
    const error = errorOf({ equations: ['x - y', 'x + y +'] });
    expect(error).toBeInstanceOf(SystemSyntaxError);
    expect(error.message).toMatch(/^equation 2, column 8: .* the end of the equation/);
  });

  it('places broken JSON by line and column', () => {
    const error = errorOf('{\n "equations": ["x"],\n "variables": [x]\n}');
    expect(error).toBeInstanceOf(SystemSyntaxError);
    expect(error.code).toBe('json');
    expect([error.line, error.column]).toEqual([3, 16]);
    expect(errorOf('{"equations": ["x"').column).toBe(19);
    expect(errorOf('['.repeat(200_000)).code).toBe('json');
  });
});

describe('semantic errors', () => {
  const cases: [string, string | object, string, RegExp][] = [
    [
      'more unknowns than equations',
      'x + y',
      'not-square',
      /1 equation in 2 unknowns \(x, y\).*dimension 1 or more.*add 1 equation/,
    ],
    ['PHCpack header', '2 3\nx - y;\nx;', 'not-square', /2 equations in 3 unknowns/],
    [
      'unknown symbol',
      { variables: ['x'], equations: ['x^2 - q'] },
      'unknown-symbol',
      /equation 1, column 7: unknown symbol "q" \(declared: x\)/,
    ],
    ['no input', ' \n# nothing\n', 'empty-system', /no equations/],
    ['no equations', { variables: ['x'], equations: [] }, 'empty-system', /no equations/],
    ['no unknowns', '1 = 1', 'no-variables', /no unknowns/],
    ['no declared unknowns', { variables: [], equations: ['1'] }, 'no-variables', /no unknowns/],
    [
      'zero',
      'y - 1\n(x - y)^2 - x^2 + 2*x*y - y^2',
      'zero-equation',
      /^equation 2 \(line 2\) is 0 = 0/,
    ],
    ['constant', 'x\n\n3 - 2', 'constant-equation', /^equation 2 \(line 3\) is a constant/],
    ['constant after expansion', 'x + 1 = x', 'constant-equation', /^equation 1 \(line 1\)/],
    ['empty', 'x - y;; y', 'empty-equation', /^equation 2 \(line 1\) is empty/],
    ['empty in JSON', { equations: ['x', ' '] }, 'empty-equation', /^equation 2 is empty/],
    ['NaN', 'NaN*x - 1', 'coefficient', /line 1, column 1: "NaN" is not a finite coefficient/],
    ['infinity', 'x - Infinity', 'coefficient', /"Infinity" is not a finite/],
    ['too large', 'x\ny - 1.1e300', 'coefficient', /^equation 2 .* outside 1e-300 .. 1e300/],
    ['too large by power', 'x*10^301 - 1', 'coefficient', /outside/],
    ['beyond all bounds', '1e999999999*x', 'coefficient', /line 1, column 1: .*1e999999999/],
    ['towers', 'x*(10^1000)^1000', 'coefficient', /a power of a constant that is too large/],
    ['too small', 'x - 1e-301', 'coefficient', /outside/],
    ['degree', 'x^64*y - 1\ny', 'degree', /total degree 65 .* limit of 64/],
    ['degree of a power', '(x*y)^33 - 1\ny', 'degree', /total degree 66/],
    ['fractional exponent', 'x^(1/2) - 2', 'exponent', /column 4: the fractional exponent 1\/2/],
    ['decimal exponent', 'x^0.5 - 2', 'exponent', /fractional exponent 1\/2/],
    ['unknown exponent', '2^x - 2', 'exponent', /an exponent with unknowns/],
    ['huge exponent', '1^1e9*x', 'exponent', /an exponent above 1000000/],
    ['division by zero', 'x/(1 - 1)', 'division', /column 4: division by zero/],
    ['division by what cancels', 'x/(1/x - 1/x)', 'division', /column 4: division by zero/],
    ['division by 0 / 0', 'x/(x/x - 1)', 'division', /column 4: division by zero/],
    ['degree of a quotient', '1/x^65 - 1', 'degree', /total degree 65/],
    ['an equation without solutions', '1/x', 'constant-equation', /no solution/],
    ['zero to a negative power', '0^-1*x', 'division', /zero with a negative exponent/],
    ['too many terms', '(1+a+b+c+d+e)^30\na\nb\nc\nd', 'too-many-terms', /more than 20000 terms/],
    ['too many products', '(1+a+b+c)^20*(1+a+b-c)^20\na\nb', 'too-many-terms', /2000000 products/],
    ['declared twice', { variables: ['x', 'x'], equations: ['x', 'x'] }, 'variable-name', /twice/],
    ['bad name', { variables: ['2x'], equations: ['1'] }, 'variable-name', /"2x" cannot name/],
    ['JSON list', '[1, 2]', 'json', /an object with "equations"/],
    ['JSON without equations', {}, 'json', /an object with "equations"/],
    ['JSON numbers', { equations: [1] }, 'json', /"equations" must be a list of strings/],
    ['JSON variables', { variables: 'x', equations: ['x'] }, 'json', /"variables" must be/],
    ['JSON name', { name: 3, equations: ['x'] }, 'json', /"name" must be a string/],
  ];
  it.each(cases)('%s', (_, input, code, message) => {
    const error = errorOf(input);
    expect(error.code).toBe(code);
    expect(error.message).toMatch(message);
  });

  it('accepts both sides of every boundary', () => {
    expect(parseSystem('x^63*y - 1\ny').degrees).toEqual([64, 1]);
    expect(parseSystem('1e300*x - 1e-300').degrees).toEqual([1]);
    expect(parseSystem('x*1e400*1e-400 - 0e999999').polynomials[0]).toHaveLength(1);
    expect(parseSystem('NaN - 1', { variables: ['NaN'] }).variables).toEqual(['NaN']);
    expect(parseSystem(`${'('.repeat(200)}x${')'.repeat(200)}`).degrees).toEqual([1]);
    expect(parseSystem('i^1000*x + (-1)^999999').polynomials[0]).toHaveLength(2);
  });

  it('holds for systems made of terms, too', () => {
    const one = exactReal(1n);
    const build = (exponents: number[]) => () =>
      createSystem({
        name: 'built',
        variables: ['x'],
        polynomials: [[{ coefficient: one, exponents }]],
      });
    expect(build([65])).toThrow(/equation 1 has total degree 65/);
    expect(build([-1])).toThrow(/exponents \[-1\]/);
    expect(build([0.5])).toThrow(/exponents \[0.5\]/);
    expect(build([1, 1])).toThrow(/1 whole numbers/);
    expect(build([0])).toThrow(/constant/);
    expect(build([3])().degrees).toEqual([3]);
  });
});

describe('arbitrary input', () => {
  const pieces = ['x', 'y', 'i', '1', '2.5', '1e3', '+', '-', '*', '/', '^', '**', '(', ')', '='];
  const blanks = [
    ';',
    '\n',
    '\r\n',
    ' ',
    '#',
    '{',
    '"',
    '[',
    '2\n',
    'NaN',
    '\u00e9',
    '$',
    '0',
    '.',
  ];
  it('gives a system or a SystemError, nothing else', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(...pieces, ...blanks), { maxLength: 25 }),
        fc.constantFrom('text', 'phc', 'json', undefined),
        (parts, format) => {
          try {
            const system = parseSystem(parts.join(''), format === undefined ? {} : { format });
            expect(system.polynomials.length).toBeGreaterThanOrEqual(system.variables.length);
          } catch (error) {
            expect(error).toBeInstanceOf(SystemError);
            expect((error as SystemError).message).not.toMatch(/[\r\n]/);
          }
        },
      ),
      { numRuns: 5000, seed: 20261123, endOnFailure: true },
    );
  });
});

describe('sizes', () => {
  const many = (count: number, line: (k: number) => string) =>
    Array.from({ length: count }, (_, k) => line(k)).join('\n');

  it('leading zeros of an exponent are no digits', () => {
    expect(parseSystem('x - 1e00001').polynomials[0]!.at(-1)!.coefficient.re.toString()).toBe(
      '-10',
    );
    expect(
      parseSystem('x - 1e-000000002').polynomials[0]!.at(-1)!.coefficient.re.toFraction(),
    ).toBe('-1/100');
  });

  it.each([
    ['10,000 unknowns', many(10_000, (k) => `v${k} - ${k}`), 'too-many-variables'],
    [
      '20,000 names in one equation',
      many(20_000, (k) => `+v${k}`).replaceAll('\n', ''),
      'too-many-variables',
    ],
    ['100,000 digits', `x - ${'7'.repeat(100_000)}`, 'coefficient'],
    ['40,000 decimals', `x - 0.${'1'.repeat(40_000)}e5`, 'coefficient'],
    ['100,000 parentheses', `${'('.repeat(100_000)}x${')'.repeat(100_000)}`, 'syntax'],
  ])('%s are refused', (_, text, code) => {
    let error: unknown;
    try {
      parseSystem(text);
    } catch (caught) {
      error = caught;
    }
    expect(error).toBeInstanceOf(SystemError);
    expect((error as SystemError).code).toBe(code);
    expect((error as SystemError).message.length).toBeLessThan(300);
  });

  it('labels name the lines of long files, whatever ends them', () => {
    for (const end of ['\n', '\r\n', '\r']) {
      const text = ['x - 1', '', '# comment', 'y - 2', 'z^2 - z^2'].join(end);
      expect(() => parseSystem(text)).toThrow(/equation 3 \(line 5\)/);
    }
  });
});
