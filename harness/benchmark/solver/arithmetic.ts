/**
 * How near the tracking kernel comes to what the adapter can do.
 *
 * Peak: shaders/benchmark/alu-probe.wgsl, multiply-adds in registers. Both are measured by wall clock and by CPU
 * clock; on a software adapter the second does not depend on what else the machine does.
 */
import * as lps from '../../internals.js';
import { median } from '../../statistics.js';
import { clocked, type Clocks } from '../../clocks.js';
import type { BenchmarkSystem } from './systems.js';

const PROBE_INVOCATIONS = 64 * 1024;
/** Operations per iteration and invocation: 8 multiply-adds of vec4f. */
const PROBE_OPERATIONS = 8 * 4 * 2;
const PROBE_SECONDS = 0.3;
/** Copies of the paths, so that a batch is large whatever the system. */
const BATCH = 4096;

/** f32 operations per second; `cpu` per CPU second. */
export async function measurePeak(gpu: lps.GpuDevice): Promise<Clocks> {
  const kernel = await gpu.createKernel(lps.shaders['benchmark/alu-probe']);
  const buffers = gpu.createBuffers();
  const result = await buffers.create('probe result', 'storage', 4 * PROBE_INVOCATIONS);
  const run = async (iterations: number): Promise<Clocks> => {
    const probe = new DataView(new ArrayBuffer(16));
    probe.setUint32(0, iterations, true);
    probe.setFloat32(4, 0.999, true);
    probe.setFloat32(8, 0.001, true);
    const uniform = await buffers.uniform('probe', new Uint8Array(probe.buffer));
    const bindings = await kernel.bind({ probe: uniform, result });
    const encoder = gpu.createEncoder('probe');
    const pass = encoder.beginComputePass();
    kernel.encode(pass, bindings, [PROBE_INVOCATIONS / 64]);
    pass.end();
    return clocked(() => gpu.submitAndRead(encoder, [{ buffer: result, size: 4 }]));
  };
  let iterations = 64;
  let seconds = 0;
  while (seconds < PROBE_SECONDS && iterations < 2 ** 24) {
    iterations *= 2;
    ({ wall: seconds } = await run(iterations));
  }
  const operations = iterations * PROBE_INVOCATIONS * PROBE_OPERATIONS;
  const runs: Clocks[] = [];
  for (let k = 0; k < 3; k++) runs.push(await run(iterations));
  buffers.close();
  return {
    wall: operations / Math.min(...runs.map(({ wall }) => wall)),
    cpu: operations / Math.min(...runs.map(({ cpu }) => cpu)),
  };
}

/** The GPU stage alone; `wall` and `cpu` are f32 operations per second. */
export interface KernelRow extends Clocks {
  readonly paths: number;
  /** Newton iterations per path. */
  readonly iterationsPerPath: number;
  readonly operationsPerIteration: number;
  readonly microsecondsPerPath: Clocks;
  /** Of GPU memory: everything that grows with the batch, and the state alone. */
  readonly bytesPerPath: number;
  readonly stateBytesPerPath: number;
}

/** The GPU stage alone on copies of a system's paths. */
export async function measureKernel(
  gpu: lps.GpuDevice,
  input: BenchmarkSystem['input'],
  repeat: number,
): Promise<KernelRow> {
  const system = lps.parseSystem(input);
  const plan = lps.chooseStart(system, { start: 'total-degree' });
  const coefficients = lps.startCoefficients(plan, 1);
  const homotopy = lps.startHomotopy(lps.toNumeric(system), plan, coefficients, lps.gammaOf(1));
  const tracker = await lps.GpuTracker.create(gpu, homotopy.structure, lps.createStartTable(plan));
  const total = Number(plan.paths);
  const count = Math.max(total, BATCH);
  const ids = Uint32Array.from({ length: count }, (_, k) => k % total);
  const track = async (): Promise<number> => {
    let iterations = 0;
    for await (const batch of tracker.track({ homotopy, paths: { ids }, batchSize: count }))
      iterations += batch.iterations.reduce((sum, value) => sum + value, 0);
    return iterations;
  };
  // The first run measures how long rounds may be; the schedule has learnt it by the second.
  await track();
  const runs = [];
  for (let k = 0; k < repeat; k++) runs.push(await clocked(track));
  const { operationsPerIteration, vectorsPerPath, controlSize, recordWords } = tracker.kernels;
  tracker.close();
  const iterations = runs[0]!.result;
  const operations = iterations * operationsPerIteration;
  const wall = median(runs.map((run) => run.wall));
  const cpu = median(runs.map((run) => run.cpu));
  return {
    paths: count,
    iterationsPerPath: iterations / count,
    operationsPerIteration,
    wall: operations / wall,
    cpu: operations / cpu,
    microsecondsPerPath: { wall: (1e6 * wall) / count, cpu: (1e6 * cpu) / count },
    // State, control, two queues, id, member, record.
    bytesPerPath: 8 * vectorsPerPath + controlSize + 16 + 4 * recordWords,
    stateBytesPerPath: 8 * vectorsPerPath,
  };
}
