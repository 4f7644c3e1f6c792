/**
 * How fast the adapter is right now: multiply-adds in registers and a copy through memory.
 *
 * Run beside every round, so that a neighbour's load shows and times can be given as fractions of
 * what the adapter could do in that very moment.
 */
import type { BufferSet, GpuDevice, Kernel, KernelBindings } from '../../../src/gpu/index.js';
import { benchmarkAluProbe } from '../../../src/generated/shaders/benchmark/alu-probe.js';
import { benchmarkMemoryProbe } from '../../../src/generated/shaders/benchmark/memory-probe.js';
import type { Host, ProbeSample } from './types.js';

const INVOCATIONS = 64 * 1024;
const WORKGROUP = 64;
/** Operations per iteration and invocation: 8 multiply-adds of vec4f. */
const OPERATIONS = 8 * 4 * 2;
/** 16 MiB in, 16 MiB out: beyond the caches of the CPUs that run software adapters. */
const COPY_BYTES = 16 * 2 ** 20;
/** Long enough against the cost of a submit, short beside a round. */
const PROBE_MS = 25;
const MOST_ITERATIONS = 2 ** 22;

/** Coarser timestamps than this many nanoseconds say little of a kernel's time. */
const FINE_NS = 10_000;

/** Whether timestamps of this step are good enough; 0 and null stand for none. */
export function isFine(stepNs: number | null): boolean {
  return stepNs !== null && stepNs > 0 && stepNs <= FINE_NS;
}

export class Probes {
  private constructor(
    private readonly gpu: GpuDevice,
    private readonly buffers: BufferSet,
    private readonly run: Readonly<{
      operations: { kernel: Kernel; bindings: KernelBindings; iterations: number };
      copy: { kernel: Kernel; bindings: KernelBindings; repetitions: number };
      result: GPUBuffer;
    }>,
  ) {}

  /** Compiles both probes and finds how long they must run. */
  static async create(gpu: GpuDevice): Promise<Probes> {
    const buffers = gpu.createBuffers();
    const [operations, copy] = await Promise.all([
      gpu.createKernel(benchmarkAluProbe),
      gpu.createKernel(benchmarkMemoryProbe),
    ]);
    const result = await buffers.storage('probe result', 4 * INVOCATIONS);
    const source = await buffers.storage('probe source', COPY_BYTES);
    const target = await buffers.storage('probe target', COPY_BYTES);
    const bindOperations = async (iterations: number) => {
      const { size, members } = operations.shader.structs.Probe!;
      const probe = new DataView(new ArrayBuffer(size));
      probe.setUint32(members.iterations!.offset, iterations, true);
      probe.setFloat32(members.factor!.offset, 0.999, true);
      probe.setFloat32(members.offset!.offset, 0.001, true);
      const uniform = await buffers.uniform('probe', new Uint8Array(probe.buffer));
      return {
        kernel: operations,
        bindings: await operations.bind({ probe: uniform, result }),
        iterations,
      };
    };
    const copyRun = {
      kernel: copy,
      bindings: await copy.bind({ copy_source: source, copy_target: target }),
      repetitions: 1,
    };
    // Both once for nothing: the first dispatch of a pipeline may still compile.
    let probes = new Probes(gpu, buffers, {
      operations: await bindOperations(1),
      copy: copyRun,
      result,
    });
    await probes.operations();
    await probes.copy();
    let iterations = 64;
    let ms = 0;
    while (ms < PROBE_MS && iterations < MOST_ITERATIONS) {
      iterations *= ms > 0 && ms < PROBE_MS / 4 ? 4 : 2;
      probes = new Probes(gpu, buffers, {
        operations: await bindOperations(iterations),
        copy: copyRun,
        result,
      });
      ms = await probes.operations();
    }
    const copyMs = await probes.copy();
    const repetitions = Math.max(1, Math.min(64, Math.round(PROBE_MS / copyMs)));
    return new Probes(gpu, buffers, { ...probes.run, copy: { ...copyRun, repetitions } });
  }

  /** Both probes once. */
  async measure(round: number, host: Host): Promise<ProbeSample> {
    const before = await host.cpuSeconds();
    const operationsMs = await this.operations();
    const after = await host.cpuSeconds();
    const copyMs = await this.copy();
    const operations = this.run.operations.iterations * INVOCATIONS * OPERATIONS;
    const cpu = before === null || after === null ? 0 : after - before;
    return {
      round,
      operations: (1000 * operations) / operationsMs,
      operationsPerCpuSecond: cpu > 0 ? operations / cpu : null,
      bytes: (1000 * 2 * COPY_BYTES * this.run.copy.repetitions) / copyMs,
    };
  }

  /**
   * The smallest step of this adapter's timestamps in nanoseconds, null without timestamp queries.
   * Chrome rounds them unless it was started with --enable-unsafe-webgpu.
   */
  async timestampStep(): Promise<number | null> {
    const passes = 12;
    const timer = this.gpu.createTimer(passes);
    if (!timer) return null;
    const times: number[] = [];
    for (let k = 0; k < passes; k++) {
      await this.operations(timer.next(), 1 + k / passes);
      times.push(...(await timer.read()));
    }
    timer.close();
    const NANOSECONDS = 1e6;
    return times
      .map((ms) => Math.round(ms * NANOSECONDS))
      .filter((ns) => ns > 0)
      .reduce(greatestCommonDivisor, 0);
  }

  close(): void {
    this.buffers.close();
  }

  /** Milliseconds of the multiply-add probe. */
  private async operations(
    timestampWrites?: GPUComputePassTimestampWrites,
    share = 1,
  ): Promise<number> {
    const { kernel, bindings } = this.run.operations;
    const groups = Math.max(1, Math.floor((INVOCATIONS / WORKGROUP) * Math.min(1, share)));
    return this.timed((pass) => {
      kernel.encode(pass, bindings, [groups]);
    }, timestampWrites);
  }

  /** Milliseconds of one submit with the copies. */
  private async copy(): Promise<number> {
    const { kernel, bindings, repetitions } = this.run.copy;
    const VECTOR_BYTES = 16;
    return this.timed((pass) => {
      for (let k = 0; k < repetitions; k++)
        kernel.encode(pass, bindings, [COPY_BYTES / VECTOR_BYTES / WORKGROUP]);
    });
  }

  private async timed(
    encode: (pass: GPUComputePassEncoder) => void,
    timestampWrites?: GPUComputePassTimestampWrites,
  ): Promise<number> {
    const encoder = this.gpu.createEncoder('probe');
    const pass = encoder.beginComputePass(timestampWrites ? { timestampWrites } : {});
    encode(pass);
    pass.end();
    const begin = performance.now();
    await this.gpu.submitAndRead(encoder, [{ buffer: this.run.result, size: 4 }]);
    return performance.now() - begin;
  }
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
