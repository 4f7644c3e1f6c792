/**
 * Believed afterwards: a solved family survives its file bit by bit, and a file that is damaged or of
 * another network is refused. The truth is a family whose solution is known in closed form: 1-1 with
 * the identity has y = w x + b, so grad J = 0 is linear.
 */
import { expect, it } from 'vitest';
import {
  decodeBase,
  encodeBase,
  generalParameters,
  type FamilyFile,
} from '../../../src/minima/solved-family.js';
import { familyFileName } from '../../../src/cli/family-store.js';
import { approximateActivation } from '../../../src/minima/activation-polynomial.js';
import { networkFamily } from '../../../src/minima/network-family.js';

type Complex = [number, number];
const multiply = ([a, b]: Complex, [c, d]: Complex): Complex => [a * c - b * d, a * d + b * c];
const subtract = ([a, b]: Complex, [c, d]: Complex): Complex => [a - c, b - d];
const divide = (x: Complex, [c, d]: Complex): Complex => {
  const [re, im] = multiply(x, [c, -d]);
  return [re / (c * c + d * d), im / (c * c + d * d)];
};

const activation = approximateActivation({ name: 'identity', degree: 1 }).exact;
const family = networkFamily({ layers: [1, 1] }, activation);
const values = generalParameters(family, 7);

/** Cramer's rule for (M_2 + l) w + M_1 b = Q_1, M_1 w + (1 + l) b = Q_0. */
function solution(): Complex[] {
  const value = (name: string): Complex =>
    values[family.parameters.findIndex((parameter) => parameter.name === name)]!;
  const lambda = value('lambda');
  const diagonal: Complex = [value('M_2')[0] + lambda[0], value('M_2')[1] + lambda[1]];
  const corner: Complex = [1 + lambda[0], lambda[1]];
  const [first, q0, q1] = [value('M_1'), value('Q_1_0'), value('Q_1_1')];
  const determinant = subtract(multiply(diagonal, corner), multiply(first, first));
  return [
    divide(subtract(multiply(q1, corner), multiply(first, q0)), determinant),
    divide(subtract(multiply(diagonal, q0), multiply(first, q1)), determinant),
  ];
}

const coordinates = solution();
const file = encodeBase(
  family,
  {
    system: family.gradient,
    parameters: values,
    start: { groups: [['w1_11', 'b1_1']] },
    partial: false,
    solutions: [{ coordinates, singular: false }],
  },
  { seed: 7, paths: 1, confirmedBy: [7, 8] },
);

it('reads back what was written', () => {
  const base = decodeBase(JSON.stringify(file), family, 'f.json');
  expect(base.solutions).toEqual([{ coordinates, singular: false }]);
  expect(base.parameters).toEqual(values);
  expect(base.start.groups).toEqual([['w1_11', 'b1_1']]);
});

it.each<[string, string, RegExp]>([
  ['broken JSON', '{', /is not JSON/],
  ['another network', JSON.stringify({ ...file, layers: [1, 2] }), /another network: layers/],
  ['another activation', JSON.stringify({ ...file, activation: ['0', '2'] }), /activation is/],
  ['a missing solution', JSON.stringify({ ...file, count: 2 }), /damaged: 32 bytes/],
  ['a moved solution', JSON.stringify(moved(file)), /damaged: solution 1 does not solve/],
])('refuses %s', (_, text, message) => {
  expect(() => decodeBase(text, family, 'f.json')).toThrow(message);
});

/** The same with one changed byte in the last digits of the real part. */
function moved(original: FamilyFile): FamilyFile {
  const bytes = Buffer.from(original.solutions, 'base64');
  bytes[4] = bytes[4]! ^ 0xff;
  return { ...original, solutions: bytes.toString('base64') };
}

it('names families apart', () => {
  const names = [
    family,
    networkFamily({ layers: [1, 1], bias: false }, activation),
    networkFamily({ layers: [1, 1], bias: 'output' }, activation),
    networkFamily({ layers: [1, 2, 1] }, activation),
    networkFamily({ layers: [1, 1] }, approximateActivation({ name: 'relu', degree: 1 }).exact),
  ].map(familyFileName);
  expect(new Set(names).size).toBe(names.length);
});

it('draws other parameters for another seed, the same for the same', () => {
  expect(generalParameters(family, 7)).toEqual(values);
  expect(generalParameters(family, 8)).not.toEqual(values);
});
