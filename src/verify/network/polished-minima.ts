/**
 * Minima of the true network that were polished from those of the polynomial one: whether their losses are those of their
 * parameters, before and after. That they are minima is not claimed.
 */
import type { CheckOutcome } from '../check-outcome.js';
import { lossOf, type PolynomialNetwork } from './polynomial-network.js';

/** Of losses that both sides computed. */
const CLOSE = 1e-11;

const logistic = (z: number): number => 1 / (1 + Math.exp(-z));

/** As they are where nothing else is said; of the others no losses are checked. */
const ACTIVATIONS: Readonly<Record<string, (z: number) => number>> = {
  relu: (z) => Math.max(z, 0),
  'leaky-relu': (z) => (z > 0 ? z : 0.01 * z),
  elu: (z) => (z > 0 ? z : Math.expm1(z)),
  tanh: Math.tanh,
  sigmoid: logistic,
  silu: (z) => z * logistic(z),
  softplus: (z) => Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z))),
  identity: (z) => z,
};

export interface PolishedClaim {
  /** Where it stands in the document. */
  readonly at: string;
  readonly unknowns: readonly number[];
  readonly loss: number;
  readonly lossBefore: number;
}

/**
 * @param activation its name
 * @param starts minima of the polynomial network that they may come from
 */
export function checkPolished(
  network: PolynomialNetwork,
  activation: string,
  starts: readonly (readonly number[])[],
  polished: readonly PolishedClaim[],
): CheckOutcome {
  const check = 'polished';
  const value = ACTIVATIONS[activation];
  if (value === undefined)
    return { check, detail: `not checked: losses under ${activation} are not known`, failures: [] };
  const before = starts.map((start) => lossOf(network, start, value));
  const failures = polished.flatMap(({ at, unknowns, loss, lossBefore }) => {
    const found = lossOf(network, unknowns, value);
    return [
      ...(isClose(found, loss)
        ? []
        : [`${at}: the loss of its parameters is ${found}, not ${loss}`]),
      ...(before.some((each) => isClose(each, lossBefore))
        ? []
        : [`${at}: no minimum that it can come from has the loss ${lossBefore}`]),
      ...(loss <= lossBefore ? [] : [`${at}: its loss is above that before polishing`]),
    ];
  });
  return {
    check,
    detail: `${polished.length} minima polished under ${activation}: losses of their parameters`,
    failures,
  };
}

function isClose(a: number, b: number): boolean {
  return Math.abs(a - b) <= CLOSE * Math.max(1, Math.abs(a));
}
