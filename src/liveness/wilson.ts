/**
 * Wilson's score interval for a probability estimated from counts: unlike the normal interval it
 * stays inside [0, 1] and says something when the count is 0.
 *
 * Source: E. B. Wilson, "Probable inference, the law of succession, and statistical inference",
 * Journal of the American Statistical Association 22, 1927.
 */

/** Normal quantile of a two-sided 95% interval. */
const QUANTILE_95 = 1.959963984540054;

/**
 * The 95% interval of the probability behind `count` successes in `trials`.
 *
 * @throws RangeError unless 0 <= count <= trials and trials >= 1
 */
export function wilsonInterval(count: number, trials: number): readonly [number, number] {
  if (!(trials >= 1 && count >= 0 && count <= trials))
    throw new RangeError(`a Wilson interval needs 0 <= count <= trials, got ${count} of ${trials}`);
  const share = count / trials;
  const square = QUANTILE_95 ** 2;
  const centre = (share + square / (2 * trials)) / (1 + square / trials);
  const half =
    (QUANTILE_95 / (1 + square / trials)) *
    Math.sqrt((share * (1 - share)) / trials + square / (4 * trials ** 2));
  // At the ends the two terms are equal up to rounding.
  return [count === 0 ? 0 : centre - half, count === trials ? 1 : centre + half];
}
