/**
 * Believed afterwards: Node's worker threads behave through the platform as Web Workers do. The truth
 * is what the worker sends back, and that transferred memory is gone from the sender.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, expect, it, vi } from 'vitest';
import { platform } from '../../../src/gpu/platform-node.js';

const folder = mkdtempSync(join(tmpdir(), 'lps-worker-'));
const script = join(folder, 'worker.mjs');
writeFileSync(
  script,
  `import { parentPort } from 'node:worker_threads';
parentPort.on('message', (data) => {
  if (data === 'fail') throw new RangeError('asked to fail');
  const sum = data.reduce((total, value) => total + value, 0);
  parentPort.postMessage({ sum, data }, [data.buffer]);
});`,
);
afterAll(() => {
  rmSync(folder, { recursive: true });
});

it('sends, transfers, receives and ends', async () => {
  const worker = platform.spawnWorker(pathToFileURL(script));
  const numbers = Float64Array.of(1, 2, 4);
  const answer = new Promise<unknown>((resolve) => {
    worker.onMessage(resolve);
  });
  worker.postMessage(numbers, [numbers.buffer]);
  expect(numbers.length).toBe(0);
  expect(await answer).toEqual({ sum: 7, data: Float64Array.of(1, 2, 4) });
  worker.terminate();
});

it('reports an uncaught exception, and a file that is not there', async () => {
  const failure = (url: URL, message: unknown): Promise<Error> =>
    new Promise((resolve) => {
      const worker = platform.spawnWorker(url);
      worker.onError(resolve);
      worker.postMessage(message);
    });
  expect((await failure(pathToFileURL(script), 'fail')).message).toBe('asked to fail');
  expect((await failure(pathToFileURL(join(folder, 'none.mjs')), 1)).message).toMatch(/none\.mjs/);
});

it('refuses the worker side outside a worker', () => {
  // Vitest's processes are not worker threads.
  expect(() => platform.workerScope()).toThrow(/only valid inside a worker/);
  expect(platform.hardwareConcurrency).toBeGreaterThanOrEqual(1);
});

it('pauses once a turn of the event loop, however many waits came before', async () => {
  const turn = (): Promise<void> =>
    new Promise((resolve) => {
      setImmediate(resolve);
    });
  // Each wait begins in the very turn that ends the one before, as a training loop's reads do.
  for (let wait = 0; wait < 100; wait++) await platform.waitForGpu(turn());
  const pauses = vi.spyOn(Atomics, 'wait');
  try {
    const turns = 10;
    await platform.waitForGpu(
      (async () => {
        for (let i = 0; i < turns; i++) await turn();
      })(),
    );
    expect(pauses.mock.calls.length).toBeGreaterThan(0);
    expect(pauses.mock.calls.length).toBeLessThanOrEqual(turns + 1);
  } finally {
    pauses.mockRestore();
  }
});
