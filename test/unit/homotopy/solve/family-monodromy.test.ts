/**
 * Believed afterwards: whoever uses the result of a monodromy can tell from it whether solutions were lost. The edges
 * are followed exactly (the two roots of x^2 = p); what they lose is known.
 */
import { expect, it } from 'vitest';
import {
  solveByMonodromy,
  type FollowEdge,
} from '../../../../src/homotopy/solve/family-monodromy.js';
import type { SolveResult } from '../../../../src/homotopy/solve/solution.js';

const monodromy = { from: { parameters: [1], solutions: [{ coordinates: [[1, 0]] as const }] } };

/** Carries a root of one member to one of another: to either of the two, by the seed. */
function followRoots(isLost: (member: number) => boolean): FollowEdge {
  const members: string[] = [JSON.stringify(monodromy.from.parameters)];
  return ({ solutions: roots }, to, seed) => {
    const member = String(JSON.stringify(to));
    if (!members.includes(member)) members.push(member);
    const [re, im] = typeof to[0] === 'number' ? [to[0], 0] : to[0]!;
    const angle = Math.atan2(im, re) / 2 + (seed % 2) * Math.PI;
    const length = Math.sqrt(Math.hypot(re, im));
    const solutions = roots.map((_, k) => {
      const sign = k === 0 ? 1 : -1;
      const root = [sign * length * Math.cos(angle), sign * length * Math.sin(angle)];
      return { coordinates: [root], singular: false };
    });
    const arrived = isLost(members.indexOf(member)) ? [] : solutions;
    const result = { solutions: arrived, counts: { nonsingular: arrived.length }, warnings: [] };
    return Promise.resolve({ ...result, partial: false } as unknown as SolveResult);
  };
}

it('is complete when most members have all, and the last one as many', async () => {
  const one = await solveByMonodromy(
    { monodromy },
    1,
    followRoots(() => false),
  );
  expect(one).toMatchObject({ found: [2, 2, 2, 2], isComplete: true, warnings: [] });
  const without = await solveByMonodromy(
    { monodromy },
    1,
    followRoots((member) => member === 2),
  );
  expect(without).toMatchObject({ isComplete: true, warnings: [] });
});

it('is not complete when members do not agree, and says so', async () => {
  const lossy = followRoots((member) => member >= 2);
  const { found, isComplete, warnings } = await solveByMonodromy({ monodromy }, 1, lossy);
  expect([...found].sort()).toEqual([0, 0, 2, 2]);
  expect(isComplete).toBe(false);
  expect(warnings).toEqual([expect.stringContaining('some were lost')]);
});
