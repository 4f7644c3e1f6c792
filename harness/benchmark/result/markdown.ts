/** The result as Markdown. */
import { markdownTable, markdownText } from '../../../src/experiments/markdown.js';
import type { BenchmarkResult } from '../../generated/result.js';
import type { BaselineComparison } from './baseline.js';
import { comparisonsOf } from './document.js';
import {
  CALLS_LEGEND,
  baselineTable,
  comparisonTable,
  environmentTable,
  numberTable,
  type Table,
} from './tables.js';

/** What every report says of its numbers. */
export function explanation({ runtime }: BenchmarkResult): string {
  const clock = runtime.adapter.software ? 'CPU time of all the browser’s processes' : 'wall time';
  return `Medians [range] of one repetition, in paired rounds in random order. A ratio is how many times longer than lps-webgpu it took in the same round, with the 95% bootstrap interval of its median; * marks those that are claimed (by ${clock}): over what runs on the same adapter or is aimed at, with an interval narrow enough. Results were compared with the truth before anything was timed. Calls: ${CALLS_LEGEND} per repetition.`;
}

export function markdown(document: BenchmarkResult, comparison: BaselineComparison | null): string {
  const lines = ['# Benchmark', ''];
  if (document.runtime.adapter.software)
    lines.push(
      '**Software adapter**: a CPU computes everything. Ratios mean something, times do not, and CPU backends win.',
      '',
    );
  lines.push(explanation(document), '', table(environmentTable(document)), '');
  for (const { name, status, errors, rows } of document.suites) {
    lines.push(`## ${markdownText(name)}${status === 'complete' ? '' : ` (${status})`}`, '');
    if (errors.length > 0) lines.push(`Errors: ${markdownText(errors.join('; '))}`, '');
    for (const row of comparisonsOf(rows))
      lines.push(
        `### ${markdownText(row.id)}`,
        '',
        markdownText(row.title),
        '',
        table(comparisonTable(row)),
        '',
      );
    const numbers = rows.filter((row) => row.kind === 'number');
    if (numbers.length > 0) lines.push(table(numberTable(numbers)), '');
  }
  if (comparison)
    lines.push(
      `## Against the baseline of ${markdownText(comparison.date)}`,
      '',
      table(baselineTable(comparison)),
      '',
    );
  return lines.join('\n');
}

function table({ head, rows }: Table): string {
  return markdownTable(head, rows);
}
