/** Numbers of choices, exact below 2^53. */

/** C(n, k) */
export function binomial(n: number, k: number): number {
  let result = 1;
  for (let i = 0; i < k; i++) result = (result * (n - i)) / (i + 1);
  return Math.round(result);
}

export function factorial(n: number): number {
  return n <= 1 ? 1 : n * factorial(n - 1);
}
