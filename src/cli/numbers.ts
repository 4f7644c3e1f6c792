/** Numbers as people read them. */

/** 12,225 */
export function count(value: number): string {
  return value.toLocaleString('en-US');
}

/** "1 path", "12,225 paths" */
export function plural(value: number, noun: string): string {
  return `${count(value)} ${noun}${value === 1 ? '' : 's'}`;
}

/** Milliseconds as "430 ms", "2.1 s", "3 min 5 s". */
export function duration(milliseconds: number): string {
  if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`;
  const seconds = milliseconds / 1000;
  if (seconds < 60) return `${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds)} s`;
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)} min ${whole % 60} s`;
}

/** Short form with `digits` significant digits: 0.5, -1.2345679, 3.2e-7. */
export function significant(value: number, digits = 8): string {
  if (value === 0) return '0';
  const size = Math.abs(value);
  if (size >= 1e-4 && size < 10 ** digits) return String(Number(value.toPrecision(digits)));
  return value.toExponential(digits - 1).replace(/\.?0+e/, 'e');
}

/** "1.5 - 2 i"; just "1.5" when the imaginary part is rounding. */
export function complex([re, im]: readonly [number, number], digits = 8): string {
  const scale = 10 ** -digits * Math.max(1, Math.abs(re), Math.abs(im));
  const real = Math.abs(re) < scale ? '0' : significant(re, digits);
  if (Math.abs(im) < scale) return real;
  const imaginary = `${significant(Math.abs(im), digits)} i`;
  if (real === '0') return im < 0 ? `-${imaginary}` : imaginary;
  return `${real} ${im < 0 ? '-' : '+'} ${imaginary}`;
}

/** 2.1e-16 */
export function magnitude(value: number): string {
  return value === 0 ? '0' : value.toExponential(1);
}
