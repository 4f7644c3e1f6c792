/**
 * `lps-tracked` for a network small enough: where the minima of the true network can be enumerated the global one
 * becomes the initial weights. Else every critical point of its polynomial network on the data is tracked, every local
 * minimum is polished under the true activation, and the best becomes the initial weights.
 *
 * All minima are polished, not only the lowest: the polynomial's order of the minima is not that
 * of the true activation, and there are few of them.
 */
import type { Device } from '../../gpu/index.js';
import { solve, type SolveResult } from '../../homotopy/index.js';
import { inSlices } from '../../math/stepwise.js';
import type { Network } from '../../network/index.js';
import type { Weights, WeightTensor } from '../../network/weights.js';
import type { DataTable } from '../../data/table.js';
import type { NetworkArchitecture } from '../../network/architecture.js';
import { realCriticalPoints } from '../../minima/critical-points.js';
import { lossFunction } from '../../minima/loss-function.js';
import { familyPoint } from '../../minima/moments.js';
import { enumerateReluMinima } from '../../minima/relu/index.js';
import type { ReluMinimum } from '../../minima/relu/relu-minimum.js';
import { countNetworkPaths } from '../../minima/multidegree.js';
import { networkFamily, type NetworkFamily } from '../../minima/network-family.js';
import { polishMinimumStepwise, type PolishedMinimum } from '../../minima/polish.js';
import { isActivation } from '../../network/activations.js';
import { InitializationError } from '../errors.js';
import type { CommonOptions } from '../initializer.js';
import { trackedActivation, type TrackedActivation } from './activation.js';
import { enumeratedNetwork, isQuickToEnumerate, type EnumeratedNetwork } from './enumerated.js';
import {
  DEFAULT_MAXIMUM_PATHS,
  isEnumerationWanted,
  samplesOf,
  type TrackedOptions,
} from './options.js';

/** One local minimum of the polynomial network. */
export interface TrackedMinimum {
  /** J of the polynomial network. */
  readonly loss: number;
  /** J with the true activation at the same weights. */
  readonly trueLoss: number;
  /** J with the true activation after polishing. */
  readonly polishedLoss: number;
  /** Copies under the symmetries of the network have equal numbers. */
  readonly orbit: number;
}

/** What was found on the way to the weights. J = 1/(2S) sum |y - t|^2 + (lambda/2) |theta|^2. */
export interface TrackedNetworkReport {
  readonly scope: 'network';
  readonly search: 'tracked';
  readonly activation: {
    readonly name: string;
    readonly coefficients: readonly string[];
    readonly radius: number | null;
  };
  readonly regularization: number;
  /** Paths of the start system of the network, and those followed here (fewer from a `base`). */
  readonly startPaths: number;
  readonly paths: SolveResult['paths'];
  /** Finite complex solutions, and the real ones among them. */
  readonly solutions: number;
  readonly criticalPoints: number;
  /** Sum of (-1)^index over real critical points: 1 when none is missing. */
  readonly eulerSum: number;
  /** By the polynomial's loss. */
  readonly minima: readonly TrackedMinimum[];
  /** Which of them became the weights. */
  readonly chosen: number;
  readonly warnings: readonly string[];
}

/** The minima of the true network, which were enumerated; the best became the weights. */
export interface EnumeratedNetworkReport {
  readonly scope: 'network';
  readonly search: 'enumerated';
  readonly regularization: number;
  /** Convex problems, one for each combination of states of the units. */
  readonly combinations: number;
  /** No network with one hidden layer, of any width, has a lower loss. */
  readonly lowerBound: number;
  /** By loss; a minimum of fewer different units is a flat family and counts once. */
  readonly minima: readonly Pick<ReluMinimum, 'loss' | 'kinks' | 'distinctUnits' | 'global'>[];
  readonly warnings: readonly string[];
}

/**
 * Initial weights at the best minimum.
 *
 * @throws InitializationError code 'network' when the network is not a chain of dense layers with one
 *   activation between them, needs more paths than `maximumPaths`, or has no minimum
 * @throws what the polynomial side throws for activations, degrees and data
 */
