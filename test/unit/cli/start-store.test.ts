/**
 * Believed afterwards: a start system that was kept is taken in place of another search and gives the same solve, and
 * no file that is damaged or not writable stops one. The truth is the search itself.
 */
import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { fileStartStore } from '../../../src/cli/start-store.js';
import { CpuDevice } from '../../../src/gpu/index.js';
import { compareStarts, setStartStore, solve } from '../../../src/homotopy/index.js';
import { cellKey, readCells, writeCells } from '../../../src/homotopy/solve/kept-starts.js';
import { solverResources } from '../../../src/homotopy/solve/solver-resources.js';
import { systemExponents } from '../../../src/homotopy/start/index.js';
import { parseSystem } from '../../../src/polynomial/index.js';

const folder = mkdtempSync(join(tmpdir(), 'lps-starts-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const unexpected = (text: string): void => {
  throw new Error(text);
};

it('keeps a text per key and version', async () => {
  const store = fileStartStore(join(folder, 'new'), '1', unexpected);
  expect(await store.load('a')).toBeUndefined();
  await store.save('a', 'text');
  expect(await fileStartStore(join(folder, 'new'), '1', unexpected).load('a')).toBe('text');
  expect(await fileStartStore(join(folder, 'new'), '2', unexpected).load('a')).toBeUndefined();
  expect(readdirSync(join(folder, 'new', 'starts'))).toHaveLength(1);
});

it('goes on where nothing can be written', async () => {
  writeFileSync(join(folder, 'a-file'), '');
  const store = fileStartStore(join(folder, 'a-file'), '1', unexpected);
  await expect(store.save('a', 'text')).resolves.toBeUndefined();
  expect(await store.load('a')).toBeUndefined();
});

it('says of a damaged file that it is one, and has nothing then', async () => {
  const notes: string[] = [];
  const store = fileStartStore(join(folder, 'damaged'), '1', (text) => notes.push(text));
  await store.save('a', 'a text of some length');
  const place = join(folder, 'damaged', 'starts');
  const path = join(place, readdirSync(place)[0]!);
  writeFileSync(path, readFileSync(path, 'utf8').replace('some', 'same'));
  expect(await store.load('a')).toBeUndefined();
  expect(notes).toEqual([expect.stringMatching(/\.start" is damaged: it is searched again/)]);
  await store.save('a', 'again');
  expect(await store.load('a')).toBe('again');
});

it('keeps 64 MiB, the newest', async () => {
  const store = fileStartStore(join(folder, 'full'), '1', unexpected);
  const place = join(folder, 'full', 'starts');
  for (const [k, key] of ['a', 'b', 'c'].entries()) {
    await store.save(key, 'x'.repeat(25 * 2 ** 20));
    for (const name of readdirSync(place)) {
      const path = join(place, name);
      // Files of one millisecond have no order.
      if (statSync(path).mtimeMs > 1e12) utimesSync(path, 1000 + k, 1000 + k);
    }
  }
  expect(await store.load('a')).toBeUndefined();
  expect((await store.load('b'))!.length).toBe(25 * 2 ** 20);
  expect((await store.load('c'))!.length).toBe(25 * 2 ** 20);
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
  const result = await solve(device, system, { start: 'linear-product' });
  device.close();
  // All four paths, where a search finds two.
  expect(result.start.paths).toBe(4);
  expect(result.counts.distinct).toBe(2);
  expect((await compareStarts(new CpuDevice(), system))[0]!.paths).toBe(2);
});

it('all starts are compared with one search for mixed cells', async () => {
  const device = new CpuDevice();
  const asked: string[] = [];
  setStartStore(device, {
    load: (key) => {
      asked.push(key);
      return Promise.resolve(undefined);
    },
    save: () => Promise.resolve(),
  });
  const starts = await compareStarts(device, system);
  device.close();
  expect(starts.filter(({ chosen }) => chosen)).toHaveLength(1);
  expect(asked.filter((key) => key.startsWith('cells of'))).toHaveLength(1);
});

it('cells that were kept give the same start, whatever the budget of the search was', async () => {
  const { equations, variables } = JSON.parse(
    readFileSync('test/data/systems/cyclic5.json', 'utf8'),
  ) as { equations: string[]; variables: string[] };
  const cyclic5 = parseSystem({ equations, variables });
  const texts = new Map<string, string>();
  const store = {
    load: (key: string) => Promise.resolve(texts.get(key)),
    save: (key: string, text: string) => Promise.resolve(void texts.set(key, text)),
  };
  const search = {
    exponents: systemExponents(cyclic5),
    groups: [[0, 1, 2, 3, 4]],
    mostWork: Infinity,
  };
  const plans = [];
  for (let k = 0; k < 2; k++) {
    const device = new CpuDevice();
    setStartStore(device, store);
    plans.push(await solverResources(device).polyhedralPlan(search));
    const small = { ...search, mostWork: plans[0]!.work - 1 };
    expect(await solverResources(device).polyhedralPlan(small)).toBeNull();
    device.close();
    if (k === 0) texts.set(cellKey(search), writeCells(plans[0]!));
  }
  expect(plans[0]!.paths).toBe(70n);
  expect(plans[1]).toEqual(plans[0]);
  expect(readCells('{"lifting": 1}')).toBeNull();
});
