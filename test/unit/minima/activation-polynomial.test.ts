// Believed after it passes: activation fits are the least-squares polynomials and their reported errors are the true ones. Truth: closed forms worked out by hand (relu), normal equations and errors on a dense grid (independent of the code's quadrature), published values of erf.
import { describe, expect, it } from 'vitest';
import { errorFunction } from '../../../src/math/error-function.js';
import { activationFunction } from '../../../src/network/activations.js';
import { activationFromNotation, NetworkError } from '../../../src/network/index.js';
import { ACTIVATION_NAMES } from '../../../src/network/notation-layers.js';
import { evaluatePolynomial } from '../../../src/network/activations.js';
import {
  ActivationFitError,
  approximateActivation,
  MAXIMUM_DEGREE,
} from '../../../src/minima/activation-polynomial.js';

const text = (fit: { exact: readonly { toFraction(): string }[] }): string[] =>
  fit.exact.map((coefficient) => coefficient.toFraction());

describe('relu', () => {
  it('of degree 2 on [-1, 1] is 3/32 + z/2 + 15 z^2/32, exactly', () => {
    const fit = approximateActivation({ name: 'relu', degree: 2, radius: 1 });
    expect(text(fit)).toEqual(['3/32', '1/2', '15/32']);
    expect(fit.rational).toBe(true);
    // error z/2 - 3/32 - 15 z^2/32 for z >= 0: 3/32 at the kink, 19/480 at 8/15, 1/16 at the end
    expect(fit.maxError).toBeCloseTo(3 / 32, 15);
    // 1/3 - (1/8 + 1/6 + (25/256)(2/5)) = 1/384
    expect(fit.l2Error).toBeCloseTo(Math.sqrt(1 / 384), 14);
  });

  it('scales as R p(z / R)', () => {
    const fit = approximateActivation({ name: 'relu', degree: 2, radius: 2.5 });
    expect(text(fit)).toEqual(['15/64', '1/2', '3/16']);
    expect(fit.maxError).toBeCloseTo((2.5 * 3) / 32, 14);
  });

  it('of degree 3 is the fit of degree 2, and says so; degree 4 has closed form', () => {
    const cubic = approximateActivation({ name: 'relu', degree: 3 });
    expect(cubic.effectiveDegree).toBe(2);
    expect(text(cubic)).toEqual(['3/32', '1/2', '15/32']);
    // |u|/2 = 1/4 + 5/16 P2 - 3/32 P4 + ...
    expect(text(approximateActivation({ name: 'relu', degree: 4 }))).toEqual([
      '15/256',
      '1/2',
      '105/128',
      '0',
      '-105/256',
    ]);
  });

  it('with the Chebyshev weight has coefficients 1/pi (1, pi/2, ...)', () => {
    // |u|/2 = 1/pi + (2/(3 pi)) T2 - ...
    const fit = approximateActivation({ name: 'relu', degree: 2, radius: 3, norm: 'chebyshev' });
    expect(fit.coefficients[0]).toBeCloseTo((3 * (1 - 2 / 3)) / Math.PI, 14);
    expect(fit.coefficients[1]).toBe(0.5);
    expect(fit.coefficients[2]).toBeCloseTo(4 / (3 * Math.PI) / 3, 14);
    expect(fit.rational).toBe(false);
  });
});

it('leaky relu is slope z plus (1 - slope) relu', () => {
  const fit = approximateActivation({ name: 'leaky-relu(0.25)', degree: 2 });
  expect(text(fit)).toEqual(['9/128', '5/8', '45/128']);
});

it('polynomial activations are themselves, and are projected exactly when the degree is too small', () => {
  expect(text(approximateActivation({ name: 'square', degree: 2, radius: 0.7 }))).toEqual([
    '0',
    '0',
    '1',
  ]);
  expect(text(approximateActivation({ name: 'square', degree: 2, norm: 'chebyshev' }))).toEqual([
    '0',
    '0',
    '1',
  ]);
  expect(text(approximateActivation({ name: 'identity', degree: 3 }))).toEqual(['0', '1']);
  // Legendre projection of z^2 to degree 1 is R^2/3, Chebyshev R^2/2.
  expect(text(approximateActivation({ name: 'square', degree: 1, radius: 3 }))).toEqual(['3']);
  expect(
    text(approximateActivation({ name: 'square', degree: 1, radius: 3, norm: 'chebyshev' })),
  ).toEqual(['9/2']);
});

/** Every activation with its usual options, and some with others. */
const names = [
  ...ACTIVATION_NAMES.filter((name) => name !== 'poly'),
  'elu(-0.5)',
  'gelu(tanh)',
  'leaky-relu(2)',
];