export async function initializeSmallNetwork(
  gpu: Device,
  network: Network,
  options: CommonOptions & TrackedOptions,
): Promise<{
  readonly weights: Weights;
  readonly report: TrackedNetworkReport | EnumeratedNetworkReport;
}> {
  const { regularization = 0.01, seed = 0 } = options;
  const { architecture, activation } = readArchitecture(network, options);
  const samples = samplesOf(network, options.data!);
  const known = isEnumerationWanted(options) ? enumeratedNetwork(architecture, activation) : null;
  if (known && isQuickToEnumerate(known, samples))
    return startAtTrueMinimum(network, known, samples, { ...options, regularization });
  const family = networkFamily(architecture, activation.exact);
  const startPaths = checkBudget(family, options);
  const point = familyPoint(family, samples, regularization);
  const solved = await solveMember(gpu, family, point.parameters, options, seed);
  const loss = lossFunction(family, point);
  const set = realCriticalPoints(
    family.layout,
    family.activation,
    loss,
    solved.solutions.map(({ coordinates }) => coordinates),
    { regularized: true },
  );
  const polished: { orbit: number; own: number; result: PolishedMinimum }[] = [];
  for (const index of set.minima) {
    const { unknowns, orbit, loss: own } = set.points[index]!;
    const polish = polishMinimumStepwise(
      family.layout,
      activation.function,
      samples,
      regularization,
      unknowns,
      loss(unknowns).hessian,
    );
    polished.push({ orbit, own, result: await inSlices(polish, options.signal) });
  }
  if (polished.length === 0) {
    throw new InitializationError(
      'network',
      `no local minimum was found on the ends of ${solved.paths.tracked} paths (${solved.paths.failed} of them failed); use another seed`,
    );
  }
  const losses = polished.map(({ result }) => result.loss);
  const chosen = losses.indexOf(Math.min(...losses));
  return {
    weights: weightsOf(network, polished[chosen]!.result.unknowns),
    report: {
      scope: 'network',
      search: 'tracked',
      activation: {
        name: activation.layer.type,
        coefficients: activation.exact.map((coefficient) => coefficient.toFraction()),
        radius: activation.radius,
      },
      regularization,
      startPaths,
      paths: solved.paths,
      solutions: solved.counts.distinct,
      criticalPoints: set.points.length,
      eulerSum: set.eulerSum,
      minima: polished.map(({ orbit, own, result }) => ({
        loss: own,
        trueLoss: result.lossBefore,
        polishedLoss: result.loss,
        orbit,
      })),
      chosen,
      warnings: [...solved.warnings, ...set.warnings],
    },
  };
}

/** At the global minimum of the true network. */
async function startAtTrueMinimum(
  network: Network,
  known: EnumeratedNetwork,
  samples: DataTable,
  { regularization, signal }: { readonly regularization: number; readonly signal?: AbortSignal },
): Promise<{ readonly weights: Weights; readonly report: EnumeratedNetworkReport }> {
  const { combinations, minima, undecided, lowerBound } = await enumerateReluMinima({
    data: samples,
    ...known,
    regularization,
    ...(signal && { signal }),
  });
  signal?.throwIfAborted();
  const [best] = minima;
  if (!best) {
    throw new InitializationError(
      'network',
      `none of ${combinations} combinations of states of the units is a proved minimum (${undecided.length} undecided); give \`enumerate: false\` to track the polynomial network's`,
    );
  }
  return {
    weights: weightsOf(network, best.unknowns),
    report: {
      scope: 'network',
      search: 'enumerated',
      regularization,
      combinations,
      lowerBound,
      minima: minima.map(({ loss, kinks, distinctUnits, global }) => ({
        loss,
        kinks,
        distinctUnits,
        global,
      })),
      warnings:
        undecided.length === 0
          ? []
          : [
              `intervals could not decide ${undecided.length} cases: the minimum taken may not be the global one`,
            ],
    },
  };
}

