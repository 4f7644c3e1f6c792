/**
 * Checks the critical points of a polynomial network from its rows of data: that the equations solved are those of its
 * loss, that the critical points are the real solutions, their losses and indices, the Euler sum, the copies under
 * exchanges of hidden units, and the trace of all solutions.
 */
import { evaluate, forEachTerm, pointPowers, toNumeric } from '../../polynomial/numeric.js';
import { differentiate } from '../../polynomial/calculus.js';
import type { NumericSystem, PolynomialSystem } from '../../polynomial/system.js';
import { NearPoints } from '../near-points.js';
import type { CheckOutcome } from '../check-outcome.js';
import {
  DocumentError,
  listAt,
  matrixAt,
  numberAt,
  objectAt,
  textAt,
  vectorAt,
  type Fields,
} from '../read-fields.js';
import type { ClaimedSolve } from '../system/read-solve.js';
import { symmetricEigenvalues } from './eigenvalues.js';
import { lossAndGradient, tensorsOf, type PolynomialNetwork } from './polynomial-network.js';
import { checkPolished, type PolishedClaim } from './polished-minima.js';
import { isOfOrbits } from '../system/verify-solve.js';
import { LARGEST_DEFECT, traceCurvatures, traceDefect } from './trace-test.js';
import { checkOrbits } from './unit-copies.js';

interface ClaimedPoint {
  readonly unknowns: readonly number[];
  readonly loss: number;
  readonly morseIndex: number;
  readonly orbit: number;
  readonly copies: number;
}

export interface ClaimedMinima {
  readonly network: PolynomialNetwork;
  readonly points: readonly ClaimedPoint[];
  readonly minima: readonly number[];
  readonly eulerSum: number;
  /** The name of the true activation, and minima that were polished under it. */
  readonly activation: string;
  readonly polished: readonly PolishedClaim[];
}

/** Of losses and equations that both sides computed, relative to the size of their terms. */
const CLOSE = 1e-11;
/** Of points, relative to their size. */
const SAME_POINT = 1e-8;
/** An eigenvalue below this times the largest one is zero to rounding. */
const DEGENERATE = 1e-10;
const PROBES = 3;
/** Solutions with more are not traced: it takes too long. */
const MOST_TRACED = 10_000;

/** @throws DocumentError that names the field */
export function readMinima(root: Fields): ClaimedMinima {
  const samples = objectAt(root.samples, 'samples');
  const shape = objectAt(root.network, 'network');
  const activation = objectAt(root.activation, 'activation');
  const { bias } = shape;
  if (bias !== true && bias !== false && bias !== 'output') {
    throw new DocumentError(
      `network.bias is ${JSON.stringify(bias)}; it must be true, false or "output"`,
    );
  }
  const network: PolynomialNetwork = {
    layers: vectorAt(shape.layers, 'network.layers'),
    bias,
    activation: vectorAt(activation.coefficients, 'activation.coefficients'),
    regularization: numberAt(root.regularization, 'regularization'),
    inputs: matrixAt(samples.inputs, 'samples.inputs'),
    targets: matrixAt(samples.targets, 'samples.targets'),
  };
  if (network.inputs.length === 0 || network.inputs.length !== network.targets.length) {
    throw new DocumentError(
      'samples.inputs and samples.targets must have as many rows, at least one',
    );
  }
  const points = listAt(root.criticalPoints, 'criticalPoints').map((entry, k): ClaimedPoint => {
    const name = `criticalPoints[${k}]`;
    const point = objectAt(entry, name);
    const number = (key: string): number => numberAt(point[key], `${name}.${key}`);
    return {
      unknowns: unknownsOf(network, objectAt(point.parameters, `${name}.parameters`), name),
      loss: number('loss'),
      morseIndex: number('morseIndex'),
      orbit: number('orbit'),
      copies: point.copies === undefined ? 1 : number('copies'),
    };
  });
  const polished = (entry: unknown, at: string): PolishedClaim => {
    const minimum = objectAt(entry, at);
    return {
      at,
      unknowns: unknownsOf(network, objectAt(minimum.parameters, `${at}.parameters`), at),
      loss: numberAt(minimum.loss, `${at}.loss`),
      lossBefore: numberAt(minimum.lossBefore, `${at}.lossBefore`),
    };
  };
  return {
    network,
    points,
    minima: vectorAt(root.minima, 'minima'),
    eulerSum: numberAt(root.eulerSum, 'eulerSum'),
    activation: textAt(activation.name, 'activation.name'),
    polished: [
      ...(root.polished ? [polished(root.polished, 'polished')] : []),
      ...listAt(root.polishedMinima ?? [], 'polishedMinima').map((entry, k) =>
        polished(entry, `polishedMinima[${k}]`),
      ),
    ],
  };
}

