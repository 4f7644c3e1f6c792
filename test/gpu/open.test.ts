/**
 * Believed afterwards: openGpu works in Node, in a headless page and in Deno, computes what was asked
 * and reports what it runs on. The truth is integer arithmetic and WebGPU's table of default limits.
 */
import { expect, it } from 'vitest';
import { forEachEngine } from '../helpers/engine.js';
import type { Shader } from '../../src/gpu/shader.js';

/** Squares every element: a kernel whose result anyone can check. */
const square = {
  name: 'test/square',
  code: `
override scale: u32 = 1u;
@group(0) @binding(0) var<storage, read_write> values: array<u32>;
@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x < arrayLength(&values)) { values[id.x] = scale * values[id.x] * values[id.x]; }
}`,
  arithmetic: false,
  entryPoints: { main: { workgroupSize: [64, 1, 1] } },
  bindings: [{ name: 'values', group: 0, binding: 0, type: 'storage', minBindingSize: 4 }],
  structs: {},
  overrides: [{ name: 'scale', type: 'u32' }],
  workgroupMemory: false,
} satisfies Shader;

forEachEngine((engine) => {
  it('opens a device with default limits only and says what it is', async () => {
    const seen = await engine.run(async (lps) => {
      const gpu = await lps.openGpu();
      const { maxStorageBufferBindingSize, maxComputeInvocationsPerWorkgroup } = gpu.limits;
      const { maxStorageBuffersPerShaderStage, maxBufferSize } = gpu.limits;
      const answer = {
        info: gpu.info,
        limits: {
          maxStorageBufferBindingSize,
          maxComputeInvocationsPerWorkgroup,
          maxStorageBuffersPerShaderStage,
          maxBufferSize,
        },
      };
      gpu.close();
      return answer;
    });
    expect(seen.info.runtime).toBe(engine.name === 'chromium' ? 'browser' : engine.name);
    expect(seen.info.vendor + seen.info.architecture + seen.info.description).not.toBe('');
    expect(typeof seen.info.software).toBe('boolean');
    // https://www.w3.org/TR/webgpu/#limit-default
    expect(seen.limits).toEqual({
      maxStorageBufferBindingSize: 134_217_728,
      maxComputeInvocationsPerWorkgroup: 256,
      maxStorageBuffersPerShaderStage: 8,
      maxBufferSize: 268_435_456,
    });
  });

  it('compiles once, binds by name, dispatches directly and indirectly, reads back', async () => {
    const seen = await engine.run(async (lps, _, shader) => {
      const gpu = await lps.openGpu({ prefer: 'software' });
      const before = gpu.compileStatistics;
      const [kernel, same] = await Promise.all([
        gpu.createKernel(shader),
        gpu.createKernel(shader),
      ]);
      const scaled = await gpu.createKernel(shader, { constants: { scale: 3 } });
      const after = gpu.compileStatistics;
      const buffers = gpu.createBuffers();
      const values = await buffers.storage(
        'values',
        Uint32Array.from({ length: 100 }, (_, i) => i),
      );
      const size = await buffers.create('dispatch size', 'indirect', new Uint32Array([2, 1, 1]));
      const bindings = await kernel.bind({ values });
      const encoder = gpu.createEncoder('test');
      const pass = encoder.beginComputePass();
      kernel.encode(pass, bindings, { indirect: size, offset: 0 });
      scaled.encode(pass, await scaled.bind({ values }), [2]);
      pass.end();
      const [part] = await gpu.submitAndRead(encoder, [{ buffer: values, offset: 8, size: 12 }]);
      const whole = new Uint32Array(await gpu.read(values));
      const answer = {
        same: kernel === same,
        compiled: after.compiled - before.compiled,
        hits: after.hits - before.hits,
        part: [...new Uint32Array(part!)],
        last: whole[99],
        length: whole.length,
      };
      buffers.close();
      gpu.close();
      return answer;
    }, square);
    // values[i] = 3 i^4
    expect(seen).toEqual({
      same: true,
      compiled: 2,
      hits: 1,
      part: [48, 243, 768],
      last: 3 * 99 ** 4,
      length: 100,
    });
  });

  it('measures passes when the adapter has timestamps', async () => {
    const seen = await engine.run(async (lps, _, shader) => {
      const gpu = await lps.openGpu();
      const timer = gpu.createTimer(2);
      const kernel = await gpu.createKernel(shader);
      const buffers = gpu.createBuffers();
      const values = await buffers.storage('values', 1 << 20);
      const bindings = await kernel.bind({ values });
      const encoder = gpu.createEncoder('timed');
      for (let index = 0; index < 3; index++) {
        const timestampWrites = timer?.next();
        const pass = encoder.beginComputePass(timestampWrites ? { timestampWrites } : {});
        kernel.encode(pass, bindings, [4096]);
        pass.end();
      }
      gpu.submit(encoder);
      const times = await timer?.read();
      const empty = await timer?.read();
      timer?.close();
      const available = gpu.hasTimestamps;
      gpu.close();
      return { available, times, empty };
    }, square);
    // The third pass is beyond the timer's capacity and goes unmeasured.
    if (seen.available) {
      expect(seen.times).toHaveLength(2);
      expect(seen.times!.every((time) => time >= 0 && time < 60_000)).toBe(true);
      expect(seen.empty).toEqual([]);
    } else expect(seen.times).toBeUndefined();
  });
});
