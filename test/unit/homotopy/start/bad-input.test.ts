// Believed after it passes: a structure or partition that does not fit is refused with the equation and the monomial, and structures survive the trip to text and back. Truth: matchings worked out by hand.
import { describe, expect, it } from 'vitest';
import {
  assertSupports,
  assertTrackable,
  chooseStart,
  findUnsupportedMonomial,
  formatPartition,
  formatStructure,
  parsePartition,
  parseStructure,
  StructureError,
  supportsSystem,
  TrackingLimitError,
} from '../../../../src/homotopy/start/index.js';
import { parseSystem } from '../../../../src/polynomial/parse.js';

const names = ['x', 'y', 'z'];

describe('the support test', () => {
  it('places occurrences in distinct sets', () => {
    const quadratic = [[[1, 1]], [[1, 0]]];
    expect(supportsSystem([[[0, 1], [0]], [[0]]], quadratic)).toBe(true);
    // Each variable has a set, but both have the same one.
    expect(
      supportsSystem(
        [
          [
            [0, 1],
            [0, 1],
          ].slice(0, 1),
          [[0]],
        ],
        quadratic,
      ),
    ).toBe(false);
    expect(supportsSystem([[[0], [0]], [[0]]], [[[2, 0]], [[1, 0]]])).toBe(true);
    expect(supportsSystem([[[0], [0, 1]], [[0]]], [[[3, 0]], [[1, 0]]])).toBe(false);
  });

  it('moves an earlier occurrence to make room', () => {
    // x must leave the first set for y, then z takes the last.
    expect(supportsSystem([[[0, 1], [0, 2], [2]]], [[[1, 1, 1]]])).toBe(true);
    // Degrees per variable fit, but y and z are only in one common set besides x's.
    const unsupported = findUnsupportedMonomial(
      [[[0], [0], [1, 2]]],
      [
        [
          [1, 1, 1],
          [0, 1, 0],
        ],
      ],
    );
    expect(unsupported).toEqual({ equation: 0, monomial: [1, 1, 1] });
  });

  it('names the equation and the monomial', () => {
    const system = parseSystem({
      variables: names,
      equations: ['x + y + z', 'x*y - 1', 'x^2*z + x*y*z - 3'],
    });
    const structure = parseStructure(['{ x y z }', '{ x }{ y }', '{ x y }{ x }{ y z }'], names);
    expect(() => chooseStart(system, { structure })).not.toThrow();
    const wrong = parseStructure(['{ x y z }', '{ x }{ y }', '{ x y }{ z y }{ z }'], names);
    expect(() => chooseStart(system, { structure: wrong })).toThrow(
      expect.objectContaining({
        name: 'StructureError',
        equation: 2,
        monomial: [2, 0, 1],
        message: expect.stringMatching(/equation 3 .*x\^2\*z/) as string,
      }) as Error,
    );
  });
});

describe('malformed structures', () => {
  it.each([
    ['too few equations', [[[0]]], /has 1 equations, the system has 2/],
    ['no sets', [[[0]], []], /Equation 2 .*no sets/],
    ['an empty set', [[[0], []], [[1]]], /Equation 1 .*empty set/],
    ['a repeated variable', [[[0, 0]], [[1]]], /equation 1 .*repeats/],
    ['an index out of range', [[[0]], [[2]]], /index 2; indices run from 0 to 1/],
  ])('are refused: %s', (_, structure, message) => {
    const linear = [[[1, 0]], [[0, 1]]];
    expect(() => assertSupports(structure, linear)).toThrow(StructureError);
    expect(() => assertSupports(structure, linear)).toThrow(message);
  });

  it.each([
    ['an unknown name', '{ x }{ w }\n{ y }\n{ z }', /Equation 1 .*"w" is not a variable/],
    ['text outside braces', '{ x } y\n{ y }\n{ z }', /Equation 1 .*'y' is outside braces/],
    ['an open brace', '{ x }\n{ y \n{ z }', /Equation 2 .*outside braces/],
    ['a number', [['x'], 3, ['z']], /Equation 1 .*neither/],
    ['no list', { x: 1 }, /one line of sets per equation/],
    ['an empty set', '{ x }\n{ }\n{ z }', /Equation 2 .*empty set/],
  ])('are refused when parsed: %s', (_, input, message) => {
    expect(() => parseStructure(input, names)).toThrow(message);
  });
});

