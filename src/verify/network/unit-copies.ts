/**
 * Documents of wide networks list one solution of each orbit under exchanges of hidden units (and changes of their signs,
 * where the activation is even or odd), with the number of its copies: whether that number is right, and no orbit is listed
 * twice. For networks with one hidden layer.
 */
import { NearPoints } from '../near-points.js';
import type { ClaimedSolution } from '../system/read-solve.js';
import { tensorsOf, type PolynomialNetwork } from './polynomial-network.js';

type Complex = readonly [number, number];

/** Units, and invariants, are equal when they are this close, relative to 1 + their size. */
const SAME = 1e-8;

export function checkOrbits(
  network: PolynomialNetwork,
  solutions: readonly ClaimedSolution[],
): string[] {
  if (network.layers.length !== 3)
    return ['copies are known of networks with one hidden layer only, and some are claimed'];
  const invariants = solutions.map(({ coordinates }) => invariantsOf(network, coordinates));
  const known = new NearPoints(invariants.map((values) => values.flat()));
  /** Solutions with the same invariants. */
  const likes = (values: readonly Complex[]): number[] =>
    known
      .near(values.flat(), SAME * (1 + Math.max(...values.map(([re, im]) => Math.hypot(re, im)))))
      .filter((other) => areSame(values, invariants[other]!));
  return [
    ...solutions.flatMap(({ coordinates, copies }, k) => {
      const own = countCopies(network, coordinates);
      return own === copies ? [] : [`solution ${k + 1} has ${own} copies, not ${copies}`];
    }),
    ...invariants.flatMap((values, k) =>
      likes(values)
        .filter((other) => other < k)
        .map((other) => `solution ${k + 1} is a copy of solution ${other + 1}`),
    ),
    ...solutions.flatMap(({ real }, k) => {
      const conjugate = invariants[k]!.map(([re, im]): Complex => [re, -im]);
      return real || likes(conjugate).length > 0
        ? []
        : [`the conjugate of solution ${k + 1} is missing`];
    }),
  ];
}

/** Size of the orbit: the group's order by that of the stabilizer. */
function countCopies(network: PolynomialNetwork, coordinates: readonly Complex[]): number {
  const { activation } = network;
  const isEven = activation.every((coefficient, power) => power % 2 === 0 || coefficient === 0);
  const isOdd = activation.every((coefficient, power) => power % 2 === 1 || coefficient === 0);
  const units = unitsOf(network, coordinates);
  const size = 1 + Math.max(...coordinates.flat().map(Math.abs));
  const isZero = (unit: readonly Complex[]): boolean =>
    unit.every(([re, im]) => Math.hypot(re, im) <= SAME * size);
  const hasSigns = isEven || isOdd;
  const live = hasSigns ? units.filter((unit) => !isZero(unit)) : units;
  const areEqual = (a: readonly Complex[], b: readonly Complex[]): boolean =>
    [1, -1].some(
      (sign) =>
        (sign === 1 || hasSigns) &&
        a.every(([re, im], k) => {
          const factor = k === a.length - 1 && !isOdd ? 1 : sign;
          return Math.hypot(re - factor * b[k]![0], im - factor * b[k]![1]) <= SAME * size;
        }),
    );
  const groups: { readonly unit: readonly Complex[]; count: number }[] = [];
  for (const unit of live) {
    const group = groups.find((each) => areEqual(each.unit, unit));
    if (group) group.count++;
    else groups.push({ unit, count: 1 });
  }
  const stabilizer = groups.reduce((product, { count }) => product * factorial(count), 1);
  const order = factorial(units.length) / (factorial(units.length - live.length) * stabilizer);
  return Math.round(order) * (hasSigns ? 2 ** live.length : 1);
}

/** w, b and v of each hidden unit. */
function unitsOf(network: PolynomialNetwork, coordinates: readonly Complex[]): Complex[][] {
  const [weight, ...others] = tensorsOf(network);
  const { rows, columns } = weight!;
  const inner = rows * columns!;
  const hasBias = others[0]!.columns === null;
  return Array.from({ length: rows }, (_, unit) => [
    ...coordinates.slice(unit * columns!, (unit + 1) * columns!),
    ...(hasBias ? [coordinates[inner + unit]!] : []),
    coordinates[inner + (hasBias ? rows : 0) + unit]!,
  ]);
}

/** The output bias, and of every unknown of a unit the sums over the units of its square and of its fourth power. */
function invariantsOf(network: PolynomialNetwork, coordinates: readonly Complex[]): Complex[] {
  const units = unitsOf(network, coordinates);
  const sums = units[0]!.flatMap((_, k) => {
    const squares = units.map((unit) => square(unit[k]!));
    return [sum(squares), sum(squares.map(square))];
  });
  return [coordinates.at(-1)!, ...sums];
}

function areSame(a: readonly Complex[], b: readonly Complex[]): boolean {
  return a.every(
    ([re, im], k) => Math.hypot(re - b[k]![0], im - b[k]![1]) <= SAME * (1 + Math.hypot(re, im)),
  );
}

function square([re, im]: Complex): Complex {
  return [re * re - im * im, 2 * re * im];
}

function sum(values: readonly Complex[]): Complex {
  return values.reduce<Complex>(([re, im], each) => [re + each[0], im + each[1]], [0, 0]);
}

function factorial(n: number): number {
  return n <= 1 ? 1 : n * factorial(n - 1);
}
