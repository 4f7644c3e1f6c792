/** Systems to begin with, as text that a visitor can change. */

export interface Example {
  readonly title: string;
  readonly text: string;
}

/** Katsura's magnetism equations in n + 1 unknowns, 2^n solutions. x_0 is at both ends of the sum's range, hence the double use of each other unknown (Katsura 1990). */
export function katsura(n: number): string {
  const u = (k: number) => (Math.abs(k) > n ? null : `u${Math.abs(k)}`);
  const equations = Array.from({ length: n }, (_, m) => {
    const products = Array.from({ length: 2 * n + 1 }, (__, place) => place - n).flatMap((k) => {
      const [first, second] = [u(k), u(m - k)];
      return first && second ? [`${first}*${second}`] : [];
    });
    return `${products.join(' + ')} - u${m}`;
  });
  const others = Array.from({ length: n }, (_, k) => `2*u${k + 1}`).join(' + ');
  return [...equations, `u0 + ${others} - 1`].join('\n');
}

/** Sums of products of neighbours on a circle (Bjoerck 1985). */
export function cyclic(n: number): string {
  const equations = Array.from({ length: n - 1 }, (_, m) =>
    Array.from({ length: n }, (__, first) =>
      Array.from({ length: m + 1 }, (___, k) => `z${(first + k) % n}`).join('*'),
    ).join(' + '),
  );
  const product = Array.from({ length: n }, (_, k) => `z${k}`).join('*');
  return [...equations, `${product} - 1`].join('\n');
}

/** A neural network of Lotka-Volterra type (Noonburg 1989). */
export function noon(n: number): string {
  const names = Array.from({ length: n }, (_, k) => `x${k + 1}`);
  return names
    .map((own) => {
      const others = names.filter((name) => name !== own).map((name) => `${own}*${name}^2`);
      return `${others.join(' + ')} - 1.1*${own} + 1`;
    })
    .join('\n');
}

export const EXAMPLES: Readonly<Record<string, Example>> = {
  circle: { title: 'Circle and parabola', text: 'x^2 + y^2 - 1\nx^2 - y' },
  double: { title: 'A double solution', text: '(x - 1)^2 + (y - 1)^3\nx*y - 1' },
  katsura8: { title: 'Katsura 8: 256 solutions', text: katsura(8) },
  noon6: { title: 'Noon 6: 717 solutions', text: noon(6) },
  cyclic5: { title: 'Cyclic 5: 70 solutions', text: cyclic(5) },
  cyclic7: { title: 'Cyclic 7: 924 solutions', text: cyclic(7) },
  katsura11: { title: 'Katsura 11: 2,048 solutions', text: katsura(11) },
};
