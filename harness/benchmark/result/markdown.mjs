/** The result as Markdown. */
import {
  CALLS_LEGEND,
  baselineTable,
  comparisonTable,
  environmentTable,
  numberTable,
} from './tables.mjs';

/** What every report says of its numbers. */
export function explanation({ runtime }) {
  const clock = runtime.adapter.software ? 'CPU time of all the browser’s processes' : 'wall time';
  return `Medians [range] of one repetition, in paired rounds in random order. A ratio is how many times longer than lps-webgpu it took in the same round, with the 95% bootstrap interval of its median; * marks those that are claimed (by ${clock}): over what runs on the same adapter or is aimed at, with an interval narrow enough. Results were compared with the truth before anything was timed. Calls: ${CALLS_LEGEND} per repetition.`;
}

/** @returns {string} */
export function markdown(document, comparison) {
  const lines = ['# Benchmark', ''];
  if (document.runtime.adapter.software)
    lines.push(
      '**Software adapter**: a CPU computes everything. Ratios mean something, times do not, and CPU backends win.',
      '',
    );
  lines.push(explanation(document), '', ...markdownTable(environmentTable(document)), '');
  for (const { name, status, errors, rows } of document.suites) {
    lines.push(`## ${name}${status === 'complete' ? '' : ` (${status})`}`, '');
    if (errors.length > 0) lines.push(`Errors: ${errors.join('; ')}`, '');
    for (const row of rows.filter(({ kind }) => kind === 'comparison'))
      lines.push(`### ${row.id}`, '', row.title, '', ...markdownTable(comparisonTable(row)), '');
    const numbers = rows.filter(({ kind }) => kind === 'number');
    if (numbers.length > 0) lines.push(...markdownTable(numberTable(numbers)), '');
  }
  if (comparison)
    lines.push(
      `## Against the baseline of ${comparison.date}`,
      '',
      ...markdownTable(baselineTable(comparison)),
      '',
    );
  return lines.join('\n');
}

/** @param {import('./tables.mjs').Table} table @returns {string[]} */
export function markdownTable({ head, rows }) {
  const line = (cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map((_, k) => (k === 0 ? '---' : '---:'))), ...rows.map(line)];
}
