/**
 * A dense layer as data for any engine: the real planning code runs here against stand-ins that
 * write down what they are asked, and `replay` does in the engine what was written.
 *
 * `expected` is the same layer in f64 by triple loops, each number with a bound on its rounding.
 */
import type { GpuDevice, Kernel, KernelBindings, KernelOptions } from '../../src/gpu/index.js';
import type { Shader } from '../../src/gpu/shader.js';
import { randomStream } from '../../src/math/random.js';
import { setTuning } from '../../src/network/gpu/tuning.js';
import type { MatmulTile } from '../../src/network/gpu/matmul-tiles.js';
import type { FusedActivation } from '../../src/network/activations.js';
import type { Dispatch, PlanContext, Tensor } from '../../src/network/gpu/operation.js';
import { planDense } from '../../src/network/gpu/operations/dense.js';
import { packUniform } from '../../src/network/gpu/uniforms.js';
import { alignTo, ROW_ALIGNMENT, TENSOR_ALIGNMENT } from '../../src/network/parameters.js';
import type { ParameterTensor } from '../../src/network/parameters.js';
import type { Body } from '../helpers/engine.js';

export interface DenseCase {
  readonly tile: MatmulTile;
  /** Which workgroup size the tile gets. */
  readonly software: boolean;
  readonly batch: number;
  readonly entries: number;
  readonly units: number;
  readonly replicas: number;
  /** One input for all replicas, as the network's own. */
  readonly sharedInput: boolean;
  readonly bias: boolean;
  readonly activation: keyof typeof ACTIVATIONS;
  readonly inputActivation: keyof typeof ACTIVATIONS;
  readonly seed: number;
}

/** An activation in f64, its slope as a function of what is saved, and bounds on their rounding. */
interface Activation {
  readonly fused: FusedActivation | null;
  readonly value: (x: number) => number;
  readonly slope: (saved: number) => number;
  /** Largest |slope|: how much of an error in x reaches y. */
  readonly steepest: number;
  /** Units of 2^-24 of |x| + |y| that computing it may cost, and of 1 that the slope may. */
  readonly roundings: number;
}

const logistic = (x: number): number => 1 / (1 + Math.exp(-x));

export const ACTIVATIONS = {
  none: { fused: null, value: (x) => x, slope: () => 1, steepest: 1, roundings: 0 },
  relu: {
    fused: { code: 1, parameter: 0, slopeFrom: 'output' },
    value: (x) => Math.max(x, 0),
    slope: (y) => (y > 0 ? 1 : 0),
    steepest: 1,
    roundings: 0,
  },
  'leaky-relu': {
    fused: { code: 2, parameter: 0.25, slopeFrom: 'output' },
    value: (x) => (x < 0 ? 0.25 * x : x),
    slope: (y) => (y > 0 ? 1 : 0.25),
    steepest: 1,
    roundings: 1,
  },
  // WGSL allows exp an error of 3 + 2 |x| units and a division 2.5; here |x| < 16.
  sigmoid: {
    fused: { code: 5, parameter: 0, slopeFrom: 'output' },
    value: logistic,
    slope: (y) => y * (1 - y),
    steepest: 0.25,
    roundings: 80,
  },
  silu: {
    fused: { code: 8, parameter: 0, slopeFrom: 'pre-activation' },
    value: (x) => x * logistic(x),
    slope: (x) => logistic(x) * (1 + x * (1 - logistic(x))),
    steepest: 1.1,
    roundings: 160,
  },
} as const satisfies Record<string, Activation>;

const buffersOf = (activation: FusedActivation | null): boolean =>
  activation?.slopeFrom === 'pre-activation';

/** Stays where no kernel may write. */
export const SENTINEL = 7;

/** A buffer's stand-in. */
interface Content {
  readonly label: string;
  readonly data: Float32Array | Uint8Array;
}

/** What `replay` needs, as JSON. */
export interface Recording {
  readonly buffers: Record<string, { readonly base64: string; readonly uniform: boolean }>;
  readonly dispatches: readonly {
    readonly shader: Shader;
    readonly options: KernelOptions;
    readonly bindings: Record<string, string>;
    readonly size: readonly [number, number, number];
  }[];
  /** Labels of the buffers to read. */
  readonly results: readonly string[];
}

