/** Systems with verified counts, networks with known solutions, and how sets of solutions are compared. */
import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import type { SolveResult } from 'lps-webgpu';

export type Point = readonly (readonly [number, number])[];

export interface SystemTruth {
  readonly variables: readonly string[];
  readonly equations: readonly string[];
  readonly totalDegree: number;
  readonly finiteSolutions: {
    readonly isolatedDistinctNonsingular: number;
    readonly distinctExact: number | null;
  };
  readonly realSolutions: number | null;
}

export interface NetworkTruth {
  readonly variables: readonly string[];
  readonly groups: readonly (readonly string[])[];
  readonly equations: readonly string[];
  readonly real: number;
  readonly isolated_complex_exact_M2: number;
  readonly complex_solutions: readonly Point[];
}

function read(path: string): unknown {
  return JSON.parse(readFileSync(new URL(`../data/${path}.json`, import.meta.url), 'utf8'));
}

export function systemTruth(name: string): SystemTruth {
  return read(`systems/${name}`) as SystemTruth;
}

export function networkTruth(name: string): NetworkTruth {
  return read(`networks/${name}`) as NetworkTruth;
}

/** What holds for every complete result. */
export function expectSound(result: SolveResult): void {
  const { paths, counts, solutions } = result;
  expect(paths.tracked).toBe(paths.regular + paths.singular + paths.atInfinity + paths.failed);
  expect(paths.tracked).toBe(result.start.paths);
  expect(result.partial).toBe(false);
  expect(counts.distinct).toBe(solutions.length);
  for (const solution of solutions) {
    if (!solution.singular) expect(solution.residual).toBeLessThanOrEqual(1e-12);
  }
}

export function nonsingular(result: SolveResult): Point[] {
  return result.solutions.filter((solution) => !solution.singular).map((each) => each.coordinates);
}

/**
 * Largest distance from a point of one set to the other set, either way, relative to the size of
 * the point where that exceeds 1; Infinity when one set is empty and the other is not.
 */
export function distanceOfSets(a: readonly Point[], b: readonly Point[]): number {
  return Math.max(oneWay(a, b), oneWay(b, a));
}

function oneWay(from: readonly Point[], to: readonly Point[]): number {
  let worst = 0;
  for (const point of from) {
    const size = Math.max(1, ...point.map(([re, im]) => Math.hypot(re, im)));
    let nearest = Infinity;
    for (const other of to) {
      let distance = 0;
      point.forEach(([re, im], j) => {
        distance = Math.max(distance, Math.hypot(re - other[j]![0], im - other[j]![1]));
      });
      nearest = Math.min(nearest, distance / size);
    }
    worst = Math.max(worst, nearest);
  }
  return worst;
}
