/**
 * Believed afterwards: `lps profile` tells where the GPU's time went in a real solve and a real
 * training, and changes nothing. The truth: the GPU's own timestamps, the rules of the Trace Event
 * Format, the result of the same command without a profile.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import type { ProfileDocument } from '../../src/cli/profile/summary.js';
import type { Trace } from '../../src/cli/profile/trace.js';
import { runCommand } from '../helpers/command.js';

const folder = mkdtempSync(join(tmpdir(), 'lps-profile-test-'));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});
const noon4 = fileURLToPath(new URL('../data/systems/noon4.json', import.meta.url));
const trace = join(folder, 'trace.json');

async function profile(words: readonly string[]): Promise<ProfileDocument> {
  const { code, out, err } = await runCommand(['profile', '--json', ...words]);
  expect(code, err).toBe(0);
  return JSON.parse(out) as ProfileDocument;
}

const totalOf = ({ kernels }: ProfileDocument): number =>
  kernels.reduce((sum, { totalMs }) => sum + totalMs, 0);

describe('a solve', () => {
  it('has kernels that sum to the span of the GPU, and a trace', async () => {
    const document = await profile([
      'solve',
      noon4,
      '--precision',
      'gpu',
      '--trace',
      trace,
      '--out',
      join(folder, 'a.json'),
    ]);
    const { gpu, kernels, tracker, stages } = document;
    expect(gpu.untimed).toBe(0);
    expect(kernels.map(({ kernel }) => kernel.split(' ')[0])).toContain('tracker/track');
    expect(totalOf(document)).toBeCloseTo(gpu.kernelMs, 6);
    // Within 10% of the span.
    expect(gpu.kernelMs / gpu.spanMs).toBeGreaterThan(0.9);
    expect(gpu.kernelMs / gpu.spanMs).toBeLessThan(1.1);
    expect(stages.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['compiling', 'tracking', 'refining']),
    );
    expect(tracker!.paths).toBeGreaterThanOrEqual(73);
    expect(document.paths).toBe(73);
    // Kernels here run in threads of this process, which work while the GPU's clock says so, at most all cores at once.
    expect(document.cpu.kernelsMs).toBeGreaterThan(0);
    expect(document.cpu.kernelsMs).toBeLessThan(availableParallelism() * 2 * gpu.kernelMs);
    expect(document.cpu.hostMs).toBeGreaterThan(0);
    expect(tracker!.occupancy).toBeGreaterThan(0);
    expect(tracker!.occupancy).toBeLessThanOrEqual(1);
    const counted = tracker!.newtonIterations.reduce((sum, { count }) => sum + count, 0);
    expect(counted).toBe(tracker!.paths);
    const stepped = tracker!.steps.reduce((sum, { count }) => sum + count, 0);
    expect(stepped).toBe(tracker!.paths);
    // A step takes at least one Newton iteration, and a path to s = 0.1 several steps.
    expect(tracker!.steps.at(-1)!.to).toBeLessThanOrEqual(tracker!.newtonIterations.at(-1)!.to);
    expect(tracker!.steps[0]!.from).toBeGreaterThanOrEqual(1);

    const { traceEvents } = JSON.parse(readFileSync(trace, 'utf8')) as Trace;
    const gpuEvents = traceEvents.filter(({ cat }) => cat === 'gpu');
    expect(gpuEvents).toHaveLength(gpu.dispatches);
    for (const { ph, ts, dur, pid, tid, name } of traceEvents) {
      expect(['X', 'C', 'M']).toContain(ph);
      expect(typeof name).toBe('string');
      expect(Number.isInteger(pid) && Number.isInteger(tid)).toBe(true);
      if (ph !== 'M') expect(ts).toBeGreaterThanOrEqual(0);
      if (ph === 'X') expect(dur).toBeGreaterThanOrEqual(0);
    }
    // Complete events of one thread may not overlap halfway; a queue runs one dispatch after another.
    const ordered = [...gpuEvents].sort((a, b) => a.ts! - b.ts!);
    for (let k = 1; k < ordered.length; k++)
      expect(ordered[k]!.ts).toBeGreaterThanOrEqual(ordered[k - 1]!.ts! + ordered[k - 1]!.dur! - 1);
  });

  it('finds bit for bit what it finds without a profile', async () => {
    const plain = join(folder, 'b.json');
    const { code, err } = await runCommand([
      ...['solve', noon4, '--precision', 'gpu'],
      ...['--out', plain, '--json'],
    ]);
    expect(code, err).toBe(0);
    const solutions = (path: string): unknown =>
      (JSON.parse(readFileSync(path, 'utf8')) as { solutions: unknown }).solutions;
    expect(solutions(join(folder, 'a.json'))).toEqual(solutions(plain));
  });
});

describe('a training', () => {
  it('tells the kernels of its layers apart by what they do', async () => {
    const { kernels, gpu, tracker } = await profile([
      ...['train', '--data', 'digits', '--arch', '64-16-10'],
      ...['--init', 'he', '--epochs', '1', '--probe', '0'],
    ]);
    const names = kernels.map(({ kernel }) => kernel);
    for (const part of [/matmul.* forward/, /matmul.* weight_gradient/, /optimizer-adam/, /gather/])
      expect(
        names.some((name) => part.test(name)),
        `${part} in ${names.join(', ')}`,
      ).toBe(true);
    expect(gpu.kernelMs / gpu.spanMs).toBeGreaterThan(0.9);
    expect(tracker).toBeNull();
  });
});

describe('bad input', () => {
  it.each([
    ['a profile of a profile', ['profile', 'solve', noon4], /profile of a profile/],
    ['a command that is not', ['dance'], /unknown command/],
    ['a file that is not there', ['solve', '/nowhere.json'], /nowhere/],
    [
      'a trace that cannot be written',
      ['solve', noon4, '--trace', join(noon4, 'x')],
      /cannot write/,
    ],
  ])('%s is exit code 2', async (_, words, message) => {
    const { code, out, err } = await runCommand(['profile', ...words]);
    expect(code, err).toBe(2);
    expect(out).toBe('');
    expect(err).toMatch(message);
  });
});
