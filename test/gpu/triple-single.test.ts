/**
 * Believed afterwards: sums, products and quotients of triple-single numbers (shaders/lib/triple-single.wgsl) have the
 * errors that its head says, also where sums cancel, in every engine. The truth is BigInt arithmetic.
 */
import { expect, it } from 'vitest';
import { tripleSingle } from '../../src/generated/shaders/lib/triple-single.js';
import { randomStream } from '../../src/math/random.js';
import { forEachEngine } from '../helpers/engine.js';

const PAIRS = 500;
/** Numbers as integers: f32 of 1e-30 and more are exact. */
const SCALE = 2 ** 150;

/** Pairs of numbers, three f32 each; a third of them nearly cancel. */
function pairs(): number[] {
  const random = randomStream(1, 0);
  const part = (size: number) => Math.fround(size * (2 * random.uniform() - 1));
  const number = () => {
    const high = part(16);
    return [high, part(2 ** -25 * Math.abs(high)), part(2 ** -50 * Math.abs(high))];
  };
  return Array.from({ length: PAIRS }, (_, k) => {
    const x = number();
    const near = () => [-x[0]!, ...x.slice(1).map((each) => Math.fround(each * random.uniform()))];
    const y = k % 3 === 0 ? near() : number();
    return [...x, 0, ...y, 0];
  }).flat();
}

function exact(parts: readonly number[]): bigint {
  return parts.reduce((sum, part) => sum + BigInt(part * SCALE), 0n);
}

const size = (x: bigint) => (x < 0n ? -x : x);
/** a / b, a whole number over another. */
const ratio = (a: bigint, b: bigint) => Number((size(a) << 40n) / size(b)) / 2 ** 40;

forEachEngine((engine) => {
  it('has 70 bits', async () => {
    const numbers = pairs();
    const results = await engine.run(
      async (_, gpu, { text, given }) => {
        const kernel = await gpu.createKernel({
          name: 'triple',
          code: `${text}
@group(0) @binding(0) var<storage, read_write> numbers: array<vec4f>;
@compute @workgroup_size(1) fn main(@builtin(global_invocation_id) id: vec3u) {
  let x = numbers[3u * id.x].xyz;
  let y = numbers[3u * id.x + 1u].xyz;
  numbers[3u * id.x] = vec4f(ts_add(x, y), 0.0);
  numbers[3u * id.x + 1u] = vec4f(ts_mul(x, y), 0.0);
  numbers[3u * id.x + 2u] = vec4f(ts_div(x, y), 0.0);
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
        const encoder = gpu.createEncoder('triple');
        const pass = encoder.beginComputePass();
        kernel.encode(pass, bindings, [count]);
        pass.end();
        gpu.device.queue.submit([encoder.finish()]);
        const out = [...new Float32Array(await gpu.read(buffer))];
        buffers.close();
        return out;
      },
      { text: tripleSingle, given: numbers },
    );
    const scale = exact([1]);
    for (let k = 0; k < PAIRS; k++) {
      const [x, y] = [0, 4].map((at) => exact(numbers.slice(8 * k + at, 8 * k + at + 3)));
      const [sum, product, quotient] = [0, 4, 8].map((at) =>
        exact(results.slice(12 * k + at, 12 * k + at + 3)),
      );
      // In u^3 of what it is relative to.
      const of = (error: bigint, whole: bigint) => ratio(error << 72n, whole);
      expect(of(sum! - x! - y!, size(x!) + size(y!)), `sum ${k}`).toBeLessThanOrEqual(4);
      expect(of(product! * scale - x! * y!, x! * y!), `product ${k}`).toBeLessThanOrEqual(16);
      expect(of(quotient! * y! - x! * scale, x! * scale), `quotient ${k}`).toBeLessThanOrEqual(32);
    }
  });
});
