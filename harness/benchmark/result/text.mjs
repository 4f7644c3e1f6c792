/** The result as text for a terminal. */
import { rowsOf } from './document.mjs';
import { milliseconds, percent, ratioText, significant } from './numbers.mjs';

/** @returns {string[]} lines */
export function textReport(document, comparison) {
  const lines = [];
  for (const row of rowsOf(document)) {
    if (row.kind === 'number') {
      lines.push(
        `${row.id}  ${significant(row.value)} ${row.unit}${row.correct ? '' : '  WRONG RESULT'}`,
      );
      continue;
    }
    lines.push('', `${row.id}  ${row.title}`);
    const rows = row.contenders.map((contender) => [
      `  ${contender.name}`,
      ...(contender.status === 'measured'
        ? [
            milliseconds(contender.wallMs.median),
            contender.cpuMs ? `CPU ${milliseconds(contender.cpuMs.median)}` : '',
            contender.gpuMs ? `GPU ${milliseconds(contender.gpuMs.median)}` : '',
            contender.fractionOfPeak === undefined
              ? ''
              : `${percent(contender.fractionOfPeak)} of peak`,
            ...ratioColumns(row, contender.name),
          ]
        : [`${contender.status.toUpperCase()}: ${contender.reason}`]),
    ]);
    lines.push(...aligned(rows));
  }
  for (const { id, verdict, explanation } of comparison?.rows ?? [])
    lines.push(`baseline ${id}: ${verdict}, ${explanation}`);
  return lines;
}

function ratioColumns(row, name) {
  return ['wall', 'cpu'].map((clock) => {
    const ratio = row.ratios.find((entry) => entry.numerator === name && entry.clock === clock);
    return ratio ? `${clock} ${ratioText(ratio)}` : '';
  });
}

function aligned(rows) {
  const widths = [];
  for (const row of rows.filter(({ length }) => length > 2))
    row.forEach((cell, k) => (widths[k] = Math.max(widths[k] ?? 0, cell.length)));
  return rows.map((row) =>
    row
      .map((cell, k) => cell.padEnd(widths[k] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}