const toBase64 = ({ buffer, byteOffset, byteLength }: ArrayBufferView): string =>
  Buffer.from(buffer as ArrayBuffer, byteOffset, byteLength).toString('base64');

export function fromBase64(text: string): Float32Array {
  const bytes = Uint8Array.from(Buffer.from(text, 'base64'));
  return new Float32Array(bytes.buffer);
}

/** A case's tensors, for the test to compare. */
export interface DenseData {
  readonly recording: Recording;
  readonly input: Tensor;
  readonly output: Tensor;
  readonly inputGradient: Tensor;
  readonly weight: ParameterTensor;
  readonly bias: ParameterTensor;
  readonly blockSize: number;
  readonly contents: ReadonlyMap<string, Float32Array>;
}

/**
 * Plans a case and records it.
 * @param data contents by label instead of random ones (a replica of another case, say)
 */
export async function recordDense(
  test: DenseCase,
  data: ReadonlyMap<string, Float32Array> = new Map(),
): Promise<DenseData> {
  const { batch, entries, units, replicas } = test;
  const random = randomStream(test.seed, 0);
  const contents = new Map<string, Float32Array>();
  const buffer = (label: string, floats: number, fill: (data: Float32Array) => void): GPUBuffer => {
    const content = data.get(label)?.slice() ?? new Float32Array(floats);
    if (!data.has(label)) fill(content);
    contents.set(label, content);
    return { label, data: content } satisfies Content as unknown as GPUBuffer;
  };
  const normal = (): number => Math.fround(random.normal());
  /** A tensor with rows longer than they must be, filled by `value` where it has entries. */
  const tensor = (label: string, width: number, shared: boolean, value: () => number): Tensor => {
    const sampleStride = alignTo(width, ROW_ALIGNMENT) + ROW_ALIGNMENT;
    const copies = shared ? 1 : replicas;
    return {
      buffer: buffer(label, copies * batch * sampleStride, (content) => {
        for (let row = 0; row < copies * batch; row++)
          for (let i = 0; i < width; i++) content[row * sampleStride + i] = value();
      }),
      shape: [width],
      entries: width,
      sampleStride,
      replicaStride: shared ? 0 : batch * sampleStride,
    };
  };
  const activation: Activation = ACTIVATIONS[test.activation];
  const inputActivation: Activation = ACTIVATIONS[test.inputActivation];
  const zero = (): number => 0;
  const input = tensor('input', entries, test.sharedInput, normal);
  const output = tensor('output', units, false, zero);
  const preActivation = buffersOf(activation.fused)
    ? tensor('pre-activation', units, false, zero)
    : null;
  const outputGradient = tensor('output gradient', units, false, normal);
  const inputGradient = tensor('input gradient', entries, false, zero);
  const saved = tensor('saved', entries, false, () =>
    buffersOf(inputActivation.fused) ? normal() : Math.fround(inputActivation.value(normal())),
  );

  // Another tensor before, between and behind: offsets count, and nothing else is written.
  const rowStride = alignTo(entries, ROW_ALIGNMENT);
  const weight: ParameterTensor = {
    name: 'weight',
    shape: [units, entries],
    role: 'weight',
    block: 'parameters',
    fanIn: entries,
    fanOut: units,
    rows: units,
    columns: entries,
    rowStride,
    offset: TENSOR_ALIGNMENT,
    first: 0,
  };
  const bias: ParameterTensor = {
    ...weight,
    name: 'bias',
    role: 'bias',
    shape: [units],
    rows: 1,
    columns: units,
    rowStride: alignTo(units, ROW_ALIGNMENT),
    offset: alignTo(weight.offset + units * rowStride, TENSOR_ALIGNMENT) + TENSOR_ALIGNMENT,
  };
  const blockSize = alignTo(bias.offset + units, TENSOR_ALIGNMENT) + TENSOR_ALIGNMENT;
  const values = buffer('values', replicas * blockSize, (content) => {
    for (let replica = 0; replica < replicas; replica++) {
      const start = replica * blockSize;
      for (let o = 0; o < units; o++) {
        for (let i = 0; i < entries; i++)
          content[start + weight.offset + o * rowStride + i] = normal() / Math.sqrt(entries);
        content[start + bias.offset + o] = normal();
      }
    }
  });
  const gradients = buffer('gradients', replicas * blockSize, (content) => content.fill(SENTINEL));

  const uniforms = new Map<string, Uint8Array>();
  const scratches: string[] = [];
  const gpu = {
    info: { software: test.software },
    limits: { maxComputeWorkgroupsPerDimension: 65535 },
    createKernel: (shader: Shader, options: KernelOptions) =>
      Promise.resolve({
        shader,
        options,
        bind: (named: Record<string, GPUBuffer>) =>
          Promise.resolve(
            Object.fromEntries(Object.entries(named).map(([name, { label }]) => [name, label])),
          ),
      }),
  } as unknown as GpuDevice;
  setTuning(gpu, { tile: test.tile });
  const context = {
    gpu,
    mode: 'training',
    batch,
    replicas,
    parameters: {
      values,
      gradients,
      statistics: values,
      replicaStride: blockSize,
      statisticsStride: 0,
    },
    uniform: (shader: Shader, struct: string, members: Record<string, number>) => {
      const label = `uniform ${uniforms.size}`;
      uniforms.set(label, packUniform(shader, struct, members));
      return Promise.resolve({ label } as GPUBuffer);
    },
    scratch: (name: string, floats: number) => {
      const label = `scratch ${name} ${scratches.push(name)}`;
      return Promise.resolve(buffer(label, floats, () => undefined));
    },
  } as unknown as PlanContext;
  const operation = await planDense(
    context,
    { type: 'dense', units, bias: test.bias },
    { weight, ...(test.bias ? { bias } : {}) },
    {
      label: 'layers.0',
      input,
      output,
      activation: activation.fused,
      preActivation,
      outputGradient,
      inputGradient,
      inputSlope: inputActivation.fused && { activation: inputActivation.fused, saved },
    },
  );
  const dispatches = [...operation.forward, ...operation.backward].map((dispatch: Dispatch) => {
    const { shader, options } = dispatch.kernel as unknown as {
      shader: Shader;
      options: KernelOptions;
    };
    return {
      shader,
      options,
      bindings: dispatch.bindings as unknown as Record<string, string>,
      size: dispatch.size,
    };
  });
  const recording: Recording = {
    buffers: Object.fromEntries<Recording['buffers'][string]>([
      ...[...contents].map(
        ([label, content]) => [label, { base64: toBase64(content), uniform: false }] as const,
      ),
      ...[...uniforms].map(
        ([label, content]) => [label, { base64: toBase64(content), uniform: true }] as const,
      ),
    ]),
    dispatches,
    results: [
      'output',
      'gradients',
      'input gradient',
      ...(preActivation ? ['pre-activation'] : []),
    ],
  };
  return { recording, input, output, inputGradient, weight, bias, blockSize, contents };
}

