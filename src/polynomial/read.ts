/**
 * From any accepted input to syntax trees: finds the format, runs the generated parser and turns
 * its complaints into one-line messages with a place.
 *
 * Formats: plain text, JSON `{ name?, variables?, equations: string[] }` (as text or as an
 * object; other fields are ignored), PHCpack's format, of which everything after the last
 * polynomial (solutions, timings) is ignored, and scripts for HomotopyContinuation.jl (julia.ts).
 */
import { parse, SyntaxError as ParserError } from '../generated/polynomial-parser.js';
import { locate, SystemError, SystemSyntaxError, type Source } from './errors.js';
import { isImaginaryUnit, isNotFinite } from './expand.js';
import { looksLikeJulia, resolveScript } from './julia.js';
import type { Expression, Statement } from './syntax.js';

export type SystemFormat = 'text' | 'json' | 'phc' | 'julia';

/** What a reader may be told beside the input. */
export interface ReadOptions {
  /** Default: JSON for objects and for text that begins with `{` or `[`, PHCpack's format when
   * the first line is one or two whole numbers, Julia when the first words are `using` or `@var`, else
   * plain text. */
  readonly format?: SystemFormat;
  /** Default: the name in the JSON, else "system". */
  readonly name?: string;
  /** The unknowns in order. Default: those the JSON declares, else by first appearance. */
  readonly variables?: readonly string[];
  /** Accept fewer equations than unknowns, for a solve with `slice`. Default false. */
  readonly underdetermined?: boolean;
}

/** An equation as a syntax tree, with what error messages need. */
export interface ReadEquation {
  readonly expression: Expression;
  readonly source: Source;
  /** "equation 2 (line 5)" or "equation 2" */
  readonly label: string;
}

export interface ReadSystem {
  readonly name: string;
  /** Undefined when the unknowns are to be taken by first appearance. */
  readonly declared: readonly string[] | undefined;
  /** Names that a script says are parameters. */
  readonly parameters?: readonly string[];
  readonly equations: readonly ReadEquation[];
}

/**
 * Reads the syntax of a system.
 *
 * @throws SystemSyntaxError for text that does not follow the grammar, with line and column
 * @throws SystemError codes json (wrong shape), empty-system, empty-equation, not-square (a
 *   PHCpack header that announces n polynomials in m != n unknowns)
 */
export function readSystem(input: string | object, options: ReadOptions): ReadSystem {
  if (typeof input !== 'string') {
    return readJsonObject(input, options);
  }
  const text = input.replace(/^\uFEFF/, '');
  switch (options.format ?? detectFormat(text)) {
    case 'json':
      return readJsonObject(parseJson(text), options);
    case 'phc':
      return readPhc(text, options);
    case 'julia':
      return readJulia(text, options);
    case 'text':
      return readText(text, options);
  }
}

/** All names of the equations by first appearance, cancelled terms included, as PHCpack does. */
export function symbolsByAppearance(equations: readonly ReadEquation[]): string[] {
  const symbols = new Set<string>();
  const visit = (expression: Expression): void => {
    switch (expression.kind) {
      case 'number':
        return;
      case 'symbol':
        if (!isImaginaryUnit(expression.name) && !isNotFinite(expression.name)) {
          symbols.add(expression.name);
        }
        return;
      case 'sum':
        expression.terms.forEach((term) => visit(term.expression));
        return;
      case 'product':
        expression.factors.forEach((factor) => visit(factor.expression));
        return;
      case 'power':
        visit(expression.base);
        visit(expression.exponent);
    }
  };
  equations.forEach(({ expression }) => visit(expression));
  return [...symbols];
}

