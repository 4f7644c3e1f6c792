/**
 * Believed afterwards: Node's worker threads behave through the platform as Web Workers do. The truth
 * is what the worker sends back, and that transferred memory is gone from the sender.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import { afterAll, expect, it, vi } from 'vitest';
import { nodePlatform as platform } from '../../../src/gpu/platform-node.js';
import type { WorkerLike } from '../../../src/gpu/platform.js';

const folder = mkdtempSync(join(tmpdir(), 'lps-worker-'));
function script(name: string, body: string): () => WorkerLike {
  const file = join(folder, `${name}.mjs`);
  writeFileSync(file, `import { parentPort } from 'node:worker_threads';\n${body}`);
  return () => new Worker(pathToFileURL(file)) as unknown as WorkerLike;
}
const greeting = 'parentPort.postMessage({ lpsWorker: true, lock: null });';
const adder = script(
  'adder',
  `parentPort.on('message', (data) => {
  if (data === 'fail') throw new RangeError('asked to fail');
  if (data === 'exit') process.exit(3);
  const sum = data.reduce((total, value) => total + value, 0);
  parentPort.postMessage({ sum, data }, [data.buffer]);
});
${greeting}`,
);
afterAll(() => {
  rmSync(folder, { recursive: true });
});

it('sends, transfers, receives and ends', async () => {
  const worker = await platform.startWorker(adder);
  const numbers = Float64Array.of(1, 2, 4);
  const answer = new Promise<unknown>((resolve) => {
    worker.onMessage(resolve);
  });
  worker.postMessage(numbers, [numbers.buffer]);
  expect(numbers.length).toBe(0);
  expect(await answer).toEqual({ sum: 7, data: Float64Array.of(1, 2, 4) });
  worker.terminate();
});

it('reports how a worker ended', async () => {
  const endAfter = async (message: unknown): Promise<string> => {
    const worker = await platform.startWorker(adder);
    return new Promise((resolve) => {
      worker.onEnd(({ message: why }) => {
        resolve(why);
      });
      worker.postMessage(message);
    });
  };
  expect(await endAfter('fail')).toBe('asked to fail');
  expect(await endAfter('exit')).toMatch(/code 3/);
});

it('says why a worker does not start', async () => {
  const missing = () => new Worker(join(folder, 'none.mjs')) as unknown as WorkerLike;
  await expect(platform.startWorker(missing)).rejects.toThrow(/none\.mjs/);
  await expect(platform.startWorker(script('ends', ''))).rejects.toThrow(/before it answered/);
  await expect(
    platform.startWorker(script('stranger', "parentPort.postMessage('hello');")),
  ).rejects.toThrow(/not that of lps-webgpu/);
  expect(platform.hardwareConcurrency).toBeGreaterThanOrEqual(1);
});

it('pauses once a turn of the event loop, however many waits came before', async () => {
  const turn = (): Promise<void> =>
    new Promise((resolve) => {
      setImmediate(resolve);
    });
  // Each wait begins in the very turn that ends the one before, as a training loop's reads do.
  for (let wait = 0; wait < 100; wait++) await platform.waitForGpu(turn);
  const pauses = vi.spyOn(Atomics, 'wait');
  try {
    const turns = 10;
    await platform.waitForGpu(async () => {
      for (let i = 0; i < turns; i++) await turn();
    });
    expect(pauses.mock.calls.length).toBeGreaterThan(0);
    expect(pauses.mock.calls.length).toBeLessThanOrEqual(turns + 1);
  } finally {
    pauses.mockRestore();
  }
});

it('asks for nothing before it may be there', async () => {
  vi.useFakeTimers();
  try {
    const ask = vi.fn(() => Promise.resolve('there'));
    const result = platform.waitForGpu(ask, 40);
    await vi.advanceTimersByTimeAsync(39);
    expect(ask).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);
    await expect(result).resolves.toBe('there');
  } finally {
    vi.useRealTimers();
  }
});
