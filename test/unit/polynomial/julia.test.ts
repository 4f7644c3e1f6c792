/**
 * Believed afterwards: scripts of HomotopyContinuation.jl are read as Julia reads them, and what cannot be is
 * refused at its place. The truth: the same systems in plain text, worked out by hand from Julia's rules of
 * precedence.
 */
import { describe, expect, it } from 'vitest';
import { SystemError } from '../../../src/polynomial/errors.js';
import { parseFamily } from '../../../src/polynomial/family.js';
import { formatSystem } from '../../../src/polynomial/format.js';
import { parseSystem } from '../../../src/polynomial/parse.js';
import { picture } from './random-systems.js';

function errorOf(run: () => unknown): SystemError {
  try {
    run();
  } catch (error) {
    expect(error).toBeInstanceOf(SystemError);
    return error as SystemError;
  }
  throw new Error('nothing was thrown');
}

describe('scripts', () => {
  it.each([
    [
      'the example of its README',
      'using HomotopyContinuation\n@var x y; # declare the variables x and y\nF = System([x^2+2y, y^2-2])\nresult = solve(F)\n',
      'x^2 + 2*y; y^2 - 2',
    ],
    ['a list alone', '@polyvar a b\n[a^2 - b, a*b - 1]', 'a^2 - b; a*b - 1'],
    ['imaginary numbers', '@var x\nF = System([x^2 - 2.5im + im])', 'x^2 - 3/2*i'],
    [
      'definitions, comments and line ends inside brackets',
      'using HomotopyContinuation, LinearAlgebra\n@var x, y\n#= not\n this =#\nf = x + y # sum\ng = f^2 -\n  1\nF = System([\n  g,\n  f * x - 3,\n])',
      '(x + y)^2 - 1; (x + y)*x - 3',
    ],
    [
      'arrays of unknowns',
      '@var x[1:2] A[1:1, 1:2]\nF = System([x[1] + x[2], x[1]*A[1,2] - 1, x[2]^2 - A[1, 1], A[1,1] + A[1,2] - 7])',
      'x₁ + x₂; x₁*A₁_₂ - 1; x₂^2 - A₁_₁; A₁_₁ + A₁_₂ - 7',
    ],
  ])('%s', (_, script, text) => {
    const system = parseSystem(script);
    const { variables } = system;
    expect(picture(system)).toEqual(picture(parseSystem(text, { variables })));
  });

  it('1/2x divides by 2x', () => {
    const system = parseSystem('@var x\n[1/2x - 1]');
    expect(picture(system)).toEqual(picture(parseSystem('1/2 - x')));
    expect(system.excluded).toHaveLength(1);
  });

  it('an unknown may be called i: the imaginary unit is im', () => {
    const [terms] = parseSystem('@var i\nF = [i^2 - 2im]').polynomials;
    expect(
      terms!.map(({ coefficient, exponents }) => [coefficient.im.toString(), exponents]),
    ).toEqual([
      ['0', [2]],
      ['-2', [0]],
    ]);
  });

  it('unknowns are in the order of @var, or of the list', () => {
    expect(parseSystem('@var y x\n[x - 1, y - 2]').variables).toEqual(['y', 'x']);
    const listed = '@var y x\nSystem([x - 1, y - 2]; variables = [x, y])';
    expect(parseSystem(listed).variables).toEqual(['x', 'y']);
  });

  it('juxtaposition binds after powers: 2x^2 is 2(x^2), 4x/2 is (4x)/2', () => {
    const script = '@var x y\n[2x^2 - 3(x + y)^2, 4x/2 + 2.5e1y - 1//3]';
    const text = '2*x^2 - 3*(x + y)^2; 2*x + 25*y - 1/3';
    expect(picture(parseSystem(script))).toEqual(picture(parseSystem(text)));
  });

  it('a family has the parameters that System(...) lists', () => {
    const script =
      '@var x y p[1:2]\nf = x^2 - p[1]\nF = System([f, x*y - p[2]]; variables = [y, x], parameters = p)';
    // A whole array of parameters is not read: its entries are.
    expect(errorOf(() => parseFamily(script, {})).code).toBe('syntax');
    const family = parseFamily(script.replace('parameters = p', 'parameters = [p[1], p[2]]'), {});
    expect(family.parameters).toEqual(['p₁', 'p₂']);
    expect(family.variables).toEqual(['y', 'x']);
    expect(family.degrees).toEqual([2, 2]);
  });
});

describe('bad scripts', () => {
  it.each([
    ['a chain of powers', '@var x\n[x^2^3]', 'syntax', 2],
    ['a product without a sign between names', '@var x y\nF = [x y]', 'syntax', 2],
    ['a comprehension', '@var x\nF = [x^k for k in 1:2]', 'syntax', 2],
    ['a name that is not declared', '@var x\nF = [x - y]', 'unknown-symbol', 2],
    ['a definition that comes too late', '@var x\nF = [x - f]\nf = x', 'unknown-symbol', 2],
    ['a name in no list', '@var x y p\nF = System([x - p]; variables = [x])', 'unknown-symbol', 2],
    ['no system', 'using HomotopyContinuation\n@var x\n', 'syntax', 3],
    ['a list that is not closed', '@var x\nF = System([x - 1', 'syntax', 2],
  ])('%s', (_, script, code, line) => {
    const error = errorOf(() => parseSystem(script));
    expect(error.code).toBe(code);
    expect(error.line).toBe(line);
  });

  it('an undeclared name in the lists', () => {
    const error = errorOf(() => parseSystem('@var x\nSystem([x - 1]; variables = [z])'));
    expect(error.message).toContain('"z"');
  });

  it('parameters where a system is wanted', () => {
    const error = errorOf(() => parseSystem('@var x p\nSystem([x - p]; parameters = [p])'));
    expect(error.code).toBe('parameters');
    expect(error.message).toContain('lps family');
  });

  it('definitions that double forty times', () => {
    const steps = Array.from({ length: 40 }, (_, k) => `f${k + 1} = f${k} + f${k}`).join('\n');
    const error = errorOf(() => parseSystem(`@var x\nf0 = x\n${steps}\nF = [f40 - 1]`));
    expect(error.code).toBe('too-many-terms');
  });
});

describe('written scripts', () => {
  it('are those a Julia user writes, fractions exact', () => {
    expect(formatSystem(parseSystem('x^2/3 - 2*i*y = 1\ny = 0.5'), 'julia')).toBe(
      'using HomotopyContinuation\n@var x y\nF = System([\n    1//3*x^2 - 2*im*y - 1,\n    y - 1//2,\n]; variables = [x, y])\n',
    );
  });

  it.each(['im', 'end', '_'])('an unknown called %s cannot be written', (name) => {
    const system = parseSystem({ variables: [name], equations: [`${name}^2 - 1`] });
    expect(errorOf(() => formatSystem(system, 'julia')).code).toBe('not-writable');
  });
});
