/**
 * What can be wrong with a description of a network, as one typed error.
 *
 * Its message is one line: where, what was needed, what was there, what to do. Callers decide on
 * `code` and never on text.
 */
import { LpsError } from '../math/lps-error.js';

/** One code per kind of bad description. */
export type NetworkErrorCode =
  /** Not an object with `input` and `layers`, or text that is not JSON. */
  | 'not-a-network'
  | 'unknown-layer'
  | 'unknown-field'
  | 'missing-field'
  /** A field's value is of the wrong kind or out of range. */
  | 'value'
  /** A layer does not fit the shape that reaches it. */
  | 'shape'
  /** A tensor or block has more numbers than a 32-bit index reaches. */
  | 'too-large'
  /** The command-line notation does not follow its grammar. */
  | 'notation';

/** Which place a NetworkError belongs to. */
export interface NetworkErrorPlace {
  /** "layers.3.body.1". */
  readonly layer?: string;
  /** "filters". */
  readonly field?: string;
  /** 1-based character of the notation. */
  readonly column?: number;
}

/** The description is not of a network; nothing was computed. */
export class NetworkError extends LpsError {
  override readonly name = 'NetworkError';
  override readonly kind = 'input';
  readonly code: NetworkErrorCode;
  /** Path of the layer at fault, such as "layers.3.body.1". */
  readonly layer: string | undefined;
  /** The field at fault. */
  readonly field: string | undefined;
  /** 1-based character of the notation at fault. */
  readonly column: number | undefined;

  /**
   * @param message one line: where, what was needed, what was there, what to do
   * @param place the layer, field or character at fault
   */
  constructor(code: NetworkErrorCode, message: string, place: NetworkErrorPlace = {}) {
    super(message);
    this.code = code;
    this.layer = place.layer;
    this.field = place.field;
    this.column = place.column;
  }
}
