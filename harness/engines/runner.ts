/**
 * What an engine runs functions with: one device that is opened once and shared by all.
 *
 * `createRunner` is sent to pages and to Deno as text, so it must be self-contained.
 */
import type { GpuDevice } from 'lps-webgpu';

export type Library = typeof import('../internals.js');

/**
 * What is asked of an engine. `gpu` stays open: a body closes what it makes on it, and opens a
 * device of its own with `lps.openGpu()` to close it, lose it, tune it or count what it compiles.
 */
export type Body<Argument, Result> = (
  lps: Library,
  gpu: GpuDevice,
  argument: Argument,
) => Result | Promise<Result>;

export type Runner = (body: Body<never, unknown>, argument: unknown) => Promise<unknown>;

/**
 * Errors that WebGPU reports to nobody, on any device that a body uses, fail the run that caused
 * them. A run that fails takes the shared device along, because a device may keep an error for its
 * next caller; so does a run that loses it.
 */
export function createRunner(lps: Library): Runner {
  const errors: string[] = [];
  let shared: GpuDevice | undefined;

  const open = async (): Promise<GpuDevice> => {
    const gpu = await lps.openGpu();
    shared = gpu;
    void gpu.lost.then(() => {
      if (shared === gpu) shared = undefined;
    });
    return gpu;
  };
  /** The event comes after the call that caused it: once the device has answered, and a moment on. */
  const settle = async (gpu: GpuDevice): Promise<void> => {
    gpu.device.pushErrorScope('validation');
    await gpu.device.popErrorScope().catch(() => undefined);
    await new Promise((resolve) => setTimeout(resolve, 20));
  };

  return async (body, argument) => {
    const { prototype } = globalThis.GPUAdapter;
    const { requestDevice } = prototype;
    prototype.requestDevice = async function (...parameters) {
      const device = await requestDevice.apply(this, parameters);
      device.addEventListener('uncapturederror', (event) => errors.push(event.error.message));
      return device;
    };
    try {
      if (errors.length > 0)
        throw new Error(`uncaptured GPU error since the last run: ${errors.join('; ')}`);
      const gpu = shared ?? (await open());
      let result: unknown;
      try {
        result = await body(lps, gpu, argument as never);
      } finally {
        await settle(gpu);
      }
      if (errors.length > 0) throw new Error(`uncaptured GPU error: ${errors.join('; ')}`);
      return result ?? null;
    } catch (error) {
      errors.length = 0;
      shared?.close();
      shared = undefined;
      throw error;
    } finally {
      prototype.requestDevice = requestDevice;
    }
  };
}

/** The text of an async function without parameters that runs the body with the engine's runner. */
export function callText(body: unknown, argument: unknown, library: string): string {
  return `async () => (globalThis.testRunner ??= (${createRunner.toString()})(await import(${JSON.stringify(library)})))(${String(body)}, ${JSON.stringify(argument) ?? 'undefined'})`;
}
