/**
 * How much an activation shrinks what passes it, as the factor that weights make up for it with.
 *
 * The values of PyTorch's `torch.nn.init.calculate_gain` where it has one. For the others He's own
 * condition (He, Zhang, Ren, Sun 2015, equation 10) solved for the factor: 1 / sqrt(E f(z)^2) with
 * z standard normal, which gives ReLU its sqrt(2) too.
 */
import { gaussLegendreRule } from '../math/gauss-legendre.js';
import { activationFunction, knownGain, type ActivationLayer } from '../network/activations.js';

/** Beyond it the normal density is below 1e-31. */
const INTEGRATION_RADIUS = 12;
const PANELS = 48;
const NODES = 12;

/**
 * The gain for weights whose layer this activation follows.
 *
 * @param activation null for none
 */
export function activationGain(activation: ActivationLayer | null): number {
  if (activation === null) return 1;
  return knownGain(activation) ?? 1 / Math.sqrt(meanSquare(activationFunction(activation).value));
}

/** E f(z)^2 over panels that end at 0, where an activation may have a kink. */
function meanSquare(value: (z: number) => number): number {
  const { nodes, weights } = gaussLegendreRule(NODES);
  const half = INTEGRATION_RADIUS / PANELS;
  let sum = 0;
  for (let panel = 0; panel < PANELS; panel++) {
    const middle = -INTEGRATION_RADIUS + (2 * panel + 1) * half;
    nodes.forEach((node, index) => {
      const z = middle + half * node;
      sum += half * weights[index]! * value(z) ** 2 * Math.exp((-z * z) / 2);
    });
  }
  return sum / Math.sqrt(2 * Math.PI);
}
