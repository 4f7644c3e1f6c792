/**
 * What a linear product structure is, and the errors that speak about one.
 *
 * Equation i of the start system is a product of linear forms; the structure records only which
 * variables each form has. The constant is in every form. The number of factors of equation i is
 * the degree of that equation in the homotopy, group by group: at least the degree of f_i in the group.
 *
 * Source: Verschelde & Cools, "Symbolic homotopy construction", AAECC 4 (1993), set structures.
 */
import { LpsError } from '../../math/lps-error.js';

/** structure[equation][factor] = the variable indices (0-based, ascending, not empty) of that linear factor. */
export type ProductStructure = readonly (readonly (readonly number[])[])[];

/** exponents[equation][term][variable]: the support of a system, coefficients left out. */
export type SystemExponents = readonly (readonly (readonly number[])[])[];

/** The start system a solve uses, decided before any coefficient is drawn. */
export interface StartPlan {
  readonly kind: 'total-degree' | 'multihomogeneous' | 'lps';
  /** The factors; full sets for total degree. */
  readonly structure: ProductStructure;
  /**
   * The projective space of each group of variables; together they cover all. Every set lies in one group: the
   * partition when multihomogeneous, one group for total degree, the finest such groups otherwise.
   */
  readonly groups: readonly (readonly number[])[];
  /** Exact number of start solutions. */
  readonly paths: bigint;
  /** True: g_i = x_i^{d_i} - c_i (total degree only); false: products of linear factors. */
  readonly univariate: boolean;
}

/** A structure is malformed or does not fit the system. */
export class StructureError extends LpsError {
  override readonly name = 'StructureError';
  override readonly kind = 'input';
  /** 0-based equation, when one is to blame. */
  readonly equation: number | undefined;
  /** Exponents of the monomial that cannot be placed, when that is the reason. */
  readonly monomial: readonly number[] | undefined;

  constructor(message: string, equation?: number, monomial?: readonly number[]) {
    super(message);
    this.equation = equation;
    this.monomial = monomial;
  }
}

/** A start has more paths than can be addressed or tracked. */
export class TrackingLimitError extends LpsError {
  override readonly name = 'TrackingLimitError';
  override readonly kind = 'limit';
  readonly paths: bigint;
  readonly limit: bigint;

  constructor(paths: bigint, limit: bigint) {
    super(
      `The start system has ${paths} paths, more than the ${limit} that can be tracked in one solve. ` +
        'Give a structure or partition with a smaller count, or remove variables that can be eliminated.',
    );
    this.paths = paths;
    this.limit = limit;
  }
}

/** The linear forms of a start solution are singular with the coefficients drawn. */
export class StartSolutionError extends LpsError {
  override readonly name = 'StartSolutionError';
  override readonly kind = 'internal';
  readonly pathId: number;

  constructor(pathId: number) {
    super(
      `The linear forms of path ${pathId} are singular with these start coefficients. ` +
        'Redraw the equation that checkStartSolution names, or use another seed.',
    );
    this.pathId = pathId;
  }
}

/**
 * Refuses a plan with too many paths; path ids are u32 on the GPU.
 *
 * @throws TrackingLimitError with both numbers
 */
export function assertTrackable(
  plan: Pick<StartPlan, 'paths'>,
  limit: bigint | number = 0xffffffff,
): void {
  const bound = BigInt(limit);
  if (plan.paths > bound) throw new TrackingLimitError(plan.paths, bound);
}

/** x1^2*x3 for [2, 0, 1]; names default to x1, x2, ... */
export function formatMonomial(
  exponents: readonly number[],
  variables?: readonly string[],
): string {
  const powers: string[] = [];
  exponents.forEach((exponent, variable) => {
    const name = variables?.[variable] ?? `x${variable + 1}`;
    if (exponent === 1) powers.push(name);
    else if (exponent > 1) powers.push(`${name}^${exponent}`);
  });
  return powers.length === 0 ? '1' : powers.join('*');
}
