/**
 * The convex problem of a combination of states, in f64:
 *
 *   F(beta) = beta' M beta / 2 - q' beta + lambda sum_g |beta_g|
 *
 * with up to four groups of one or two variables. Newton's method solves it from a start where no
 * group is zero; block coordinate descent from anywhere. Nothing here is proved: who uses a point
 * bounds its error by its gradient (screening) or encloses it (certify).
 */

/** Largest number of units. */
export const MOST_GROUPS = 4;
const MOST = 2 * MOST_GROUPS;
/** Row length of `matrix`. */
export const ROW = MOST;

const NEWTON_STEPS = 40;
const HALVINGS = 12;
/** Share of the decrease of F that its slope promises. */
const SUFFICIENT = 1e-4;
/** A step must not take a group closer to zero than this share of its length. */
const LEAST_SHARE = 0.02;
const SWEEPS = 4096;
/** Sweeps before every choice of zero groups is tried: with groups nearly alike, descent takes thousands. */
const PATIENCE = 16;
/** A group that Newton's method left so short, relative to the longest, wants to be zero. */
const COLLAPSED = 1e-6;
/** Times that groups become zero or are let go. */
const ROUNDS = 8;
const SECULAR_STEPS = 60;

export class GroupLasso {
  /** M, row by row in rows of ROW; only the first `size` rows and columns count. */
  readonly matrix = new Float64Array(MOST * MOST);
  readonly linear = new Float64Array(MOST);
  readonly beta = new Float64Array(MOST);
  /** M beta - q at `beta`: the gradient of the smooth part. */
  readonly slope = new Float64Array(MOST);
  /** Variables of group g: starts[g]..starts[g+1]-1. */
  readonly starts = new Int32Array(MOST_GROUPS + 1);
  groups = 0;
  /** |gradient| over the groups that are not zero, from the last evaluation. */
  gradientNorm = 0;
  /** F at the last evaluation. */
  private value = 0;

  private readonly gradient = new Float64Array(MOST);
  private readonly hessian = new Float64Array(MOST * MOST);
  private readonly step = new Float64Array(MOST);
  private readonly old = new Float64Array(MOST);

  /** @param tolerance of |gradient| */
  constructor(
    private readonly lambda: number,
    readonly tolerance: number,
  ) {}

  get size(): number {
    return this.starts[this.groups]!;
  }

  groupLength(g: number): number {
    const { beta, starts } = this;
    let sum = 0;
    for (let i = starts[g]!; i < starts[g + 1]!; i++) sum += beta[i]! * beta[i]!;
    return Math.sqrt(sum);
  }

  /**
   * Newton's method with a line search: a step counts when it lowers F as it should, or halves
   * |gradient|, which tells more than F close to the end. Groups that are zero stay so.
   *
   * @returns whether it arrived; when not, `beta` is where it got stuck
   */
  newton(): boolean {
    const { beta, step, old, gradient } = this;
    let norm = this.evaluate();
    for (let iteration = 0; iteration < NEWTON_STEPS; iteration++) {
      if (norm <= this.tolerance) return true;
      if (!this.findStep()) return false;
      const { size, value } = this;
      let descent = 0;
      for (let i = 0; i < size; i++) {
        old[i] = beta[i]!;
        descent += gradient[i]! * step[i]!;
      }
      let length = this.longestStep();
      let accepted = false;
      for (let halving = 0; halving < HALVINGS && !accepted; halving++, length /= 2) {
        for (let i = 0; i < size; i++) beta[i] = old[i]! + length * step[i]!;
        const next = this.evaluate();
        accepted = next <= norm / 2 || this.value <= value + SUFFICIENT * length * descent;
        if (accepted) norm = next;
      }
      if (!accepted) {
        for (let i = 0; i < size; i++) beta[i] = old[i]!;
        this.evaluate();
        return false;
      }
    }
    return false;
  }

  /**
   * Block coordinate descent with exact minimisation over one group at a time; after 1, 2, 4, ... sweeps
   * Newton's method on the groups that are not zero, and when that keeps failing on every choice of them:
   * where the optimality conditions hold, the choice was right.
   *
   * @returns whether the optimality conditions hold to the tolerance
   */
  descend(): boolean {
    this.evaluate();
    for (let sweep = 1; sweep <= SWEEPS; sweep++) {
      for (let g = 0; g < this.groups; g++) this.minimizeGroup(g);
      // A power of two.
      if ((sweep & (sweep - 1)) !== 0) continue;
      const kept = Float64Array.from(this.beta);
      const choices = sweep < PATIENCE ? 1 : 2 ** this.groups;
      for (let zero = 0; zero < choices; zero++) {
        this.beta.set(kept);
        this.setZero(zero);
        if (this.settle()) return true;
      }
      this.beta.set(kept);
      this.evaluate();
    }
    return false;
  }

