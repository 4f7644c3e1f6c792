/**
 * How often a network is born dead: Monte Carlo over initializers, widths, depths and inputs.
 *
 * Each cell of the grid draws its networks on the GPU batch by batch and counts what is active
 * there; only a few words per network come back. A network's random numbers depend on the seed and
 * its number alone, so that a cell's result does not depend on the batch size or the adapter's
 * memory.
 */
import { LpsError } from '../math/lps-error.js';
import { unlessAborted } from '../math/stepwise.js';
import type { GpuDevice } from '../gpu/index.js';
import { dense, network, relu, type Network } from '../network/index.js';
import {
  createReplicaInitializer,
  findInitializer,
  type InitializerMethod,
} from '../initialize/index.js';
import { bornDeadBounds, type BornDeadBounds, type BoundAssumptions } from './born-dead-bounds.js';
import type { ActivityCounts } from './count-active.js';
import { DEFAULT_POINTS, probePoints, sampleAnchors } from './probe-points.js';
import { wilsonInterval } from './wilson.js';

/** A network of `depth` hidden ReLU layers of `width` units and one output. */
export interface LivenessSpec {
  readonly input: number;
  readonly width: number;
  readonly depth: number;
}

export interface LivenessProgress {
  /** Networks done, and to do, in all cells. */
  readonly done: number;
  readonly total: number;
  readonly networksPerSecond: number;
  /** The cell being measured. */
  readonly cell: LivenessSpec & { readonly method: InitializerMethod };
}

export interface LivenessOptions {
  readonly methods: readonly InitializerMethod[];
  /** Networks per cell. Default 10,000. */
  readonly networks?: number;
  /** Default 1. */
  readonly seed?: number;
  /** Probe inputs. Default 257. */
  readonly points?: number;
  /** How many of them the initializers that look at data are shown. Default 64. */
  readonly anchors?: number;
  readonly onProgress?: (progress: LivenessProgress) => void;
  /** Ends the measurement; the cells done so far are returned. */
  readonly signal?: AbortSignal;
  /** Goes on from such a state of the same measurement. */
  readonly resume?: LivenessState;
  /** Takes the state after every batch of networks. */
  readonly onCheckpoint?: (state: LivenessState) => void;
}

/** How far a measurement has come: plain data. */
export interface LivenessState {
  readonly cells: readonly LivenessCell[];
  /** Of the next cell; null before its first batch. */
  readonly part: { readonly networks: number; readonly sums: LivenessSums } | null;
}

/** Over networks of one cell. */
export interface LivenessSums {
  readonly bornDead: number;
  readonly deadUnits: number;
  readonly zeroInputs: number;
  readonly logRatio: number;
  readonly ratios: number;
}

/** A share of counted things with Wilson's 95% interval. */
export interface Share {
  readonly count: number;
  readonly of: number;
  readonly value: number;
  readonly interval: readonly [number, number];
}

export interface LivenessCell extends LivenessSpec {
  readonly method: InitializerMethod;
  readonly networks: number;
  /** Networks with a hidden layer without an active unit on any probe input: constant there. */
  readonly bornDead: Share;
  /** Hidden units active on no probe input, of all networks. The interval treats units as independent. */
  readonly deadUnits: Share;
  /** Probe inputs that the last hidden layer maps to zero, of all networks. */
  readonly zeroInputs: Share;
  /**
   * Geometric mean, over networks that pass a gradient, of |dy/dW_1| / |dy/dW_L| (parameters of the
   * first and last layer, averaged over probe inputs); null when none does.
   */
  readonly gradientRatio: number | null;
  /** What theory says of `bornDead`; [0, 1] where it says nothing. */
  readonly bounds: BornDeadBounds;
  readonly networksPerSecond: number;
}

export interface LivenessResult {
  readonly cells: readonly LivenessCell[];
  readonly seed: number;
  readonly points: number;
  readonly anchors: number;
  /** Whether the signal ended it before all cells were done. */
  readonly partial: boolean;
  readonly totalMs: number;
}

