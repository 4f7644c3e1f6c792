/**
 * Many networks of one method at once, straight into a parameter block buffer on the GPU: made once,
 * run for batch after batch. What a replica gets depends on its seed and number, not on the batch.
 */
import { GpuLimitError, GpuValidationError, type BufferSet, type GpuDevice } from '../gpu/index.js';
import type { Network } from '../network/index.js';
import type { BatchTarget, Fill } from './gpu/batch.js';
import { initializeOnHost } from './host.js';
import { checkOptions, type InitializationOptions } from './initializers.js';
import type { ReplicaAddress } from './random-address.js';

const FLOAT_BYTES = 4;

/** Initializes batches of networks. */
export interface ReplicaInitializer {
  /** [replica][block] as in the network's parameter layout; overwritten by every run. */
  readonly values: GPUBuffer;
  /**
   * Initializes replicas number `firstReplica`, `firstReplica` + 1, ... of a seed. Resolves when
   * the work is submitted: whatever is submitted next sees the values.
   */
  run(seed: number, firstReplica: number): Promise<void>;
  /**
   * The same for any addresses, one per replica, at most as many as prepared.
   *
   * @returns each replica's warnings
   */
  runAll(addresses: readonly ReplicaAddress[]): Promise<string[][]>;
  /** Frees the values and all else. */
  close(): void;
}

/** What to prepare. */
export interface ReplicaInitializerOptions extends Omit<InitializationOptions, 'seed' | 'replica'> {
  /** Networks per batch. */
  readonly replicas: number;
  /** Of one network: called by every run that sends the anchors through it, with what its layers make of them. */
  readonly onOutputs?: BatchTarget['onOutputs'];
}

/**
 * Prepares a method for batches of replicas of a network.
 *
 * @throws InitializationError as `initialize`
 * @throws {GpuLimitError} when the blocks of all replicas do not fit one binding
 */
export async function createReplicaInitializer(
  gpu: GpuDevice,
  network: Network,
  options: ReplicaInitializerOptions,
): Promise<ReplicaInitializer> {
  const { replicas } = options;
  checkBlocks(gpu, network, replicas);
  const buffers = gpu.createBuffers();
  try {
    const block = network.parameters.blockSize.parameters;
    const values = await buffers.storage('initial values', FLOAT_BYTES * block * replicas);
    const { signal, onLayer, onOutputs } = options;
    const target: BatchTarget = {
      replicas,
      values,
      block,
      onOutputs,
      afterRun:
        (onLayer ?? signal) &&
        ((label) => {
          signal?.throwIfAborted();
          if (label !== undefined) onLayer?.({ label, step: 'weights' });
        }),
    };
    const fill = await planFill(gpu, buffers, network, options, target);
    return {
      values,
      runAll: (addresses) => {
        if (addresses.length > replicas) {
          throw new GpuValidationError(
            `${addresses.length} replicas do not fit an initializer made for ${replicas}`,
          );
        }
        return fill(addresses);
      },
      run: async (seed, firstReplica) => {
        const numbers = Array.from({ length: replicas }, (_, index) => firstReplica + index);
        await fill(numbers.map((replica) => ({ seed, replica })));
      },
      close: () => {
        buffers.close();
      },
    };
  } catch (error) {
    buffers.close();
    throw error;
  }
}

/** @throws {GpuLimitError} with what would fit */
function checkBlocks({ limits }: GpuDevice, { parameters }: Network, replicas: number): void {
  const bytes = FLOAT_BYTES * parameters.blockSize.parameters;
  const available = Math.min(limits.maxStorageBufferBindingSize, limits.maxBufferSize);
  if (replicas * bytes <= available) return;
  const fitting = Math.floor(available / bytes);
  throw new GpuLimitError(
    `the ${parameters.count} parameters of ${replicas === 1 ? 'this network' : `each of ${replicas} networks`}`,
    'maxStorageBufferBindingSize',
    replicas * bytes,
    available,
    fitting > 0
      ? `initialize at most ${fitting} at once`
      : `all have to fit one buffer, ${Math.floor(available / FLOAT_BYTES)} numbers: use narrower dense layers, or smaller images before them`,
  );
}

async function planFill(
  gpu: GpuDevice,
  buffers: BufferSet,
  network: Network,
  options: ReplicaInitializerOptions,
  target: BatchTarget,
): Promise<Fill> {
  const initializer = checkOptions(options);
  const planned = initializer.plan?.(gpu, buffers, network, options, target) ?? null;
  if (planned !== null) return planned;
  return (addresses) =>
    Promise.resolve(
      addresses.map(({ seed, replica }, index) => {
        const made = initializeOnHost(network, { ...options, seed, replica });
        gpu.write(target.values, made.block, FLOAT_BYTES * target.block * index);
        return [...made.warnings];
      }),
    );
}
