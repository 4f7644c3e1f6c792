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

/**
 * Reads a results file; a last line without its end was cut off and is left out.
 *
 * @param name of the file, for messages
 * @throws ExperimentError for lines that are no results, or another schema
 */
export function parseResults<R extends CellResult = CellResult>(
  content: string,
  name: string,
): StoredResults<R> {
  const text = content.slice(0, content.lastIndexOf('\n') + 1);
  const values = text
    .split('\n')
    .slice(0, -1)
    .map((line, index): unknown => {
      try {
        return JSON.parse(line);
      } catch {
        throw new ExperimentError(
          `line ${index + 1} of "${name}" is not JSON: mend or delete the file`,
        );
      }
    });
  const header = values[0] as Partial<ResultsHeader> | undefined;
  if (header?.schemaVersion !== SCHEMA_VERSION || typeof header.definition !== 'string') {
    throw new ExperimentError(
      `"${name}" does not begin with the header of experiment results of schema ${SCHEMA_VERSION}: name another folder, or use --fresh`,
    );
  }
  const results = values.slice(1) as R[];
  const wrong = results.findIndex((result) => typeof result.cell !== 'string');
  if (wrong >= 0) {
    throw new ExperimentError(`line ${wrong + 2} of "${name}" names no cell: delete the line`);
  }
  return { header: header as ResultsHeader, results, text };
}
