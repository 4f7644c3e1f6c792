/**
 * A general member of a Lagrange family with one of its solutions, at no cost: lambda, moments and residual moments are
 * drawn, the units are roots of the small system that these give, and the target moments follow.
 */
import type { Device } from '../../gpu/index.js';
import { solve, type StartSolutions } from '../../homotopy/index.js';
import { LpsError } from '../../math/lps-error.js';
import { randomStream } from '../../math/random.js';
import { evaluate, member, type ParameterValue } from '../../polynomial/index.js';
import {
  difference,
  negativeQuotient,
  placeOfBias,
  type Complex,
  type LagrangeFamily,
} from './lagrange-family.js';

/** A stratum that has no points, or whose form is not handled. */
export class StratumError extends LpsError {
  override readonly name = 'StratumError';
  override readonly kind = 'usage';
}

/**
 * Which units a change of sign leaves the share v p(w . x + b) of: 'even' that of (w, b), 'odd' that of (w, b, v). Then
 * units that differ by a sign count as equal, and dead ones, zero altogether, as none.
 */
export type Parity = 'even' | 'odd' | null;

/** @param powers of z in p(z) */
export function parityOf(powers: readonly number[]): Parity {
  if (powers.every((power) => power % 2 === 1)) return 'odd';
  return powers.every((power) => power % 2 === 0) ? 'even' : null;
}

/**
 * For p = z^2 the w, b of a unit are an eigenvector of the symmetric matrix of the residual moments |a| <= 2, and two units
 * are on another irreducible component where both belong to one double eigenvalue.
 */
export type SeedKind = 'general' | 'double eigenvalue';

const STREAM = 0x70000;
/** Units are the same when they are this close, relative to 1 + their size. */
const SAME_UNIT = 1e-7;

/**
 * @param kind 'double eigenvalue' only for p = z^2, two units, and one or two inputs
 * @throws StratumError when one unit's system has fewer solutions than there are units
 */
export async function generalSeed(
  gpu: Device,
  family: LagrangeFamily,
  seed: number,
  kind: SeedKind,
): Promise<StartSolutions> {
  const { exponents, system } = family;
  const drawn = draw(family, seed);
  const { residuals, units } =
    kind === 'general'
      ? { ...drawn, units: await differentUnits(gpu, family, drawn, seed) }
      : sharedEigenspace(family, drawn);
  const coordinates = [
    ...units.flat(),
    negativeQuotient(residuals[0]!, drawn.lambda),
    ...residuals.slice(1),
  ];
  const known: ParameterValue[] = [
    drawn.lambda,
    ...units.map(() => 1),
    ...drawn.activation,
    ...drawn.moments,
  ];
  // The closing equations come last, and are affine in the target moments.
  const [at0, at1] = [0, 1].map((target) =>
    evaluate(member(system, [...known, ...exponents.map(() => target)]), coordinates.flat()),
  ) as [Float64Array, Float64Array];
  const first = placeOfBias(family);
  const targets = exponents.map((_, a): Complex => {
    const [from, to] = [at0, at1].map((values): Complex => {
      const k = 2 * (first + a);
      return [values[k]!, values[k + 1]!];
    }) as [Complex, Complex];
    return negativeQuotient(from, difference(to, from));
  });
  return { parameters: [...known, ...targets], solutions: [{ coordinates }] };
}

interface Drawn {
  readonly lambda: Complex;
  readonly activation: readonly Complex[];
  readonly residuals: readonly Complex[];
  readonly moments: readonly Complex[];
}

function draw({ powers, exponents, momentExponents }: LagrangeFamily, seed: number): Drawn {
  const random = randomStream(seed, STREAM);
  const some = (all: readonly unknown[]): Complex[] => all.map(() => random.unitCircle());
  return {
    lambda: random.unitCircle(),
    activation: some(powers),
    residuals: some(exponents),
    moments: some(momentExponents),
  };
}

/** w, b, v. */
type Unit = readonly Complex[];

/** As many roots of one unit's system as the family has units. */
async function differentUnits(
  gpu: Device,
  family: LagrangeFamily,
  drawn: Drawn,
  seed: number,
): Promise<readonly Unit[]> {
  const { units } = family;
  if (units === 0) return [];
  const roots = await rootsOfOneUnit(gpu, family, drawn, seed);
  if (roots.length < units) {
    throw new StratumError(
      `a critical point has at most ${roots.length} different units with this activation, not ${units}`,
    );
  }
  return roots.slice(0, units);
}

/** How many different units a critical point can have: the roots of one unit's system. */
export async function countDifferentUnits(
  gpu: Device,
  family: LagrangeFamily,
  seed: number,
): Promise<number> {
  return (await rootsOfOneUnit(gpu, family, draw(family, seed), seed)).length;
}

