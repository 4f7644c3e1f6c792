/** Files of a run: the document as it grows, the reports at the end. */
import { accessSync, appendFileSync, constants } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { UsageError } from '../../../src/cli/errors.js';
import { makeFolder } from '../../../src/cli/make-folder.js';
import { checkCharts, writeOutput } from '../../../src/cli/output.js';
import type { BenchmarkResult } from '../../generated/result.js';
import type { BaselineComparison } from './baseline.js';
import { githubAction } from './github-action.js';
import { appendHistory, readHistory } from './history.js';
import { html } from './html.js';
import { markdown } from './markdown.js';

export class Output {
  readonly #path: string;
  readonly #history: string;

  /**
   * Makes the folder and finds out whether it can be written to, before anything is measured.
   *
   * @param file the document's name; without one it is benchmark.json in the folder `out`
   * @throws UsageError
   */
  constructor({ file, out }: { readonly file?: string; readonly out: string }) {
    checkCharts();
    this.#path = file ?? join(out, 'benchmark.json');
    const folder = dirname(this.#path);
    this.#history = join(folder, 'history.jsonl');
    try {
      makeFolder(folder);
      accessSync(folder, constants.W_OK);
      // Root may write anywhere, says access; a file system that is read-only still refuses.
      appendFileSync(this.#history, '');
    } catch (error) {
      throw new UsageError(`cannot write into the folder "${folder}": ${(error as Error).message}`);
    }
  }

  async writeDocument(document: BenchmarkResult): Promise<void> {
    await writeJson(this.#path, document);
  }

  async writeReports(
    document: BenchmarkResult,
    comparison: BaselineComparison | null,
  ): Promise<void> {
    await this.writeDocument(document);
    appendHistory(this.#history, document);
    await writeOutput(this.#beside('.md'), markdown(document, comparison));
    const page = await html(document, comparison, readHistory(this.#history));
    await writeOutput(this.#beside('.html'), page);
    await writeJson(join(dirname(this.#path), 'github-action.json'), githubAction(document));
  }

  /** What was written, in words. */
  get description(): string {
    return `written: ${this.#path}, ${this.#beside('.html')}, ${this.#beside('.md')}`;
  }

  #beside(ending: string): string {
    return join(dirname(this.#path), basename(this.#path, '.json') + ending);
  }
}

async function writeJson(path: string, value: unknown): Promise<void> {
  await writeOutput(path, `${JSON.stringify(value, null, 1)}\n`);
}