/** A grid that cannot be measured. */
export class LivenessOptionError extends LpsError {
  override readonly name = 'LivenessOptionError';
  override readonly kind = 'usage';
}

/** More would only add memory: a batch of this many keeps any adapter busy. */
const MAXIMUM_BATCH = 4096;
/** Share of the largest binding that a batch of parameters may take. */
const MEMORY_SHARE = 0.25;
/** About this many probe inputs per network get a gradient. */
const GRADIENT_POINTS = 8;

/**
 * Measures every method on every spec.
 *
 * @throws LivenessOptionError for sizes that are not positive integers or an empty grid
 * @throws LivenessNetworkError for networks beyond the kernel's limits
 */
export async function measureLiveness(
  gpu: GpuDevice,
  specs: readonly LivenessSpec[],
  options: LivenessOptions,
): Promise<LivenessResult> {
  const { methods, seed = 1, signal, onProgress } = options;
  const networks = positive('networks', options.networks ?? 10_000);
  const pointCount = positive('points', options.points ?? DEFAULT_POINTS);
  const anchorCount = Math.min(positive('anchors', options.anchors ?? 64), pointCount);
  if (methods.length === 0 || specs.length === 0)
    throw new LivenessOptionError('a grid needs at least one method and one network');
  for (const spec of specs)
    for (const field of ['input', 'width', 'depth'] as const) positive(field, spec[field]);

  const started = performance.now();
  const total = methods.length * specs.length * networks;
  const { resume, onCheckpoint } = options;
  const cells: LivenessCell[] = [...(resume?.cells ?? [])];
  const known = networks * cells.length + (resume?.part?.networks ?? 0);
  let index = 0;
  for (const spec of specs) {
    const points = probePoints(spec.input, pointCount, seed);
    for (const method of methods) {
      if (signal?.aborted) break;
      // It was measured before.
      if (index++ < cells.length) continue;
      const part = cells.length === resume?.cells.length ? resume.part : null;
      try {
        const measured = measureCell(gpu, spec, method, {
          networks,
          seed,
          points,
          anchors: sampleAnchors(points, anchorCount, seed),
          ...(signal && { signal }),
          ...(part && { part }),
          onDone: (done, sums) => {
            if (signal?.aborted) return;
            onCheckpoint?.({ cells, part: { networks: done, sums } });
            const before = cells.length * networks;
            onProgress?.({
              done: before + done,
              total,
              networksPerSecond: (1000 * (before + done - known)) / (performance.now() - started),
              cell: { ...spec, method },
            });
          },
        });
        // Nobody waits for code that is still being compiled.
        const cell = await unlessAborted(measured, signal);
        if (cell === null) break;
        cells.push(cell);
        onCheckpoint?.({ cells, part: null });
      } catch (error) {
        if (!signal?.aborted) throw error;
      }
    }
  }
  return {
    cells,
    seed,
    points: pointCount,
    anchors: anchorCount,
    partial: cells.length < methods.length * specs.length,
    totalMs: performance.now() - started,
  };
}

interface CellOptions {
  readonly networks: number;
  readonly seed: number;
  readonly points: readonly (readonly number[])[];
  readonly anchors: readonly (readonly number[])[];
  readonly signal?: AbortSignal;
  /** What is done already. */
  readonly part?: NonNullable<LivenessState['part']>;
  readonly onDone: (networks: number, sums: LivenessSums) => void;
}

