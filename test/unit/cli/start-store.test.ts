/**
 * Believed afterwards: a start system that was kept is taken in place of another search and gives the same solve, and
 * no file that is damaged or not writable stops one. The truth is the search itself.
 */
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { fileStartStore } from '../../../src/cli/start-store.js';
import { CpuDevice } from '../../../src/gpu/index.js';
import { compareStarts, setStartStore, solve } from '../../../src/homotopy/index.js';
import { parseSystem } from '../../../src/polynomial/index.js';

const folder = mkdtempSync(join(tmpdir(), 'lps-starts-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

it('keeps a text per key and version', async () => {
  const store = fileStartStore(join(folder, 'new'), '1');
  expect(await store.load('a')).toBeUndefined();
  await store.save('a', 'text');
  expect(await fileStartStore(join(folder, 'new'), '1').load('a')).toBe('text');
  expect(await fileStartStore(join(folder, 'new'), '2').load('a')).toBeUndefined();
  expect(readdirSync(join(folder, 'new', 'starts'))).toHaveLength(1);
});

it('goes on where nothing can be written', async () => {
  writeFileSync(join(folder, 'a-file'), '');
  const store = fileStartStore(join(folder, 'a-file'), '1');
  await expect(store.save('a', 'text')).resolves.toBeUndefined();
  expect(await store.load('a')).toBeUndefined();
});

const system = parseSystem('x*y - 2*x + 1\nx*y + y - 3');

it.each(['{', 'null', '{"structure":1}'])('searches again where %s was kept', async (text) => {
  const device = new CpuDevice();
  setStartStore(device, { load: () => Promise.resolve(text), save: () => Promise.resolve() });
  const result = await solve(device, system);
  device.close();
  expect(result.start.paths).toBe(2);
  expect(result.counts.distinct).toBe(2);
});

it('takes what was kept', async () => {
  const device = new CpuDevice();
  const plan = {
    kind: 'lps',
    structure: [
      [
        [0, 1],
        [0, 1],
      ],
      [
        [0, 1],
        [0, 1],
      ],
    ],
    groups: [[0, 1]],
    paths: '4',
    univariate: false,
  };
  setStartStore(device, {
    load: () => Promise.resolve(JSON.stringify(plan)),
    save: () => Promise.resolve(),
  });
  const result = await solve(device, system);
  device.close();
  // All four paths, where a search finds two.
  expect(result.start.paths).toBe(4);
  expect(result.counts.distinct).toBe(2);
  expect((await compareStarts(new CpuDevice(), system))[0]!.paths).toBe(2);
});
