/** Numbers as people read them. */
import type { RatioRecord } from '../../generated/result.js';

/** Three significant digits, without an exponent between 0.001 and 10 million. */
export function significant(value: number): string {
  if (value === 0) return '0';
  const size = Math.abs(value);
  if (size < 1e-3 || size >= 1e7) return value.toExponential(2);
  const decimals = Math.max(0, 2 - Math.floor(Math.log10(size)));
  return value.toLocaleString('en-US', {
    minimumFractionDigits: decimals,
    maximumFractionDigits: decimals,
  });
}

export function milliseconds(value: number): string {
  return `${significant(value)} ms`;
}

export function percent(share: number): string {
  return `${(100 * share).toFixed(share < 0.1 ? 1 : 0)}%`;
}

/** `6.2x [5.9, 6.5]`; a star marks a ratio that is claimed. */
export function ratioText({ median, low, high, claimed }: RatioRecord): string {
  const digits = median < 10 ? 2 : 1;
  const [middle, from, to] = [median, low, high].map((value) => value.toFixed(digits));
  return `${middle}x [${from}, ${to}]${claimed ? '*' : ''}`;
}
