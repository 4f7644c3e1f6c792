/**
 * Dense complex linear systems in f64, matrix and right sides in one row-major array.
 */

/**
 * Solves A X = B in place: LU with partial pivoting after power-of-two row scaling.
 *
 * @param matrix n rows of (n + rightSides) complex numbers, interleaved re, im. On return the
 *   right-side columns hold X; the rest is overwritten.
 * @returns min |pivot| / max |pivot| (1-norms), 0 when A is singular or not finite (X is then undefined).
 */
export function solveComplexLinear(matrix: Float64Array, n: number, rightSides: number): number {
  const width = 2 * (n + rightSides);
  for (let i = 0; i < n; i++) {
    let largest = 0;
    for (let k = i * width; k < i * width + 2 * n; k++) {
      largest = Math.max(largest, Math.abs(matrix[k]!));
    }
    if (!(largest > 0 && largest < Infinity)) return 0;
    const scale = 2 ** -Math.floor(Math.log2(largest));
    for (let k = i * width; k < (i + 1) * width; k++) matrix[k]! *= scale;
  }
  let smallestPivot = Infinity;
  let largestPivot = 0;
  for (let k = 0; k < n; k++) {
    let pivotRow = k;
    let pivotSize = 0;
    for (let i = k; i < n; i++) {
      const at = i * width + 2 * k;
      const size = Math.abs(matrix[at]!) + Math.abs(matrix[at + 1]!);
      if (size > pivotSize) {
        pivotSize = size;
        pivotRow = i;
      }
    }
    if (!(pivotSize > 0 && pivotSize < Infinity)) return 0;
    smallestPivot = Math.min(smallestPivot, pivotSize);
    largestPivot = Math.max(largestPivot, pivotSize);
    if (pivotRow !== k) {
      for (let c = 2 * k; c < width; c++) {
        const swap = matrix[k * width + c]!;
        matrix[k * width + c] = matrix[pivotRow * width + c]!;
        matrix[pivotRow * width + c] = swap;
      }
    }
    const pr = matrix[k * width + 2 * k]!;
    const pi = matrix[k * width + 2 * k + 1]!;
    const norm = pr * pr + pi * pi;
    const ir = pr / norm;
    const ii = -pi / norm;
    for (let i = k + 1; i < n; i++) {
      const at = i * width + 2 * k;
      const lr = matrix[at]! * ir - matrix[at + 1]! * ii;
      const li = matrix[at]! * ii + matrix[at + 1]! * ir;
      if (lr === 0 && li === 0) continue;
      for (let c = 2 * k + 2; c < width; c += 2) {
        const br = matrix[k * width + c]!;
        const bi = matrix[k * width + c + 1]!;
        matrix[i * width + c]! -= lr * br - li * bi;
        matrix[i * width + c + 1]! -= lr * bi + li * br;
      }
    }
    // The reciprocal replaces the pivot: back substitution multiplies.
    matrix[k * width + 2 * k] = ir;
    matrix[k * width + 2 * k + 1] = ii;
  }
  for (let r = 0; r < rightSides; r++) {
    const column = 2 * (n + r);
    for (let i = n - 1; i >= 0; i--) {
      let re = matrix[i * width + column]!;
      let im = matrix[i * width + column + 1]!;
      for (let c = i + 1; c < n; c++) {
        const ar = matrix[i * width + 2 * c]!;
        const ai = matrix[i * width + 2 * c + 1]!;
        const xr = matrix[c * width + column]!;
        const xi = matrix[c * width + column + 1]!;
        re -= ar * xr - ai * xi;
        im -= ar * xi + ai * xr;
      }
      const ir = matrix[i * width + 2 * i]!;
      const ii = matrix[i * width + 2 * i + 1]!;
      matrix[i * width + column] = re * ir - im * ii;
      matrix[i * width + column + 1] = re * ii + im * ir;
    }
  }
  return smallestPivot / largestPivot;
}

/** |re + i im| of numbers of moderate size: Math.hypot takes ten times as long. */
export function modulus(re: number, im: number): number {
  return Math.sqrt(re * re + im * im);
}