  /**
   * Newton's method; groups that collapsed become zero, those that may not stay zero are let go, and
   * Newton's method again.
   */
  private settle(): boolean {
    for (let round = 0; round < ROUNDS; round++) {
      if (!this.newton()) {
        if (!this.dropCollapsed()) return false;
        continue;
      }
      let isSettled = true;
      for (let g = 0; g < this.groups; g++) {
        if (this.mayStay(g)) continue;
        this.minimizeGroup(g);
        isSettled = false;
      }
      if (isSettled) return true;
    }
    return false;
  }

  /** Makes the groups zero whose bits are set. */
  private setZero(bits: number): void {
    for (let g = 0; g < this.groups; g++) {
      if ((bits >> g) & 1) this.beta.fill(0, this.starts[g], this.starts[g + 1]);
    }
  }

  /** Makes groups zero that are next to nothing. @returns whether there were any */
  private dropCollapsed(): boolean {
    let longest = 0;
    for (let g = 0; g < this.groups; g++) longest = Math.max(longest, this.groupLength(g));
    let bits = 0;
    for (let g = 0; g < this.groups; g++) {
      const length = this.groupLength(g);
      if (length > 0 && length < COLLAPSED * longest) bits |= 1 << g;
    }
    this.setZero(bits);
    return bits !== 0;
  }

  /** Sets `slope`, `gradient` and `value` at `beta`. @returns |gradient| */
  private evaluate(): number {
    const { matrix, linear, beta, slope, gradient, starts, groups, lambda } = this;
    const size = starts[groups]!;
    for (let i = 0; i < size; i++) {
      let sum = -linear[i]!;
      for (let j = 0; j < size; j++) sum += matrix[i * ROW + j]! * beta[j]!;
      slope[i] = sum;
    }
    let squares = 0;
    let value = 0;
    for (let g = 0; g < groups; g++) {
      const length = this.groupLength(g);
      value += lambda * length;
      for (let i = starts[g]!; i < starts[g + 1]!; i++) {
        value += (beta[i]! * (slope[i]! - linear[i]!)) / 2;
        const entry = length === 0 ? 0 : slope[i]! + (lambda * beta[i]!) / length;
        gradient[i] = entry;
        squares += entry * entry;
      }
    }
    this.value = value;
    this.gradientNorm = Math.sqrt(squares);
    return this.gradientNorm;
  }

  /** step = -Hessian^-1 gradient by L D L'. @returns false when the Hessian is not definite */
  private findStep(): boolean {
    const { matrix, beta, gradient, hessian, step, starts, groups, lambda } = this;
    const size = starts[groups]!;
    for (let i = 0; i < size; i++) {
      for (let j = 0; j <= i; j++) hessian[i * ROW + j] = matrix[i * ROW + j]!;
    }
    for (let g = 0; g < groups; g++) {
      const [first, end] = [starts[g]!, starts[g + 1]!];
      const length = this.groupLength(g);
      if (length === 0) {
        this.freeze(first, end);
      } else if (end - first === 2) {
        const [x, y] = [beta[first]! / length, beta[first + 1]! / length];
        const curvature = lambda / length;
        const at = first * ROW + first;
        hessian[at] = hessian[at]! + curvature * y * y;
        hessian[at + ROW] = hessian[at + ROW]! - curvature * x * y;
        hessian[at + ROW + 1] = hessian[at + ROW + 1]! + curvature * x * x;
      }
    }
    for (let i = 0; i < size; i++) {
      let right = -gradient[i]!;
      for (let j = 0; j < i; j++) {
        let entry = hessian[i * ROW + j]!;
        for (let k = 0; k < j; k++) entry -= hessian[i * ROW + k]! * hessian[j * ROW + k]!;
        hessian[i * ROW + j] = entry;
      }
      let pivot = hessian[i * ROW + i]!;
      for (let j = 0; j < i; j++) {
        const scaled = hessian[i * ROW + j]! / hessian[j * ROW + j]!;
        pivot -= scaled * hessian[i * ROW + j]!;
        right -= scaled * step[j]!;
        hessian[i * ROW + j] = scaled;
      }
      if (!(pivot > 0)) return false;
      hessian[i * ROW + i] = pivot;
      step[i] = right;
    }
    for (let i = size - 1; i >= 0; i--) {
      let entry = step[i]! / hessian[i * ROW + i]!;
      for (let j = i + 1; j < size; j++) entry -= hessian[j * ROW + i]! * step[j]!;
      step[i] = entry;
    }
    return true;
  }

