/**
 * Along what a path is followed: s itself, log s, or a circle around s = 0.
 */

/** How the tracking variable v moves s: [s(v), ds/dv]. */
export interface Route {
  readonly s: (v: number) => readonly [number, number];
  readonly derivative: (v: number) => readonly [number, number];
}

export const linearRoute: Route = { s: (v) => [v, 0], derivative: () => [1, 0] };
/** v = log s: dx/dv = s x'. */
export const logRoute: Route = {
  s: (v) => [Math.exp(v), 0],
  derivative: (v) => [Math.exp(v), 0],
};
/** v = angle on |s| = radius: dx/dv = i s x'. */
export function circleRoute(radius: number): Route {
  return {
    s: (v) => [radius * Math.cos(v), radius * Math.sin(v)],
    derivative: (v) => [-radius * Math.sin(v), radius * Math.cos(v)],
  };
}
