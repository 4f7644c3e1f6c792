/**
 * Believed afterwards: tests may share a device. An error that WebGPU reports to nobody fails the
 * run that caused it and no other, whichever device it was; a lost device, or a failed run, leaves
 * the next run a good one. The truth is faults made on purpose.
 */
import { expect, it } from 'vitest';
import { forEachEngine } from '../helpers/engine.js';

forEachEngine((engine) => {
  /** Fails unless the engine computes; counts the runs that its device has had here. */
  const work = (): Promise<number> =>
    engine.run(async (_, gpu) => {
      const buffers = gpu.createBuffers();
      const buffer = await buffers.storage('work', new Uint32Array([7]));
      const [seven] = new Uint32Array(await gpu.read(buffer));
      buffers.close();
      if (seven !== 7) throw new Error(`read ${seven}`);
      const counted: typeof gpu & { runs?: number } = gpu;
      counted.runs = (counted.runs ?? 0) + 1;
      return counted.runs;
    });

  it('keeps its device from one run to the next', async () => {
    const before = await work();
    expect(await work()).toBe(before + 1);
  });

  it('fails the run with an error that nobody asked for, on either device', async () => {
    await work();
    const onShared = engine.run((_, gpu) => {
      gpu.device.createBuffer({ size: 4, usage: 0 });
    });
    await expect(onShared).rejects.toThrow(/uncaptured GPU error/);
    await work();
    const onOwn = engine.run(async (lps) => {
      const gpu = await lps.openGpu();
      gpu.device.createBuffer({ size: 4, usage: 0 });
    });
    await expect(onOwn).rejects.toThrow(/uncaptured GPU error/);
    await work();
  });

  it('reports what a run throws, and starts afresh', async () => {
    await work();
    const failing = engine.run(() => Promise.reject(new RangeError('on purpose')));
    await expect(failing).rejects.toThrow(/on purpose/);
    expect(await work()).toBe(1);
  });

  it('opens another device when a run loses it', async () => {
    await work();
    await engine.run(async (_, gpu) => {
      gpu.device.destroy();
      await gpu.lost;
    });
    expect(await work()).toBe(1);
  });
});
