/** Lattices in Z^n, exactly. */

/**
 * The diagonal h of a triangular basis (Hermite normal form) of the lattice that some integer vectors span: every class
 * of Z^n modulo the lattice has exactly one vector k with 0 <= k_j < h_j.
 *
 * @param vectors n of them, of n whole numbers each, linearly independent.
 */
export function hermiteDiagonal(vectors: readonly (readonly number[])[]): bigint[] {
  const n = vectors.length;
  const rows = vectors.map((vector) => vector.map((entry) => BigInt(entry)));
  for (let j = 0; j < n; j++) {
    // Euclid's algorithm among the rows that are left, until one alone has an entry in column j.
    for (;;) {
      const left = rows.slice(j).filter((row) => row[j] !== 0n);
      const smallest = left.reduce((a, b) => (size(b[j]!) < size(a[j]!) ? b : a));
      const others = left.filter((row) => row !== smallest);
      if (others.length === 0) {
        const at = rows.indexOf(smallest);
        [rows[j], rows[at]] = [rows[at]!, rows[j]!];
        break;
      }
      for (const row of others) {
        const quotient = row[j]! / smallest[j]!;
        for (let k = j; k < n; k++) row[k]! -= quotient * smallest[k]!;
      }
    }
  }
  return rows.map((row, j) => size(row[j]!));
}

function size(value: bigint): bigint {
  return value < 0n ? -value : value;
}
