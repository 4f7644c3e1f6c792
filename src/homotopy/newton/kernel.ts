/**
 * One Newton iteration on H(x, s) = 0: the only arithmetic that the f64 tier repeats millions of times.
 *
 * Three implementations share this interface: WebAssembly emitted for the system (fast), typed
 * arrays (where a Content-Security-Policy forbids WebAssembly) and double-double (last resort).
 */

/**
 * Works in a local chart: in each projective group one coordinate is held at 1 and the others
 * are unknowns, so the linear systems are n x n.
 */
export interface NewtonKernel {
  /** n */
  readonly variables: number;
  /** N = n + groups */
  readonly coordinates: number;
  /** Smallest relative spacing of numbers: 2^-52 or 2^-104. */
  readonly epsilon: number;
  /** The point, 2N interleaved; leading parts only in double-double. Read it, write it with `setPoint`. */
  readonly point: Float64Array;
  /** Newton correction of the last `iterate`, 2N; zero at the chart coordinates. */
  readonly correction: Float64Array;
  /** dx/ds of the last `iterate`, 2N; zero at the chart coordinates. */
  readonly tangent: Float64Array;
  /** H(x, s) of the last `iterate` before factoring, 2n. */
  readonly value: Float64Array;
  /** Replaces gamma G: another seed or another solved family member. */
  setStart(coefficients: Float64Array): void;
  /** Replaces F: another family member. `low` matters to double-double alone. */
  setTarget(coefficients: Float64Array, low?: Float64Array): void;
  setPoint(point: Float64Array, low?: Float64Array): void;
  /** Low-order parts of the point (double-double), or null. */
  readonly low: Float64Array | null;
  /** Coordinate held at 1 in each group. */
  setCharts(charts: ArrayLike<number>): void;
  /**
   * Evaluates at (point, s), solves for `correction` (J c = H) and `tangent` (J t = -H_s).
   * @returns min |pivot| / max |pivot| after power-of-two row scaling; 0 when singular or not finite.
   */
  iterate(sRe: number, sIm: number): number;
  /** point -= correction, in the kernel's own precision. */
  applyCorrection(): void;
  /** Divides each group by its coordinate `charts[g]` and makes it the chart. */
  rechart(charts: ArrayLike<number>): void;
}
