/**
 * Fixup (Zhang, Dauphin, Ma 2019): He's weights; those of a residual branch with m layers times L^(-1/(2m - 2)),
 * L the number of branches; 0 for the last layer of every branch and for the network's output layer.
 *
 * Their scalar biases (0) and multipliers (1) are not layers of these networks; with them left out the function
 * at the start is the same, the training is not.
 */
import { drawn, heDeviation } from './independent.js';
import { residualBranch } from './residual-branch.js';

export const fixup = drawn(
  {
    name: 'fixup',
    summary:
      "Fixup: He's weights, smaller in residual branches, 0 in their last layer and the output",
    hasIndependentEntries: true,
  },
  {
    kind: 'normal',
    deviation: (layer, network) => {
      const branch = residualBranch(layer, network);
      if (layer.isOutput || branch?.isLast) return 0;
      const scale = branch === null ? 1 : branch.branches ** (-1 / (2 * branch.depth - 2));
      return scale * heDeviation(layer);
    },
  },
);
