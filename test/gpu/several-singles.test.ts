/**
 * Believed afterwards: sums, products and quotients of triple- and quad-single numbers (shaders/lib/triple-single.wgsl,
 * quad-single.wgsl) have the errors that their heads say, also where sums cancel, in every engine. The truth is BigInt arithmetic.
 */
import { expect, it } from 'vitest';
import { quadSingle } from '../../src/generated/shaders/lib/quad-single.js';
import { tripleSingle } from '../../src/generated/shaders/lib/triple-single.js';
import { randomStream } from '../../src/math/random.js';
import { forEachEngine } from '../helpers/engine.js';

const PAIRS = 500;
/** Numbers as integers: f32 of 1e-30 and more are exact. */
const SCALE = 2 ** 150;

/** The errors that are believed, in u^parts. */
const ARITHMETICS = [
  { text: tripleSingle, prefix: 'ts', parts: 3, sum: 4, product: 16, quotient: 32 },
  { text: quadSingle, prefix: 'qs', parts: 4, sum: 8, product: 32, quotient: 64 },
];

/** Pairs of numbers, four f32 each of which the last may be 0; a third of them nearly cancel. */
function pairs(parts: number): number[] {
  const random = randomStream(1, 0);
  const part = (size: number) => Math.fround(size * (2 * random.uniform() - 1));
  const number = () => {
    const high = part(16);
    const low = Array.from({ length: parts - 1 }, (_, k) =>
      part(2 ** (-25 * (k + 1)) * Math.abs(high)),
    );
    return [high, ...low, 0].slice(0, 4);
  };
  return Array.from({ length: PAIRS }, (_, k) => {
    const x = number();
    const near = () => [-x[0]!, ...x.slice(1).map((each) => Math.fround(each * random.uniform()))];
    return [...x, ...(k % 3 === 0 ? near() : number())];
  }).flat();
}

function exact(parts: readonly number[]): bigint {
  return parts.reduce((sum, part) => sum + BigInt(part * SCALE), 0n);
}

const size = (x: bigint) => (x < 0n ? -x : x);
/** a / b, a whole number over another. */
const ratio = (a: bigint, b: bigint) => Number((size(a) << 40n) / size(b)) / 2 ** 40;

forEachEngine((engine) => {
  it.each(ARITHMETICS)('has the digits of $parts parts', async (arithmetic) => {
    const { text, prefix, parts } = arithmetic;
    const numbers = pairs(parts);
    const results = await engine.run(
      async (_, gpu, { text, prefix, parts, given }) => {
        const read = parts === 3 ? '.xyz' : '';
        const written = (name: string) => {
          const value = `${prefix}_${name}(x, y)`;
          return parts === 3 ? `vec4f(${value}, 0.0)` : value;
        };
        const kernel = await gpu.createKernel({
          name: prefix,
          code: `${text}
@group(0) @binding(0) var<storage, read_write> numbers: array<vec4f>;
@compute @workgroup_size(1) fn main(@builtin(global_invocation_id) id: vec3u) {
  let x = numbers[3u * id.x]${read};
  let y = numbers[3u * id.x + 1u]${read};
  numbers[3u * id.x] = ${written('add')};
  numbers[3u * id.x + 1u] = ${written('mul')};
  numbers[3u * id.x + 2u] = ${written('div')};
}`,
          arithmetic: true,
          entryPoints: { main: { workgroupSize: [1, 1, 1] } },
          bindings: [
            { name: 'numbers', group: 0, binding: 0, type: 'storage', minBindingSize: 16 },
          ],
          structs: {},
          overrides: [],
          workgroupMemory: false,
        });
        const count = given.length / 8;
        const words = new Float32Array(12 * count);
        for (let k = 0; k < count; k++) words.set(given.slice(8 * k, 8 * k + 8), 12 * k);
        const buffers = gpu.createBuffers();
        const buffer = await buffers.storage('numbers', words);
        const bindings = await kernel.bind({ numbers: buffer });
        const encoder = gpu.createEncoder(prefix);
        const pass = encoder.beginComputePass();
        kernel.encode(pass, bindings, [count]);
        pass.end();
        gpu.device.queue.submit([encoder.finish()]);
        const out = [...new Float32Array(await gpu.read(buffer))];
        buffers.close();
        return out;
      },
      { text, prefix, parts, given: numbers },
    );
    const scale = exact([1]);
    const worst = { sum: 0, product: 0, quotient: 0 };
    for (let k = 0; k < PAIRS; k++) {
      const [x, y] = [0, 4].map((at) => exact(numbers.slice(8 * k + at, 8 * k + at + 4)));
      const [sum, product, quotient] = [0, 4, 8].map((at) =>
        exact(results.slice(12 * k + at, 12 * k + at + 4)),
      );
      // In u^parts of what it is relative to.
      const of = (error: bigint, whole: bigint) => ratio(error << BigInt(24 * parts), whole);
      worst.sum = Math.max(worst.sum, of(sum! - x! - y!, size(x!) + size(y!)));
      worst.product = Math.max(worst.product, of(product! * scale - x! * y!, x! * y!));
      worst.quotient = Math.max(worst.quotient, of(quotient! * y! - x! * scale, x! * scale));
    }
    for (const kind of ['sum', 'product', 'quotient'] as const)
      expect(worst[kind], kind).toBeLessThanOrEqual(arithmetic[kind]);
  });
});
