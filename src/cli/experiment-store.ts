/** Results of experiments on disk: DIR/NAME.jsonl, with its report and pictures beside it. */
import { createHash } from 'node:crypto';
import { appendFileSync, existsSync, readFileSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import {
  definitionText,
  ExperimentError,
  formatHeader,
  formatResults,
  parseResults,
  type CellResult,
  type Experiment,
  type RejectedLine,
  type StoredResults,
} from '../experiments/index.js';
import { lock } from './file-lock.js';
import { makeFolder } from './make-folder.js';
import { plural } from './numbers.js';
import { writeOutput, type ResultFiles } from './output.js';
import { violation } from './record-schema.js';

/** Enough of a SHA-256 to tell definitions apart. */
const DIGEST_LENGTH = 16;

/** An open results file. */
export interface ExperimentStore {
  readonly path: string;
  /** What it holds so far. */
  readonly results: readonly CellResult[];
  /** What should be told: lines that were set aside. */
  readonly notes: readonly string[];
  /** Adds lines; the file is never rewritten. */
  append(results: readonly CellResult[], files: ResultFiles): void;
}

/** Digest of what the experiment is. */
export function definitionDigest(experiment: Experiment): string {
  return createHash('sha256')
    .update(definitionText(experiment))
    .digest('hex')
    .slice(0, DIGEST_LENGTH);
}

/**
 * Opens or begins the results of an experiment, for this process alone. Lines that are no results of it go to
 * NAME.rejected.jsonl; their cells are run again.
 *
 * @param options.fresh begins anew: what is there is lost
 * @throws ExperimentError when the file holds results of another definition
 * @throws UsageError while another run keeps the file
 * @throws OutputError when the folder cannot be written to
 */
export async function openExperimentStore(
  folder: string,
  experiment: Experiment,
  options: { readonly version: string; readonly fresh?: boolean },
): Promise<ExperimentStore> {
  const path = join(folder, `${experiment.name}.jsonl`);
  const definition = definitionDigest(experiment);
  const header = { experiment: experiment.name, definition, version: options.version };
  const notes: string[] = [];
  let results: readonly CellResult[] = [];
  makeFolder(folder);
  lock(path);
  if (existsSync(path) && options.fresh !== true) {
    const rejected: RejectedLine[] = [];
    const read = readResults(path, experiment, (line) => rejected.push(line));
    results = read.results;
    if (rejected.length > 0) {
      const aside = join(folder, `${experiment.name}.rejected.jsonl`);
      appendFileSync(aside, rejected.map(({ text }) => `${text}\n`).join(''));
      await writeOutput(path, formatHeader(read.header) + formatResults(results));
      const [{ line, reason }] = rejected as [RejectedLine];
      notes.push(
        `${plural(rejected.length, 'line')} of "${path}" set aside in "${aside}" (line ${line} ${reason}); their cells are run again`,
      );
    } else {
      // Drops a last line that was cut off.
      truncateSync(path, Buffer.byteLength(read.text));
    }
  } else {
    await writeOutput(path, formatHeader(header));
  }
  return {
    path,
    results,
    notes,
    append: (more, files) => {
      files.append(path, formatResults(more));
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
  return [...readResults(path, experiment).results];
}

/** @throws ExperimentError when they are of another definition, or a line is no result and nobody takes it */
function readResults(
  path: string,
  experiment: Experiment,
  onRejected?: (line: RejectedLine) => void,
): StoredResults {
  const { resultSchema } = experiment;
  const stored = parseResults(readFileSync(path, 'utf8'), path, {
    ...(resultSchema && { check: (value) => violation(resultSchema, value) }),
    ...(onRejected && { onRejected }),
  });
  const { header } = stored;
  const definition = definitionDigest(experiment);
  if (header.experiment !== experiment.name || header.definition !== definition) {
    throw new ExperimentError(
      `"${path}" holds results of another definition (${header.experiment} ${header.definition}, version ${header.version}; this is ${experiment.name} ${definition}): use --fresh to begin anew, or another --out`,
    );
  }
  return stored;
}

/** Writes the report and its pictures; returns their paths, the report first. */
export async function writeExperimentReport(
  folder: string,
  experiment: Experiment,
  results: readonly CellResult[],
  files: ResultFiles,
): Promise<string[]> {
  const { markdown, pictures } = await experiment.report(results);
  const report = new Map([
    [`${experiment.name}.md`, markPartial(markdown, experiment, results.length)],
    ...pictures,
  ]);
  for (const [name, content] of report) await files.write(join(folder, name), content);
  return [...report.keys()].map((name) => join(folder, name));
}

/** Says below the heading how much of the table has results, while that is not all of it. */
function markPartial(markdown: string, { name, batches }: Experiment, done: number): string {
  const total = batches.reduce((sum, { cells }) => sum + cells.length, 0);
  if (done >= total) return markdown;
  const note = `**Partial: ${done} of ${total} cells have results; \`lps experiment ${name}\` with the same --out goes on.**`;
  return markdown.replace('\n\n', `\n\n${note}\n\n`);
}
