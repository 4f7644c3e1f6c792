/** What is counted of solutions that go by. */
import { isDetermined, type Solution, type SolveResult } from './solution.js';

/** A point with a larger residual is hardly a solution. */
const LARGEST_RESIDUAL = 1e-6;

export class SolutionTally {
  private distinct = 0;
  private nonsingular = 0;
  private real = 0;
  /** Proved by interval arithmetic. */
  certified = 0;
  /** Nonsingular ones of which rounding decides whether they exist or are at infinity. */
  undetermined = 0;
  private beyond = 0;
  private doubtful = 0;

  add(solutions: Iterable<Solution>): this {
    for (const solution of solutions) {
      const { coordinates, singular, real, certified, residual } = solution;
      this.distinct++;
      if (!singular) this.nonsingular++;
      if (real) this.real++;
      if (certified) this.certified++;
      if (!singular && !isDetermined(solution)) this.undetermined++;
      if (coordinates.some((parts) => !Number.isFinite(parts[0]) || !Number.isFinite(parts[1])))
        this.beyond++;
      // Written so that NaN is doubtful.
      if (!(residual <= LARGEST_RESIDUAL)) this.doubtful++;
    }
    return this;
  }

  get counts(): SolveResult['counts'] {
    const { distinct, nonsingular, real } = this;
    return { distinct, nonsingular, real };
  }

  /** What is wrong with single solutions. */
  get warnings(): string[] {
    const { beyond, doubtful } = this;
    return [
      ...(beyond > 0
        ? [
            `${beyond} solutions have coordinates beyond the range of f64 (1.8e308), given as Infinity: choose larger units for the unknowns`,
          ]
        : []),
      ...(doubtful > 0
        ? [
            `${doubtful} solutions have residuals above ${LARGEST_RESIDUAL}: they may be false, and others missing`,
          ]
        : []),
    ];
  }
}
