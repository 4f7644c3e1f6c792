/**
 * Believed afterwards: every tile of the matrix kernels computes a dense layer's output and gradients
 * at any shape, in every engine, within the rounding that f32 must have; twice the same bits; each
 * replica as if alone; padding stays zero and nothing else is written. The truth is the layer in f64
 * by triple loops (dense-fixture.ts), with bounds from Higham's gamma_n.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { MatmulOptions } from '../../src/network/gpu/prepared-matmul.js';
import { MATMUL_TILES, type MatmulTile } from '../../src/network/gpu/matmul-tiles.js';
import { forEachEngine, type Engine } from '../helpers/engine.js';
import {
  expectedDense,
  fromBase64,
  recordDense,
  replay,
  SENTINEL,
  type DenseCase,
  type DenseData,
  type Expected,
} from './dense-fixture.js';

const SEED = 20261123;

/** Sizes on both sides of every tile's edge, primes, and one. */
const sizes = fc.constantFrom(1, 2, 3, 4, 5, 7, 8, 9, 13, 15, 16, 17, 23, 31, 33, 63, 65, 67);

type Variant = Pick<DenseCase, 'software' | 'bias' | 'activation' | 'inputActivation'>;

const plain = { bias: true, activation: 'relu', inputActivation: 'relu' } as const;

/**
 * What is compiled into a kernel, which takes a CPU up to a second each time; shapes are not. The
 * smallest tile gets every activation, on both sides: they are one text in all tiles, so one engine
 * is enough for the others'.
 */
function variantsOf(tile: MatmulTile, engine: Engine['name']): readonly Variant[] {
  // Two of the tiles are for one kind of adapter only.
  if (tile === 'workgroup-64x64') return [{ software: false, ...plain }];
  if (tile !== 'register-4x4' && engine !== 'node') return [{ software: true, ...plain }];
  const common: Variant[] = [
    { software: true, ...plain },
    {
      software: tile === 'register-16x16',
      bias: false,
      activation: 'silu',
      inputActivation: 'none',
    },
    { software: true, bias: true, activation: 'none', inputActivation: 'silu' },
  ];
  if (tile !== 'register-4x4') return common;
  return [
    ...common.slice(1),
    { software: false, ...plain },
    { software: true, bias: true, activation: 'sigmoid', inputActivation: 'leaky-relu' },
    { software: true, bias: false, activation: 'leaky-relu', inputActivation: 'sigmoid' },
  ];
}

const shapes = fc.record({
  batch: sizes,
  entries: sizes,
  units: sizes,
  replicas: fc.constantFrom(1, 1, 2, 3),
  sharedInput: fc.boolean(),
  seed: fc.integer({ min: 0, max: 2 ** 31 }),
});

/** The largest error of a result in units of its bound; every float around it must be untouched. */
function largestError(test: DenseCase, data: DenseData, results: Record<string, string>): number {
  const expected = expectedDense(test, data);
  let largest = 0;
  const compare = (actual: number, { value, bound }: Expected): void => {
    const error = Math.abs(actual - value);
    // NaN is not larger than anything.
    largest = Number.isNaN(error) ? Infinity : Math.max(largest, error / (bound + 2 ** -126));
  };
  const { replicas, batch, units, entries } = test;
  const tensor = (
    label: string,
    width: number,
    { sampleStride, replicaStride }: DenseData['output'],
    at: (replica: number, sample: number, entry: number) => Expected,
  ): void => {
    const content = fromBase64(results[label]!);
    for (let replica = 0; replica < replicas; replica++)
      for (let sample = 0; sample < batch; sample++)
        for (let i = 0; i < sampleStride; i++) {
          const actual = content[replica * replicaStride + sample * sampleStride + i]!;
          if (i < width) compare(actual, at(replica, sample, i));
          else expect(actual, `padding of ${label}`).toBe(0);
        }
  };
  tensor('output', units, data.output, expected.output);
  tensor('input gradient', entries, data.inputGradient, expected.inputGradient);
  if (results['pre-activation'])
    tensor('pre-activation', units, data.output, expected.preActivation);

  const gradients = fromBase64(results.gradients!);
  const { weight, bias, blockSize } = data;
  for (let replica = 0; replica < replicas; replica++)
    for (let place = 0; place < blockSize; place++) {
      const actual = gradients[replica * blockSize + place]!;
      const row = Math.floor((place - weight.offset) / weight.rowStride);
      const column = (place - weight.offset) % weight.rowStride;
      const o = place - bias.offset;
      if (row >= 0 && row < units) {
        if (column < entries) compare(actual, expected.weightGradient(replica, row, column));
        else expect(actual, 'padding of the weight gradient').toBe(0);
      } else if (test.bias && o >= 0 && o < bias.rowStride) {
        if (o < units) compare(actual, expected.biasGradient(replica, o));
        else expect(actual, 'padding of the bias gradient').toBe(0);
      } else expect(actual, `gradients beside the layer's, float ${place}`).toBe(SENTINEL);
    }
  return largest;
}

