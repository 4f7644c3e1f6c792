/**
 * The target system as tables for shaders/tracker/refine.wgsl: loops over tables instead of
 * generated code, because inlined double-single arithmetic takes minutes to compile.
 *
 * The evaluation plan lists dF_i/dx_j; F_i itself is put together from it: a term c m of F_i that
 * contains x_j^e gives the derivative term (c e) (m / x_j), so c m = (c e / e) (m / x_j) x_j. Terms
 * that share x_j form a cluster, x_j (sum of coefficient * register), and every term goes to the
 * coordinate that most terms of its equation contain: fewest double-single products.
 */
import { MINUS_ONE, ONE, PLUS_ONE, type EvaluationPlan } from '../program/evaluation.js';
import type { HomotopyStructure } from '../program/homotopy.js';

export interface RefineTables {
  readonly words: Uint32Array<ArrayBuffer>;
  /** Constants of the kernel: sizes, and places in `words`. */
  readonly constants: Readonly<Record<string, number>>;
  /** Numbers of derived coefficients, and what divides them: refine coefficient k is derived[index] / divisor. */
  readonly coefficients: readonly { readonly index: number; readonly divisor: number }[];
}

const LAST_CLUSTER = 0x80000000;

export function refineTables(structure: HomotopyStructure): RefineTables {
  const { target: plan, coordinates } = structure;
  const builder = new TermTable(coordinates + plan.products.length);
  const entries = plan.jacobian.flatMap((row, i) =>
    row.map((entry) => {
      const [first, end] = builder.add(
        entry.coefficients.map((index, k) => ({
          index,
          divisor: 1,
          register: entry.registers[k]!,
        })),
      );
      return [i, entry.coordinate, first, end];
    }),
  );
  const clusters = plan.jacobian.flatMap((_, i) => {
    const ofEquation = clusterTerms(plan, i);
    return ofEquation.map(({ coordinate, terms }, k) => {
      const [first, end] = builder.add(terms);
      return [k + 1 === ofEquation.length ? i + LAST_CLUSTER : i, coordinate, first, end];
    });
  });
  const products = plan.products.flatMap(({ left, right }) => [left, right]);
  const parts = [products, entries.flat(), clusters.flat(), builder.terms, structure.groupOf];
  const places: number[] = [];
  let size = 0;
  for (const part of parts) {
    places.push(size);
    size += part.length;
  }
  return {
    words: Uint32Array.from(parts.flat()),
    constants: {
      VARIABLES: structure.variables,
      COORDINATES: coordinates,
      GROUPS: structure.groups.length,
      PRODUCTS: plan.products.length,
      ENTRIES: entries.length,
      CLUSTERS: clusters.length,
      PRODUCTS_AT: places[0]!,
      ENTRIES_AT: places[1]!,
      CLUSTERS_AT: places[2]!,
      TERMS_AT: places[3]!,
      GROUP_OF_AT: places[4]!,
      COEFFICIENTS: builder.coefficients.length,
    },
    coefficients: builder.coefficients,
  };
}

/** refine_coefficients: every coefficient as two f32 per part. */
export function refineCoefficients(
  tables: RefineTables,
  derived: Float64Array,
): Float32Array<ArrayBuffer> {
  const out = new Float32Array(4 * tables.coefficients.length);
  tables.coefficients.forEach(({ index, divisor }, k) => {
    const [re, im] =
      index === PLUS_ONE || index === MINUS_ONE
        ? [index === PLUS_ONE ? 1 : -1, 0]
        : [derived[2 * index]!, derived[2 * index + 1]!];
    out.set([...split(re / divisor), ...split(im / divisor)], 4 * k);
  });
  return out;
}

/** An f64 as high + low, two f32: 48 of its 53 bits. */
function split(value: number): [number, number] {
  const high = Math.fround(value);
  return [high, Math.fround(value - high)];
}

interface Term {
  readonly index: number;
  readonly divisor: number;
  readonly register: number;
}

/** The terms of F_i, clustered by a coordinate that they contain. */
function clusterTerms(
  plan: EvaluationPlan,
  equation: number,
): { coordinate: number; terms: Term[] }[] {
  const exponents = registerExponents(plan);
  const options = new Map<string, { coordinate: number; term: Term }[]>();
  for (const entry of plan.jacobian[equation]!) {
    entry.coefficients.forEach((index, k) => {
      const register = entry.registers[k]!;
      const monomial = [
        ...(register === ONE ? new Array<number>(plan.coordinates).fill(0) : exponents[register]!),
      ];
      monomial[entry.coordinate]! += 1;
      const key = monomial.join();
      const list = options.get(key) ?? [];
      list.push({
        coordinate: entry.coordinate,
        term: { index, divisor: monomial[entry.coordinate]!, register },
      });
      options.set(key, list);
    });
  }
  const clusters: { coordinate: number; terms: Term[] }[] = [];
  const left = new Set(options.values());
  while (left.size > 0) {
    const counts = new Map<number, number>();
    for (const list of left) {
      for (const { coordinate } of list) counts.set(coordinate, (counts.get(coordinate) ?? 0) + 1);
    }
    const [coordinate] = [...counts].reduce((best, candidate) =>
      candidate[1] > best[1] ? candidate : best,
    );
    const terms: Term[] = [];
    for (const list of left) {
      const option = list.find((candidate) => candidate.coordinate === coordinate);
      if (!option) continue;
      terms.push(option.term);
      left.delete(list);
    }
    clusters.push({ coordinate, terms });
  }
  return clusters;
}

function registerExponents(plan: EvaluationPlan): number[][] {
  const exponents: number[][] = Array.from({ length: plan.coordinates }, (_, j) =>
    Array.from({ length: plan.coordinates }, (__, k) => (k === j ? 1 : 0)),
  );
  for (const { left, right } of plan.products) {
    exponents.push(exponents[left]!.map((exponent, j) => exponent + exponents[right]![j]!));
  }
  return exponents;
}

/** All terms of all sums, (coefficient, register) pairs; equal coefficients once. */
class TermTable {
  readonly terms: number[] = [];
  readonly coefficients: { index: number; divisor: number }[] = [];
  private readonly known = new Map<string, number>();

  constructor(private readonly one: number) {}

  /** @returns first and end, in terms. */
  add(terms: readonly Term[]): [number, number] {
    const first = this.terms.length / 2;
    for (const { index, divisor, register } of terms) {
      const key = `${index}/${divisor}`;
      let coefficient = this.known.get(key);
      if (coefficient === undefined) {
        coefficient = this.coefficients.length;
        this.coefficients.push({ index, divisor });
        this.known.set(key, coefficient);
      }
      this.terms.push(coefficient, register === ONE ? this.one : register);
    }
    return [first, this.terms.length / 2];
  }
}
