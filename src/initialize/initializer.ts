/**
 * What an initializer is: one object with its name, what the command line and the checks need to know
 * of its options, and the ways in which it makes weights. initializers.ts lists them.
 */
import type { Dataset } from '../data/dataset.js';
import type { BufferSet, Device, GpuDevice } from '../gpu/index.js';
import type { Stepwise } from '../math/stepwise.js';
import type { Features } from '../network/host/features.js';
import type { Propagation } from '../network/host/forward-pass.js';
import type { Network } from '../network/index.js';
import type { Weights } from '../network/weights.js';
import type { BatchTarget, Fill } from './gpu/batch.js';
import type { ReplicaAddress } from './random-address.js';
import type { MultiplyReflections } from './semi-orthogonal.js';

/** A layer has its weights, or its place in a report that was not measured on the way. */
export interface LayerDone {
  /** "layers.3" */
  readonly label: string;
  readonly step: 'weights' | 'report';
}

/** What every initializer is told. */
export interface CommonOptions {
  /** Integer in 0..2^53-1, 0 unless stated: the same seed gives the same weights. */
  readonly seed?: number;
  /** u32, 0 unless stated: tells apart many networks of one seed. */
  readonly replica?: number;
  /**
   * Training inputs for methods that look at data (lps, lsuv, looks-linear): rows as the network
   * sees them, each channel by channel, or a data set. A sample of `anchorCount` is taken when there
   * are more. Without them standard normal rows are drawn.
   */
  readonly anchors?: Dataset | readonly ArrayLike<number>[];
  /** Anchors used at most; 64 unless stated, 16 for networks with convolutions. */
  readonly anchorCount?: number;
  /** Ends the work between two layers, with an AbortError. */
  readonly signal?: AbortSignal;
  /** Told of each layer that is done; the GPU then makes them one by one. */
  readonly onLayer?: (layer: LayerDone) => void;
}

/** An option beside the common ones. */
export interface InitializerOption {
  readonly name: string;
  /** Completes "NAME must be ...". */
  readonly needs: string;
  accepts(value: unknown): boolean;
  /** How the command line takes it: a number, or one of `choices`. Without it only the library does. */
  readonly flag?: {
    readonly description: string;
    readonly choices?: readonly string[];
    readonly default?: string;
  };
}

/** Whether an option's value is a number at all. */
export const isNumber = (value: unknown): value is number => typeof value === 'number';

/** Tensors of one network with what there is to say about them. */
export interface HostTensors {
  /** By their number in the network's layout, unpadded; those that are missing are 0. */
  readonly tensors: ReadonlyMap<number, ArrayLike<number>>;
  readonly warnings: readonly string[];
}

/** A forward pass of the anchors on the host in f32, and matrices in it. */
export interface AnchorPass extends Pick<Propagation<Float32Array>, 'observe' | 'products'> {
  anchors(): Features<Float32Array>;
  readonly multiplyReflections: MultiplyReflections;
}

/** What every account of a search tells. */
export interface SearchAccount {
  /** Part of the network that was searched for. */
  readonly scope: string;
  readonly warnings: readonly string[];
}

/** Names that PyTorch and Keras have for some of them. */
export type InitializerAlias =
  | 'he-normal'
  | 'kaiming-normal'
  | 'kaiming-uniform'
  | 'xavier-normal'
  | 'glorot-normal'
  | 'glorot-uniform'
  | 'lecun-normal';

export interface Initializer<
  Options extends CommonOptions = CommonOptions,
  Name extends string = string,
  Account extends SearchAccount = never,
> {
  readonly name: Name;
  /** Names that other libraries use. */
  readonly aliases?: readonly InitializerAlias[];
  /** One line for help. */
  readonly summary: string;
  readonly options?: readonly InitializerOption[];
  /** Weights are independent and symmetric and biases zero: theorems on dying networks hold. */
  readonly hasIndependentEntries?: true;
  /** Weights depend on what the layers make of the anchors. */
  readonly looksAtAnchors?: true;
  /** Flipping the sign of any row and its bias leaves the distribution as it is. */
  readonly hasSymmetricRows?: true;

  /**
   * One network without a GPU, in f64 where it computes and in f32 where it stores: the definition
   * that kernels are tested against, and the way of an initializer that has none.
   *
   * @internal
   * @throws InitializationError for options or a network that it cannot do
   */
  onHost(network: Network, options: Options, address: ReplicaAddress): HostTensors;

  /**
   * The same for large networks: with a pause every few milliseconds, in f32 where it multiplies, and with shares of the
   * anchors' way through the network for other threads.
   *
   * @internal
   */
  inSteps?(
    network: Network,
    options: Options,
    address: ReplicaAddress,
    pass: AnchorPass,
  ): Stepwise<HostTensors>;

  /**
   * Compiles kernels that make many networks at once, bit-equal to the host's.
   *
   * @internal
   * @returns null for options that only the host knows
   */
  plan?(
    gpu: GpuDevice,
    buffers: BufferSet,
    network: Network,
    options: Options,
    target: BatchTarget,
  ): Promise<Fill> | null;

  /**
   * In the place of both, for weights that are searched for each network on its own.
   *
   * @internal
   * @param start makes weights by `lps` to begin with
   */
  search?(
    gpu: Device,
    network: Network,
    options: Options,
    start: () => Promise<Weights>,
  ): Promise<{ readonly weights: Weights; readonly report: Account }>;

  /**
   * Checks what options mean together. @throws InitializationError code 'option'
   *
   * @internal
   */
  check?(options: Options): void;
}
