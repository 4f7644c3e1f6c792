/**
 * Believed afterwards: whatever goes wrong on the GPU side arrives as a typed error that names what
 * was needed, what was there and what to do. The truth is what WebGPU's specification calls an error.
 */
import { expect, it } from 'vitest';
import type { Shader } from '../../src/gpu/shader.js';
import { forEachEngine, nodeEngine, type Engine } from '../helpers/engine.js';

const shader = {
  name: 'test/copy',
  code: `
@group(0) @binding(0) var<storage, read> source: array<u32>;
@group(0) @binding(1) var<storage, read_write> target_: array<u32>;
@compute @workgroup_size(1)
fn main(@builtin(global_invocation_id) id: vec3u) { target_[id.x] = source[id.x]; }`,
  arithmetic: false,
  entryPoints: { main: { workgroupSize: [1, 1, 1] } },
  bindings: [
    { name: 'source', group: 0, binding: 0, type: 'read-only-storage', minBindingSize: 4 },
    { name: 'target_', group: 0, binding: 1, type: 'storage', minBindingSize: 4 },
  ],
  structs: {},
  overrides: [],
  workgroupMemory: false,
} satisfies Shader;

interface Caught {
  readonly name: string;
  readonly message: string;
  readonly isGpuError: boolean;
  readonly fields: Record<string, unknown>;
}

