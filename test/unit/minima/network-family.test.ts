// Believed after it passes: the gradient of a polynomial network is expanded exactly from the data's moments. Truth: the independently expanded systems in test/data/networks (equal term by term as rationals), and central differences of a plain forward pass written here.
import type { DataTable } from '../../../src/data/table.js';
import { readFileSync } from 'node:fs';
import Fraction from 'fraction.js';
import { describe, expect, it } from 'vitest';
import { approximateActivation } from '../../../src/minima/activation-polynomial.js';
import { networkLayout, type NetworkArchitecture } from '../../../src/network/architecture.js';
import { genericParameters } from '../../../src/minima/generic-parameters.js';
import { lossFunction } from '../../../src/minima/loss-function.js';
import { exactFamilyPoint, familyPoint, SampleError } from '../../../src/minima/moments.js';
import { networkFamily, NetworkTooLargeError } from '../../../src/minima/network-family.js';
import { stationaritySystem } from '../../../src/minima/stationarity-system.js';
import { member, parameterDegrees } from '../../../src/polynomial/family.js';

interface NetworkFile {
  equations_terms: { c: string; e: number[] }[][];
  real_critical_points: { x: number[]; loss: number }[];
}

const fractions = (...values: string[]): Fraction[][] =>
  values.map((value) => [new Fraction(value)]);
const three: DataTable<Fraction> = {
  inputs: fractions('-1', '1/2', '1'),
  targets: fractions('1/2', '-1/4', '1'),
};
const four: DataTable<Fraction> = {
  inputs: fractions('-1', '-1/2', '1/2', '1'),
  targets: fractions('1', '1/5', '-1/3', '3/4'),
};
const relu = approximateActivation({ name: 'relu', degree: 2 }).exact;
const square = approximateActivation({ name: 'square', degree: 2 }).exact;
const load = (name: string): NetworkFile =>
  JSON.parse(
    readFileSync(new URL(`../../data/networks/${name}.json`, import.meta.url), 'utf8'),
  ) as NetworkFile;

describe('the gradient is the independently expanded one, term by term', () => {
  it.each([
    ['s0_111_relu2_nobias', [1, 1, 1], false, relu, three],
    ['s1_111_square', [1, 1, 1], true, square, three],
    ['s2_111_relu2', [1, 1, 1], true, relu, three],
    ['s4_121_square_nobias', [1, 2, 1], 'output', square, four],
    ['s6_1111_square_nobias', [1, 1, 1, 1], false, square, three],
    ['s7_1111_relu2_nobias', [1, 1, 1, 1], false, relu, three],
    ['s8_121_relu2_full', [1, 2, 1], true, relu, four],
  ] as const)('%s', (name, layers, bias, activation, samples) => {
    const file = load(name);
    const family = networkFamily({ layers, bias }, activation);
    const point = exactFamilyPoint(family, samples, 0.01);
    const system = stationaritySystem(family, point, name);
    const collect = (terms: { key: string; c: string }[]): Map<string, string> =>
      new Map(terms.map(({ key, c }) => [key, c]));
    system.polynomials.forEach((polynomial, k) => {
      expect(
        collect(
          polynomial.map(({ exponents, coefficient }) => ({
            key: exponents.join(),
            c: coefficient.re.toFraction(),
          })),
        ),
      ).toEqual(
        collect(
          (file.equations_terms[k] as { c: string; e: number[] }[]).map(({ c, e }) => ({
            key: e.join(),
            c,
          })),
        ),
      );
    });

    // The loss, which has the constant T/2 that the gradient cannot show.
    const loss = lossFunction(family, familyPoint(family, asNumbers(samples), 0.01));
    for (const { x, loss: expected } of file.real_critical_points) {
      expect(Math.abs(loss(x).value - expected)).toBeLessThan(1e-13);
      expect(Math.max(...loss(x).gradient.map(Math.abs))).toBeLessThan(1e-12);
    }
  });
});

