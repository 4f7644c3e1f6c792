/**
 * Degrees of the stationarity system group by group, without expanding anything (table in
 * docs/initializer.md). With n the degree of the activation polynomial and d_l = n^(L-l),
 *   dJ/dv_l for a hidden layer:  2 d_l - 1 in its own group, 2 d_m in group m
 *   dJ/dW_L:                     1 in its own group,         2 d_m
 *   dJ/db_L:                     1 in its own group,         d_m  (dy/db_L = 1)
 * The multihomogeneous start with these degrees is the linear product structure of the network,
 * and its count is N_LPS, the number of paths.
 */
import { countStartSolutions } from '../homotopy/start/choice-graph.js';
import type { ProductStructure } from '../homotopy/start/product-structure.js';
import type { NetworkLayout } from '../network/architecture.js';

/**
 * [equation][group] degree of dJ/dtheta_equation in the unknowns of each layer.
 *
 * @param degree n >= 1, degree of the activation polynomial
 */
export function stationarityMultidegrees(layout: NetworkLayout, degree: number): number[][] {
  const last = layout.groups.length - 1;
  const outputDegrees = layout.groups.map((_, layer) => degree ** (last - layer));
  const outputBias = layout.network.affineLayers[last]?.bias?.first ?? Infinity;
  return layout.groups.flatMap((group, layer) =>
    group.map((variable) =>
      outputDegrees.map((outputDegree, other) => {
        if (other === layer) {
          return 2 * outputDegree - 1;
        }
        return variable >= outputBias ? outputDegree : 2 * outputDegree;
      }),
    ),
  );
}

/** The linear product structure with these degrees: D[equation][m] forms in the unknowns of group m. */
export function layerProductStructure(layout: NetworkLayout, degree: number): ProductStructure {
  return stationarityMultidegrees(layout, degree).map((degrees) =>
    degrees.flatMap((count, group) =>
      Array.from({ length: count }, () => layout.groups[group] as number[]),
    ),
  );
}

/** N_LPS: paths of the layer-grouped start, exact. */
export function countNetworkPaths(layout: NetworkLayout, degree: number): bigint {
  return countStartSolutions(layerProductStructure(layout, degree));
}

/** Bezout's number: product of the total degrees, exact. */
export function countTotalDegreePaths(layout: NetworkLayout, degree: number): bigint {
  return stationarityMultidegrees(layout, degree).reduce(
    (product, degrees) => product * BigInt(degrees.reduce((sum, value) => sum + value, 0)),
    1n,
  );
}