function detectFormat(text: string): SystemFormat {
  if (/^\s*[{[]/.test(text)) {
    return 'json';
  }
  if (looksLikeJulia(text)) {
    return 'julia';
  }
  return /^\s*\d+([ \t]+\d+)?[ \t]*[\r\n]/.test(text) ? 'phc' : 'text';
}

function readText(text: string, options: ReadOptions): ReadSystem {
  const hasSemicolon = text.replace(/#[^\r\n]*/g, '').includes(';');
  const source = { text };
  const statements = attempt(source, () =>
    parse(text, { startRule: 'Text', statements: hasSemicolon ? 'semicolons' : 'lines' }),
  );
  return {
    name: options.name ?? 'system',
    declared: options.variables,
    equations: requireEquations(statements, source),
  };
}

function readPhc(text: string, options: ReadOptions): ReadSystem {
  const source = { text };
  const file = attempt(source, () => parse(text, { startRule: 'Phc' }));
  const read = {
    name: options.name ?? 'system',
    declared: options.variables,
    equations: requireEquations(file.statements, source),
  };
  const found = symbolsByAppearance(read.equations).length;
  const isWrong =
    file.equations !== file.statements.length ||
    (file.equations < file.unknowns && !options.underdetermined);
  if (isWrong || (!options.variables && found !== file.unknowns)) {
    throw new SystemError(
      'not-square',
      `line 1 announces ${file.equations} equations in ${file.unknowns} unknowns, and ${found} ` +
        'unknowns occur; at least as many equations as unknowns are needed: correct the header or the equations',
    );
  }
  return read;
}

function readJulia(text: string, options: ReadOptions): ReadSystem {
  const source = { text };
  const script = attempt(source, () => parse(text, { startRule: 'Julia' }));
  const { variables, parameters, statements } = resolveScript(script, source);
  return {
    name: options.name ?? 'system',
    declared: options.variables ?? variables,
    parameters,
    equations: requireEquations(statements, source),
  };
}

function readJsonObject(input: object, options: ReadOptions): ReadSystem {
  if (Array.isArray(input) || !('equations' in input)) {
    throw wrongShape('an object with "equations": ["x + y - 1", ...] was needed');
  }
  const { equations, variables, name } = input as Record<string, unknown>;
  if (!isStringArray(equations)) {
    throw wrongShape('"equations" must be a list of strings');
  }
  if (variables !== undefined && !isStringArray(variables)) {
    throw wrongShape('"variables" must be a list of strings');
  }
  if (name !== undefined && typeof name !== 'string') {
    throw wrongShape('"name" must be a string');
  }
  const read = equations.map((text, index) => {
    const source = { text, equation: index + 1 };
    const statement = attempt(source, () => parse(text, { startRule: 'Single' }));
    return requireExpression(statement, source, `equation ${index + 1}`);
  });
  if (read.length === 0) {
    throw emptySystem();
  }
  return {
    name: options.name ?? name ?? 'system',
    declared: options.variables ?? variables,
    equations: read,
  };
}

function requireEquations(statements: readonly Statement[], source: Source): ReadEquation[] {
  if (statements.length === 0) {
    throw emptySystem();
  }
  // Statements come in the order of the text: each line end is passed once.
  const lineEnds = /\r\n|\n|\r/g;
  let line = 1;
  return statements.map((statement, index) => {
    for (;;) {
      const before = lineEnds.lastIndex;
      if (!lineEnds.test(source.text) || lineEnds.lastIndex > statement.offset) {
        lineEnds.lastIndex = before;
        break;
      }
      line++;
    }
    return requireExpression(statement, source, `equation ${index + 1} (line ${line})`);
  });
}

function requireExpression(
  { expression, offset }: Statement,
  source: Source,
  label: string,
): ReadEquation {
  if (expression === null) {
    const message = `${label} is empty; write a polynomial or remove it`;
    throw new SystemError('empty-equation', message, locate(source, offset));
  }
  return { expression, source, label };
}

function emptySystem(): SystemError {
  return new SystemError('empty-system', 'the input has no equations; write one equation a line');
}

function wrongShape(message: string): SystemError {
  return new SystemError('json', `the JSON is not a polynomial system: ${message}`);
}

function isStringArray(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((entry) => typeof entry === 'string');
}

function parseJson(text: string): object {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // Engines word this error differently and mostly without a position: our grammar finds it.
    const place = locate({ text }, jsonErrorOffset(text));
    throw new SystemSyntaxError(
      'json',
      `${place.label}: broken JSON; correct its quotes, commas and brackets there`,
      place,
    );
  }
  if (typeof value !== 'object' || value === null) {
    throw wrongShape('an object with "equations": ["x + y - 1", ...] was needed');
  }
  return value;
}

function jsonErrorOffset(text: string): number {
  try {
    parse(text, { startRule: 'Json' });
  } catch (error) {
    if (error instanceof ParserError) {
      return error.location.start.offset;
    }
  }
  // Nested too deep for the recursive grammar: nothing better to point at than the end.
  return text.length;
}

function attempt<T>(source: Source, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof ParserError)) {
      throw error;
    }
    const place = locate(source, error.location.start.offset);
    throw new SystemSyntaxError('syntax', `${place.label}: ${explain(error, source)}`, place);
  }
}

/** Says what was expected and found, in the reader's words instead of the grammar's. */
function explain(error: ParserError, source: Source): string {
  if (error.expected === null) {
    return `${error.message}; simplify the expression`;
  }
  const wantsOperand = error.expected.some(
    (each) => each.type === 'other' && each.description === 'a number',
  );
  const character = error.found ?? '';
  const found = describeFound(character, source);
  if (wantsOperand) {
    return `expected a number, a name or "(" but found ${found}; complete the expression`;
  }
  const closing = new Set(
    error.expected.flatMap((each) => (each.type === 'literal' ? [each.text] : [])),
  );
  const missing = [')', ';'].filter((literal) => closing.has(literal));
  const wanted = ['an operator', ...missing.map((literal) => `"${literal}"`)].join(' or ');
  return `expected ${wanted} but found ${found}; ${remedyFor(character, missing)}`;
}

function describeFound(character: string, source: Source): string {
  if (character === '') {
    return source.equation === undefined ? 'the end of the input' : 'the end of the equation';
  }
  return /[\r\n]/.test(character) ? 'the end of the line' : `"${character}"`;
}

function remedyFor(found: string, missing: readonly string[]): string {
  if (/[\p{L}\p{N}_(]/u.test(found)) {
    return 'write products with * and end each equation before the next';
  }
  if (found === '^' || found === '*') {
    return 'powers do not chain, use parentheses';
  }
  if (found === '=') {
    return 'an equation has one =';
  }
  if (found === ')') {
    return 'remove it or open a parenthesis';
  }
  return missing[0] === undefined ? 'remove it' : `add the missing "${missing[0]}"`;
}
