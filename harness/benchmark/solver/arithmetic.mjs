/**
 * How near the tracking kernel comes to what the adapter can do.
 *
 * Peak: shaders/benchmark/alu-probe.wgsl, multiply-adds in registers. Both are measured by wall clock and by CPU
 * clock; on a software adapter the second does not depend on what else the machine does.
 */
import { cpuSeconds } from './ours.mjs';
import { median } from './statistics.mjs';

const PROBE_INVOCATIONS = 64 * 1024;
/** Operations per iteration and invocation: 8 multiply-adds of vec4f. */
const PROBE_OPERATIONS = 8 * 4 * 2;
const PROBE_SECONDS = 0.3;
/** Copies of the paths, so that a batch is large whatever the system. */
const BATCH = 4096;

/** @returns {Promise<{ wall: number, cpu: number }>} f32 operations per second; cpu per CPU second */
export async function measurePeak(internals, gpu) {
  const kernel = await gpu.createKernel(internals.shaders['benchmark/alu-probe']);
  const buffers = gpu.createBuffers();
  const result = await buffers.create('probe result', 'storage', 4 * PROBE_INVOCATIONS);
  const run = async (iterations) => {
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
    const begin = process.cpuUsage();
    const wallBegin = performance.now();
    await gpu.submitAndRead(encoder, [{ buffer: result, size: 4 }]);
    return { wall: (performance.now() - wallBegin) / 1000, cpu: cpuSeconds(begin) };
  };
  let iterations = 64;
  let seconds = 0;
  while (seconds < PROBE_SECONDS && iterations < 2 ** 24) {
    iterations *= 2;
    ({ wall: seconds } = await run(iterations));
  }
  const operations = iterations * PROBE_INVOCATIONS * PROBE_OPERATIONS;
  const runs = [];
  for (let k = 0; k < 3; k++) runs.push(await run(iterations));
  buffers.close();
  return {
    wall: operations / Math.min(...runs.map(({ wall }) => wall)),
    cpu: operations / Math.min(...runs.map(({ cpu }) => cpu)),
  };
}

/**
 * The GPU stage alone on copies of a system's paths.
 *
 * @returns operations per second (wall and CPU), microseconds per path, Newton iterations per path, bytes of GPU memory
 *   per path
 */
export async function measureKernel(internals, gpu, input, repeat) {
  const system = internals.parseSystem(input);
  const plan = internals.chooseStart(system, { start: 'total-degree' });
  const coefficients = internals.startCoefficients(plan, 1);
  const homotopy = internals.startHomotopy(
    internals.toNumeric(system),
    plan,
    coefficients,
    internals.gammaOf(1),
  );
  const tracker = await internals.GpuTracker.create(
    gpu,
    homotopy.structure,
    internals.createStartTable(plan),
  );
  const total = Number(plan.paths);
  const count = Math.max(total, BATCH);
  const ids = Uint32Array.from({ length: count }, (_, k) => k % total);
  const runs = [];
  for (let k = 0; k <= repeat; k++) {
    const begin = process.cpuUsage();
    const wallBegin = performance.now();
    let iterations = 0;
    for await (const batch of tracker.track({ homotopy, paths: { ids }, batchSize: count }))
      iterations += batch.iterations.reduce((sum, value) => sum + value, 0);
    runs.push({ wall: (performance.now() - wallBegin) / 1000, cpu: cpuSeconds(begin), iterations });
  }
  const { operationsPerIteration, vectorsPerPath, controlSize, recordWords } = tracker.kernels;
  tracker.close();
  // The first run measures how long rounds may be; the schedule has learnt it by the second.
  const measured = runs.slice(1);
  const operations = measured[0].iterations * operationsPerIteration;
  const wall = median(measured.map((run) => run.wall));
  const cpu = median(measured.map((run) => run.cpu));
  return {
    paths: count,
    iterationsPerPath: measured[0].iterations / count,
    operationsPerIteration,
    wall: operations / wall,
    cpu: operations / cpu,
    microsecondsPerPath: { wall: (1e6 * wall) / count, cpu: (1e6 * cpu) / count },
    // State, control, two queues, id, member, record: everything that grows with the batch.
    bytesPerPath: 8 * vectorsPerPath + controlSize + 16 + 4 * recordWords,
    stateBytesPerPath: 8 * vectorsPerPath,
  };
}
