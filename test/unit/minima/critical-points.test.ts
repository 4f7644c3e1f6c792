// Believed after it passes: from all complex solutions the right real critical points, losses, Morse indices, minima and orbits are found, and a lost solution is noticed. Truth: the independently solved systems in test/data/networks (their index, loss and real counts came from another program), and closed forms for the symmetry groups.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { approximateActivation } from '../../../src/minima/activation-polynomial.js';
import { networkLayout } from '../../../src/network/architecture.js';
import { realCriticalPoints, type ComplexPoint } from '../../../src/minima/critical-points.js';
import { lossFunction } from '../../../src/minima/loss-function.js';
import type { DataTable } from '../../../src/data/table.js';
import { familyPoint } from '../../../src/minima/moments.js';
import { networkFamily } from '../../../src/minima/network-family.js';
import { findOrbits, symmetryGenerators } from '../../../src/minima/symmetry.js';

interface NetworkFile {
  complex_solutions?: [number, number][][];
  real: number;
  local_minima: number;
  real_critical_points: { x: number[]; loss: number; morse_index: number; orbit?: number }[];
}

const three: DataTable = { inputs: [[-1], [0.5], [1]], targets: [[0.5], [-0.25], [1]] };
const four: DataTable = {
  inputs: [[-1], [-0.5], [0.5], [1]],
  targets: [[1], [1 / 5], [-1 / 3], [3 / 4]],
};
const relu = approximateActivation({ name: 'relu', degree: 2 }).exact;
const square = approximateActivation({ name: 'square', degree: 2 }).exact;
const load = (name: string): NetworkFile =>
  JSON.parse(
    readFileSync(new URL(`../../data/networks/${name}.json`, import.meta.url), 'utf8'),
  ) as NetworkFile;

const cases = [
  ['s0_111_relu2_nobias', [1, 1, 1], false, relu, three],
  ['s1_111_square', [1, 1, 1], true, square, three],
  ['s2_111_relu2', [1, 1, 1], true, relu, three],
  ['s4_121_square_nobias', [1, 2, 1], 'output', square, four],
  ['s6_1111_square_nobias', [1, 1, 1, 1], false, square, three],
  ['s7_1111_relu2_nobias', [1, 1, 1, 1], false, relu, three],
  ['s8_121_relu2_full', [1, 2, 1], true, relu, four],
] as const;

const distance = (a: readonly number[], b: readonly number[]): number =>
  Math.max(...a.map((value, k) => Math.abs(value - b[k]!)));

describe.each(cases)('%s', (name, layers, bias, activation, samples) => {
  const file = load(name);
  const family = networkFamily({ layers, bias }, activation);
  const loss = lossFunction(family, familyPoint(family, samples, 0.01));
  // s8 has no complex solutions on file: its real ones stand for them.
  const solutions: ComplexPoint[] =
    file.complex_solutions ??
    file.real_critical_points.map(({ x }) => x.map((re) => [re, 0] as const));
  const solve = (given: ComplexPoint[]): ReturnType<typeof realCriticalPoints> =>
    realCriticalPoints(family.layout, activation, loss, given, { regularized: true });
  const set = solve(solutions);

  it('finds the real critical points with loss and Morse index, without a warning', () => {
    expect(set.warnings).toEqual([]);
    expect(set.eulerSum).toBe(1);
    expect(set.points.length).toBe(file.real);
    for (const expected of file.real_critical_points) {
      const found = set.points.filter(({ unknowns }) => distance(unknowns, expected.x) < 1e-9);
      expect(found.length).toBe(1);
      expect(found[0]?.morseIndex).toBe(expected.morse_index);
      expect(Math.abs((found[0]?.loss ?? NaN) - expected.loss)).toBeLessThan(1e-12);
    }
  });

  it('lists the minima by loss', () => {
    expect(set.minima.length).toBe(file.local_minima);
    const losses = set.minima.map((index) => set.points[index]!.loss);
    const expected = file.real_critical_points
      .filter(({ morse_index }) => morse_index === 0)
      .map((point) => point.loss)
      .sort((a, b) => a - b);
    losses.forEach((value, k) => expect(Math.abs(value - expected[k]!)).toBeLessThan(1e-12));
  });

  it('gives the same list when the solutions come in another order, a little off', () => {
    const shaken = [...solutions]
      .reverse()
      .map((point) => point.map(([re, im], k) => [re + 1e-11 * (k + 1), im + 3e-10] as const));
    const again = solve(shaken);
    expect(again.warnings).toEqual([]);
    again.points.forEach(({ unknowns, orbit }, k) => {
      expect(distance(unknowns, set.points[k]?.unknowns as number[])).toBeLessThan(1e-9);
      expect(orbit).toBe(set.points[k]?.orbit);
    });
  });

  it('notices every single lost real solution', () => {
    for (const { unknowns } of set.points) {
      const rest = solutions.filter(
        (point) =>
          distance(
            point.map(([re]) => re),
            unknowns,
          ) > 1e-7 || Math.max(...point.map(([, im]) => Math.abs(im))) > 1e-7,
      );
      expect(rest.length).toBe(solutions.length - 1);
      expect(solve(rest).warnings.join()).toMatch(/EULER CHECK FAILED: .* not 1/);
    }
  });

  it('copies of an orbit have one loss and one index', () => {
    for (const { orbit, loss: value, morseIndex } of set.points) {
      const first = set.points.find((other) => other.orbit === orbit);
      expect(Math.abs(first!.loss - value)).toBeLessThan(1e-12);
      expect(first?.morseIndex).toBe(morseIndex);
    }
  });
});

