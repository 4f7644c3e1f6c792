/**
 * Counts, on the GPU, which units of many small ReLU networks are ever active.
 *
 * A network is one invocation: at widths of 2 to 32 a matrix kernel would spend its tiles on
 * padding, and the networks are independent. The dispatches are cut so that each takes about
 * `TARGET_MS`, because browsers end longer ones.
 */
import { LpsError } from '../math/lps-error.js';
import { initializerLiveness } from '../generated/shaders/initializer/liveness.js';
import { GpuLimitError, type GpuDevice } from '../gpu/index.js';
import type { Network, ParameterTensor } from '../network/index.js';

/** Limits of shaders/initializer/liveness.wgsl. */
export const MAXIMUM_WIDTH = 32;
export const MAXIMUM_LAYERS = 128;

const TARGET_MS = 60;
const FIRST_SLICE = 256;
const WORKGROUP_SIZE = 64;
const LANES = 4;
const shader = initializerLiveness;
const verdictBytes = shader.structs.Verdict.size;

/** What became of the probe points in each of the networks, one entry per network. */
export interface ActivityCounts {
  /** 1-based number of the first hidden layer without an active unit on any point, 0 for none. */
  readonly firstDeadLayer: Uint32Array;
  /** Hidden units that are active on no point. */
  readonly deadUnits: Uint32Array;
  /** Points that the last hidden layer maps to zero. */
  readonly zeroPoints: Uint32Array;
  /**
   * Mean over probe points of log2(|dy/dW_1| / |dy/dW_L|), the first output's gradients with
   * respect to the first and last layer's parameters; NaN where no point has both.
   */
  readonly logGradientRatio: Float64Array;
}

export interface ActivityCounter {
  /**
   * Counts for the first `networks` blocks of the parameter buffer.
   *
   * @throws DOMException AbortError when the signal aborts
   */
  count(networks: number, signal?: AbortSignal): Promise<ActivityCounts>;
  close(): void;
}

/** A network that is not a chain of dense layers with ReLU between them, or too large. */
export class LivenessNetworkError extends LpsError {
  override readonly name = 'LivenessNetworkError';
  override readonly kind = 'input';
}

interface DenseTensors {
  readonly weight: ParameterTensor;
  readonly bias: ParameterTensor | undefined;
}

/**
 * Prepares the counting: buffers and bindings are made once.
 *
 * @param parameters [network][block] as network.parameters lays them out
 * @param points one row of inputs per probe point
 * @param gradientStride every how many points the gradient is taken, 0 for never
 * @throws LivenessNetworkError
 */
