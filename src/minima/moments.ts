/**
 * From rows of data to the parameters of a network family: the only pass over the data.
 *
 * Two versions of one definition: f64 with compensated sums for real data, exact rationals for
 * small rational data (the tests' ground truth, and systems with short exact coefficients).
 */
import Fraction from 'fraction.js';
import { LpsError } from '../math/lps-error.js';
import { rationalFromDecimal, rationalFromNumber } from '../math/rational.js';
import type { DataTable } from '../data/table.js';
import type { NetworkFamily } from './network-family.js';

/** One data set and lambda as a point of the family. */
export interface FamilyPoint<Value = number> {
  /** One value per parameter of the family, in its order. */
  readonly parameters: readonly Value[];
  /** T = sum_k E[t_k^2]: the constant of the loss is T/2. */
  readonly meanSquareTarget: Value;
}

/** Data or lambda that no loss can be made of. */
export class SampleError extends LpsError {
  override readonly name = 'SampleError';
  override readonly kind = 'input';
}

/**
 * Moments of real data, relative error about 1e-15 each.
 *
 * @param regularization lambda >= 0
 * @throws SampleError for no rows, rows of the wrong length, values that are not finite,
 *   moments beyond f64, lambda < 0
 */
export function familyPoint(
  family: NetworkFamily,
  samples: DataTable,
  regularization: number,
): FamilyPoint {
  checkSamples(family, samples, regularization);
  const count = samples.inputs.length;
  const mean = (value: (row: number) => number): number => {
    // Neumaier's sum: moments of standardised data cancel to about 1/sqrt(S) of their terms.
    let sum = 0;
    let compensation = 0;
    for (let row = 0; row < count; row++) {
      const term = value(row);
      const next = sum + term;
      compensation += Math.abs(sum) >= Math.abs(term) ? sum - next + term : term - next + sum;
      sum = next;
    }
    return (sum + compensation) / count;
  };
  const monomial = (row: number, exponents: readonly number[]): number =>
    exponents.reduce(
      (product, exponent, j) => product * (samples.inputs[row] as number[])[j]! ** exponent,
      1,
    );
  const parameters = family.parameters.map((parameter) => {
    switch (parameter.kind) {
      case 'input':
        return mean((row) => monomial(row, parameter.exponents));
      case 'target':
        return mean(
          (row) =>
            (samples.targets[row] as number[])[parameter.output]! *
            monomial(row, parameter.exponents),
        );
      case 'regularization':
        return regularization;
    }
  });
  const meanSquareTarget = mean((row) =>
    (samples.targets[row] as number[]).reduce((sum, target) => sum + target * target, 0),
  );
  const beyond = [...parameters, meanSquareTarget].findIndex((value) => !Number.isFinite(value));
  if (beyond >= 0) {
    throw new SampleError(
      `the moment ${family.parameters[beyond]?.name ?? 'T'} of the data is too large for f64; standardise or rescale the columns`,
    );
  }
  return { parameters, meanSquareTarget };
}

/**
 * The same, exactly. Numbers stand for the exact value of their f64; give fractions for
 * thirds and tenths. Lambda as a number is read as a decimal (0.01 is 1/100).
 *
 * @throws SampleError as in familyPoint
 */
export function exactFamilyPoint(
  family: NetworkFamily,
  samples: DataTable<number | Fraction>,
  regularization: number | Fraction,
): FamilyPoint<Fraction> {
  checkSamples(family, samples, regularization);
  const exact = (value: number | Fraction): Fraction =>
    typeof value === 'number' ? rationalFromNumber(value) : value;
  const inputs = samples.inputs.map((row) => row.map(exact));
  const targets = samples.targets.map((row) => row.map(exact));
  const mean = (value: (row: number) => Fraction): Fraction =>
    inputs.reduce((sum, _, row) => sum.add(value(row)), new Fraction(0)).div(inputs.length);
  const monomial = (row: number, exponents: readonly number[]): Fraction =>
    exponents.reduce(
      (product, exponent, j) => product.mul(inputs[row]![j]!.pow(exponent)),
      new Fraction(1),
    );
  return {
    parameters: family.parameters.map((parameter) => {
      switch (parameter.kind) {
        case 'input':
          return mean((row) => monomial(row, parameter.exponents));
        case 'target':
          return mean((row) =>
            targets[row]![parameter.output]!.mul(monomial(row, parameter.exponents)),
          );
        case 'regularization':
          return typeof regularization === 'number'
            ? rationalFromDecimal(regularization)
            : regularization;
      }
    }),
    meanSquareTarget: mean((row) =>
      targets[row]!.reduce((sum, target) => sum.add(target.mul(target)), new Fraction(0)),
    ),
  };
}

function checkSamples(
  family: NetworkFamily,
  samples: DataTable<number | Fraction>,
  regularization: number | Fraction,
): void {
  const { layers } = family.layout.architecture;
  if (!(Number(regularization) >= 0) || !Number.isFinite(Number(regularization))) {
    throw new SampleError(
      `the regularization lambda must be a finite number >= 0, got ${String(regularization)}`,
    );
  }
  if (samples.inputs.length === 0 || samples.inputs.length !== samples.targets.length) {
    throw new SampleError(
      `as many rows of inputs as of targets are needed, at least one; got ${samples.inputs.length} and ${samples.targets.length}`,
    );
  }
  checkRows(samples.inputs, layers[0]!, 'input');
  checkRows(samples.targets, layers.at(-1)!, 'target');
}

function checkRows(
  rows: readonly (readonly (number | Fraction)[])[],
  length: number,
  what: 'input' | 'target',
): void {
  rows.forEach((row, index) => {
    if (row.length !== length) {
      throw new SampleError(
        `row ${index + 1} has ${row.length} ${what} values; the network has ${length} ${what === 'input' ? 'inputs' : 'outputs'}`,
      );
    }
    const bad = row.findIndex((value) => !Number.isFinite(Number(value)));
    if (bad >= 0) {
      throw new SampleError(
        `${what} ${bad + 1} of row ${index + 1} is ${String(row[bad])}; every value must be a finite number`,
      );
    }
  });
}
