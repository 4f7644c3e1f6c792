/** `lps-tracked`: initial weights at tracked minima. */
import { InitializationError } from '../errors.js';
import type { CommonOptions, Initializer } from '../initializer.js';
import type { TrackedLastLayersReport } from './last-layers-start.js';
import { requireData, TRACKED_OPTIONS, type TrackedOptions } from './options.js';
import type { EnumeratedNetworkReport, TrackedNetworkReport } from './small-network.js';

export type { TrackedBlock, TrackedLastLayersReport } from './last-layers-start.js';
export type { TrackedOptions } from './options.js';
export type { EnumeratedBlock } from './enumerated.js';
export type {
  EnumeratedNetworkReport,
  TrackedMinimum,
  TrackedNetworkReport,
} from './small-network.js';

/** What tracking found. */
export type TrackedReport =
  | TrackedNetworkReport
  | EnumeratedNetworkReport
  | TrackedLastLayersReport;

/** Weights at tracked minima, searched for each network on its own. */
export const lpsTracked: Initializer<CommonOptions & TrackedOptions, 'lps-tracked', TrackedReport> =
  {
    name: 'lps-tracked',
    summary: 'at the best tracked minimum of a tiny network, or of the last layers from lps',
    options: TRACKED_OPTIONS,
    check: requireData,
    onHost: () => {
      throw new InitializationError(
        'option',
        'lps-tracked solves a system for each network: use initialize or initializeReplicas',
      );
    },
    // The solver comes with them, which no other initializer needs.
    search: async (gpu, network, options, start) => {
      if (options.scope === 'last-layers') {
        const { initializeLastLayers } = await import('./last-layers-start.js');
        return initializeLastLayers(gpu, network, await start(), options);
      }
      const { initializeSmallNetwork } = await import('./small-network.js');
      return initializeSmallNetwork(gpu, network, options);
    },
  };
