/**
 * Believed afterwards: a tile is chosen as promised: never workgroup memory and never a trial on a
 * software adapter, one trial per size class on a GPU, within the budget, kept in the store and
 * found again; a damaged store only costs a trial. The truth is a clock that the test holds. And the
 * workgroup kernel has no data race over several turns, but has one when a barrier is taken out.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { detectRaces } from 'wgsl_reflect/wgsl_reflect.module.js';
import type { GpuInfo } from '../../../src/gpu/index.js';
import { shaders } from '../../../src/generated/all-shaders.js';
import { MatmulTuner, sizeClass, type TimeTile } from '../../../src/network/gpu/autotune.js';
import { localTuningStore, type TuningStore } from '../../../src/network/gpu/tuning.js';
import {
  hardwareTiles,
  MATMUL_TILES,
  matmulGrid,
  softwareTile,
  TILE_KERNELS,
  type MatmulSize,
  type MatmulTile,
} from '../../../src/network/gpu/matmul-tiles.js';
import { packUniform } from '../../../src/network/gpu/uniforms.js';

const square = (n: number, replicas = 1): MatmulSize => ({
  rows: n,
  columns: n,
  depth: n,
  replicas,
});

let adapters = 0;
/** An adapter that no other test has: choices are remembered by adapter. */
const adapter = (software: boolean): GpuInfo => ({
  runtime: 'node',
  vendor: 'test',
  architecture: '',
  description: `adapter ${adapters++}`,
  software,
});

/** A clock that says a tile's time and counts how often it was asked. */
function clock(times: Partial<Record<MatmulTile, number>>) {
  const asked: { tile: MatmulTile; size: MatmulSize }[] = [];
  const time: TimeTile = (_form, size, tile) => {
    asked.push({ tile, size });
    return Promise.resolve(times[tile] ?? 1);
  };
  return { time, asked };
}

/** A store in memory. */
function memory(saved = new Map<string, string>()): TuningStore & { saved: Map<string, string> } {
  return {
    saved,
    load: (key) => Promise.resolve(saved.get(key)),
    save: (key, text) => {
      saved.set(key, text);
      return Promise.resolve();
    },
  };
}

describe('on a software adapter', () => {
  it('never uses workgroup memory and never runs a trial', async () => {
    const { time, asked } = clock({ 'workgroup-64x64': 0 });
    const tuner = new MatmulTuner(adapter(true), time);
    for (const n of [1, 4, 17, 128, 1024, 4096])
      for (const form of ['forward', 'input_gradient', 'weight_gradient'] as const) {
        const tile = await tuner.choose(form, square(n));
        expect(TILE_KERNELS[tile].family).toBe('register');
      }
    expect(asked).toEqual([]);
  });

  it('takes the large tile for large products and small ones for small', () => {
    for (const n of [256, 512, 1024]) expect(softwareTile(square(n))).toBe('register-16x16');
    // 100 networks of width 2: an 8 x 8 tile would waste 15 of 16 results.
    expect(softwareTile({ rows: 64, columns: 2, depth: 2, replicas: 100 })).toBe('register-4x4');
    expect(softwareTile({ rows: 2, columns: 2, depth: 64, replicas: 100 })).toBe('register-4x4');
  });
});

describe('on a GPU', () => {
  it('takes the fastest and asks once per size class', async () => {
    const { time, asked } = clock({ 'workgroup-64x64': 0.5 });
    const tuner = new MatmulTuner(adapter(false), time);
    expect(await tuner.choose('forward', square(1000))).toBe('workgroup-64x64');
    expect(await tuner.choose('forward', square(1024))).toBe('workgroup-64x64');
    expect(asked.map(({ tile }) => tile)).toEqual(['register-8x8', 'workgroup-64x64']);
    await tuner.choose('input_gradient', square(1024));
    expect(asked).toHaveLength(4);
  });

  it('asks nothing where the answer is plain', async () => {
    const { time, asked } = clock({});
    const tuner = new MatmulTuner(adapter(false), time);
    const narrow = { rows: 1000, columns: 3, depth: 50, replicas: 8 };
    expect(await tuner.choose('forward', narrow)).toBe('register-4x4');
    expect(asked).toEqual([]);
  });

  it('keeps choices in the store, for the next process', async () => {
    const info = adapter(false);
    const store = memory();
    const first = clock({ 'workgroup-64x64': 0.5 });
    await new MatmulTuner(info, first.time, { store }).choose('forward', square(512));
    expect(store.saved.size).toBe(1);
    // Another process: the same text under the name of an adapter that this one does not remember.
    const other = adapter(false);
    const [[key, text]] = [...store.saved] as [[string, string]];
    const copy = memory(new Map([[key.replace(info.description, other.description), text]]));
    const second = clock({});
    const tuner = new MatmulTuner(other, second.time, { store: copy });
    expect(await tuner.choose('forward', square(512))).toBe('workgroup-64x64');
    expect(second.asked).toEqual([]);
  });

  it.each(['', '{', 'null', '[1]', '{"a":"no-such-tile"}'])(
    'makes nothing of a damaged store: %j',
    async (text) => {
      const { time, asked } = clock({ 'workgroup-64x64': 0.5 });
      const store: TuningStore = {
        load: () => Promise.resolve(text),
        save: () => Promise.resolve(),
      };
      const tuner = new MatmulTuner(adapter(false), time, { store });
      expect(await tuner.choose('forward', square(512))).toBe('workgroup-64x64');
      expect(asked).toHaveLength(2);
    },
  );

  it('stops asking when the budget is spent', async () => {
    const { time, asked } = clock({});
    const tuner = new MatmulTuner(adapter(false), time, { budgetMs: 0 });
    expect(await tuner.choose('forward', square(512))).toBe('register-8x8');
    expect(asked).toEqual([]);
  });

  it('runs one trial at a time, and goes on after one that failed', async () => {
    let running = 0;
    let calls = 0;
    const tuner = new MatmulTuner(adapter(false), async () => {
      expect(++running).toBe(1);
      await new Promise((resolve) => setTimeout(resolve, 1));
      running--;
      if (++calls === 1) throw new Error('device lost');
      return 1;
    });
    const results = await Promise.allSettled(
      [128, 512, 1024].map((n) => tuner.choose('forward', square(n))),
    );
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'fulfilled']);
  });

  it('lets the user decide', async () => {
    const { time, asked } = clock({});
    const tuner = new MatmulTuner(adapter(false), time, { tile: 'register-16x16' });
    expect(await tuner.choose('forward', square(512))).toBe('register-16x16');
    expect(asked).toEqual([]);
  });
});