  /** Rows and columns of a group that is zero become those of the identity. */
  private freeze(first: number, end: number): void {
    const { hessian, size } = this;
    for (let i = first; i < end; i++) {
      for (let j = 0; j < i; j++) hessian[i * ROW + j] = 0;
      for (let j = i; j < size; j++) hessian[j * ROW + i] = 0;
      hessian[i * ROW + i] = 1;
    }
  }

  /** The longest part of the step, at most 1, that keeps every group away from zero. */
  private longestStep(): number {
    const { beta, step, starts, groups } = this;
    let longest = 1;
    for (let g = 0; g < groups; g++) {
      let squares = 0;
      let product = 0;
      for (let i = starts[g]!; i < starts[g + 1]!; i++) {
        squares += beta[i]! * beta[i]!;
        product += beta[i]! * step[i]!;
      }
      // Along the old direction the group may shrink to LEAST_SHARE of its length.
      if (-product * longest > (1 - LEAST_SHARE) * squares) {
        longest = ((1 - LEAST_SHARE) * squares) / -product;
      }
    }
    return longest;
  }

  /** Exact minimum over group g, the others fixed; `slope` is kept up to date. */
  private minimizeGroup(g: number): void {
    const { matrix, beta, slope, starts, lambda, size } = this;
    const i = starts[g]!;
    const isPair = starts[g + 1]! - i === 2;
    const [a, b, d] = [
      matrix[i * ROW + i]!,
      isPair ? matrix[i * ROW + i + 1]! : 0,
      isPair ? matrix[(i + 1) * ROW + i + 1]! : 0,
    ];
    const [oldX, oldY] = [beta[i]!, isPair ? beta[i + 1]! : 0];
    const p = a * oldX + b * oldY - slope[i]!;
    const r = isPair ? b * oldX + d * oldY - slope[i + 1]! : 0;
    let [x, y] = [0, 0];
    if (Math.sqrt(p * p + r * r) > lambda) {
      if (isPair) [x, y] = shrink(a, b, d, p, r, lambda);
      else x = (p - Math.sign(p) * lambda) / a;
    }
    beta[i] = x;
    if (isPair) beta[i + 1] = y;
    for (let row = 0; row < size; row++) {
      slope[row]! += matrix[row * ROW + i]! * (x - oldX);
      if (isPair) slope[row]! += matrix[row * ROW + i + 1]! * (y - oldY);
    }
  }

  /** Whether a group is not zero, or is and satisfies the optimality condition. */
  private mayStay(g: number): boolean {
    const { slope, starts, lambda } = this;
    if (this.groupLength(g) > 0) return true;
    let squares = 0;
    for (let i = starts[g]!; i < starts[g + 1]!; i++) squares += slope[i]! * slope[i]!;
    return Math.sqrt(squares) <= lambda + this.tolerance;
  }
}

/**
 * The minimum of beta' A beta / 2 - (p, r)' beta + lambda |beta| for |(p, r)| > lambda: beta = t w,
 * w = (t A + lambda)^-1 (p, r), with the length t at which |w| = 1. 1/|w| is increasing and concave in t
 * (a power mean of linear functions), so Newton's method from t = 0 never overshoots.
 */
function shrink(
  a: number,
  b: number,
  d: number,
  p: number,
  r: number,
  lambda: number,
): [number, number] {
  let t = 0;
  for (let step = 0; ; step++) {
    const [ta, tb, td] = [t * a + lambda, t * b, t * d + lambda];
    const determinant = ta * td - tb * tb;
    const x = (td * p - tb * r) / determinant;
    const y = (ta * r - tb * p) / determinant;
    const length = Math.sqrt(x * x + y * y);
    const [ax, ay] = [a * x + b * y, b * x + d * y];
    const change =
      (x * (td * ax - tb * ay) + y * (ta * ay - tb * ax)) / (determinant * length ** 3);
    const next = t + (1 - 1 / length) / change;
    if (step === SECULAR_STEPS || !(next > t * (1 + 1e-15))) return [t * x, t * y];
    t = next;
  }
}
