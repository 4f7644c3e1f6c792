/**
 * Gauss-Legendre quadrature: the rule with m nodes integrates polynomials of degree 2m - 1
 * exactly. Used panel by panel, with panels that end at every kink of the integrand.
 */

export interface QuadratureRule {
  /** Nodes in (-1, 1), increasing. */
  readonly nodes: Float64Array;
  /** Positive weights, sum 2. */
  readonly weights: Float64Array;
}

/**
 * The m-point rule on [-1, 1]: roots of P_m by Newton from Tricomi's asymptotic guess
 * (Press et al., Numerical Recipes, section 4.6).
 *
 * @param count number of nodes m >= 1
 */
export function gaussLegendreRule(count: number): QuadratureRule {
  const nodes = new Float64Array(count);
  const weights = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    let node = -Math.cos((Math.PI * (i + 0.75)) / (count + 0.5));
    let slope = 1;
    for (let iteration = 0; iteration < 8; iteration++) {
      let previous = 1;
      let value = node;
      for (let k = 2; k <= count; k++) {
        [previous, value] = [value, ((2 * k - 1) * node * value - (k - 1) * previous) / k];
      }
      slope = (count * (node * value - previous)) / (node * node - 1);
      node -= value / slope;
    }
    nodes[i] = node;
    weights[i] = 2 / ((1 - node * node) * slope * slope);
  }
  return { nodes, weights };
}

/**
 * The sum over consecutive panels [breaks_k, breaks_{k+1}] of the rule applied to `integrand`.
 *
 * @param breaks increasing panel ends
 */
export function integratePanels(
  integrand: (x: number) => number,
  breaks: readonly number[],
  rule: QuadratureRule,
): number {
  let total = 0;
  for (let k = 0; k + 1 < breaks.length; k++) {
    const left = breaks[k]!;
    const half = (breaks[k + 1]! - left) / 2;
    let panel = 0;
    for (let i = 0; i < rule.nodes.length; i++) {
      panel += rule.weights[i]! * integrand(left + half * (1 + rule.nodes[i]!));
    }
    total += half * panel;
  }
  return total;
}
