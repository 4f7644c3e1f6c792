/**
 * The syntax trees that the generated parser (notation.peggy) makes of the notation of networks.
 * Offsets count UTF-16 units from the start of the text and are what error messages point at.
 */

export interface NotationSyntax {
  /** What stands before a colon, or null. */
  readonly input: readonly number[] | null;
  readonly items: readonly NotationItem[];
}

export type NotationItem =
  /** A number on its own: a dense layer of that many units. */
  | { readonly kind: 'units'; readonly units: number; readonly offset: number }
  | NotationCall
  | {
      readonly kind: 'residual';
      readonly body: readonly NotationItem[];
      readonly shortcut: readonly NotationItem[];
      readonly offset: number;
    }
  | {
      readonly kind: 'repeat';
      readonly times: number;
      readonly items: readonly NotationItem[];
      readonly offset: number;
    };

/** name(arguments) */
export interface NotationCall {
  readonly kind: 'call';
  readonly name: string;
  readonly arguments: readonly NotationArgument[];
  readonly offset: number;
}

export interface NotationArgument {
  /** What stands before "=", or null. */
  readonly key: string | null;
  /** A number, a word, or sizes joined by "x". */
  readonly value: number | string | readonly number[];
  readonly offset: number;
}
