import type { NetworkLayout } from '../../network/architecture.js';
import type { FoundMinima, ReluMinimaOptions } from './enumerate-relu-minima.js';
import type { ReluProblem } from './state-tables.js';
export function enumerateOnPlane(
  _problem: ReluProblem,
  _layout: NetworkLayout,
  _options: ReluMinimaOptions,
): FoundMinima {
  throw new Error('soon');
}