it('s8: orbits are those of the independent program', () => {
  const file = load('s8_121_relu2_full');
  const layout = networkLayout({ layers: [1, 2, 1] });
  const points = file.real_critical_points;
  const { orbitOf, missingImages } = findOrbits(
    points.map(({ x }) => x),
    symmetryGenerators(layout, relu),
  );
  expect(missingImages).toBe(0);
  points.forEach((a, i) =>
    points.forEach((b, j) => expect(orbitOf[i] === orbitOf[j]).toBe(a.orbit === b.orbit)),
  );
});

it('a solution that is real only to a looser tolerance is decided by real Newton', () => {
  const file = load('s2_111_relu2');
  const family = networkFamily({ layers: [1, 1, 1] }, relu);
  const loss = lossFunction(family, familyPoint(family, three, 0.01));
  const blurred = file.complex_solutions!.map((point) =>
    point.map(([re, im]) => [re, im + (Math.abs(im) < 1e-20 ? 1e-6 : 0)] as const),
  );
  const set = realCriticalPoints(family.layout, relu, loss, blurred, { regularized: true });
  expect(set.points.length).toBe(file.real);
  expect(set.warnings).toEqual([]);
});

it('warns that without regularization nothing is promised', () => {
  const family = networkFamily(
    { layers: [1, 1] },
    approximateActivation({ name: 'identity', degree: 1 }).exact,
  );
  const loss = lossFunction(family, familyPoint(family, three, 0));
  // Linear regression: slope (E[tx] - E[t]E[x]) / (E[x^2] - E[x]^2), intercept E[t] - slope E[x].
  const slope = (1 / 8 - (5 / 12) * (1 / 6)) / (3 / 4 - 1 / 36);
  const set = realCriticalPoints(
    family.layout,
    family.activation,
    loss,
    [
      [
        [slope, 0],
        [5 / 12 - slope / 6, 0],
      ],
    ],
    { regularized: false },
  );
  expect(set.points[0]?.morseIndex).toBe(0);
  expect(set.warnings).toEqual([expect.stringMatching(/lambda = 0/)]);
});

it('warns of a degenerate critical point', () => {
  // 1-1-1 without data on the inputs: w1 is free, J does not depend on it at lambda = 0.
  const family = networkFamily({ layers: [1, 1, 1] }, square);
  const loss = lossFunction(family, familyPoint(family, three, 0));
  const dead: ComplexPoint = [
    [0, 0],
    [0, 0],
    [0, 0],
    [5 / 12, 0],
  ];
  const set = realCriticalPoints(family.layout, square, loss, [dead], { regularized: true });
  expect(set.points[0]?.degenerate).toBe(true);
  expect(set.warnings.join()).toMatch(/degenerate/);
});

describe('symmetry groups', () => {
  /** Points of the group orbit of a generic point, by closure. */
  function orbitSize(layers: number[], name: string): number {
    const layout = networkLayout({ layers });
    const generators = symmetryGenerators(layout, approximateActivation({ name, degree: 3 }).exact);
    const points = [layout.variables.map((_, k) => Math.sqrt(k + 2))];
    for (const point of points) {
      for (const { source, sign } of generators) {
        const image = source.map((from, k) => sign[k]! * point[from]!);
        if (!points.some((other) => distance(other, image) < 1e-12)) {
          points.push(image);
        }
      }
    }
    expect(findOrbits(points, generators)).toEqual({
      orbitOf: points.map(() => 0),
      missingImages: 0,
    });
    return points.length;
  }

  it.each([
    [[1, 3, 1], 'relu', 6],
    [[2, 2, 3, 1], 'sigmoid', 12],
    [[1, 2, 1], 'square', 8],
    [[1, 3, 1], 'tanh', 48],
    [[1, 2, 2, 1], 'square', 64],
    [[2, 1], 'relu', 1],
  ] as const)('%j %s: order %i', (layers, name, order) => {
    expect(orbitSize([...layers], name)).toBe(order);
  });

  it('leave the loss unchanged', () => {
    for (const [name, layers] of [
      ['relu', [1, 2, 2, 1]],
      ['square', [1, 2, 2, 1]],
      ['tanh', [1, 3, 1]],
    ] as const) {
      const family = networkFamily({ layers }, approximateActivation({ name, degree: 3 }).exact);
      const loss = lossFunction(family, familyPoint(family, three, 0.01));
      const point = family.layout.variables.map((_, k) => Math.sin(k + 1));
      for (const { source, sign } of symmetryGenerators(family.layout, family.activation)) {
        const image = source.map((from, k) => sign[k]! * point[from]!);
        expect(Math.abs(loss(image).value - loss(point).value)).toBeLessThan(1e-12);
      }
    }
  });
});