/** One replica of a case's contents, as the contents of a case of its own. */
function replicaAlone(
  test: DenseCase,
  data: DenseData,
  replica: number,
): Map<string, Float32Array> {
  return new Map(
    [...data.contents]
      .filter(([label]) => !label.startsWith('scratch'))
      .map(([label, content]) => {
        const shared = label === 'input' && test.sharedInput;
        const floats = shared ? content.length : content.length / test.replicas;
        const first = shared ? 0 : replica * floats;
        return [label, content.slice(first, first + floats)];
      }),
  );
}

forEachEngine((engine) => {
  describe.each(MATMUL_TILES)('%s', (tile) => {
    it('computes a dense layer and its gradients at any shape', async () => {
      const variants = variantsOf(tile, engine.name);
      const tests = fc
        .sample(shapes, { seed: SEED, numRuns: 10 })
        .map((shape, k): DenseCase => ({ tile, ...shape, ...variants[k % variants.length]! }));
      const data = await Promise.all(tests.map((test) => recordDense(test)));
      const replayed = await engine.run(
        replay,
        data.map(({ recording }) => recording),
      );
      tests.forEach((test, index) => {
        const { results, repeats } = replayed[index]!;
        const name = JSON.stringify(test);
        expect(largestError(test, data[index]!, results), name).toBeLessThanOrEqual(1);
        expect(repeats, `same bits again: ${name}`).toBe(true);
      });
    });

    it('computes each replica as if it were alone, to the bit', async () => {
      const test: DenseCase = {
        tile,
        ...variantsOf(tile, engine.name)[0]!,
        batch: 19,
        entries: 37,
        units: 21,
        replicas: 3,
        sharedInput: true,
        seed: SEED,
      };
      const together = await recordDense(test);
      const alone = await Promise.all(
        [0, 1, 2].map((replica) =>
          recordDense({ ...test, replicas: 1 }, replicaAlone(test, together, replica)),
        ),
      );
      const [whole, ...parts] = await engine.run(
        replay,
        [together, ...alone].map(({ recording }) => recording),
      );
      for (const label of ['output', 'gradients', 'input gradient']) {
        const joined = parts.flatMap(({ results }) => [...fromBase64(results[label]!)]);
        expect([...fromBase64(whole!.results[label]!)], label).toEqual(joined);
      }
    });
  });

  // So that a training's bits do not depend on what a timed trial chose, in this process or in another before it.
  it('gives the same bits with every tile that a trial on a GPU chooses from', async () => {
    const shape = { batch: 70, entries: 67, units: 65, replicas: 2, sharedInput: true, seed: SEED };
    const tiles = MATMUL_TILES.filter((tile) => tile !== 'register-16x16');
    const cases = await Promise.all(
      tiles.map((tile) => recordDense({ tile, software: false, ...plain, ...shape })),
    );
    const replayed = await engine.run(
      replay,
      cases.map(({ recording }) => recording),
    );
    for (const label of ['output', 'gradients', 'input gradient'])
      expect(new Set(replayed.map(({ results }) => results[label])).size, label).toBe(1);
  });

  it('computes plain products in three forms, with the tile that tuning chooses', async () => {
    const cases: MatmulOptions[] = [
      { m: 29, n: 18, k: 33 },
      { m: 29, n: 18, k: 33, transposeA: true },
      { m: 29, n: 18, k: 33, transposeB: true, replicas: 2 },
      { m: 1, n: 1, k: 1 },
      { m: 130, n: 260, k: 300 },
    ];
    const largest = await engine.run(async (lps, gpu, options) => {
      const errors: number[] = [];
      for (const option of options) {
        const matmul = await lps.createMatmul(gpu, option);
        const buffers = gpu.createBuffers();
        let state = 1;
        const filled = ({
          columns,
          rowStride,
          floats,
        }: typeof matmul.a): Float32Array<ArrayBuffer> => {
          const content = new Float32Array(floats);
          for (let place = 0; place < floats; place++) {
            // Lehmer's generator: numbers in -1/2..1/2.
            state = (state * 48271) % 2147483647;
            if (place % rowStride < columns) content[place] = state / 2147483647 - 0.5;
          }
          return content;
        };
        const a = filled(matmul.a);
        const b = filled(matmul.b);
        const c = await buffers.storage('C', 4 * matmul.c.floats);
        const product = await matmul.bind(
          await buffers.storage('A', a),
          await buffers.storage('B', b),
          c,
        );
        const encoder = gpu.createEncoder('product');
        const pass = encoder.beginComputePass();
        product.encode(pass);
        pass.end();
        const [read] = await gpu.submitAndRead(encoder, [{ buffer: c }]);
        const result = new Float32Array(read!);
        const { m, n, k, transposeA = false, transposeB = false, replicas = 1 } = option;
        let largestError = 0;
        for (let r = 0; r < replicas; r++)
          for (let i = 0; i < m; i++)
            for (let j = 0; j < n; j++) {
              let sum = 0;
              let size = 0;
              for (let l = 0; l < k; l++) {
                const rowA = r * matmul.a.rows + (transposeA ? l : i);
                const rowB = r * matmul.b.rows + (transposeB ? j : l);
                const term =
                  a[rowA * matmul.a.rowStride + (transposeA ? i : l)]! *
                  b[rowB * matmul.b.rowStride + (transposeB ? l : j)]!;
                sum += term;
                size += Math.abs(term);
              }
              const actual = result[(r * m + i) * matmul.c.rowStride + j]!;
              const bound = (k + 4) * 2 ** -24 * size;
              largestError = Math.max(largestError, Math.abs(actual - sum) / bound);
            }
        errors.push(largestError);
        buffers.close();
        matmul.close();
      }
      return errors;
    }, cases);
    for (const error of largest) expect(error).toBeLessThanOrEqual(1.001);
  });

  it('times tiles on a device that passes for a GPU, and saves the winner', async () => {
    const { tile, saved } = await engine.run(async (lps) => {
      const gpu = await lps.openGpu();
      Object.assign(gpu, { info: { ...gpu.info, software: false, description: 'a GPU' } });
      const saved: string[] = [];
      lps.setTuning(gpu, {
        store: {
          load: () => Promise.resolve(undefined),
          save: (key, text) => {
            saved.push(key, text);
            return Promise.resolve();
          },
        },
      });
      const matmul = await lps.createMatmul(gpu, { m: 60, n: 40, k: 33 });
      gpu.close();
      return { tile: matmul.tile, saved };
    });
    expect(saved).toHaveLength(2);
    expect(saved[0]).toContain('a GPU');
    expect(JSON.parse(saved[1]!)).toEqual({ '["input_gradient",64,64,64,1]': tile });
    expect(['register-4x4', 'register-8x8']).toContain(tile);
  });

  it('refuses sizes, buffers and forms that it has no kernel for', async () => {
    const messages = await engine.run(async (lps, gpu) => {
      const buffers = gpu.createBuffers();
      const small = await buffers.storage('small', 16);
      const large = await buffers.storage('large', 1024);
      const other = await buffers.storage('other', 1024);
      const matmul = await lps.createMatmul(gpu, { m: 8, n: 8, k: 8 });
      const attempts = [
        () => lps.createMatmul(gpu, { m: 0, n: 8, k: 8 }),
        () => lps.createMatmul(gpu, { m: 8, n: 2.5, k: 8 }),
        () => lps.createMatmul(gpu, { m: 8, n: 8, k: 8, transposeA: true, transposeB: true }),
        () => matmul.bind(small, large, other),
        () => matmul.bind(large, other, other),
        async () => {
          const many = await lps.createMatmul(gpu, { m: 1, n: 1, k: 1, replicas: 65536 });
          const [a, b, c] = await Promise.all(
            ['a', 'b', 'c'].map((name) => buffers.storage(name, 16 * 65536)),
          );
          await many.bind(a!, b!, c!);
        },
      ];
      const caught: string[] = [];
      for (const attempt of attempts)
        caught.push(
          await attempt().then(
            () => 'no error',
            (error: unknown) => `${(error as Error).name}: ${(error as Error).message}`,
          ),
        );
      matmul.close();
      buffers.close();
      return caught;
    });
    expect(messages).toEqual([
      expect.stringMatching(/^GpuValidationError: .*\bm must be .* got 0/),
      expect.stringMatching(/^GpuValidationError: .*\bn must be .* got 2\.5/),
      expect.stringMatching(/^GpuValidationError: .*A\^T B\^T/),
      expect.stringMatching(/^GpuValidationError: .*A needs 256 bytes .* has 16/),
      expect.stringMatching(/^GpuValidationError: .*C needs a buffer of its own/),
      expect.stringMatching(/^GpuLimitError: .*maxComputeWorkgroupsPerDimension 65536/),
    ]);
  });
});