/** A plain forward pass and the loss by its definition: shares nothing with the code under test. */
function directLoss(
  { layers, bias = true }: NetworkArchitecture,
  coefficients: readonly number[],
  samples: DataTable,
  lambda: number,
  theta: readonly number[],
): number {
  let total = 0;
  samples.inputs.forEach((input, row) => {
    let values = [...input];
    let next = 0;
    for (let l = 1; l < layers.length; l++) {
      const outputs = Array.from({ length: layers[l]! }, () =>
        values.reduce((sum, value) => sum + value * theta[next++]!, 0),
      );
      const biased = bias === true || (bias === 'output' && l === layers.length - 1);
      values = outputs.map((z) => (biased ? z + theta[next++]! : z));
      if (l < layers.length - 1) {
        values = values.map((z) => coefficients.reduce((sum, c, j) => sum + c * z ** j, 0));
      }
    }
    values.forEach((value, k) => (total += (value - (samples.targets[row] as number[])[k]!) ** 2));
  });
  const norm = theta.reduce((sum, value) => sum + value * value, 0);
  return total / (2 * samples.inputs.length) + (lambda / 2) * norm;
}

const asNumbers = ({ inputs, targets }: DataTable<Fraction>): DataTable => ({
  inputs: inputs.map((row) => row.map(Number)),
  targets: targets.map((row) => row.map(Number)),
});

/** Deterministic numbers in (-1, 1): fractional parts of multiples of the golden ratio. */
function sequence(start: number): () => number {
  let state = start;
  return () => 2 * ((++state * 0.6180339887498949) % 1) - 1;
}

describe('loss, gradient and Hessian against the definition', () => {
  it.each([
    [[1, 1], true, 'identity', 1],
    [[2, 1, 1], true, 'relu', 2],
    [[1, 2, 1], true, 'tanh', 3],
    [[2, 2, 2], true, 'gelu', 2],
    [[1, 2, 1], 'output', 'silu', 4],
    [[1, 1, 1, 1], true, 'sigmoid', 3],
    [[3, 1, 2], false, 'leaky-relu', 2],
    [[1, 2, 2, 1], false, 'square', 2],
  ] as const)('%j bias %s %s degree %i', (layers, bias, name, degree) => {
    const fit = approximateActivation({ name, degree, radius: 2 });
    const family = networkFamily({ layers, bias }, fit.exact);
    const random = sequence(17);
    const samples: DataTable = {
      inputs: Array.from({ length: 9 }, () => Array.from({ length: layers[0] }, random)),
      targets: Array.from({ length: 9 }, () =>
        Array.from({ length: layers.at(-1) as number }, random),
      ),
    };
    const point = familyPoint(family, samples, 0.03);
    const loss = lossFunction(family, point);
    const direct = (theta: readonly number[]): number =>
      directLoss({ layers, bias }, fit.coefficients, samples, 0.03, theta);
    const theta = Array.from({ length: family.layout.variables.length }, random);
    const shifted = (i: number, step: number): number[] =>
      theta.map((value, k) => (k === i ? value + step : value));
    const { value, gradient, hessian } = loss(theta);
    expect(Math.abs(value - direct(theta))).toBeLessThan(1e-13);
    const system = member(family.gradient, point.parameters);
    theta.forEach((_, i) => {
      const difference = (direct(shifted(i, 1e-5)) - direct(shifted(i, -1e-5))) / 2e-5;
      expect(Math.abs(gradient[i]! - difference)).toBeLessThan(1e-8);
      const equation = system.equations[i]!;
      const fromMember = equation.exponents.reduce(
        (sum, exponents, term) =>
          sum +
          equation.coefficients[2 * term]! *
            exponents.reduce((product, e, k) => product * theta[k]! ** e, 1),
        0,
      );
      expect(Math.abs(fromMember - gradient[i]!)).toBeLessThan(1e-13);
      theta.forEach((__, j) => {
        const slope =
          (loss(shifted(j, 1e-5)).gradient[i]! - loss(shifted(j, -1e-5)).gradient[i]!) / 2e-5;
        expect(Math.abs(hessian[i * theta.length + j]! - slope)).toBeLessThan(1e-8);
      });
    });
  });
});

