/**
 * Opens a GPU in whichever runtime this is: a page, Node through Dawn, or Deno.
 *
 * Only WebGPU's default limits are requested, so that what works here works on every device; a
 * hardware adapter is preferred and a software adapter is used, and reported, when there is no other.
 */
import { platform } from '#platform';
import { GpuDevice, type GpuInfo } from './device.js';
import { GpuUnavailableError } from './errors.js';

export interface OpenGpuOptions {
  /**
   * 'hardware' (default): the fastest adapter there is, a software one when there is no other.
   * 'software': a software adapter when the runtime has one, for results that do not depend on the
   * machine's GPU. Either way `info.software` tells what it became.
   */
  readonly prefer?: 'hardware' | 'software';
}

/** Adapters that compute on the CPU, by what they call themselves: not every runtime marks them. */
const softwareNames = /swiftshader|llvmpipe|lavapipe|basic render|warp/i;

/**
 * Opens a device and runs the precision self-test on it.
 * @throws {GpuUnavailableError} naming what was tried and what to do
 * @throws {DeviceLostError} when the device is lost during the self-test
 */
export async function openGpu(options: OpenGpuOptions = {}): Promise<GpuDevice> {
  const { prefer = 'hardware' } = options;
  const loaded = await platform.loadGpu();
  if (!loaded.gpu)
    throw new GpuUnavailableError(
      [`${platform.runtime}: ${loaded.reason}`],
      platform.adapterRemedy,
    );

  const tried: string[] = [];
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
      return await GpuDevice.create(device, describe(adapter));
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      // An adapter that cannot give a device is as good as none; anything later is a real error.
      if (error.name !== 'OperationError') throw error;
      tried.push(`${platform.runtime}: no device for ${wish} (${error.message})`);
    }
  }
  throw new GpuUnavailableError(tried, platform.adapterRemedy);
}

function requests(prefer: 'hardware' | 'software'): GPURequestAdapterOptions[] {
  const fast: GPURequestAdapterOptions = { powerPreference: 'high-performance' };
  const software: GPURequestAdapterOptions = { forceFallbackAdapter: true };
  return prefer === 'software' ? [software, fast, {}] : [fast, {}, software];
}

function describe(adapter: GPUAdapter): GpuInfo {
  const { vendor, architecture, description, device, isFallbackAdapter } = adapter.info;
  return {
    runtime: platform.runtime,
    vendor,
    architecture,
    description: description || device,
    software:
      isFallbackAdapter || softwareNames.test(`${vendor} ${architecture} ${description} ${device}`),
  };
}
