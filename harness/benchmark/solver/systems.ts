/**
 * The systems whose tracking speed is compared, and how many simple solutions each has.
 *
 * Total-degree starts, because that is the one start system that all contenders have.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../setup/paths.mjs';

/** What parseSystem reads. */
export interface SystemInput {
  readonly name?: string;
  readonly variables: string[];
  readonly equations: string[];
}

export interface BenchmarkSystem {
  readonly name: string;
  readonly input: SystemInput;
  /** The truth: so many, all simple. */
  readonly solutions: number;
}

const fromFiles = [
  ['katsura8', 256],
  ['katsura10', 1024],
  ['noon5', 233],
  ['noon6', 717],
  ['dense_n4_d3', 81],
  ['cyclic6', 156],
  ['cyclic7', 924],
] as const;
const DENSE_SEED = 63;

export function benchmarkSystems(): BenchmarkSystem[] {
  const systems: BenchmarkSystem[] = fromFiles.map(([name, solutions]) => {
    const file = join(root, 'test', 'data', 'systems', `${name}.json`);
    return { name, solutions, input: JSON.parse(readFileSync(file, 'utf8')) as SystemInput };
  });
  // As many as Bezout's bound: 3^6 for general coefficients.
  systems.push({ name: 'dense_n6_d3', solutions: 729, input: denseSystem(6, 3, DENSE_SEED) });
  return systems;
}

/**
 * n equations in x1..xn with every monomial up to a degree, coefficients multiples of 0.001 in [-1, 1] but not 0.
 */
export function denseSystem(variables: number, degree: number, seed: number): SystemInput {
  const random = randomNumbers(seed);
  const names = Array.from({ length: variables }, (_, k) => `x${k + 1}`);
  const monomials = exponentVectors(variables, degree).map((exponents) =>
    exponents.flatMap((power, k) =>
      power === 0 ? [] : [power === 1 ? names[k]! : `${names[k]!}^${power}`],
    ),
  );
  const equations = names.map(() =>
    monomials
      .map((factors) => {
        const size = (1 + Math.floor(random() * 1000)) / 1000;
        const sign = random() < 0.5 ? '-' : '+';
        return `${sign} ${[size, ...factors].join('*')}`;
      })
      .join(' '),
  );
  return { name: `dense_n${variables}_d${degree}`, variables: names, equations };
}

/** All exponent vectors of total degree at most `degree`: C(n + d, d) of them. */
function exponentVectors(variables: number, degree: number): number[][] {
  if (variables === 0) return [[]];
  return Array.from({ length: degree + 1 }, (_, power) =>
    exponentVectors(variables - 1, degree - power).map((rest) => [power, ...rest]),
  ).flat();
}

/**
 * Uniform on [0, 1) from a 32-bit seed (mulberry32). Not the library's own numbers: a benchmark's
 * system stays what it is when those change.
 */
function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let word = state;
    word = Math.imul(word ^ (word >>> 15), word | 1);
    word ^= word + Math.imul(word ^ (word >>> 7), word | 61);
    return ((word ^ (word >>> 14)) >>> 0) / 2 ** 32;
  };
}