function unknownsOf(network: PolynomialNetwork, parameters: Fields, name: string): number[] {
  return tensorsOf(network).flatMap(({ name: tensor, rows, columns }) => {
    const at = `${name}.parameters.${tensor}`;
    const values =
      columns === null ? vectorAt(parameters[tensor], at) : matrixAt(parameters[tensor], at).flat();
    if (values.length !== rows * (columns ?? 1)) {
      throw new DocumentError(`${at} has ${values.length} numbers, not ${rows * (columns ?? 1)}`);
    }
    return values;
  });
}

export function verifyMinima(claimed: ClaimedMinima, solve: ClaimedSolve): CheckOutcome[] {
  const { points, network, minima } = claimed;
  const numeric = toNumeric(solve.system);
  const spectra = hessianSpectra(solve.system, points);
  return [
    {
      check: 'equations',
      detail: `the equations are the gradient of the loss of ${network.inputs.length} rows, at ${PROBES} random points`,
      failures: checkEquations(network, numeric),
    },
    {
      check: 'points',
      detail: `${points.length} critical points are the real solutions, with their losses`,
      failures: [...checkPoints(points, solve), ...checkLosses(claimed)],
    },
    {
      check: 'minima',
      detail: `indices of ${points.length} Hessians, ${minima.length} minima by loss`,
      failures: checkIndices(claimed, spectra),
    },
    { check: 'Euler sum', detail: describeEuler(claimed), failures: checkEuler(claimed, spectra) },
    isOfOrbits(solve)
      ? {
          check: 'copies',
          detail:
            'how many copies each solution has by exchanging hidden units, and none is one of another',
          failures: checkOrbits(network, solve.solutions),
        }
      : {
          check: 'copies',
          detail: 'exchanging hidden units takes critical points to critical points',
          failures: checkCopies(claimed),
        },
    ...checkTrace(claimed, solve),
    ...checkPolishedMinima(claimed),
  ];
}

function checkEquations(network: PolynomialNetwork, numeric: NumericSystem): string[] {
  let state = 20_261_127;
  const random = (): number => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
  const failures = new Set<string>();
  for (let probe = 0; probe < PROBES; probe++) {
    const theta = numeric.variables.map(() => 2 * random() - 1);
    const { gradient } = lossAndGradient(network, theta);
    const interleaved = theta.flatMap((entry) => [entry, 0]);
    const values = evaluate(numeric, interleaved);
    const powers = pointPowers(numeric, interleaved);
    numeric.equations.forEach((equation, k) => {
      let size = 0;
      forEachTerm(equation, powers, (re, im) => (size += Math.hypot(re, im)));
      if (!(Math.abs(gradient[k]! - values[2 * k]!) <= CLOSE * size)) {
        failures.add(
          `equation ${k + 1} is not the derivative of the loss by ${numeric.variables[k]!}: the data or the network are others`,
        );
      }
    });
  }
  return [...failures];
}

