/**
 * Opens a GPU in whichever runtime this is: a page, Node through Dawn, or Deno.
 *
 * Only WebGPU's default limits are requested, so that what works here works on every device; a
 * hardware adapter is preferred and a software adapter is used, and reported, when there is no other.
 */
import { platform } from './this-platform.js';
import { CpuDevice } from './cpu-device.js';
import { GpuDevice, type DeviceOptions, type GpuInfo } from './device.js';
import { GpuOptionError, GpuUnavailableError } from './errors.js';
import type { WorkerOptions } from './platform.js';

export interface OpenGpuOptions extends WorkerOptions {
  /**
   * 'hardware' (default): the fastest adapter there is, a software one when there is no other.
   * 'software': a software adapter when the runtime has one, for results that do not depend on the
   * machine's GPU. Either way `info.software` tells what it became.
   */
  readonly prefer?: 'hardware' | 'software';
  /**
   * The app's own device, instead of a new one. Its limits are used as they are; its error scopes, its
   * `uncapturederror` and its `lost` are the app's; `close()` frees what was made on it and leaves it open.
   */
  readonly device?: GPUDevice;
  /**
   * Milliseconds of GPU time that the library may take in each frame of 1/60 s, > 0: work is cut into shorter pieces with
   * rests between them, so that the page's own drawing keeps its pace. Default: no bound.
   */
  readonly frameBudget?: number;
  /** 'cpu': where there is no GPU, a `CpuDevice` instead of GpuUnavailableError. */
  readonly fallback?: 'cpu';
}

/** Adapters that compute on the CPU, by what they call themselves: not every runtime marks them. */
const softwareNames = /swiftshader|llvmpipe|lavapipe|basic render|warp/i;

/**
 * Opens a device and runs the precision self-test on it.
 *
 * @throws {GpuUnavailableError} naming what was tried and what to do
 * @throws {GpuOptionError} naming the option
 * @throws {DeviceLostError} when the device is lost during the self-test
 */
export function openGpu(
  options: OpenGpuOptions & { readonly fallback: 'cpu' },
): Promise<GpuDevice | CpuDevice>;
export function openGpu(options?: OpenGpuOptions): Promise<GpuDevice>;
export async function openGpu(options: OpenGpuOptions = {}): Promise<GpuDevice | CpuDevice> {
  checkOptions(options);
  const { prefer = 'hardware', device, fallback, createWorker, workers: most } = options;
  const { frameBudget } = options;
  const workers = {
    ...(createWorker && { createWorker }),
    ...(most !== undefined && { workers: most }),
  };
  const shared = { workers, ...(frameBudget !== undefined && { frameBudget }) };
  if (device) {
    return GpuDevice.create(device, describe(device.adapterInfo), { ...shared, isBorrowed: true });
  }
  const tried: string[] = [];
  const opened = await openOwn(prefer, shared, tried);
  if (opened) return opened;
  if (fallback === 'cpu') return new CpuDevice(workers);
  throw new GpuUnavailableError(tried, platform.adapterRemedy);
}

/** A device of our own, which is opened again when it is lost; undefined where there is none. */
async function openOwn(
  prefer: 'hardware' | 'software',
  shared: DeviceOptions,
  tried: string[],
): Promise<GpuDevice | undefined> {
  const opened = await openDevice(prefer, tried);
  return (
    opened &&
    GpuDevice.create(opened.device, describe(opened.adapter.info), {
      ...shared,
      openAnother: async () => {
        const failed: string[] = [];
        const another = await openOwn(prefer, shared, failed);
        if (!another) throw new GpuUnavailableError(failed, platform.adapterRemedy);
        return another;
      },
    })
  );
}

/** @param tried takes a line for each adapter that gave no device. */
async function openDevice(
  prefer: 'hardware' | 'software',
  tried: string[],
): Promise<{ readonly device: GPUDevice; readonly adapter: GPUAdapter } | undefined> {
  const loaded = await platform.loadGpu();
  if (!loaded.gpu) {
    tried.push(`${platform.runtime}: ${loaded.reason}`);
    return undefined;
  }
  for (const request of requests(prefer)) {
    const wish = JSON.stringify(request);
    try {
      const adapter = await loaded.gpu.requestAdapter(request);
      if (!adapter) {
        tried.push(`${platform.runtime}: no adapter for ${wish}`);
        continue;
      }
      const requiredFeatures: GPUFeatureName[] = adapter.features.has('timestamp-query')
        ? ['timestamp-query']
        : [];
      const device = await adapter.requestDevice({ label: 'lps-webgpu', requiredFeatures });
      return { device, adapter };
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      // An adapter that cannot give a device is as good as none; anything later is a real error.
      if (error.name !== 'OperationError') throw error;
      tried.push(`${platform.runtime}: no device for ${wish} (${error.message})`);
    }
  }
  return undefined;
}

const OPTIONS = ['prefer', 'device', 'fallback', 'frameBudget', 'workers', 'createWorker'];

function checkOptions(options: OpenGpuOptions): void {
  const unknown = Object.keys(options).find((name) => !OPTIONS.includes(name));
  if (unknown !== undefined)
    throw new GpuOptionError(unknown, `there is no such option; there are ${OPTIONS.join(', ')}`);
  const { prefer, device, fallback, frameBudget, workers, createWorker } = options;
  if (prefer !== undefined && prefer !== 'hardware' && prefer !== 'software')
    throw new GpuOptionError('prefer', `use 'hardware' or 'software', not ${show(prefer)}`);
  if (fallback !== undefined && fallback !== 'cpu')
    throw new GpuOptionError('fallback', `use 'cpu' or leave it out, not ${show(fallback)}`);
  if (frameBudget !== undefined && !(typeof frameBudget === 'number' && frameBudget > 0))
    throw new GpuOptionError('frameBudget', `use milliseconds > 0, not ${show(frameBudget)}`);
  if (workers !== undefined && !(Number.isSafeInteger(workers) && workers >= 0))
    throw new GpuOptionError('workers', `use a whole number >= 0, not ${show(workers)}`);
  if (createWorker !== undefined && typeof createWorker !== 'function')
    throw new GpuOptionError('createWorker', `use a function, not ${show(createWorker)}`);
  if (device !== undefined && typeof device?.createShaderModule !== 'function')
    throw new GpuOptionError('device', `use a GPUDevice, not ${show(device)}`);
}

function show(value: unknown): string {
  return typeof value === 'object' || typeof value === 'function'
    ? Object.prototype.toString.call(value)
    : JSON.stringify(value);
}

function requests(prefer: 'hardware' | 'software'): GPURequestAdapterOptions[] {
  const fast: GPURequestAdapterOptions = { powerPreference: 'high-performance' };
  const software: GPURequestAdapterOptions = { forceFallbackAdapter: true };
  return prefer === 'software' ? [software, fast, {}] : [fast, {}, software];
}

/** @param info missing in browsers before `GPUDevice.adapterInfo`. */
function describe(info: GPUAdapterInfo | undefined): GpuInfo {
  const { vendor = '', architecture = '', description = '', device = '' } = info ?? {};
  return {
    runtime: platform.runtime,
    vendor,
    architecture,
    description: description || device,
    software:
      (info?.isFallbackAdapter ?? false) ||
      softwareNames.test(`${vendor} ${architecture} ${description} ${device}`),
  };
}
