/**
 * Results as JSON lines: a header that pins the definition, then a line per finished cell. Lines
 * are only ever appended, so that a run that is killed loses nothing but its last batch.
 */
import { ExperimentError, type CellResult } from './experiment.js';

const SCHEMA_VERSION = 1;

/** The first line. */
export interface ResultsHeader {
  readonly schemaVersion: number;
  readonly experiment: string;
  /** Digest of the definition. */
  readonly definition: string;
  /** Of the package. */
  readonly version: string;
}

export interface StoredResults<R extends CellResult = CellResult> {
  readonly header: ResultsHeader;
  readonly results: readonly R[];
  /** The text without a last line that was cut off. */
  readonly text: string;
}

/** The header's line. */
export function formatHeader(header: Omit<ResultsHeader, 'schemaVersion'>): string {
  return `${JSON.stringify({ schemaVersion: SCHEMA_VERSION, ...header })}\n`;
}

/** The results' lines. */
export function formatResults(results: readonly CellResult[]): string {
  return results.map((result) => `${JSON.stringify(result)}\n`).join('');
}

/** A line of a results file that is no result. */
export interface RejectedLine {
  /** From 1. */
  readonly line: number;
  readonly text: string;
  /** What is wrong with it. */
  readonly reason: string;
}

export interface ParseResultsOptions {
  /** What is wrong with a value that is no result of this experiment, null for one that is. */
  readonly check?: (value: unknown) => string | null;
  /** Takes lines that are no results; without it they are errors. */
  readonly onRejected?: (line: RejectedLine) => void;
}

/**
 * Reads a results file; a last line without its end was cut off and is left out.
 *
 * @param name of the file, for messages
 * @throws ExperimentError for lines that are no results, or another schema
 */
export function parseResults<R extends CellResult = CellResult>(
  content: string,
  name: string,
  { check = () => null, onRejected }: ParseResultsOptions = {},
): StoredResults<R> {
  const text = content.slice(0, content.lastIndexOf('\n') + 1);
  const [first = '', ...lines] = text.split('\n').slice(0, -1);
  const header = valueOf(first) as Partial<ResultsHeader> | null | undefined;
  if (header?.schemaVersion !== SCHEMA_VERSION || typeof header.definition !== 'string') {
    throw new ExperimentError(
      `"${name}" does not begin with the header of experiment results of schema ${SCHEMA_VERSION}: name another folder, or use --fresh`,
    );
  }
  const results: R[] = [];
  lines.forEach((line, index) => {
    const value = valueOf(line);
    const reason = whyNoResult(value) ?? check(value);
    if (reason === null) results.push(value as R);
    else if (onRejected) onRejected({ line: index + 2, text: line, reason });
    else {
      throw new ExperimentError(
        `line ${index + 2} of "${name}" ${reason}: delete the line; its cell is then run again`,
      );
    }
  });
  return { header: header as ResultsHeader, results, text };
}

function whyNoResult(value: unknown): string | null {
  if (value === undefined) return 'is not JSON';
  const { cell } = (value ?? {}) as Partial<CellResult>;
  return typeof cell === 'string' ? null : 'names no cell';
}

/** Undefined for what is not JSON. */
function valueOf(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
