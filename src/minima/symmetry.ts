/**
 * The symmetries of a polynomial network: which critical points are copies of each other.
 *
 * Hidden units of one layer may be exchanged; if the activation polynomial is even, the sign of
 * a unit's incoming weights and bias may be changed; if it is odd, also that of its outgoing
 * weights with them. These generate all of them; a set of solutions that is complete is mapped
 * to itself by every generator, so a missing image betrays a missed solution.
 */
import type Fraction from 'fraction.js';
import { atOnce, type Stepwise } from '../math/stepwise.js';
import type { NetworkLayout } from '../network/architecture.js';

/** image_i = sign_i * point_{source_i} */
export interface SignedPermutation {
  readonly source: readonly number[];
  readonly sign: readonly number[];
}

/** Two points are the same when they differ by less than this, relative to 1 + size. */
const SAME_POINT = 1e-6;

/**
 * Generators of the symmetry group: neighbour exchanges and sign changes of hidden units.
 *
 * @param activation power coefficients of the activation polynomial, lowest first
 */
export function symmetryGenerators(
  layout: NetworkLayout,
  activation: readonly Fraction[],
): SignedPermutation[] {
  const isEven = activation.every((c, power) => power % 2 === 0 || c.n === 0n);
  const isOdd = activation.every((c, power) => power % 2 === 1 || c.n === 0n);
  const size = layout.variables.length;
  const generators: SignedPermutation[] = [];
  const { affineLayers } = layout.network;
  for (let layer = 0; layer + 1 < affineLayers.length; layer++) {
    const units = affineLayers[layer]!.weight.rows;
    for (let unit = 0; unit < units; unit++) {
      const incoming = incomingUnknowns(layout, layer, unit);
      const outgoing = outgoingUnknowns(layout, layer, unit);
      if (unit + 1 < units) {
        const source = Array.from({ length: size }, (_, k) => k);
        const own = [...incoming, ...outgoing];
        const next = [
          ...incomingUnknowns(layout, layer, unit + 1),
          ...outgoingUnknowns(layout, layer, unit + 1),
        ];
        own.forEach((k, place) => {
          const other = next[place]!;
          source[k] = other;
          source[other] = k;
        });
        generators.push({ source, sign: new Array<number>(size).fill(1) });
      }
      if (isEven || isOdd) {
        const negated = new Set(isOdd ? [...incoming, ...outgoing] : incoming);
        generators.push({
          source: Array.from({ length: size }, (_, k) => k),
          sign: Array.from({ length: size }, (_, k) => (negated.has(k) ? -1 : 1)),
        });
      }
    }
  }
  return generators;
}

export interface Orbits {
  /** Orbit number of every point, in order of first appearance. */
  readonly orbitOf: readonly number[];
  /** Pairs (point, generator) whose image is not among the points: 0 for a complete set. */
  readonly missingImages: number;
}

/** Groups points into orbits: joined when a generator maps one to the other. */
export function findOrbits(
  points: readonly (readonly number[])[],
  generators: readonly SignedPermutation[],
): Orbits {
  return atOnce(findOrbitsStepwise(points, generators));
}

/** The same, a point a step. */
export function* findOrbitsStepwise(
  points: readonly (readonly number[])[],
  generators: readonly SignedPermutation[],
): Stepwise<Orbits> {
  const parent = points.map((_, index) => index);
  const root = (index: number): number => {
    let current = index;
    while (parent[current] !== current) {
      current = parent[current]!;
    }
    return current;
  };
  let missingImages = 0;
  for (const [index, point] of points.entries()) {
    yield;
    for (const { source, sign } of generators) {
      const image = source.map((from, k) => sign[k]! * point[from]!);
      const found = points.findIndex((other) => isSamePoint(other, image));
      if (found < 0) {
        missingImages++;
      } else {
        const [a, b] = [root(index), root(found)];
        parent[Math.max(a, b)] = Math.min(a, b);
      }
    }
  }
  const numbers = new Map<number, number>();
  const orbitOf = points.map((_, index) => {
    const representative = root(index);
    const number = numbers.get(representative) ?? numbers.size;
    numbers.set(representative, number);
    return number;
  });
  return { orbitOf, missingImages };
}

/** Equal up to the accuracy of a refined solution. */
export function isSamePoint(a: readonly number[], b: readonly number[]): boolean {
  const size = 1 + Math.max(...a.map(Math.abs));
  return a.every((value, k) => Math.abs(value - b[k]!) <= SAME_POINT * size);
}

/**
 * Whether one point may be the other with its hidden units exchanged or their signs changed: each tensor has the same moduli,
 * in some order. Points that fit the same data and are no copies do not agree in all of them.
 */
export function isSameOrbit({
  network,
}: NetworkLayout): (a: readonly number[], b: readonly number[]) => boolean {
  const sorted = (point: readonly number[]): number[] =>
    network.affineLayers.flatMap(({ weight: { first, rows, columns }, bias }) => {
      const moduli = (from: number, count: number): number[] =>
        point
          .slice(from, from + count)
          .map(Math.abs)
          .sort((x, y) => x - y);
      return [...moduli(first, rows * columns), ...(bias ? moduli(bias.first, rows) : [])];
    });
  return (a, b) => isSamePoint(sorted(a), sorted(b));
}

function incomingUnknowns(layout: NetworkLayout, layer: number, unit: number): number[] {
  const { weight, bias } = layout.network.affineLayers[layer]!;
  const { first, columns } = weight;
  const weights = Array.from({ length: columns }, (_, j) => first + unit * columns + j);
  return bias ? [...weights, bias.first + unit] : weights;
}

function outgoingUnknowns(layout: NetworkLayout, layer: number, unit: number): number[] {
  const { first, rows, columns } = layout.network.affineLayers[layer + 1]!.weight;
  return Array.from({ length: rows }, (_, i) => first + i * columns + unit);
}