it('trials stay small whatever the product', () => {
  const size = sizeClass({ rows: 1e6, columns: 3000, depth: 5e5, replicas: 1000 });
  expect(size).toEqual({ rows: 1024, columns: 1024, depth: 1024, replicas: 16 });
  expect(sizeClass({ rows: 1, columns: 3, depth: 64, replicas: 1 })).toEqual({
    rows: 1,
    columns: 4,
    depth: 64,
    replicas: 1,
  });
});

it('localStorage keeps choices, and may refuse to', async () => {
  const items = new Map<string, string>();
  const store = localTuningStore({
    getItem: (name) => items.get(name) ?? null,
    setItem: (name, text) => items.set(name, text),
  });
  expect(await store.load('a')).toBeUndefined();
  await store.save('a', 'text');
  expect(await store.load('a')).toBe('text');
  const full = localTuningStore({
    getItem: () => null,
    setItem: () => {
      throw new DOMException('full', 'QuotaExceededError');
    },
  });
  await expect(full.save('a', 'text')).resolves.toBeUndefined();
});

it('every result has an invocation, and workgroups are no more than twice too many', () => {
  const size = fc.integer({ min: 1, max: 300 });
  fc.assert(
    fc.property(
      fc.constantFrom(...MATMUL_TILES),
      size,
      size,
      fc.boolean(),
      (tile, rows, columns, software) => {
        const grid = matmulGrid(tile, { rows, columns, depth: 1, replicas: 3 }, software);
        const { side, family } = TILE_KERNELS[tile];
        const group = family === 'workgroup' ? 1 : grid.groupSize!;
        const groupColumns = 2 ** grid.columnShift;
        const [x, y, z] = grid.workgroups;
        expect(x * groupColumns * side).toBeGreaterThanOrEqual(columns);
        expect(y * (group / groupColumns) * side).toBeGreaterThanOrEqual(rows);
        expect((x - 1) * groupColumns * side).toBeLessThan(columns);
        expect((y - 1) * (group / groupColumns) * side).toBeLessThan(rows);
        expect(z).toBe(3);
        expect(Number.isInteger(grid.columnShift)).toBe(true);
        expect(groupColumns).toBeLessThanOrEqual(group);
      },
    ),
    { seed: 20261123 },
  );
});

it('GPU candidates never hold the tile that only software adapters like', () => {
  for (const n of [1, 3, 8, 50, 128, 2000])
    expect(hardwareTiles(square(n))).not.toContain('register-16x16');
});

describe('workgroup memory', () => {
  const shader = shaders['network/matmul-workgroup'];
  const races = (code: string, form: string): number => {
    const n = 20;
    const quads = n / 4;
    const uniform = packUniform(shader, 'MatmulShape', {
      ...Object.fromEntries(
        Object.keys(shader.structs.MatmulShape.members).map((name) => [name, 0]),
      ),
      rows: n,
      columns: n,
      // Two turns of 16 summands: the second must wait for the first.
      depth: n,
      left_stride: quads,
      right_stride: quads,
      result_stride: quads,
    });
    const groups: Record<number, Record<number, unknown>> = {};
    for (const { group, binding, type } of shader.bindings)
      (groups[group] ??= {})[binding] =
        type === 'uniform' ? { uniform: new Uint32Array(uniform.buffer) } : new Float32Array(n * n);
    return detectRaces(code, form, [1, 1, 1], groups as never).races.length;
  };

  it.each(Object.keys(shader.entryPoints))('%s has no data race', (form) => {
    expect(races(shader.code, form)).toBe(0);
  });

  it.each([1, 2])('barrier %i of each turn is needed', (which) => {
    let count = 0;
    const code = shader.code.replace(/workgroupBarrier\(\);/g, (text) =>
      ++count === which ? '' : text,
    );
    expect(races(code, 'forward')).toBeGreaterThan(0);
  });
});
