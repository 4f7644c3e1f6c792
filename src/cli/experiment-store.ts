/** Results of experiments on disk: DIR/NAME.jsonl, with its report and pictures beside it. */
import { createHash } from 'node:crypto';
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  definitionText,
  ExperimentError,
  formatHeader,
  formatResults,
  parseResults,
  type CellResult,
  type Experiment,
} from '../experiments/index.js';
import { writeOutput } from './session.js';

/** Enough of a SHA-256 to tell definitions apart. */
const DIGEST_LENGTH = 16;

/** An open results file. */
export interface ExperimentStore {
  readonly path: string;
  /** What it holds so far. */
  readonly results: readonly CellResult[];
  append(results: readonly CellResult[]): void;
}

/** Digest of what the experiment is. */
export function definitionDigest(experiment: Experiment): string {
  return createHash('sha256')
    .update(definitionText(experiment))
    .digest('hex')
    .slice(0, DIGEST_LENGTH);
}

/**
 * Opens or begins the results of an experiment.
 *
 * @param options.fresh begins anew: what is there is lost
 * @throws ExperimentError when the file holds results of another definition
 * @throws UsageError when the folder cannot be written to
 */
export function openExperimentStore(
  folder: string,
  experiment: Experiment,
  options: { readonly version: string; readonly fresh?: boolean },
): ExperimentStore {
  const path = join(folder, `${experiment.name}.jsonl`);
  const definition = definitionDigest(experiment);
  let results: readonly CellResult[] = [];
  if (existsSync(path) && options.fresh !== true) {
    results = readExperimentResults(folder, experiment);
    // Drops a last line that was cut off.
    writeOutput(path, parseResults(readFileSync(path, 'utf8'), path).text);
  } else {
    const { version } = options;
    writeOutput(path, formatHeader({ experiment: experiment.name, definition, version }));
  }
  return {
    path,
    results,
    append: (more) => {
      appendFileSync(path, formatResults(more));
    },
  };
}

/**
 * The results in a folder.
 *
 * @throws ExperimentError when there are none, or they are of another definition
 */
export function readExperimentResults(folder: string, experiment: Experiment): CellResult[] {
  const path = join(folder, `${experiment.name}.jsonl`);
  if (!existsSync(path)) {
    throw new ExperimentError(
      `there are no results in "${path}": run "lps experiment ${experiment.name} --out ${folder}" first`,
    );
  }
  const { header, results } = parseResults(readFileSync(path, 'utf8'), path);
  const definition = definitionDigest(experiment);
  if (header.experiment !== experiment.name || header.definition !== definition) {
    throw new ExperimentError(
      `"${path}" holds results of another definition (${header.experiment} ${header.definition}, version ${header.version}; this is ${experiment.name} ${definition}): use --fresh to begin anew, or another --out`,
    );
  }
  return [...results];
}

/** Writes the report and its pictures; returns their paths, the report first. */
export async function writeExperimentReport(
  folder: string,
  experiment: Experiment,
  results: readonly CellResult[],
): Promise<string[]> {
  const { markdown, pictures } = await experiment.report(results);
  const files = new Map([
    [`${experiment.name}.md`, markPartial(markdown, experiment, results.length)],
    ...pictures,
  ]);
  return [...files].map(([name, content]) => {
    const path = join(folder, name);
    writeOutput(path, content);
    return path;
  });
}

/** Says below the heading how much of the table has results, while that is not all of it. */
function markPartial(markdown: string, { name, batches }: Experiment, done: number): string {
  const total = batches.reduce((sum, { cells }) => sum + cells.length, 0);
  if (done >= total) return markdown;
  const note = `**Partial: ${done} of ${total} cells have results; \`lps experiment ${name}\` with the same --out goes on.**`;
  return markdown.replace('\n\n', `\n\n${note}\n\n`);
}