async function solveMember(
  gpu: Device,
  family: NetworkFamily,
  parameters: readonly number[],
  { base, signal }: CommonOptions & TrackedOptions,
  seed: number,
): Promise<SolveResult> {
  const shared = { seed, ...(signal && { signal }) };
  if (base) {
    // A few hundred paths take less time on the host than their kernel takes to compile.
    const followed = await solve(gpu, family.gradient, {
      ...shared,
      from: base,
      targets: [parameters],
      precision: 'f64',
    });
    signal?.throwIfAborted();
    return followed[0]!;
  }
  const solved = await solve(gpu, family.gradient, {
    ...shared,
    parameters,
    start: 'multihomogeneous',
    partition: family.layout.groups,
  });
  signal?.throwIfAborted();
  return solved;
}

/** Paths of the layer-grouped start. @throws InitializationError when they exceed the budget */
function checkBudget(
  { layout, degree }: NetworkFamily,
  { maximumPaths = DEFAULT_MAXIMUM_PATHS, base }: CommonOptions & TrackedOptions,
): number {
  const paths = countNetworkPaths(layout, degree);
  if (base === undefined && paths > BigInt(maximumPaths)) {
    const { layers } = layout.architecture;
    throw new InitializationError(
      'network',
      `all critical points of a ${layers.join('-')} network (${layout.variables.length} parameters, activation of degree ${degree}) ` +
        `need ${paths.toLocaleString('en')} paths, the budget is ${maximumPaths.toLocaleString('en')}: ` +
        "raise maximumPaths, lower the degree, give a solved `base`, or track only the scope 'last-layers'",
    );
  }
  return Number(paths);
}

/** The chain of dense layers as the polynomial side knows it. */
function readArchitecture(
  network: Network,
  options: CommonOptions & TrackedOptions,
): { readonly architecture: NetworkArchitecture; readonly activation: TrackedActivation } {
  const refuse = (reason: string): never => {
    throw new InitializationError(
      'network',
      `lps-tracked follows whole networks that are chains of dense layers with one and the same activation between them; ${reason}. ` +
        "Use the scope 'last-layers' or another method",
    );
  };
  const { layers } = network;
  const dense = network.affineLayers;
  layers.forEach((layer, index) => {
    const isPlace = index % 2 === 0 ? layer.type === 'dense' : isActivation(layer);
    if (!isPlace) refuse(`layers.${index} is ${layer.type}`);
  });
  if (layers.length % 2 === 0) refuse(`the last layer is ${layers.at(-1)!.type}`);
  const activations = layers.filter(isActivation);
  if (activations.some((layer) => JSON.stringify(layer) !== JSON.stringify(activations[0]))) {
    refuse(`this one has ${activations.map(({ type }) => type).join(', ')}`);
  }
  const biases = dense.map(({ bias }) => bias !== null);
  const inHidden = biases.slice(0, -1);
  const inLast = biases.at(-1)!;
  const isUniform = inHidden.every((has) => has === inHidden[0]);
  if (!isUniform || (inHidden[0] === true && !inLast)) {
    refuse('biases must be in all layers, in none, or in the last one only');
  }
  return {
    architecture: {
      layers: [network.input[0]!, ...dense.map(({ weight }) => weight.rows)],
      bias: inLast ? (inHidden[0] ?? true) || 'output' : false,
    },
    activation: trackedActivation(activations[0] ?? null, options.activation ?? {}),
  };
}

/** The vector of unknowns as the network's tensors, in f32. */
function weightsOf(network: Network, unknowns: readonly number[]): Weights {
  const tensors = new Map(
    network.parameters.tensors.map(
      ({ name, shape, first, rows, columns }): [string, WeightTensor] => {
        const data = Float32Array.from(unknowns.slice(first, first + rows * columns));
        return [name, { shape, data }];
      },
    ),
  );
  return { tensors, metadata: {} };
}
