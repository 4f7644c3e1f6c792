/** Files of a run: the document as it grows, the reports at the end. */
import { accessSync, appendFileSync, constants } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { UsageError } from '../../../src/cli/errors.js';
import { makeFolder } from '../../../src/cli/make-folder.js';
import { checkCharts, ResultFiles } from '../../../src/cli/output.js';
import type { BenchmarkResult } from '../../generated/result.js';
import type { BaselineComparison } from './baseline.js';
import { githubAction } from './github-action.js';
import { historyEntry, readHistory } from './history.js';
import { html } from './html.js';
import { markdown } from './markdown.js';

export class Output {
  readonly #path: string;
  readonly #history: string;
  readonly #files = new ResultFiles();

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
    await this.#writeJson(this.#path, document);
  }

  async writeReports(
    document: BenchmarkResult,
    comparison: BaselineComparison | null,
  ): Promise<void> {
    await this.writeDocument(document);
    this.#files.append(this.#history, `${JSON.stringify(historyEntry(document))}\n`);
    await this.#files.write(this.#beside('.md'), markdown(document, comparison));
    const page = await html(document, comparison, readHistory(this.#history));
    await this.#files.write(this.#beside('.html'), page);
    await this.#writeJson(join(dirname(this.#path), 'github-action.json'), githubAction(document));
  }

  /** What was written, in words. */
  get description(): string {
    return `written: ${this.#path}, ${this.#beside('.html')}, ${this.#beside('.md')}`;
  }

  /** Whether everything is where it should be so far; else the result is to go to standard output. */
  get isComplete(): boolean {
    return this.#files.isComplete;
  }

  /** @throws JobError naming every file that could not be written */
  finish(): void {
    this.#files.finish();
  }

  #writeJson(path: string, value: unknown): Promise<void> {
    return this.#files.write(path, `${JSON.stringify(value, null, 1)}\n`);
  }

  #beside(ending: string): string {
    return join(dirname(this.#path), basename(this.#path, '.json') + ending);
  }
}
