/**
 * Plans operations without a GPU and runs them on any engine.
 *
 * `recordOperations` gives operations a context whose device, buffers and kernels only write down
 * what they are asked for; what was written down is JSON, which `runPlans` sends to an engine, where
 * the same kernels are compiled, bound and dispatched. So tests of operations import src/, need
 * nothing public, and run the very same plan everywhere. All data travel as the bits of 32-bit words:
 * JSON has neither NaN nor -0.
 */
import type { Shader } from '../../src/gpu/shader.js';
import type { Operation, PlanContext, Tensor } from '../../src/network/gpu/operation.js';
import { packUniform } from '../../src/network/gpu/uniforms.js';
import type { ParameterLayout } from '../../src/network/parameters.js';
import { alignTo, ROW_ALIGNMENT } from '../../src/network/parameters.js';
import { entriesOf } from '../../src/network/shape.js';
import type { Engine } from './engine.js';

/** A buffer that is only written down. */
interface RecordedBuffer {
  readonly use: 'storage' | 'uniform';
  readonly words: Uint32Array<ArrayBuffer>;
}

interface RecordedDispatch {
  readonly label: string;
  readonly shader: Shader;
  readonly options: { entryPoint?: string; constants?: Record<string, number> };
  readonly bindings: Record<string, number>;
  readonly size: readonly number[];
}

/** A plan as JSON. */
export interface RecordedPlan {
  readonly buffers: readonly { readonly use: 'storage' | 'uniform'; readonly words: number[] }[];
  readonly dispatches: readonly RecordedDispatch[];
  /** Which buffers to read afterwards. */
  readonly reads: readonly number[];
}

export interface RecordOptions {
  readonly mode: 'training' | 'inference';
  readonly batch: number;
  readonly replicas: number;
  readonly layout: ParameterLayout;
  /** Entries of each parameter tensor of each replica, as PyTorch lays them out, by name. */
  readonly parameters?: readonly ReadonlyMap<string, readonly number[]>[];
}

/** Limits of every WebGPU device that operations look at. */
const limits = {
  maxComputeWorkgroupsPerDimension: 65535,
  maxStorageBufferBindingSize: 2 ** 27,
};

export class PlanRecorder {
  readonly context: PlanContext;
  readonly #buffers: RecordedBuffer[] = [];
  readonly #options: RecordOptions;