/** A dispatch of the engine's own. */
interface Bound {
  readonly kernel: Kernel;
  readonly bindings: KernelBindings;
  readonly size: readonly [number, number, number];
}

/**
 * Runs recordings in an engine, each twice over the same buffers.
 * @returns the results after the first run in base64, and whether the second gave the same bits
 */
export const replay: Body<
  readonly Recording[],
  { results: Record<string, string>; repeats: boolean }[]
> = async (_, gpu, recordings) => {
  const replayed = [];
  for (const { buffers: contents, dispatches, results } of recordings) {
    const set = gpu.createBuffers();
    const buffers: Record<string, GPUBuffer> = {};
    for (const [label, { base64, uniform }] of Object.entries(contents))
      buffers[label] = await set.create(
        label,
        uniform ? 'uniform' : 'storage',
        Uint8Array.from(atob(base64), (character) => character.charCodeAt(0)),
      );
    const bound: Bound[] = [];
    for (const { shader, options, bindings, size } of dispatches) {
      const kernel = await gpu.createKernel(shader, options);
      const named = Object.fromEntries(
        Object.entries(bindings).map(([name, label]) => [name, buffers[label]!]),
      );
      bound.push({ kernel, bindings: await kernel.bind(named), size });
    }
    const run = async (): Promise<string[]> => {
      const encoder = gpu.createEncoder('dense');
      const pass = encoder.beginComputePass();
      for (const { kernel, bindings, size } of bound) kernel.encode(pass, bindings, size);
      pass.end();
      const read = await gpu.submitAndRead(
        encoder,
        results.map((label) => ({ buffer: buffers[label]! })),
      );
      return read.map((copy) =>
        btoa(Array.from(new Uint8Array(copy), (byte) => String.fromCharCode(byte)).join('')),
      );
    };
    const first = await run();
    const second = await run();
    replayed.push({
      results: Object.fromEntries(results.map((label, index) => [label, first[index]!])),
      repeats: first.every((text, index) => text === second[index]),
    });
    set.close();
  }
  return replayed;
};

