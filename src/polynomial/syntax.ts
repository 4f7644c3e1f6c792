/**
 * The syntax trees that the generated parser (grammar.peggy) makes of polynomial text.
 *
 * Numbers are still text: expansion turns them into exact rationals. Offsets count UTF-16 units
 * from the start of the parsed text and are what error messages point at.
 */

export type Expression =
  | { readonly kind: 'number'; readonly text: string; readonly offset: number }
  | { readonly kind: 'symbol'; readonly name: string; readonly offset: number }
  | { readonly kind: 'sum'; readonly terms: readonly SignedExpression[] }
  | { readonly kind: 'product'; readonly factors: readonly Factor[]; readonly offset: number }
  | {
      readonly kind: 'power';
      readonly base: Expression;
      readonly exponent: Expression;
      readonly offset: number;
    };

export interface SignedExpression {
  readonly negative: boolean;
  readonly expression: Expression;
}

export interface Factor {
  /** True for a factor after `/`. */
  readonly inverse: boolean;
  readonly expression: Expression;
}

/** One equation; null where a separator follows a separator. */
export interface Statement {
  readonly expression: Expression | null;
  readonly offset: number;
}

/** The part of a script for HomotopyContinuation.jl that this project reads. */
export interface JuliaScript {
  readonly steps: readonly (
    | { readonly kind: 'variables'; readonly names: readonly string[] }
    | {
        readonly kind: 'definition';
        readonly name: string;
        readonly expression: Expression;
        readonly offset: number;
      }
  )[];
  readonly statements: readonly Statement[];
  /** What System(...) declares. */
  readonly lists: readonly {
    readonly kind: 'variables' | 'parameters';
    readonly names: readonly string[];
  }[];
}

/** The part of a PHCpack file that this project reads: its header and its polynomials. */
export interface PhcFile {
  readonly equations: number;
  readonly unknowns: number;
  readonly statements: readonly Statement[];
}