function checkPoints(points: readonly ClaimedPoint[], { solutions }: ClaimedSolve): string[] {
  const real = solutions.flatMap(({ coordinates, real: isReal, copies }, k) =>
    isReal ? [{ k, copies, unknowns: coordinates.map(([re]) => re) }] : [],
  );
  const places = new NearPoints(real.map(({ unknowns }) => unknowns));
  const failures: string[] = [];
  const taken = new Set<number>();
  points.forEach(({ unknowns, copies }, place) => {
    const solution = places
      .near(unknowns, reachOf(unknowns))
      .map((index) => real[index]!)
      .find((one) => !taken.has(one.k));
    if (solution) taken.add(solution.k);
    else failures.push(`critical point ${place + 1} is no real solution, or stands twice`);
    if (solution && solution.copies !== copies)
      failures.push(`critical point ${place + 1} has ${solution.copies} copies, not ${copies}`);
  });
  for (const { k } of real) {
    if (!taken.has(k)) failures.push(`solution ${k + 1} is real and no critical point`);
  }
  return failures;
}

function reachOf(unknowns: readonly number[]): number {
  return SAME_POINT * (1 + Math.max(...unknowns.map(Math.abs)));
}

function checkLosses({ points, network }: ClaimedMinima): string[] {
  return points.flatMap(({ unknowns, loss }, k) => {
    const found = lossAndGradient(network, unknowns).loss;
    return Math.abs(found - loss) <= CLOSE * Math.max(1, found)
      ? []
      : [`the loss of critical point ${k + 1} is ${found}, not ${loss}`];
  });
}

/** Eigenvalues of the Jacobian of the equations, the Hessian of the loss, at each point. */
function hessianSpectra(system: PolynomialSystem, points: readonly ClaimedPoint[]): number[][] {
  const n = system.variables.length;
  const numeric = toNumeric({
    ...system,
    polynomials: system.polynomials.flatMap((terms) =>
      system.variables.map((_, variable) => differentiate(terms, variable)),
    ),
  });
  return points.map(({ unknowns }) => {
    const values = evaluate(
      numeric,
      unknowns.flatMap((entry) => [entry, 0]),
    );
    return symmetricEigenvalues(
      Array.from({ length: n }, (_, i) =>
        Array.from({ length: n }, (__, j) => values[2 * (i * n + j)]!),
      ),
    );
  });
}

function isDegenerate(eigenvalues: readonly number[]): boolean {
  const sizes = eigenvalues.map(Math.abs);
  return Math.min(...sizes) <= DEGENERATE * Math.max(...sizes);
}

function checkIndices(
  { points, minima }: ClaimedMinima,
  spectra: readonly (readonly number[])[],
): string[] {
  const failures: string[] = [];
  points.forEach(({ morseIndex }, k) => {
    const negative = spectra[k]!.filter((eigenvalue) => eigenvalue < 0).length;
    // Where an eigenvalue is zero to rounding its sign is nobody's.
    if (negative !== morseIndex && !isDegenerate(spectra[k]!)) {
      failures.push(`critical point ${k + 1} has index ${negative}, not ${morseIndex}`);
    }
  });
  const expected = points.flatMap(({ morseIndex }, k) => (morseIndex === 0 ? [k] : []));
  if (expected.join() !== minima.join()) {
    failures.push(
      `the critical points of index 0 are ${expected.join(', ')}, not ${minima.join(', ')}`,
    );
  }
  minima.forEach((index, place) => {
    const before = points[minima[place - 1] ?? -1];
    const loss = points[index]?.loss ?? NaN;
    if (before && !(before.loss <= loss * (1 + CLOSE) + CLOSE)) {
      failures.push(`minimum ${place + 1} has a lower loss than the one before it`);
    }
  });
  return failures;
}

function describeEuler({ network, eulerSum }: ClaimedMinima): string {
  return network.regularization > 0
    ? `the signs of the critical points add up to ${eulerSum}, and must to 1`
    : 'lambda is 0: the signs of the critical points need not add up to 1';
}

function checkEuler(
  { points, eulerSum, network }: ClaimedMinima,
  spectra: readonly (readonly number[])[],
): string[] {
  const sum = points.reduce(
    (total, { morseIndex, copies }) => total + (morseIndex % 2 === 0 ? copies : -copies),
    0,
  );
  if (sum !== eulerSum) return [`the signs (-1)^index add up to ${sum}, not ${eulerSum}`];
  const applies = network.regularization > 0 && !spectra.some(isDegenerate);
  return applies && sum !== 1
    ? [`the signs (-1)^index add up to ${sum}, not 1: a real critical point is missing`]
    : [];
}