export async function createActivityCounter(
  gpu: GpuDevice,
  network: Network,
  parameters: GPUBuffer,
  points: readonly (readonly number[])[],
  gradientStride: number,
): Promise<ActivityCounter> {
  const layers = denseChain(network);
  const block = network.parameters.blockSize.parameters;
  const capacity = Math.floor(parameters.size / (4 * block));
  const widest = Math.max(
    ...layers.map(({ weight }, l) => (l < layers.length - 1 ? weight.rows : 1)),
  );
  const entryPoint =
    widest <= LANES ? 'count_narrow' : widest <= 2 * LANES ? 'count_medium' : 'count_wide';
  const kernel = await gpu.createKernel(shader, { entryPoint });
  const buffers = gpu.createBuffers();
  try {
    const batch = await buffers.uniform('liveness: batch', shader.structs.Batch.size);
    const verdicts = await buffers.storage('liveness: verdicts', capacity * verdictBytes);
    const bindings = await kernel.bind({
      batch,
      parameters,
      verdicts,
      layers: await buffers.storage('liveness: layers', layerTable(layers)),
      points: await buffers.storage('liveness: points', paddedRows(points)),
    });
    let slice = FIRST_SLICE;
    return {
      count: async (networks, signal) => {
        if (networks > capacity)
          throw new GpuLimitError(
            'the parameter buffer',
            'networks',
            networks,
            capacity,
            'count fewer networks at a time',
          );
        for (let first = 0; first < networks;) {
          await gpu.budget.ready(signal);
          signal?.throwIfAborted();
          const size = Math.min(slice, networks - first);
          gpu.write(
            batch,
            new Uint32Array([
              first,
              size,
              block / LANES,
              layers.length,
              points.length,
              gradientStride,
            ]),
          );
          const encoder = gpu.createEncoder('liveness');
          const pass = encoder.beginComputePass();
          kernel.encode(pass, bindings, [Math.ceil(size / WORKGROUP_SIZE)]);
          pass.end();
          const started = performance.now();
          await gpu.submitAndRead(encoder, [{ buffer: verdicts, offset: 0, size: 4 }]);
          const ms = Math.max(performance.now() - started, 0.1);
          first += size;
          const wanted = (slice * gpu.budget.pieceMs(TARGET_MS)) / ms;
          slice = WORKGROUP_SIZE * Math.ceil(Math.min(wanted, 4 * slice) / WORKGROUP_SIZE);
        }
        return unpackVerdicts(await gpu.read(verdicts, 0, networks * verdictBytes), networks);
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

function denseChain(network: Network): DenseTensors[] {
  const { layers, input } = network;
  const isChain =
    input.length === 1 &&
    layers.length >= 3 &&
    layers.every(({ type }, index) => type === (index % 2 === 0 ? 'dense' : 'relu')) &&
    layers.length % 2 === 1;
  if (!isChain)
    throw new LivenessNetworkError(
      `liveness is counted for dense layers with relu between them, such as 1-2-2-1; got ${layers.map(({ type }) => type).join('-')}`,
    );
  const widths = layers.flatMap((layer) => (layer.type === 'dense' ? [layer.units] : []));
  const tooWide = Math.max(input[0]!, ...widths);
  if (tooWide > MAXIMUM_WIDTH || widths.length > MAXIMUM_LAYERS)
    throw new LivenessNetworkError(
      `liveness is counted for layers of at most ${MAXIMUM_WIDTH} units and at most ${MAXIMUM_LAYERS} of them; got ${tooWide} units and ${widths.length} layers`,
    );
  const tensorOf = (name: string): ParameterTensor | undefined =>
    network.parameters.tensors.find((tensor) => tensor.name === name);
  return widths.map((_, index) => ({
    weight: tensorOf(`layers.${2 * index}.weight`)!,
    bias: tensorOf(`layers.${2 * index}.bias`),
  }));
}

/** The shader's `Layer` structs: five u32 each. */
function layerTable(layers: readonly DenseTensors[]): Uint32Array<ArrayBuffer> {
  return new Uint32Array(
    layers.flatMap(({ weight, bias }) => [
      weight.offset / LANES,
      (bias?.offset ?? 0) / LANES,
      bias ? 1 : 0,
      weight.rows,
      weight.rowStride / LANES,
    ]),
  );
}

function paddedRows(rows: readonly (readonly number[])[]): Float32Array<ArrayBuffer> {
  const stride = LANES * Math.ceil(rows[0]!.length / LANES);
  const padded = new Float32Array(rows.length * stride);
  rows.forEach((row, index) => {
    padded.set(row, index * stride);
  });
  return padded;
}

function unpackVerdicts(bytes: ArrayBuffer, networks: number): ActivityCounts {
  const { members } = shader.structs.Verdict;
  const words = verdictBytes / 4;
  const unsigned = new Uint32Array(bytes);
  const float = new Float32Array(bytes);
  const column = (member: { readonly offset: number }): Uint32Array =>
    Uint32Array.from({ length: networks }, (_, n) => unsigned[n * words + member.offset / 4]!);
  const gradientPoints = column(members.gradient_points);
  return {
    firstDeadLayer: column(members.first_dead_layer),
    deadUnits: column(members.dead_units),
    zeroPoints: column(members.zero_points),
    logGradientRatio: Float64Array.from(gradientPoints, (count, n) =>
      count === 0 ? NaN : float[n * words + members.log_ratio_sum.offset / 4]! / count,
    ),
  };
}
