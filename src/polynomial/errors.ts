/**
 * What can be wrong with a polynomial system, as typed errors with one-line messages.
 *
 * Every message says what was found, where, and what to do. Callers that only want to know
 * "bad input or bug?" test for `SystemError`; `code` tells the cases apart without reading text.
 */
import { LpsError } from '../math/lps-error.js';

/** One code per row of bad input. */
export type SystemErrorCode =
  | 'syntax'
  | 'json'
  | 'empty-system'
  | 'no-variables'
  | 'variable-name'
  | 'too-many-variables'
  | 'not-square'
  | 'unknown-symbol'
  | 'empty-equation'
  | 'zero-equation'
  | 'constant-equation'
  | 'coefficient'
  | 'degree'
  | 'exponent'
  | 'division'
  | 'too-many-terms'
  | 'parameters'
  | 'not-writable';

/** A piece of text that was parsed on its own. */
export interface Source {
  readonly text: string;
  /** 1-based number of the equation when the text is one equation of a JSON list. */
  readonly equation?: number;
}

/** A place in a source, 1-based. */
export interface Place {
  readonly line: number;
  readonly column: number;
  /** The line and, under it, a caret below the column. */
  readonly excerpt: string;
  /** "line 2, column 5", or "equation 3, column 5" for an equation of a JSON list. */
  readonly label: string;
}

/** Longest piece of a line that an excerpt shows. */
const EXCERPT_WIDTH = 76;

/**
 * Finds line and column of an offset.
 *
 * @param offset UTF-16 units from the start of the text, 0 <= offset <= text.length
 */
export function locate(source: Source, offset: number): Place {
  const before = source.text.slice(0, offset).split(/\r\n|\n|\r/);
  const line = before.length;
  const column = (before.at(-1) ?? '').length + 1;
  const content = source.text.split(/\r\n|\n|\r/)[line - 1] ?? '';
  const from = Math.max(
    0,
    Math.min(column - 1 - EXCERPT_WIDTH / 2, content.length - EXCERPT_WIDTH),
  );
  const shown = content.slice(from, from + EXCERPT_WIDTH).replaceAll('\t', ' ');
  const where = source.equation === undefined ? '' : `equation ${source.equation}, `;
  return {
    line,
    column,
    excerpt: `${shown}\n${' '.repeat(column - 1 - from)}^`,
    label:
      source.equation !== undefined && line === 1
        ? `${where}column ${column}`
        : `${where}line ${line}, column ${column}`,
  };
}

/** The input is not a system that can be solved; nothing was computed. */
export class SystemError extends LpsError {
  override readonly name: string = 'SystemError';
  override readonly kind = 'input';
  readonly code: SystemErrorCode;
  /** 1-based line, when the error belongs to a place in a text. */
  readonly line: number | undefined;
  /** 1-based column, when the error belongs to a place in a text. */
  readonly column: number | undefined;
  /** The offending line with a caret under the column; not part of the one-line message. */
  readonly excerpt: string | undefined;

  /**
   * @param message one line: what, where, what to do
   * @param place where in the text, if anywhere
   */
  constructor(code: SystemErrorCode, message: string, place?: Place) {
    super(message);
    this.code = code;
    this.line = place?.line;
    this.column = place?.column;
    this.excerpt = place?.excerpt;
  }
}

/** The text does not follow the grammar; line, column and excerpt are always there. */
export class SystemSyntaxError extends SystemError {
  override readonly name = 'SystemSyntaxError';
  declare readonly line: number;
  declare readonly column: number;
  declare readonly excerpt: string;

  constructor(code: 'syntax' | 'json', message: string, place: Place) {
    super(code, message, place);
  }
}