/** Exchanges of neighbouring hidden units, and the orbits they make. */
function checkCopies({ points, network }: ClaimedMinima): string[] {
  const failures: string[] = [];
  const places = new NearPoints(points.map(({ unknowns }) => unknowns));
  for (const image of unitExchanges(network)) {
    points.forEach(({ unknowns, orbit }, k) => {
      const copy = image.map((from) => unknowns[from]!);
      const [at] = places.near(copy, reachOf(copy));
      const found = points[at ?? -1];
      if (found === undefined) {
        failures.push(`critical point ${k + 1} with two units exchanged is not on the list`);
      } else if (found.orbit !== orbit) {
        failures.push(`critical point ${k + 1} and its copy have different orbits`);
      }
    });
  }
  return failures;
}

/** For each exchange: where every unknown comes from. */
function unitExchanges(network: PolynomialNetwork): number[][] {
  const tensors = tensorsOf(network);
  let next = 0;
  const placed = tensors.map((tensor) => {
    const first = next;
    next += tensor.rows * (tensor.columns ?? 1);
    return { ...tensor, first };
  });
  const identity = Array.from({ length: next }, (_, k) => k);
  const weights = placed.filter(({ columns }) => columns !== null);
  return weights.slice(0, -1).flatMap((weight, layer) => {
    const { rows, columns, first } = weight;
    const bias = placed.find(({ name }) => name === weight.name.replace('weight', 'bias'));
    const outer = weights[layer + 1]!;
    const own = (unit: number): number[] => [
      ...Array.from({ length: columns! }, (_, j) => first + unit * columns! + j),
      ...(bias ? [bias.first + unit] : []),
      ...Array.from({ length: outer.rows }, (_, i) => outer.first + i * outer.columns! + unit),
    ];
    return Array.from({ length: rows - 1 }, (_, unit) => {
      const image = [...identity];
      const [mine, other] = [own(unit), own(unit + 1)];
      mine.forEach((place, k) => {
        image[place] = other[k]!;
        image[other[k]!] = place;
      });
      return image;
    });
  });
}

function checkPolishedMinima(claimed: ClaimedMinima): CheckOutcome[] {
  const { network, activation, polished, points, minima } = claimed;
  const starts = minima.flatMap((index) => points[index] ?? []).map(({ unknowns }) => unknowns);
  return polished.length === 0 ? [] : [checkPolished(network, activation, starts, polished)];
}

function checkTrace({ network }: ClaimedMinima, solve: ClaimedSolve): CheckOutcome[] {
  const { layers, bias, inputs, targets, activation, regularization } = network;
  const isShallow = layers.length === 3 && layers[2] === 1 && bias === true;
  const { solutions } = solve;
  if (!isShallow || solutions.length > MOST_TRACED || solutions.some(({ singular }) => singular)) {
    return [];
  }
  const degree = activation.findLastIndex((coefficient) => coefficient !== 0);
  const shallow = {
    inputs,
    targets: targets.map((row) => row[0]!),
    units: layers[1]!,
    activation: activation.slice(0, degree + 1),
    regularization,
  };
  const defect = traceDefect(
    traceCurvatures(
      shallow,
      solutions.map(({ coordinates }) => coordinates),
    ),
    solutions.map(({ copies }) => copies),
  );
  const claim = solve.completeness.find(({ check }) => check === 'trace test')?.value.defect;
  const isComplete = typeof claim === 'number' && claim <= LARGEST_DEFECT;
  return [
    {
      check: 'trace',
      detail: `the second derivative of the sum over ${solutions.length} solutions is ${defect.toExponential(1)} of the least of its terms`,
      failures:
        isComplete && !(defect <= LARGEST_DEFECT)
          ? [`it is not 0 to rounding, as for a complete set: solutions are missing or false`]
          : [],
    },
  ];
}
