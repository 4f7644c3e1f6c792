/**
 * Believed afterwards: 100,000 paths fit into one batch within WebGPU's default limits, and the memory of a job
 * does not grow with its paths. Truth: the zeros of independent quadratics in closed form.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openGpu, type GpuDevice } from '../../src/gpu/index.js';
import { GpuTracker, TrackStatus } from '../../src/homotopy/gpu/index.js';
import { affine, makeCase } from './tracker-fixture.js';

let gpu: GpuDevice;
beforeAll(async () => {
  gpu = await openGpu();
});
afterAll(() => {
  gpu.close();
});

describe('memory', () => {
  /** n independent quadratics x_i^2 - 1 - i / 32: 2^n real zeros in closed form, close to those of the start. */
  const quadratics = (n: number): string =>
    Array.from({ length: n }, (_, i) => `x${i}^2 - ${1 + i / 32}`).join('\n');

  it('holds 100,000 paths in one batch within the default limits', async () => {
    const problem = makeCase(quadratics(17), 'total-degree', 1);
    const tracker = await GpuTracker.create(gpu, problem.homotopy.structure, problem.table);
    const batches = [];
    for await (const batch of tracker.track({
      homotopy: problem.homotopy,
      paths: { ids: { first: 0, count: 100_000 } },
      batchSize: 100_000,
    })) {
      batches.push(batch);
    }
    const [batch, ...more] = batches;
    tracker.close();
    expect(more).toEqual([]);
    expect(batch!.ids).toHaveLength(100_000);
    expect(batch!.status.every((status) => status === TrackStatus.arrived)).toBe(true);
    // Zeros by the signs of their roots: every path has its own.
    const seen = new Set<number>();
    for (let path = 0; path < 100_000; path++) {
      const x = affine(problem.homotopy, batch!.points.subarray(path * 36, path * 36 + 36));
      let signs = 0;
      for (let i = 0; i < 17; i++) {
        const root = Math.sqrt(1 + i / 32);
        const upper = x[2 * i]! > 0;
        const error = Math.hypot(x[2 * i]! - (upper ? root : -root), x[2 * i + 1]!);
        if (error > 1e-4) throw new Error(`path ${path}, x${i} is off by ${error}`);
        if (upper) signs += 2 ** i;
      }
      seen.add(signs);
    }
    expect(seen.size).toBe(100_000);
  });

  it('streams a job of a million paths through the buffers of one batch', async () => {
    const problem = makeCase(quadratics(20), 'total-degree', 1);
    expect(problem.table.paths).toBe(2 ** 20);
    const tracker = await GpuTracker.create(gpu, problem.homotopy.structure, problem.table);
    const created: number[] = [];
    const createBuffer = gpu.device.createBuffer.bind(gpu.device);
    gpu.device.createBuffer = (descriptor) => {
      created.push(descriptor.size);
      return createBuffer(descriptor);
    };
    try {
      const controller = new AbortController();
      let arrived = 0;
      let batches = 0;
      let afterFirst = 0;
      for await (const batch of tracker.track({
        homotopy: problem.homotopy,
        paths: { ids: { first: 0, count: problem.table.paths } },
        batchSize: 2048,
        signal: controller.signal,
      })) {
        arrived += batch.status.filter((status) => status === TrackStatus.arrived).length;
        if (++batches === 1) afterFirst = created.length;
        // The rest is more of the same; a software adapter would take minutes.
        if (batches === 4) controller.abort();
      }
      expect(batches).toBe(4);
      expect(arrived).toBe(4 * 2048);
      expect(created.length).toBe(afterFirst);
      // 2048 of a million paths, some kilobytes each.
      expect(created.reduce((sum, size) => sum + size, 0)).toBeLessThan(2048 * 4096);
    } finally {
      gpu.device.createBuffer = createBuffer;
      tracker.close();
    }
  });
});
