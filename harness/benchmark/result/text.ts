/** The result as text for a terminal. */
import type { BenchmarkResult, ComparisonRow } from '../../generated/result.js';
import type { BaselineComparison } from './baseline.js';
import { rowsOf } from './document.js';
import { milliseconds, percent, ratioText, significant } from './numbers.js';

/** @returns lines */
export function textReport(
  document: BenchmarkResult,
  comparison: BaselineComparison | null,
): string[] {
  const lines: string[] = [];
  for (const row of rowsOf(document)) {
    if (row.kind === 'number') {
      lines.push(
        `${row.id}  ${significant(row.value)} ${row.unit}${row.correct ? '' : '  WRONG RESULT'}`,
      );
      continue;
    }
    lines.push('', `${row.id}  ${row.title}`);
    const rows = row.contenders.map((contender) => {
      const { status, reason, wallMs, cpuMs, gpuMs, fractionOfPeak } = contender;
      if (status !== 'measured' || !wallMs)
        return [`  ${contender.name}`, `${status.toUpperCase()}: ${reason ?? ''}`];
      return [
        `  ${contender.name}`,
        milliseconds(wallMs.median),
        cpuMs ? `CPU ${milliseconds(cpuMs.median)}` : '',
        gpuMs ? `GPU ${milliseconds(gpuMs.median)}` : '',
        fractionOfPeak === undefined ? '' : `${percent(fractionOfPeak)} of peak`,
        ...ratioColumns(row, contender.name),
      ];
    });
    lines.push(...aligned(rows));
  }
  for (const { id, verdict, explanation } of comparison?.rows ?? [])
    lines.push(`baseline ${id}: ${verdict}, ${explanation}`);
  return lines;
}

function ratioColumns(row: ComparisonRow, name: string): string[] {
  return (['wall', 'cpu'] as const).map((clock) => {
    const ratio = row.ratios.find((entry) => entry.numerator === name && entry.clock === clock);
    return ratio ? `${clock} ${ratioText(ratio)}` : '';
  });
}

function aligned(rows: readonly (readonly string[])[]): string[] {
  const widths: number[] = [];
  for (const row of rows.filter(({ length }) => length > 2))
    row.forEach((cell, k) => (widths[k] = Math.max(widths[k] ?? 0, cell.length)));
  return rows.map((row) =>
    row
      .map((cell, k) => cell.padEnd(widths[k] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}