async function measureCell(
  gpu: GpuDevice,
  spec: LivenessSpec,
  method: InitializerMethod,
  { networks, seed, points, anchors, signal, part, onDone }: CellOptions,
): Promise<LivenessCell> {
  const started = performance.now();
  const { createActivityCounter } = await import('./count-active.js');
  const net = livenessNetwork(spec);
  const blockBytes = 4 * net.parameters.blockSize.parameters;
  const fitting = Math.floor((MEMORY_SHARE * gpu.limits.maxStorageBufferBindingSize) / blockBytes);
  const replicas = Math.max(1, Math.min(MAXIMUM_BATCH, networks, fitting));
  const tally = new Tally(spec, points.length, part);
  const initializer = await createReplicaInitializer(gpu, net, { method, replicas, anchors });
  try {
    const stride = Math.max(1, Math.floor(points.length / GRADIENT_POINTS));
    const counter = await createActivityCounter(gpu, net, initializer.values, points, stride);
    try {
      for (let first = part?.networks ?? 0; first < networks; first += replicas) {
        signal?.throwIfAborted();
        await initializer.run(seed, first);
        const size = Math.min(replicas, networks - first);
        tally.add(await counter.count(size, signal), size);
        onDone(first + size, tally.sums);
      }
    } finally {
      counter.close();
    }
  } finally {
    initializer.close();
  }
  return {
    ...spec,
    method,
    networks,
    ...tally.shares(),
    bounds: bornDeadBounds(Array<number>(spec.depth).fill(spec.width), assumptionsOf(method)),
    networksPerSecond: (1000 * networks) / (performance.now() - started),
  };
}

/** The network that a cell draws: d-N-...-N-1 with ReLU. */
export function livenessNetwork({ input, width, depth }: LivenessSpec): Network {
  return network({
    input: [input],
    layers: [...Array.from({ length: depth }, () => [dense(width), relu()]).flat(), dense(1)],
  });
}

/** Sums over the networks of one cell. */
class Tally {
  #networks: number;
  #bornDead: number;
  #deadUnits: number;
  #zeroInputs: number;
  #logRatio: number;
  #ratios: number;

  constructor(
    private readonly spec: LivenessSpec,
    private readonly points: number,
    part: LivenessState['part'] = null,
  ) {
    this.#networks = part?.networks ?? 0;
    this.#bornDead = part?.sums.bornDead ?? 0;
    this.#deadUnits = part?.sums.deadUnits ?? 0;
    this.#zeroInputs = part?.sums.zeroInputs ?? 0;
    this.#logRatio = part?.sums.logRatio ?? 0;
    this.#ratios = part?.sums.ratios ?? 0;
  }

  get sums(): LivenessSums {
    return {
      bornDead: this.#bornDead,
      deadUnits: this.#deadUnits,
      zeroInputs: this.#zeroInputs,
      logRatio: this.#logRatio,
      ratios: this.#ratios,
    };
  }

  add(counts: ActivityCounts, networks: number): void {
    this.#networks += networks;
    for (let n = 0; n < networks; n++) {
      if (counts.firstDeadLayer[n] !== 0) this.#bornDead++;
      this.#deadUnits += counts.deadUnits[n]!;
      this.#zeroInputs += counts.zeroPoints[n]!;
      const ratio = counts.logGradientRatio[n]!;
      if (!Number.isNaN(ratio)) {
        this.#logRatio += ratio;
        this.#ratios++;
      }
    }
  }

  shares(): Pick<LivenessCell, 'bornDead' | 'deadUnits' | 'zeroInputs' | 'gradientRatio'> {
    const networks = this.#networks;
    return {
      bornDead: share(this.#bornDead, networks),
      deadUnits: share(this.#deadUnits, networks * this.spec.width * this.spec.depth),
      zeroInputs: share(this.#zeroInputs, networks * this.points),
      gradientRatio: this.#ratios === 0 ? null : 2 ** (this.#logRatio / this.#ratios),
    };
  }
}

function share(count: number, of: number): Share {
  return { count, of, value: count / of, interval: wilsonInterval(count, of) };
}

/** Which theorems speak about a method. */
function assumptionsOf(method: InitializerMethod): BoundAssumptions {
  const { hasIndependentEntries = false, hasSymmetricRows = false } = findInitializer(method);
  return {
    independentEntries: hasIndependentEntries,
    symmetricRows: hasIndependentEntries || hasSymmetricRows,
  };
}

function positive(name: string, value: number): number {
  if (!Number.isSafeInteger(value) || value < 1)
    throw new LivenessOptionError(`${name} must be a whole number of at least 1, got ${value}`);
  return value;
}
