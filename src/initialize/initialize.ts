/**
 * initialize: the weights that a training run starts from.
 *
 * Weights are made on the GPU, many replicas at once, and come back as named tensors; the report
 * says what was done to each layer and how it behaves on the anchors.
 */
import { GpuDevice, GpuLimitError, type Device } from '../gpu/index.js';
import { atOnce, inSlices, type Stepwise } from '../math/stepwise.js';
import type { Network } from '../network/index.js';
import { unpackWeights, type WeightBlocks, type Weights } from '../network/weights.js';
import { chooseAnchors, takesLong } from './anchors.js';
import { packTensors } from './host-layers.js';
import type { RowThreads } from './row-threads.js';
import { initializeOnHost, type HostInitialization } from './host.js';
import { checkOptions, type InitializationOptions } from './initializers.js';
import { createReplicaInitializer } from './replica-initializer.js';
import { measuring, type MeasuredOutput } from './measured-output.js';
import { reportSteps, type InitializationReport, type KnownOfInitialization } from './report.js';
import type { TrackedReport } from './tracked/index.js';

/** Initial weights with an account of them. */
export interface Initialization extends Weights {
  /** Made when first read: it costs a forward pass of the anchors on the host, unless kernels made one for the weights. */
  readonly report: InitializationReport;
  /** The same without keeping the thread from other work; the options' signal and `onLayer` are heeded. */
  makeReport(): Promise<InitializationReport>;
  /** lps-tracked: paths, minima and losses. */
  readonly tracked?: TrackedReport;
}

/** Written into the metadata of weights. */
const FORMAT_VERSION = '1';
const FLOAT_BYTES = 4;

/**
 * Initializes one network.
 *
 * @example
 * const weights = await initialize(gpu, net, { method: 'lps', seed: 1, anchors: rows });
 * weights.report.deadUnits; // 0
 * @throws InitializationError code 'unknown-method', 'option', 'anchors' or 'network', saying what
 *   was needed
 * @throws {GpuLimitError} when the parameters do not fit one binding and the method has kernels alone
 */
export async function initialize(
  gpu: Device,
  network: Network,
  options: InitializationOptions = {},
): Promise<Initialization> {
  const [only] = await initializeReplicas(gpu, network, [options]);
  return only!;
}

/**
 * Initializes many networks of one shape: those that differ in seed or replica number only are
 * made in one batch.
 *
 * @returns one entry per entry of `replicas`, in their order; each is what `initialize` gives alone
 * @throws InitializationError
 */
export async function initializeReplicas(
  gpu: Device,
  network: Network,
  replicas: readonly InitializationOptions[],
): Promise<Initialization[]> {
  const results: Initialization[] = [];
  const initializers = replicas.map(checkOptions);
  const isSearched = ([first]: readonly number[]): boolean => !!initializers[first!]!.search;
  const batches = batchesOf(gpu, network, replicas).filter((batch) => !isSearched(batch));
  for (const batch of batches) {
    const made = await initializeBatch(
      gpu,
      network,
      batch.map((index) => replicas[index]!),
    );
    batch.forEach((index, place) => {
      const options = replicas[index]!;
      const weights = unpackWeights(network.parameters, made.blocks, place, metadataOf(options));
      const known = { warnings: made.warnings[place]!, outputs: made.outputs[place] ?? null };
      results[index] = withReport(gpu, network, weights, options, known);
    });
  }
  for (const [index, options] of replicas.entries()) {
    if (isSearched([index])) results[index] = await initializeBySearch(gpu, network, options);
  }
  return results;
}

async function initializeBySearch(
  gpu: Device,
  network: Network,
  options: InitializationOptions,
): Promise<Initialization> {
  const anchored = { ...options, anchors: options.anchors ?? options.data! };
  const { search } = checkOptions(options);
  const { weights, report } = await search!(gpu, network, options, () =>
    initialize(gpu, network, { ...anchored, method: 'lps' }),
  );
  const described: Weights = {
    tensors: weights.tensors,
    metadata: { ...metadataOf(options), scope: report.scope },
  };
  const known = { warnings: report.warnings, outputs: null };
  const initialization = withReport(gpu, network, described, anchored, known);
  return Object.assign(initialization, { tracked: report });
}

function metadataOf(options: InitializationOptions): Record<string, string> {
  const { seed = 0, replica = 0 } = options;
  const { name: method } = checkOptions(options);
  return { method, seed: String(seed), replica: String(replica), version: FORMAT_VERSION };
}

function withReport(
  device: Device,
  network: Network,
  weights: Weights,
  options: InitializationOptions,
  known: KnownOfInitialization,
): Initialization {
  let made: InitializationReport | undefined;
  const steps = (threads?: RowThreads): Stepwise<InitializationReport> =>
    reportSteps(network, weights, options, known, threads);
  return {
    ...weights,
    get report() {
      return (made ??= atOnce(steps()));
    },
    makeReport: async () =>
      (made ??= await (known.outputs
        ? inSlices(steps(), options.signal)
        : onHost(device, network, options, steps))),
  };
}

/** Runs passes of the anchors on the host, long ones in all of the device's threads. */
async function onHost<Result>(
  device: Device,
  network: Network,
  options: InitializationOptions,
  steps: (threads?: RowThreads) => Stepwise<Result>,
): Promise<Result> {
  const { signal } = options;
  if (!takesLong(network, options)) return inSlices(steps(), signal);
  const { openRowThreads } = await import('./row-threads.js');
  const threads = openRowThreads(device);
  try {
    return await inSlices(steps(threads), signal);
  } finally {
    threads.close();
  }
}

