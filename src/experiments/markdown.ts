/** Tables and numbers of the experiments' reports. */
import { wilsonInterval } from '../liveness/index.js';
import { interval95, rounded, spreadOf } from './statistics.js';

/** Text as GitHub shows it: no HTML, no table's bar, no code; one line. */
export function markdownText(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('|', '\\|')
    .replaceAll('`', '\\`')
    .replaceAll(/\s*[\r\n]+\s*/g, ' ');
}

/** A GitHub table; the first column is text, the others are numbers. Cells are text. */
export function markdownTable(
  titles: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  const line = (cells: readonly string[]): string => `| ${cells.map(markdownText).join(' | ')} |`;
  const rule = titles.map((_, column) => (column === 0 ? '---' : '---:'));
  return [line(titles), line(rule), ...rows.map(line)].join('\n');
}

/** "12 of 100 (7.0-19.8%)": a count with Wilson's 95% interval. */
export function countText(count: number, of: number): string {
  const [low, high] = wilsonInterval(count, of);
  return `${count} of ${of} (${percent(low)}-${percent(high)}%)`;
}

/** "0.481 (0.470 to 0.492)": mean and 95% interval of the mean; in percent when scale is 100. */
export function meanText(
  values: readonly number[],
  scale = 1,
  digits = scale === 100 ? 1 : 3,
): string {
  const spread = spreadOf(values);
  if (spread === null) return '-';
  const text = (value: number): string =>
    (scale * value).toFixed(digits).replace(/^-([0.]+)$/, '$1');
  if (spread.count === 1) return text(spread.mean);
  const [low, high] = interval95(spread);
  return `${text(spread.mean)} (${text(low)} to ${text(high)})`;
}

/** A share in percent with one digit; tiny ones with two significant digits. */
export function percent(share: number): string {
  const value = 100 * share;
  return value > 0 && value < 0.1 ? String(Number(value.toPrecision(2))) : value.toFixed(1);
}

/** The middle value, or the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return rounded((sorted[Math.ceil(middle) - 1]! + sorted[Math.floor(middle)]!) / 2);
}
