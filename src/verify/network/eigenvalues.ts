/**
 * Eigenvalues of a symmetric matrix by Jacobi's rotations.
 *
 * @param matrix n x n, row by row; only its symmetric part counts
 * @returns increasing
 */
export function symmetricEigenvalues(matrix: readonly (readonly number[])[]): number[] {
  const n = matrix.length;
  const a = matrix.map((row, i) => row.map((entry, j) => (entry + matrix[j]![i]!) / 2));
  const size = Math.hypot(...a.flat());
  for (let sweep = 0; sweep < MOST_SWEEPS; sweep++) {
    let rest = 0;
    for (let p = 0; p < n; p++) {
      for (let q = p + 1; q < n; q++) {
        rest = Math.hypot(rest, a[p]![q]!);
        rotate(a, p, q);
      }
    }
    if (rest <= 2 ** -60 * size) break;
  }
  return a.map((row, i) => row[i]!).sort((x, y) => x - y);
}

const MOST_SWEEPS = 30;

/** Makes the entry (p, q) zero. */
function rotate(a: number[][], p: number, q: number): void {
  const off = a[p]![q]!;
  if (off === 0) return;
  const ratio = (a[q]![q]! - a[p]![p]!) / (2 * off);
  const t = (ratio < 0 ? -1 : 1) / (Math.abs(ratio) + Math.hypot(ratio, 1));
  const c = 1 / Math.hypot(t, 1);
  const s = t * c;
  for (let k = 0; k < a.length; k++) {
    const [x, y] = [a[k]![p]!, a[k]![q]!];
    a[k]![p] = c * x - s * y;
    a[k]![q] = s * x + c * y;
  }
  for (let k = 0; k < a.length; k++) {
    const [x, y] = [a[p]![k]!, a[q]![k]!];
    a[p]![k] = c * x - s * y;
    a[q]![k] = s * x + c * y;
  }
}
