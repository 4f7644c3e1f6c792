/**
 * Believed afterwards: whoever uses the result of a monodromy can tell from it whether solutions were lost. The edges
 * are followed exactly (the two roots of x^2 = p); what they lose is known.
 */
import { expect, it } from 'vitest';
import {
  solveByMonodromy,
  type FollowEdge,
} from '../../../../src/homotopy/solve/family-monodromy.js';
import { randomStream } from '../../../../src/math/random.js';
import type { ParameterValue } from '../../../../src/polynomial/family.js';
import type { SolveResult } from '../../../../src/homotopy/solve/solution.js';

const monodromy = { from: { parameters: [1], solutions: [{ coordinates: [[1, 0]] as const }] } };

/** Carries roots of one member to those of another, each or its negative by the seed, and back the same way. */
function followRoots(isLost: (member: number) => boolean): FollowEdge {
  const members: string[] = [JSON.stringify(monodromy.from.parameters)];
  return (from, to, { seed }) => {
    const member = String(JSON.stringify(to));
    if (!members.includes(member)) members.push(member);
    const turn = randomStream(seed).uniform() < 0.5 ? 0 : Math.PI;
    const solutions = from.solutions.map(({ coordinates }) => {
      const [re, im] = coordinates[0]!;
      const angle = Math.atan2(im, re) + (phase(to[0]!) - phase(from.parameters[0]!)) / 2 + turn;
      return { coordinates: [[Math.cos(angle), Math.sin(angle)]], singular: false };
    });
    const arrived = isLost(members.indexOf(member)) ? [] : solutions;
    const result = { solutions: arrived, counts: { nonsingular: arrived.length }, warnings: [] };
    return Promise.resolve({ ...result, partial: false } as unknown as SolveResult);
  };
}

/** Of a parameter, all of which have the size of the first, 1. */
function phase(value: ParameterValue): number {
  const [re, im] = typeof value === 'number' ? [value, 0] : value;
  return Math.atan2(im, re);
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
