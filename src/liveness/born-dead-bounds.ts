/**
 * What theory says of the probability that a ReLU network is born dead (constant on its inputs).
 *
 * Upper bound: take one input. Given the features below, each unit's pre-activation is symmetric,
 * so layer l maps this input to zero with probability 2^-N_l; a network alive at one input is not
 * constant. Lower bound, without biases and with independent symmetric weights: features from the
 * first hidden layer on are not negative, so a layer whose weights are all negative is dead.
 *
 * Source: Lu, Shin, Su, Karniadakis, "Dying ReLU and initialization: theory and numerical
 * examples", Communications in Computational Physics 28, 2020, theorems 3.2 and 3.3.
 */

export interface BornDeadBounds {
  readonly lower: number;
  readonly upper: number;
}

/** Which of the bounds hold for a way of drawing weights. */
export interface BoundAssumptions {
  /** Flipping the sign of any unit's weights and bias leaves the distribution as it is. */
  readonly symmetricRows: boolean;
  /** Weights are independent and symmetric, biases zero. */
  readonly independentEntries: boolean;
}

/**
 * Bounds of the born-dead probability; 0 and 1 where nothing is known.
 *
 * @param widths units of the hidden layers, each at least 1
 */
export function bornDeadBounds(
  widths: readonly number[],
  { symmetricRows, independentEntries }: BoundAssumptions,
): BornDeadBounds {
  const allAlive = (exponents: readonly number[]): number =>
    exponents.reduce((product, exponent) => product * (1 - 2 ** -exponent), 1);
  const weights = widths.slice(1).map((width, index) => width * widths[index]!);
  return {
    lower: independentEntries ? 1 - allAlive(weights) : 0,
    upper: symmetricRows ? 1 - allAlive(widths) : 1,
  };
}