/** A number in f64 and how far f32 arithmetic in any order may be from it. */
export interface Expected {
  readonly value: number;
  readonly bound: number;
}

const UNIT = 2 ** -24;

/**
 * A sum of products: n terms in any order with fused or separate multiplications are within
 * gamma_n sum |a b| (Higham, Accuracy and Stability, section 3.1), gamma_n = n u / (1 - n u). Four
 * more roundings for a bias and for the padding that the last vec4f brings in.
 */
function sumOf(count: number, term: (k: number) => number, more = 0): Expected {
  let value = more;
  let size = Math.abs(more);
  for (let k = 0; k < count; k++) {
    value += term(k);
    size += Math.abs(term(k));
  }
  const roundings = (count + 4) * UNIT;
  return { value, bound: (roundings / (1 - roundings)) * size };
}

/** The layer in f64. Indices as named. */
export function expectedDense(test: DenseCase, data: DenseData) {
  const { input, output, inputGradient, weight, bias, blockSize, contents } = data;
  const activation: Activation = ACTIVATIONS[test.activation];
  const inputActivation: Activation = ACTIVATIONS[test.inputActivation];
  const at = (label: string, { sampleStride, replicaStride }: Tensor) => {
    const content = contents.get(label)!;
    return (replica: number, sample: number, entry: number): number =>
      content[replica * replicaStride + sample * sampleStride + entry]!;
  };
  const x = at('input', input);
  const dy = at('output gradient', output);
  const saved = at('saved', inputGradient);
  const values = contents.get('values')!;
  const w = (replica: number, o: number, i: number): number =>
    values[replica * blockSize + weight.offset + o * weight.rowStride + i]!;
  const b = (replica: number, o: number): number =>
    test.bias ? values[replica * blockSize + bias.offset + o]! : 0;

  const preActivation = (replica: number, sample: number, o: number): Expected =>
    sumOf(test.entries, (i) => x(replica, sample, i) * w(replica, o, i), b(replica, o));
  return {
    preActivation,
    output: (replica: number, sample: number, o: number): Expected => {
      const before = preActivation(replica, sample, o);
      const value = activation.value(before.value);
      const own = activation.roundings * UNIT * (Math.abs(before.value) + Math.abs(value));
      return { value, bound: activation.steepest * before.bound + own };
    },
    inputGradient: (replica: number, sample: number, i: number): Expected => {
      const sum = sumOf(test.units, (o) => dy(replica, sample, o) * w(replica, o, i));
      const slope = inputActivation.slope(saved(replica, sample, i));
      const own = (inputActivation.roundings + 1) * UNIT * Math.abs(sum.value);
      return { value: sum.value * slope, bound: inputActivation.steepest * sum.bound + own };
    },
    weightGradient: (replica: number, o: number, i: number): Expected =>
      sumOf(test.batch, (s) => dy(replica, s, o) * x(replica, s, i)),
    biasGradient: (replica: number, o: number): Expected =>
      sumOf(test.batch, (s) => dy(replica, s, o)),
  };
}