  constructor(options: RecordOptions) {
    this.#options = options;
    const { mode, batch, replicas, layout } = options;
    const { blockSize } = layout;
    const values = this.#create('storage', new Uint32Array(replicas * blockSize.parameters));
    const statistics = this.#create('storage', new Uint32Array(replicas * blockSize.statistics));
    const gradients = this.#create('storage', new Uint32Array(replicas * blockSize.parameters));
    const storage = (_: string, content: number | ArrayBufferView<ArrayBuffer>) =>
      Promise.resolve(this.#create('storage', wordsOf(content)));
    this.context = {
      gpu: {
        limits,
        info: { software: true },
        createKernel: (shader: Shader, kernelOptions = {}) =>
          Promise.resolve({
            bind: (bindings: Record<string, GPUBuffer>) =>
              Promise.resolve({ shader, options: kernelOptions, bindings }),
          }),
      },
      buffers: { storage },
      mode,
      batch,
      replicas,
      parameters: {
        values,
        gradients: mode === 'training' ? gradients : null,
        statistics,
        replicaStride: blockSize.parameters,
        statisticsStride: blockSize.statistics,
      },
      uniform: (shader: Shader, struct: string, members: Parameters<typeof packUniform>[2]) =>
        Promise.resolve(this.#create('uniform', wordsOf(packUniform(shader, struct, members)))),
      scratch: (_: string, floats: number) =>
        Promise.resolve(this.#create('storage', new Uint32Array(floats))),
      clock: this.#create('storage', new Uint32Array(4)),
    } as unknown as PlanContext;
    this.#writeParameters();
  }

  /** A tensor, filled sample by sample (`values[replica][sample][entry]`) or with zeros. */
  tensor(shape: readonly number[], values?: readonly (readonly (readonly number[])[])[]): Tensor {
    const { batch, replicas } = this.#options;
    const entries = entriesOf(shape);
    const sampleStride = alignTo(entries, ROW_ALIGNMENT);
    const shared = values?.length === 1 && replicas > 1;
    const replicaStride = batch * sampleStride;
    const floats = new Float32Array((shared ? 1 : replicas) * replicaStride);
    values?.forEach((samples, replica) => {
      samples.forEach((sample, index) => {
        floats.set(sample, replica * replicaStride + index * sampleStride);
      });
    });
    return {
      buffer: this.#create('storage', new Uint32Array(floats.buffer)),
      shape,
      entries,
      sampleStride,
      replicaStride: shared ? 0 : replicaStride,
    };
  }

  /** The plan of some operations: all their forward dispatches, then the backward ones in reverse. */
  plan(operations: readonly Operation[], reads: readonly GPUBuffer[]): RecordedPlan {
    const dispatches = [
      ...operations.flatMap(({ forward }) => forward),
      ...[...operations].reverse().flatMap(({ backward }) => backward),
    ].map(({ label, bindings, size }) => {
      const recorded = bindings as unknown as Omit<
        RecordedDispatch,
        'label' | 'size' | 'bindings'
      > & {
        bindings: Record<string, GPUBuffer>;
      };
      return {
        label,
        shader: recorded.shader,
        options: recorded.options,
        bindings: Object.fromEntries(
          Object.entries(recorded.bindings).map(([name, buffer]) => [name, this.#indexOf(buffer)]),
        ),
        size,
      };
    });
    return {
      buffers: this.#buffers.map(({ use, words }) => ({ use, words: [...words] })),
      dispatches,
      reads: reads.map((buffer) => this.#indexOf(buffer)),
    };
  }

  #create(use: RecordedBuffer['use'], words: Uint32Array<ArrayBuffer>): GPUBuffer {
    const buffer = { use, words, size: words.byteLength };
    this.#buffers.push(buffer);
    return buffer as unknown as GPUBuffer;
  }

  #indexOf(buffer: GPUBuffer): number {
    return this.#buffers.indexOf(buffer as unknown as RecordedBuffer);
  }

  #writeParameters(): void {
    const { layout, parameters = [] } = this.#options;
    const { values, statistics } = this.context.parameters as unknown as Record<
      'values' | 'statistics',
      RecordedBuffer
    >;
    parameters.forEach((tensors, replica) => {
      for (const tensor of layout.tensors) {
        const target = tensor.block === 'parameters' ? values : statistics;
        const floats = new Float32Array(target.words.buffer);
        const start = replica * layout.blockSize[tensor.block] + tensor.offset;
        tensors.get(tensor.name)?.forEach((value, index) => {
          const row = Math.floor(index / tensor.columns);
          floats[start + row * tensor.rowStride + (index % tensor.columns)] = value;
        });
      }
    });
  }
}

function wordsOf(content: number | ArrayBufferView<ArrayBuffer>): Uint32Array<ArrayBuffer> {
  if (typeof content === 'number') return new Uint32Array(content / 4);
  return new Uint32Array(
    content.buffer.slice(content.byteOffset, content.byteOffset + content.byteLength),
  );
}

/**
 * Runs plans on an engine, one after another on one device.
 *
 * @param times how often each plan's dispatches are replayed before its buffers are read
 * @returns for each plan and each buffer it reads, the floats
 */
export async function runPlans(
  engine: Engine,
  plans: readonly RecordedPlan[],
  times = 1,
): Promise<Float32Array[][]> {
  const words = await engine.run(
    async (_, gpu, { plans, times }) => {
      const results: number[][][] = [];
      for (const plan of plans) {
        const set = gpu.createBuffers();
        const buffers: GPUBuffer[] = [];
        for (const [index, { use, words }] of plan.buffers.entries())
          buffers.push(await set.create(`buffer ${index}`, use, new Uint32Array(words)));
        const encoded = [];
        for (const dispatch of plan.dispatches) {
          const kernel = await gpu.createKernel(dispatch.shader, dispatch.options);
          const bindings = await kernel.bind(
            Object.fromEntries(
              Object.entries(dispatch.bindings).map(([name, index]) => [name, buffers[index]!]),
            ),
          );
          encoded.push({ kernel, bindings, size: dispatch.size as [number, number, number] });
        }
        const encoder = gpu.createEncoder('plan');
        const pass = encoder.beginComputePass();
        for (let time = 0; time < times; time++)
          for (const { kernel, bindings, size } of encoded) kernel.encode(pass, bindings, size);
        pass.end();
        const copies = await gpu.submitAndRead(
          encoder,
          plan.reads.map((index) => ({ buffer: buffers[index]! })),
        );
        results.push(copies.map((copy) => [...new Uint32Array(copy)]));
        set.close();
      }
      return results;
    },
    { plans, times },
  );
  return words.map((buffers) =>
    buffers.map((buffer) => new Float32Array(new Uint32Array(buffer).buffer)),
  );
}