async function rootsOfOneUnit(
  gpu: Device,
  { powers, unitSystem }: LagrangeFamily,
  { lambda, activation, residuals }: Drawn,
  seed: number,
): Promise<readonly Unit[]> {
  const { solutions } = await solve(gpu, unitSystem, {
    parameters: [lambda, ...activation, ...residuals],
    seed,
    precision: 'f64',
    countMilliseconds: 0,
  });
  const roots = solutions.filter(({ singular }) => !singular).map((each) => each.coordinates);
  return parityOf(powers) === null ? roots : upToSign(roots);
}

/** Without the dead unit, and one of each pair of opposite signs. */
function upToSign(units: readonly Unit[]): Unit[] {
  const out: Unit[] = [];
  for (const unit of units) {
    if (isLive(unit) && !out.some((other) => isSameUnit(unit, other, true))) out.push(unit);
  }
  return out;
}

/** Whether a solution of a Lagrange family has as many different units as it has units, and none that is dead. */
export function hasDifferentUnits(
  { inputs, units, powers }: LagrangeFamily,
  coordinates: readonly Complex[],
): boolean {
  const size = inputs + 2;
  const hasSigns = parityOf(powers) !== null;
  const own = Array.from({ length: units }, (_, j) => coordinates.slice(j * size, (j + 1) * size));
  return own.every(
    (unit, j) =>
      (!hasSigns || isLive(unit)) &&
      !own.slice(0, j).some((other) => isSameUnit(unit, other, hasSigns)),
  );
}

function isLive(unit: Unit): boolean {
  return sizeOf(unit) > SAME_UNIT;
}

/** The output weight changes its sign for odd p only: w and b tell. */
function isSameUnit(unit: Unit, other: Unit, hasSigns: boolean): boolean {
  const limit = SAME_UNIT * (1 + sizeOf(unit));
  const differs = (sign: number): boolean =>
    unit
      .slice(0, -1)
      .some(
        ([re, im], k) => Math.hypot(re - sign * other[k]![0], im - sign * other[k]![1]) > limit,
      );
  return !differs(1) || (hasSigns && !differs(-1));
}

function sizeOf(unit: Unit): number {
  return Math.max(...unit.flat().map(Math.abs));
}

/**
 * With p = q z^2, R = mu I + n n' and z = (w, b) orthogonal to n the unit's equations are v = -lambda/(2 q mu) and
 * z . z = lambda^2/(2 q^2 mu^2).
 */
function sharedEigenspace(
  { inputs, exponents }: LagrangeFamily,
  { lambda, activation, residuals }: Drawn,
): { residuals: readonly Complex[]; units: readonly Unit[] } {
  const [mu, n1, n2, n3, turn1, turn2] = residuals as [
    Complex,
    Complex,
    Complex,
    Complex | undefined,
    Complex | undefined,
    Complex | undefined,
  ];
  const normal: readonly Complex[] = inputs === 1 ? [ZERO, ZERO] : [n1, n2, n3!];
  const ratio = negativeQuotient(lambda, product(activation[0]!, mu));
  const v: Complex = scaled(ratio, 1 / 2);
  const norm2 = scaled(product(ratio, ratio), 1 / 2);
  const directions: readonly (readonly Complex[])[] =
    inputs === 1
      ? [
          [mu, n1],
          [n2, mu],
        ]
      : [cross(normal, [turn1!, turn2!, mu]), cross(normal, [turn2!, mu, turn1!])];
  const units = directions.map((direction): Unit => {
    const length2 = direction.reduce<Complex>((sum, each) => plus(sum, product(each, each)), ZERO);
    const factor = root(scaled(negativeQuotient(norm2, length2), -1));
    return [...direction.map((each) => product(each, factor)), v];
  });
  /** R by the entries of (w, b): the moment of x^a is that of the pair of entries. */
  const entry = (i: number, j: number): Complex =>
    plus(product(normal[i]!, normal[j]!), i === j ? mu : ZERO);
  return {
    units,
    residuals: exponents.map((a) => {
      const entries = a.flatMap((exponent, i) => Array.from({ length: exponent }, () => i));
      while (entries.length < 2) entries.push(inputs);
      return entry(entries[0]!, entries[1]!);
    }),
  };
}

const ZERO: Complex = [0, 0];

function product([a, b]: Complex, [c, d]: Complex): Complex {
  return [a * c - b * d, a * d + b * c];
}

function plus([a, b]: Complex, [c, d]: Complex): Complex {
  return [a + c, b + d];
}

function scaled([a, b]: Complex, factor: number): Complex {
  return [factor * a, factor * b];
}

function root([re, im]: Complex): Complex {
  const size = Math.sqrt(Math.hypot(re, im));
  const angle = Math.atan2(im, re) / 2;
  return [size * Math.cos(angle), size * Math.sin(angle)];
}

function cross(a: readonly Complex[], b: readonly Complex[]): Complex[] {
  return [0, 1, 2].map((i) => {
    const [j, k] = [(i + 1) % 3, (i + 2) % 3] as [number, number];
    return difference(product(a[j]!, b[k]!), product(a[k]!, b[j]!));
  });
}