describe('notation', () => {
  it('reads text, lines and nested lists alike and writes them back', () => {
    const structure = [[[0], [1, 2]], [[0, 1, 2]], [[2], [2]]];
    const lines = ['{ x }{ y z }', '{ x y z }', '{ z }{ z }'];
    expect(formatStructure(structure, names)).toEqual(lines);
    expect(parseStructure(lines, names)).toEqual(structure);
    expect(parseStructure(`${lines.join('\r\n')}\n\n`, names)).toEqual(structure);
    expect(parseStructure([[['x'], ['y', 'z']], [['x', 'y', 'z']], [['z'], ['z']]], names)).toEqual(
      structure,
    );
    expect(parseStructure('{x}{y,z}\n{x,y,z}\n{z}{z}', names)).toEqual(structure);
  });

  it('reads partitions', () => {
    expect(parsePartition('{ x z }{ y }', names)).toEqual([[0, 2], [1]]);
    expect(parsePartition([['x', 'z'], ['y']], names)).toEqual([[0, 2], [1]]);
    expect(formatPartition([[0, 2], [1]], names)).toBe('{ x z }{ y }');
    expect(() => parsePartition('{ x w }', names)).toThrow(/"w" is not a variable/);
    expect(() => parsePartition(7, names)).toThrow(/A partition is text/);
  });
});

describe('contradictory or impossible starts', () => {
  const system = parseSystem('x^2 + y\nx*y - 1');
  const structure = [
    [[0, 1], [0]],
    [[0], [1]],
  ];

  it.each([
    ['both', { structure, partition: [[0, 1]] }, /not both/],
    ['structure and total degree', { structure, start: 'total-degree' }, /use 'lps'/],
    ['partition and lps', { partition: [[0, 1]], start: 'lps' }, /use 'multihomogeneous'/],
    ['a variable twice', { partition: [[0, 1], [1]] }, /y in two groups/],
    ['a variable missing', { partition: [[0]] }, /leaves out y/],
    ['an empty group', { partition: [[0, 1], []] }, /empty group/],
    ['an index out of range', { partition: [[0, 1, 2]] }, /index 2/],
  ] as const)('are refused: %s', (_, options, message) => {
    expect(() => chooseStart(system, options)).toThrow(message);
    expect(() => chooseStart(system, options)).toThrow(StructureError);
  });

  it('refuses to track more paths than ids, with the number', () => {
    const equations = Array.from({ length: 33 }, (_, i) => `x${i}^2 + x${(i + 1) % 33} - 1`);
    const plan = chooseStart(parseSystem(equations.join('\n')), { start: 'total-degree' });
    expect(plan.paths).toBe(2n ** 33n);
    expect(() => assertTrackable(plan)).toThrow(TrackingLimitError);
    expect(() => assertTrackable(plan)).toThrow(/8589934592 paths, more than the 4294967295/);
    expect(() => assertTrackable(plan, 2n ** 33n)).not.toThrow();
    expect(() => assertTrackable(plan, 2n ** 33n - 1n)).toThrow(/8589934591/);
  });

  it('says what a general product search can handle', () => {
    const power = parseSystem('x^40 + y\nx*y - 1');
    expect(() => chooseStart(power, { start: 'lps' })).toThrow(/degrees up to 31.*degree 40/s);
    expect(chooseStart(power).paths).toBeLessThanOrEqual(41n);
  });
});
