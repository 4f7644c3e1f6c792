/** Believed afterwards: an option of openGpu that means nothing is named, with what to use instead, before anything is opened. */
import { expect, it } from 'vitest';
import { GpuOptionError, openGpu } from '../../../src/gpu/index.js';

it.each([
  [{ preferr: 'hardware' }, 'preferr', /there is no such option/],
  [{ prefer: 'fast' }, 'prefer', /'hardware' or 'software', not "fast"/],
  [{ fallback: true }, 'fallback', /use 'cpu'/],
  [{ frameBudget: 0 }, 'frameBudget', /milliseconds > 0, not 0/],
  [{ workers: -1 }, 'workers', /whole number >= 0, not -1/],
  [{ workers: 1.5 }, 'workers', /whole number/],
  [{ createWorker: 'worker.js' }, 'createWorker', /use a function/],
  [{ device: {} }, 'device', /use a GPUDevice/],
])('refuses %j', async (options, option, message) => {
  const error: unknown = await openGpu(options as never).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(GpuOptionError);
  expect(error).toMatchObject({
    option,
    kind: 'usage',
    message: expect.stringMatching(message) as string,
  });
});
