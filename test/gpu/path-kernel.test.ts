/**
 * Believed afterwards: kernels that encode themselves work in a command encoder of the app's own: the path tracker leads all paths
 * of a system to its zeros, a matrix product is right, and double-single arithmetic in the app's own kernel has its digits.
 * The truth: x^4 + x^2 = 1, sums of ones, (1 + 2^-30)^2.
 */
import { expect, it } from 'vitest';
import { doubleSingle } from '../../src/entries/kernels.js';
import { forEachEngine } from '../helpers/engine.js';

forEachEngine((engine) => {
  it('in one pass of the app', async () => {
    const seen = await engine.run(async (lps, gpu, text) => {
      const paths = await lps.createPathKernel(gpu, lps.parseSystem('x^2 + y^2 - 1; x^2 - y'));
      const matmul = await lps.createMatmul(gpu, { m: 4, n: 4, k: 8 });
      const square = await gpu.createKernel({
        name: 'square',
        code: `${text}
@group(0) @binding(0) var<storage, read_write> numbers: array<vec2f>;
@compute @workgroup_size(1) fn main() { numbers[0] = ds_mul(numbers[0], numbers[0]); }`,
        arithmetic: true,
        entryPoints: { main: { workgroupSize: [1, 1, 1] } },
        bindings: [{ name: 'numbers', group: 0, binding: 0, type: 'storage', minBindingSize: 8 }],
        structs: {},
        overrides: [],
        workgroupMemory: false,
      });
      const buffers = gpu.createBuffers();
      const ones = ({ floats }: { floats: number }) => new Float32Array(floats).fill(1);
      const c = await buffers.storage('c', 4 * matmul.c.floats);
      const product = await matmul.bind(
        await buffers.storage('a', ones(matmul.a)),
        await buffers.storage('b', ones(matmul.b)),
        c,
      );
      const numbers = await buffers.storage('numbers', Float32Array.of(1, 2 ** -30));
      const bound = await square.bind({ numbers });
      const encoder = gpu.device.createCommandEncoder();
      const pass = encoder.beginComputePass();
      product.encode(pass);
      square.encode(pass, bound, [1]);
      paths.encode(pass, 12);
      pass.end();
      gpu.device.queue.submit([encoder.finish()]);
      const { buffer, paths: count, stride, unknowns } = paths.positions;
      const words = new Float32Array(await gpu.read(buffer));
      const { word, homogenizing, unit } = unknowns[0]!;
      const at = (place: number) => [words[place]!, words[place + 1]!] as const;
      const xs = Array.from({ length: count }, (_, k) => {
        const [[re, im], [zr, zi]] = [at(k * stride + word), at(k * stride + homogenizing)];
        const scale = 2 ** unit / (zr * zr + zi * zi);
        return [(re * zr + im * zi) * scale, (im * zr - re * zi) * scale];
      });
      const answer = {
        running: await paths.running(),
        xs,
        product: new Float32Array(await gpu.read(c))[0],
        square: [...new Float32Array(await gpu.read(numbers))],
      };
      paths.close();
      matmul.close();
      buffers.close();
      return answer;
    }, doubleSingle);
    expect(seen.running).toBe(0);
    const golden = (Math.sqrt(5) - 1) / 2;
    const [re, im] = [Math.sqrt(golden), Math.sqrt(1 + golden)];
    for (const [x, y] of [
      [re, 0],
      [-re, 0],
      [0, im],
      [0, -im],
    ])
      expect(Math.min(...seen.xs.map((z) => Math.hypot(z[0]! - x!, z[1]! - y!)))).toBeLessThan(
        1e-5,
      );
    expect(seen.product).toBe(8);
    expect(seen.square).toEqual([1, 2 ** -29]);
  });
});