describe('members', () => {
  const family = networkFamily({ layers: [1, 2, 1] }, relu);

  it('have as parameters the moments that occur and lambda', () => {
    expect(family.parameters.map(({ name }) => name)).toEqual([
      'M_1',
      'M_2',
      'M_3',
      'M_4',
      'Q_1_0',
      'Q_1_1',
      'Q_1_2',
      'lambda',
    ]);
  });

  it('have general members: complex, of modulus 1, repeatable by seed', () => {
    const values = genericParameters(family, 5);
    expect(values).toEqual(genericParameters(family, 5));
    expect(values).not.toEqual(genericParameters(family, 6));
    expect(values.length).toBe(family.parameters.length);
    for (const [re, im] of values) {
      expect(Math.hypot(re, im)).toBeCloseTo(1, 14);
      expect(Math.abs(im)).toBeGreaterThan(1e-6);
    }
    expect(() => member(family.gradient, values)).not.toThrow();
  });

  it('are affine in them', () => {
    expect(Math.max(...parameterDegrees(family.gradient).flat())).toBe(1);
  });

  it('have the support of the family for every data set', () => {
    const zero = member(
      family.gradient,
      family.parameters.map(({ name }) => (name === 'lambda' ? 1 : 0)),
    );
    expect(zero.equations.map(({ exponents }) => exponents.length)).toEqual(
      family.gradient.polynomials.map((terms) => terms.length),
    );
  });

  it('of f64 moments have the coefficients of the exact ones', () => {
    const exact = exactFamilyPoint(family, four, 0.01);
    const rounded = familyPoint(family, asNumbers(four), 0.01);
    rounded.parameters.forEach((value, k) => {
      expect(Math.abs(value - exact.parameters[k]!.valueOf())).toBeLessThan(1e-15);
    });
    expect(rounded.meanSquareTarget).toBeCloseTo(exact.meanSquareTarget.valueOf(), 14);
  });
});

describe('bad input', () => {
  const family = networkFamily({ layers: [2, 1, 1] }, square);
  const good: DataTable = {
    inputs: [
      [1, 2],
      [3, 4],
    ],
    targets: [[1], [2]],
  };

  it('lambda', () => {
    for (const lambda of [-0.01, NaN, Infinity]) {
      expect(() => familyPoint(family, good, lambda)).toThrow(SampleError);
    }
  });
  it('rows', () => {
    expect(() => familyPoint(family, { inputs: [], targets: [] }, 0)).toThrow(/at least one/);
    expect(() => familyPoint(family, { inputs: [[1, 2]], targets: [] }, 0)).toThrow(/1 and 0/);
    expect(() => familyPoint(family, { ...good, inputs: [[1, 2], [3]] }, 0)).toThrow(
      /row 2 has 1 input/,
    );
    expect(() => familyPoint(family, { ...good, targets: [[1], [NaN]] }, 0)).toThrow(
      /target 1 of row 2 is NaN/,
    );
    expect(() =>
      familyPoint(
        family,
        {
          ...good,
          inputs: [
            [1e200, 2],
            [3, 4],
          ],
        },
        0,
      ),
    ).toThrow(/too large/);
  });
  it('constant activation', () => {
    expect(() => networkFamily({ layers: [1, 1, 1] }, [new Fraction(1)])).toThrow(/constant/);
  });
  it('a network whose loss explodes is refused at once', () => {
    expect(() => networkFamily({ layers: [4, 6, 6, 1] }, relu)).toThrow(NetworkTooLargeError);
    expect(() => networkFamily({ layers: [1, 1, 1, 1, 1, 1] }, relu)).toThrow(
      /fewer units, fewer layers or a lower degree/,
    );
  });
  it('no layers', () => {
    expect(() => networkLayout({ layers: [3] })).toThrow(/at least/);
  });
});
