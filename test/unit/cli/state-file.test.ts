/**
 * Believed afterwards: a state comes back bit for bit, a damaged one is refused with its name, and one that cannot
 * be written is told once.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { UsageError } from '../../../src/cli/errors.js';
import { StateFile } from '../../../src/cli/state-file.js';

const folder = mkdtempSync(join(tmpdir(), 'lps-state-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

it('gives back what it was given', () => {
  const path = join(folder, 'one.state');
  const file = new StateFile<unknown>(path, () => undefined);
  expect(file.read()).toBeUndefined();
  expect(file.isDue).toBe(true);
  const state = {
    numbers: Float32Array.of(1.5, NaN, -0, Infinity),
    known: new Map([['a', [1, 2]]]),
    nothing: null,
    left: undefined,
    deep: [{ loss: NaN }],
  };
  file.write(state);
  expect(file.isDue).toBe(false);
  expect(new StateFile<unknown>(path, () => undefined).read()).toEqual(state);
});

it('refuses what was cut off, changed, or is something else', () => {
  const path = join(folder, 'two.state');
  const file = new StateFile<number[]>(path, () => undefined);
  file.write([1, 2, 3]);
  const whole = readFileSync(path);
  for (const bytes of [
    whole.subarray(0, -1),
    Buffer.concat([whole, Buffer.of(0)]),
    Buffer.from('{}\n'),
    Buffer.alloc(0),
    Buffer.from(whole.map((byte, k) => (k === whole.length - 2 ? byte ^ 1 : byte))),
  ]) {
    writeFileSync(path, bytes);
    expect(() => file.read()).toThrow(UsageError);
    expect(() => file.read()).toThrow(/two\.state/);
  }
});

it.runIf(existsSync('/proc/self'))('tells once that nothing can be written any more', () => {
  const told: string[] = [];
  const file = new StateFile<number>('/proc/self/nowhere/one.state', (why) => told.push(why));
  file.write(1);
  file.write(2);
  expect(told).toHaveLength(1);
  expect(file.isDue).toBe(false);
});
