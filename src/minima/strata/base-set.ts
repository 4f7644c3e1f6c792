/**
 * All solutions of a general member of a stratum: k different units, found by monodromy from a seed that costs nothing.
 *
 * A critical point of a network of any width is one of the network of its k different units, each with a multiplicity
 * (lagrange-family.ts). Points with k different units are one irreducible component for general data, so that one seed
 * suffices; the number of different units is at most that of the solutions of one unit's system.
 */
import type { Device } from '../../gpu/index.js';
import { solve, type MonodromyResult, type StartSolutions } from '../../homotopy/index.js';
import { LpsError } from '../../math/lps-error.js';
import { randomStream } from '../../math/random.js';
import { evaluate, member, type ParameterValue } from '../../polynomial/index.js';
import type { LagrangeFamily } from './lagrange-family.js';

/** A stratum that has no points, or whose form is not handled. */
export class StratumError extends LpsError {
  override readonly name = 'StratumError';
  override readonly kind = 'usage';
}

type Complex = readonly [number, number];
type Point = StartSolutions['solutions'][number]['coordinates'];

const SEED_STREAM = 0x70000;

/**
 * One solution of each orbit under exchanges of units, at general complex lambda and moments and multiplicities 1.
 *
 * @throws StratumError when one unit's system has fewer than k solutions, or p is even or odd
 */
export async function solveBaseSet(
  gpu: Device,
  family: LagrangeFamily,
  options: { readonly seed: number; readonly signal?: AbortSignal },
): Promise<MonodromyResult> {
  const { seed, signal } = options;
  const from = await generalSeed(gpu, family, seed);
  const { parameters } = family.system;
  const moving = parameters.flatMap((name, k) => (/^m\d+$/.test(name) ? [] : [k]));
  return solve(gpu, family.system, {
    monodromy: { from, actions: unitExchanges(family), moving },
    seed,
    ...(signal && { signal }),
  });
}

/** A member with one solution: lambda, moments and residual moments are drawn, and the target moments follow. */
export async function generalSeed(
  gpu: Device,
  family: LagrangeFamily,
  seed: number,
): Promise<StartSolutions> {
  const { units, activation, exponents, momentExponents, system, unitSystem } = family;
  for (const parity of [0, 1]) {
    if (activation.every((coefficient, power) => power % 2 === parity || coefficient.n === 0n)) {
      throw new StratumError(
        'the activation polynomial is even or odd: units that differ by a sign, and dead ones, make strata of their own, which are not handled; solve the family with lps family',
      );
    }
  }
  const random = randomStream(seed, SEED_STREAM);
  const lambda = random.unitCircle();
  const moments = momentExponents.map(() => random.unitCircle());
  const residuals = exponents.map(() => random.unitCircle());
  const branches = await solve(gpu, unitSystem, {
    parameters: [lambda, ...residuals],
    seed,
    precision: 'f64',
    countMilliseconds: 0,
  });
  const chosen = branches.solutions.filter(({ singular }) => !singular).slice(0, units);
  if (chosen.length < units) {
    throw new StratumError(
      `a critical point has at most ${branches.counts.nonsingular} different units with this activation, not ${units}`,
    );
  }
  const coordinates: Point = [
    ...chosen.flatMap((unit) => unit.coordinates),
    negated(quotient(residuals[0]!, lambda)),
    ...residuals.slice(1),
  ];
  const known: ParameterValue[] = [lambda, ...chosen.map(() => 1), ...moments];
  const [at0, at1] = [0, 1].map((target) =>
    evaluate(member(system, [...known, ...exponents.map(() => target)]), coordinates.flat()),
  ) as [Float64Array, Float64Array];
  // The closing equations come last, and are affine in the target moments.
  const first = system.variables.length - exponents.length;
  const targets = exponents.map((_, a): Complex => {
    const k = 2 * (first + a);
    const value: Complex = [at0[k]!, at0[k + 1]!];
    return negated(quotient(value, [at1[k]! - at0[k]!, at1[k + 1]! - at0[k + 1]!]));
  });
  return { parameters: [...known, ...targets], solutions: [{ coordinates }] };
}

/** Exchanges of neighbouring units. */
export function unitExchanges({
  inputs,
  units,
}: Pick<LagrangeFamily, 'inputs' | 'units'>): ((point: Point) => Point)[] {
  const size = inputs + 2;
  return Array.from({ length: units - 1 }, (_, j) => (point: Point) => [
    ...point.slice(0, j * size),
    ...point.slice((j + 1) * size, (j + 2) * size),
    ...point.slice(j * size, (j + 1) * size),
    ...point.slice((j + 2) * size),
  ]);
}

function quotient([a, b]: Complex, [c, d]: Complex): Complex {
  const norm = c * c + d * d;
  return [(a * c + b * d) / norm, (b * c - a * d) / norm];
}

function negated([a, b]: Complex): Complex {
  return [-a, -b];
}
