/**
 * The factor that makes scores fitted by least squares into logits: scores of one-hot rows lie in
 * [0, 1], and as logits they would say that all classes are about equally likely.
 */

/** Largest exponent of the factor, base e; separable classes have no finite optimum. */
const LARGEST_EXPONENT = 5;
const BISECTIONS = 40;

/**
 * argmin over k in [e^-5, e^5] of the mean of  logsumexp(k y) - k y_label, convex in k.
 *
 * @param scores [sample][class]
 * @param labels one class per sample
 */
export function crossEntropyScale(scores: Float64Array, labels: readonly number[]): number {
  const classes = scores.length / labels.length;
  const slopeAt = (factor: number): number => {
    let slope = 0;
    labels.forEach((label, sample) => {
      const row = scores.subarray(sample * classes, (sample + 1) * classes);
      const largest = row.reduce((best, score) => Math.max(best, score), -Infinity);
      let sum = 0;
      let weighted = 0;
      for (const score of row) {
        const share = Math.exp(factor * (score - largest));
        sum += share;
        weighted += share * score;
      }
      slope += weighted / sum - row[label]!;
    });
    return slope;
  };
  let [low, high] = [-LARGEST_EXPONENT, LARGEST_EXPONENT];
  for (let step = 0; step < BISECTIONS; step++) {
    const middle = (low + high) / 2;
    if (slopeAt(Math.exp(middle)) > 0) high = middle;
    else low = middle;
  }
  return Math.exp(low);
}
