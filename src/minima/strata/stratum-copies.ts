/** How many and which points of a network are those of one stratum: its units in every order, and of every sign that does not matter. */
import { type Complex, type LagrangeFamily } from './lagrange-family.js';
import type { Parity } from './general-seed.js';

/** Of each hidden unit, which different one it is, null for a dead one, and its sign. */
export type Arrangement = readonly { readonly unit: number | null; readonly sign: 1 | -1 }[];

/** Lists of k whole numbers above 0 in decreasing order that add up to n. */
export function partitions(n: number, k: number, largest = n): number[][] {
  if (k === 0) return n === 0 ? [[]] : [];
  return Array.from({ length: Math.min(n, largest) }, (_, i) => i + 1)
    .reverse()
    .flatMap((first) => partitions(n - first, k - 1, first).map((rest) => [first, ...rest]));
}

/** Orders of different units that give them the multiplicities in every way, each way once. */
export function unitOrders(multiplicities: readonly number[]): number[][] {
  const known = new Set<string>();
  return permutations(multiplicities.map((_, k) => k)).filter((order) => {
    // Which multiplicity unit k gets.
    const shares = order.map((_, k) => multiplicities[order.indexOf(k)]!).join();
    if (known.has(shares)) return false;
    known.add(shares);
    return true;
  });
}

function permutations(items: readonly number[]): number[][] {
  if (items.length === 0) return [[]];
  return items.flatMap((item) =>
    permutations(items.filter((other) => other !== item)).map((rest) => [item, ...rest]),
  );
}

/**
 * @param hidden units of the network; those that are none of the different ones are dead
 * @returns how many arrangements there are
 */
export function countCopies(
  hidden: number,
  multiplicities: readonly number[],
  parity: Parity,
): number {
  let [left, copies] = [hidden, 1];
  for (const multiplicity of multiplicities) {
    for (let k = 1; k <= multiplicity; k++) copies = (copies * left--) / k;
  }
  return parity === null ? copies : copies * 2 ** (hidden - left);
}

/** All arrangements; without a parity all signs are 1. */
export function arrangements(
  hidden: number,
  multiplicities: readonly number[],
  parity: Parity,
): Arrangement[] {
  if (hidden === 0) return [[]];
  const used = multiplicities.reduce((sum, each) => sum + each, 0);
  const rest = (left: readonly number[]): Arrangement[] => arrangements(hidden - 1, left, parity);
  const signs = parity === null ? ([1] as const) : ([1, -1] as const);
  return [
    ...multiplicities.flatMap((multiplicity, unit) =>
      multiplicity === 0
        ? []
        : rest(multiplicities.map((each, k) => (k === unit ? each - 1 : each))).flatMap((others) =>
            signs.map((sign) => [{ unit, sign }, ...others]),
          ),
    ),
    ...(used < hidden
      ? rest(multiplicities).map((others) => [{ unit: null, sign: 1 as const }, ...others])
      : []),
  ];
}

/** Equal units side by side, dead ones last, no sign changed. */
export function firstArrangement(hidden: number, multiplicities: readonly number[]): Arrangement {
  const units = multiplicities.flatMap((multiplicity, unit) =>
    Array.from({ length: multiplicity }, () => unit),
  );
  return Array.from({ length: hidden }, (_, k) => ({ unit: units[k] ?? null, sign: 1 }));
}

/** In the order of the network's unknowns: weights row by row, biases, output weights, output bias. */
export function networkPoint(
  { inputs, units }: LagrangeFamily,
  coordinates: readonly Complex[],
  arrangement: Arrangement,
  parity: Parity,
): Complex[] {
  const size = inputs + 2;
  const own = arrangement.map(({ unit, sign }): Complex[] => {
    if (unit === null) return Array.from({ length: size }, () => [0, 0]);
    return coordinates.slice(unit * size, (unit + 1) * size).map(([re, im], k): Complex => {
      const isOutput = k === size - 1;
      const factor = isOutput && parity === 'even' ? 1 : sign;
      return factor === 1 ? [re, im] : [-re, -im];
    });
  });
  return [
    ...own.flatMap((unit) => unit.slice(0, inputs)),
    ...own.map((unit) => unit[inputs]!),
    ...own.map((unit) => unit[inputs + 1]!),
    coordinates[units * size]!,
  ];
}
