/**
 * Writes the tables of docs/results/README.md from docs/results/benchmark.json, between its two marks.
 *
 *   node harness/run.mjs readme-tables           writes them
 *   node harness/run.mjs readme-tables --check   exit code 1 when they are not those of the file
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ExitCode } from '../../src/cli/errors.js';
import { markdownTable } from '../../src/experiments/markdown.js';
import type { BenchmarkResult, ComparisonRow } from '../generated/result.js';
import { root } from '../setup/paths.mjs';
import { adapterName, comparisonsOf, oursOf, readDocument, rowsOf } from './result/document.js';
import { milliseconds, significant } from './result/numbers.js';

export const BEGIN = '<!-- benchmark: begin (node harness/run.mjs readme-tables) -->';
export const END = '<!-- benchmark: end -->';

/** Peers of the columns, and rows that come first. */
const PEERS = ['tfjs webgpu', 'jax-js webgpu', 'phc -p', 'Macaulay2 track', 'one after another'];

/** The text between the marks. */
export function readmeTables(document: BenchmarkResult): string {
  const { adapter } = document.runtime;
  const clock = adapter.software ? 'cpu' : 'wall';
  const comparisons = comparisonsOf(rowsOf(document)).filter((row) =>
    row.ratios.some((ratio) => PEERS.includes(ratio.numerator)),
  );
  const ratioOf = (row: ComparisonRow, peer: string): string => {
    const ratio = row.ratios.find((entry) => entry.numerator === peer && entry.clock === clock);
    return ratio ? `${ratio.median.toFixed(1)}x${ratio.claimed ? '' : ' (uncertain)'}` : '';
  };
  const peers = PEERS.filter((peer) => comparisons.some((row) => ratioOf(row, peer) !== ''));
  const numbers = rowsOf(document)
    .filter((row) => row.kind === 'number')
    .filter(({ correct }) => correct);
  return [
    `\`lps bench\` on ${document.date.slice(0, 10)}: ${document.runtime.version}, ${adapterName(document)}${adapter.software ? ' (a software adapter)' : ''}, ${document.machine.processor}, ${document.machine.cores} cores; peers ${document.peers.map(({ name, version }) => `${name} ${version}`).join(', ')}. How many times longer than lps-webgpu the others took, ${clock === 'cpu' ? 'in CPU time of all the browser’s processes' : 'by the wall clock'}, medians of paired rounds:`,
    '',
    markdownTable(
      ['work', 'ours', ...peers],
      comparisons.map((row) => {
        const ours = oursOf(row);
        const time = clock === 'cpu' ? ours?.cpuMs : ours?.wallMs;
        return [
          row.title,
          time ? milliseconds(time.median) : (ours?.status ?? ''),
          ...peers.map((peer) => ratioOf(row, peer)),
        ];
      }),
    ),
    '',
    markdownTable(
      ['', 'value'],
      numbers.map(({ title, value, unit }) => [title, `${significant(value)} ${unit}`]),
    ),
  ].join('\n');
}

/**
 * README's text with the tables put in.
 *
 * @throws Error when the marks are missing
 */
export function withTables(readme: string, tables: string): string {
  const begin = readme.indexOf(BEGIN);
  const end = readme.indexOf(END);
  if (begin < 0 || end < begin)
    throw new Error(`docs/results/README.md needs the lines "${BEGIN}" and "${END}"`);
  return `${readme.slice(0, begin + BEGIN.length)}\n\n${tables}\n\n${readme.slice(end)}`;
}

/** Widths of table cells are the formatter's business. */
export function normalized(text: string): string {
  return text.replaceAll(/ *\| */g, '|').replaceAll(/:?-{3,}:?/g, '---');
}

export function main(words: readonly string[]): ExitCode {
  const path = join(root, 'docs', 'results', 'README.md');
  const readme = readFileSync(path, 'utf8');
  const document = readDocument(
    join(root, 'docs', 'results', 'benchmark.json'),
    'committed result',
  );
  const wanted = withTables(readme, readmeTables(document));
  if (!words.includes('--check')) {
    writeFileSync(path, wanted);
  } else if (normalized(wanted) !== normalized(readme)) {
    process.stderr.write(
      'the benchmark tables of docs/results/README.md are not those of docs/results/benchmark.json: run node harness/run.mjs readme-tables\n',
    );
    return ExitCode.failed;
  }
  return ExitCode.success;
}