forEachEngine((engine) => {
  it('a wrong shader gives the compiler’s message with its place', async () => {
    const caught = await engine.run(async (lps, gpu, shader) => {
      const describe = (error: unknown): Caught => ({
        name: (error as Error).name,
        message: (error as Error).message,
        isGpuError: error instanceof lps.GpuError,
        fields: { ...(error as object) },
      });
      const code = shader.code.replace('source[id.x]', 'sauce[id.x]');
      const first = await gpu.createKernel(shader, { code }).catch(describe);
      // The failure is not cached, and the device still works.
      const second = await gpu.createKernel(shader, { code }).catch(describe);
      const constant = await gpu
        .createKernel(shader, { constants: { nothing: 1 } })
        .catch(describe);
      await gpu.createKernel(shader);
      return [first, second, constant] as Caught[];
    }, shader);
    expect(caught.map(({ name, isGpuError }) => [name, isGpuError])).toEqual(
      Array.from({ length: 3 }, () => ['GpuCompileError', true]),
    );
    expect(caught[0]!.message).toMatch(/test\/copy.*sauce/s);
    expect(caught[0]!.fields.messages).not.toEqual([]);
    expect(caught[1]!.message).toBe(caught[0]!.message);
    expect(caught[2]!.message).toMatch(/nothing/);
  });

  it('sizes beyond a limit are refused with both numbers', async () => {
    const caught = await engine.run(async (lps, gpu, shader) => {
      const describe = (error: unknown): Caught => ({
        name: (error as Error).name,
        message: (error as Error).message,
        isGpuError: error instanceof lps.GpuError,
        fields: { ...(error as object) },
      });
      const buffers = gpu.createBuffers();
      const allowed = gpu.limits.maxStorageBufferBindingSize;
      const fits = await buffers.storage('just fits', allowed);
      const storage = await buffers.storage('too big', allowed + 4).catch(describe);
      const uniform = await buffers
        .uniform('too big', gpu.limits.maxUniformBufferBindingSize + 4)
        .catch(describe);
      const many = { ...shader, bindings: Array.from({ length: 9 }, () => shader.bindings[0]!) };
      const bindings = await gpu.createKernel(many).catch(describe);
      const size = fits.size;
      buffers.close();
      return { size, caught: [storage, uniform, bindings] as Caught[] };
    }, shader);
    expect(caught.size).toBe(134_217_728);
    expect(caught.caught.map(({ name }) => name)).toEqual(
      Array.from({ length: 3 }, () => 'GpuLimitError'),
    );
    expect(caught.caught[0]!.fields).toMatchObject({ needed: 134_217_732, available: 134_217_728 });
    expect(caught.caught[0]!.message).toMatch(/134217732.*134217728.*smaller batches/);
    expect(caught.caught[1]!.fields).toMatchObject({ needed: 65_540, available: 65_536 });
    expect(caught.caught[2]!.fields).toMatchObject({ needed: 9, available: 8 });
  });

  it('binding wrong names or unfit buffers is refused before anything runs', async () => {
    const caught = await engine.run(async (_, gpu, shader) => {
      const kernel = await gpu.createKernel(shader);
      const buffers = gpu.createBuffers();
      const source = await buffers.storage('source', 16);
      const uniform = await buffers.uniform('uniform', 16);
      const message = (error: unknown): string =>
        `${(error as Error).name}: ${(error as Error).message}`;
      const answer = [
        await kernel.bind({ source }).catch(message),
        await kernel.bind({ source, target_: source, other: source }).catch(message),
        await kernel.bind({ source, target_: uniform }).catch(message),
      ];
      buffers.close();
      return answer as string[];
    }, shader);
    expect(caught[0]).toMatch(/GpuValidationError: .*missing: target_; unknown: none/);
    expect(caught[1]).toMatch(/GpuValidationError: .*missing: none; unknown: other/);
    expect(caught[2]).toMatch(/GpuValidationError: binding the buffers of kernel "test\/copy"/);
  });

  it('a lost device and a closed one are told apart from work', async () => {
    const seen = await engine.run(async (lps, _, shader) => {
      const gpu = await lps.openGpu();
      const kernel = await gpu.createKernel(shader);
      const buffers = gpu.createBuffers();
      const source = await buffers.storage('source', 16);
      const target_ = await buffers.storage('target', 16);
      const bindings = await kernel.bind({ source, target_ });
      const encoder = gpu.createEncoder('lost');
      const pass = encoder.beginComputePass();
      kernel.encode(pass, bindings, [4]);
      pass.end();
      const reading = gpu
        .submitAndRead(encoder, [{ buffer: target_ }])
        .catch((error: Error) => error.name);
      gpu.device.destroy();
      const lost = await gpu.lost;
      const name = (work: () => unknown): string => {
        try {
          work();
          return 'no error';
        } catch (error) {
          return (error as Error).name;
        }
      };
      const answer = {
        reading: await reading,
        lost: lost.name,
        message: lost.message,
        encoder: name(() => gpu.createEncoder('after')),
        kernel: await gpu.createKernel(shader).catch((error: Error) => error.name),
      };
      gpu.close();
      gpu.close();

      const closed = await lps.openGpu();
      closed.close();
      return { ...answer, closed: name(() => closed.createBuffers()) };
    }, shader);
    expect(seen).toMatchObject({
      lost: 'DeviceLostError',
      encoder: 'DeviceLostError',
      kernel: 'DeviceLostError',
      closed: 'DeviceLostError',
    });
    // The read was under way: an engine may still finish it.
    expect(seen.reading === 'DeviceLostError' || Array.isArray(seen.reading)).toBe(true);
    expect(seen.message).toMatch(/openGpu again/);
  });

  it('an error that WebGPU reports to nobody is thrown by the next read', async () => {
    const run = (): ReturnType<Engine['run']> =>
      engine.run(async (lps) => {
        const gpu = await lps.openGpu();
        const buffers = gpu.createBuffers();
        const buffer = await buffers.uniform('no copy source', 16);
        const outcome = await gpu.read(buffer).then(
          () => 'read',
          (error: Error) => `${error.name}: ${error.message}`,
        );
        gpu.close();
        throw new Error(`outcome: ${outcome}`);
      });
    await expect(run()).rejects.toThrow(
      /outcome: GpuValidationError: WebGPU refused an earlier call/,
    );
  });
});

it('without an adapter the error names what was tried and what to do', async () => {
  // Dawn asks the drivers once per process: hiding the adapter means replacing requestAdapter.
  const caught = await nodeEngine.run(async (lps) => {
    const prototype = (globalThis as unknown as { GPU: { prototype: GPU } }).GPU.prototype;
    const { requestAdapter } = prototype;
    prototype.requestAdapter = () => Promise.resolve(null);
    try {
      await lps.openGpu();
      return undefined;
    } catch (error) {
      return { name: (error as Error).name, message: (error as Error).message };
    } finally {
      prototype.requestAdapter = requestAdapter;
    }
  });
  expect(caught?.name).toBe('GpuUnavailableError');
  expect(caught?.message).toMatch(/high-performance.*forceFallbackAdapter.*driver/);
});