it.each(names)(
  '%s: the residual is orthogonal to all lower powers and the errors are those of a dense grid',
  (name) => {
    for (const [degree, radius] of [
      [1, 1],
      [2, 3],
      [3, 0.5],
      [5, 4],
      [8, 60],
    ] as const) {
      const fit = approximateActivation({ name, degree, radius });
      // Midpoint rule on 200,000 cells: error about (cell width)^2.
      const cells = 200_000;
      const width = (2 * radius) / cells;
      const moments = new Float64Array(degree + 1);
      let squares = 0;
      let largest = 0;
      for (let i = 0; i < cells; i++) {
        const z = -radius + (i + 0.5) * width;
        const error = fit.activation.value(z) - evaluatePolynomial(fit.coefficients, z);
        squares += error * error * width;
        largest = Math.max(largest, Math.abs(error));
        let term = error * (width / radius);
        for (let k = 0; k <= degree; k++) {
          moments[k] = moments[k]! + term;
          term *= z / radius;
        }
      }
      const scale = Math.max(1, radius);
      for (const moment of moments) {
        expect(Math.abs(moment)).toBeLessThan(2e-8 * scale);
      }
      expect(Math.abs(fit.l2Error - Math.sqrt(squares))).toBeLessThan(1e-6 * scale);
      expect(fit.maxError).toBeGreaterThanOrEqual(largest);
      expect(fit.maxError - largest).toBeLessThan(2 * width);
    }
  },
);

it('parity is exact: no rounding noise becomes a monomial', () => {
  const tanh = approximateActivation({ name: 'tanh', degree: 4, radius: 2 });
  expect(tanh.effectiveDegree).toBe(3);
  expect([tanh.coefficients[0], tanh.coefficients[2]]).toEqual([0, 0]);
  const gelu = approximateActivation({ name: 'gelu', degree: 4, radius: 2 });
  expect([gelu.coefficients[1], gelu.coefficients[3]]).toEqual([0.5, 0]);
});

it('more degree never fits worse in L2', () => {
  for (const name of names) {
    for (const norm of ['legendre', 'chebyshev'] as const) {
      let last = Infinity;
      for (let degree = 1; degree <= MAXIMUM_DEGREE; degree++) {
        const { l2Error } = approximateActivation({ name, degree, radius: 3, norm });
        expect(l2Error).toBeLessThanOrEqual(last + 1e-9);
        last = l2Error;
      }
    }
  }
});

it('derivatives are those of the values (central differences)', () => {
  for (const name of names) {
    const activation = activationFunction(activationFromNotation(name));
    for (const z of [-3.1, -0.7, 0.4, 2.2]) {
      const difference = (activation.value(z + 1e-5) - activation.value(z - 1e-5)) / 2e-5;
      expect(activation.derivative(z)).toBeCloseTo(difference, 8);
    }
  }
});

it('erf agrees with published 16-digit values (Abramowitz and Stegun, table 7.1; DLMF 7.23)', () => {
  const table: [number, number][] = [
    [0, 0],
    [0.5, 0.5204998778130465],
    [1, 0.8427007929497149],
    [2, 0.9953222650189527],
    [2.5, 0.999593047982555],
    [3, 0.9999779095030014],
    [7, 1],
  ];
  for (const [x, value] of table) {
    expect(Math.abs(errorFunction(x) - value)).toBeLessThan(4e-16);
    expect(errorFunction(-x)).toBe(-errorFunction(x));
  }
  expect(errorFunction(NaN)).toBeNaN();
});

describe('bad input', () => {
  it.each([0, -1, 1.5, NaN, MAXIMUM_DEGREE + 1])('degree %s', (degree) => {
    expect(() => approximateActivation({ name: 'relu', degree })).toThrow(ActivationFitError);
  });
  it.each([0, -1, NaN, Infinity])('radius %s', (radius) => {
    expect(() => approximateActivation({ name: 'relu', degree: 2, radius })).toThrow(/radius/);
  });
  it('names', () => {
    expect(() => approximateActivation({ name: 'rellu', degree: 2 })).toThrow(NetworkError);
    expect(() => approximateActivation({ name: 'rellu', degree: 2 })).toThrow(
      /relu, leaky-relu, elu, tanh/,
    );
  });
  it('negative slope', () => {
    expect(() => approximateActivation({ name: 'leaky-relu(none)', degree: 2 })).toThrow(
      /slope must be a finite number/,
    );
  });
});
