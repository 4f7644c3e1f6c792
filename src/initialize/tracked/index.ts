/** `lps-tracked`: initial weights at tracked minima. */
import type { Device } from '../../gpu/index.js';
import type { Network } from '../../network/index.js';
import type { Weights } from '../../network/weights.js';
import type { InitializationOptions } from '../methods.js';
import { initializeLastLayers, type TrackedLastLayersReport } from './last-layers-start.js';
import { initializeSmallNetwork, type TrackedNetworkReport } from './small-network.js';

export type { TrackedBlock, TrackedLastLayersReport } from './last-layers-start.js';
export { type TrackedOptions } from './options.js';
export type { TrackedMinimum, TrackedNetworkReport } from './small-network.js';

/** What tracking found. */
export type TrackedReport = TrackedNetworkReport | TrackedLastLayersReport;

/**
 * Initial weights at tracked minima.
 *
 * @param options checked by `checkTrackedOptions`
 * @param startWeights makes weights by `lps`, for the scope 'last-layers'
 * @throws InitializationError
 */
export async function initializeTracked(
  gpu: Device,
  network: Network,
  options: InitializationOptions,
  startWeights: () => Promise<Weights>,
): Promise<{ readonly weights: Weights; readonly report: TrackedReport }> {
  return options.scope === 'last-layers'
    ? initializeLastLayers(gpu, network, await startWeights(), options)
    : initializeSmallNetwork(gpu, network, options);
}
