/** Files of a run: the document as it grows, the reports at the end. */
import { accessSync, appendFileSync, constants, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { BenchmarkUsageError } from '../host/guest-errors.mjs';
import { githubAction } from './github-action.mjs';
import { appendHistory, readHistory } from './history.mjs';
import { html } from './html.mjs';
import { markdown } from './markdown.mjs';

/**
 * Makes the folder and finds out whether it can be written to, before anything is measured.
 * @throws {BenchmarkUsageError}
 */
export function openOutput({ file, out, makeFolder }) {
  const path = file ?? join(out, 'benchmark.json');
  const folder = dirname(path);
  const beside = (ending) => join(folder, basename(path, '.json') + ending);
  const history = join(folder, 'history.jsonl');
  try {
    makeFolder(folder);
    accessSync(folder, constants.W_OK);
    // Root may write anywhere, says access; a file system that is read-only still refuses.
    appendFileSync(history, '');
  } catch (error) {
    throw new BenchmarkUsageError(`cannot write into the folder "${folder}": ${error.message}`);
  }
  return {
    writeDocument(document) {
      writeFileSync(path, `${JSON.stringify(document, null, 1)}\n`);
    },
    writeReports(document, comparison) {
      this.writeDocument(document);
      appendHistory(history, document);
      writeFileSync(beside('.md'), markdown(document, comparison));
      writeFileSync(beside('.html'), html(document, comparison, readHistory(history)));
      writeFileSync(
        join(folder, 'github-action.json'),
        `${JSON.stringify(githubAction(document), null, 1)}\n`,
      );
    },
    note(note) {
      note(`written: ${path}, ${beside('.html')}, ${beside('.md')}`);
    },
  };
}