/** Indices of replicas that can be made together: all options but seed and replica the same. */
function batchesOf(
  gpu: Device,
  network: Network,
  replicas: readonly InitializationOptions[],
): number[][] {
  const blockBytes = FLOAT_BYTES * Math.max(1, network.parameters.blockSize.parameters);
  const fitting =
    gpu instanceof GpuDevice
      ? Math.max(1, Math.floor(gpu.limits.maxStorageBufferBindingSize / blockBytes))
      : Infinity;
  const batches: number[][] = [];
  replicas.forEach((options, index) => {
    const batch = batches.find(
      (others) => others.length < fitting && areAlike(options, replicas[others[0]!]!),
    );
    if (batch) batch.push(index);
    else batches.push([index]);
  });
  return batches;
}

function areAlike(one: InitializationOptions, other: InitializationOptions): boolean {
  const { ablation: oneAblation = {}, ...oneRest } = one;
  const { ablation: otherAblation = {}, ...otherRest } = other;
  const names = new Set([...Object.keys(oneRest), ...Object.keys(otherRest)]) as Set<
    keyof typeof oneRest
  >;
  names.delete('seed');
  names.delete('replica');
  return (
    [...names].every((name) => oneRest[name] === otherRest[name]) &&
    (['cuts', 'scale', 'antithetic'] as const).every(
      (part) => (oneAblation[part] ?? true) === (otherAblation[part] ?? true),
    )
  );
}

/** Networks of a batch. */
interface MadeBatch {
  readonly blocks: WeightBlocks;
  /** Of each. */
  readonly warnings: string[][];
  /** What the layers of each make of the anchors, where it was measured. */
  readonly outputs: readonly ReadonlyMap<string, MeasuredOutput>[];
}

async function initializeBatch(
  gpu: Device,
  network: Network,
  replicas: readonly InitializationOptions[],
): Promise<MadeBatch> {
  const { seed: _seed, replica: _replica, ...shared } = replicas[0]!;
  const initializeHere = (): Promise<MadeBatch> =>
    onHost(gpu, network, shared, (threads) => initializeOnCpu(network, replicas, threads));
  if (!(gpu instanceof GpuDevice) || isFasterOnHost(gpu, network, shared)) return initializeHere();
  try {
    return await initializeOnGpu(gpu, network, replicas);
  } catch (error) {
    const { inSteps } = checkOptions(shared);
    if (error instanceof GpuLimitError && inSteps) return initializeHere();
    throw error;
  }
}

async function initializeOnGpu(
  gpu: GpuDevice,
  network: Network,
  replicas: readonly InitializationOptions[],
): Promise<MadeBatch> {
  const { seed: _seed, replica: _replica, ...shared } = replicas[0]!;
  const outputs: ReadonlyMap<string, MeasuredOutput>[] = [];
  const initializer = await createReplicaInitializer(gpu, network, {
    ...shared,
    replicas: replicas.length,
    ...(replicas.length === 1 && {
      onOutputs: (measured) => {
        outputs[0] = measured;
      },
    }),
  });
  try {
    const warnings = await initializer.runAll(
      replicas.map(({ seed = 0, replica = 0 }) => ({ seed, replica })),
    );
    const parameters = new Float32Array(await gpu.read(initializer.values));
    const statistics = initialStatistics(network, replicas.length);
    return { blocks: { parameters, statistics }, warnings, outputs };
  } finally {
    initializer.close();
  }
}

/** Software multiplies ten times as slowly as the processor's own vectors: convolutions of the anchors take it a minute. */
function isFasterOnHost(
  { info }: GpuDevice,
  network: Network,
  options: InitializationOptions,
): boolean {
  return (
    info.software &&
    checkOptions(options).looksAtAnchors === true &&
    network.affineLayers.some(({ layer }) => layer.type === 'conv2d') &&
    takesLong(network, options)
  );
}

/** Without kernels, one network after another: by the definition in f64, or in f32 where the anchors' way is long. */
function* initializeOnCpu(
  network: Network,
  replicas: readonly InitializationOptions[],
  threads: RowThreads | undefined,
): Stepwise<MadeBatch> {
  const size = network.parameters.blockSize.parameters;
  const parameters = new Float32Array(size * replicas.length);
  const warnings: string[][] = [];
  const outputs: ReadonlyMap<string, MeasuredOutput>[] = [];
  for (const [index, options] of replicas.entries()) {
    const { inSteps, looksAtAnchors } = checkOptions(options);
    let made: HostInitialization;
    if (inSteps && threads) {
      const { seed = 0, replica = 0, onLayer } = options;
      const address = { seed, replica };
      const measured = new Map<string, MeasuredOutput>();
      const steps = inSteps(network, options, address, {
        ...threads,
        anchors: () => threads.inF32(chooseAnchors(network, options, address)),
        observe: measuring(measured, (label) => onLayer?.({ label, step: 'weights' })),
      });
      const { tensors, ...rest } = yield* steps;
      made = { block: packTensors(network, tensors), ...rest };
      if (looksAtAnchors) outputs[index] = measured;
    } else made = initializeOnHost(network, options);
    parameters.set(made.block, index * size);
    warnings.push([...made.warnings]);
    yield;
  }
  const statistics = initialStatistics(network, replicas.length);
  return { blocks: { parameters, statistics }, warnings, outputs };
}

/** Running means 0 and variances 1, as PyTorch starts. */
function initialStatistics({ parameters }: Network, replicas: number): Float32Array {
  const size = parameters.blockSize.statistics;
  const block = new Float32Array(size);
  for (const { role, offset, columns } of parameters.tensors) {
    if (role === 'running-variance') block.fill(1, offset, offset + columns);
  }
  const blocks = new Float32Array(size * replicas);
  for (let replica = 0; replica < replicas; replica++) blocks.set(block, replica * size);
  return blocks;
}
