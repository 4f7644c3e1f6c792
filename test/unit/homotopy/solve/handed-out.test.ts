/**
 * Believed afterwards: solutions that are handed out when they are checked, from tables that are not in memory, are those of
 * the list, in its order, with the same checks. The truth: the list.
 */
import { describe, expect, it } from 'vitest';
import {
  solve,
  type Solution,
  type SolveOptions,
  type SolveResult,
} from '../../../../src/homotopy/index.js';
import { MemoryRows, type Rows } from '../../../../src/math/rows.js';
import { parseSystem } from '../../../../src/polynomial/index.js';
import { noGpu } from '../no-gpu.js';

/** What must be the same. */
const outcome = ({
  solutions: _,
  timing: __,
  ...rest
}: SolveResult): Omit<SolveResult, 'solutions' | 'timing'> => rest;

async function both(text: string) {
  const system = parseSystem(text);
  const options: SolveOptions = { precision: 'f64', certify: true };
  const listed = await solve(noGpu, system, options);
  const handedOut: Solution[] = [];
  const ofPaths: number[] = [];
  const tables: Rows[] = [];
  const result = await solve(noGpu, system, {
    ...options,
    handOut: 'checked',
    onSolutions: (batch, paths) => {
      handedOut.push(...batch);
      ofPaths.push(...paths);
    },
    storage: (width) => {
      tables.push(new MemoryRows(width));
      return tables.at(-1)!;
    },
  });
  return { listed, result, handedOut, ofPaths, tables };
}

describe('solutions handed out when they are checked', () => {
  it.each([
    ['nonsingular ones', 'x^2 + y^2 - 1; x^2 - y'],
    ['a cluster of two', '(x - 1)*(x - 1 - 1e-9); y - x'],
    ['some at infinity', 'x*y - 1; x^2*y - x - y + 1'],
    ['outside excluded points', '(x^2 - 1)/(x - 1); y^2 - x - 7'],
    ['of more equations than unknowns', 'x^2 - 1; x*y - x; y - 1'],
  ])('%s', async (_, text) => {
    const { listed, result, handedOut, ofPaths, tables } = await both(text);
    expect(handedOut.length).toBeGreaterThan(0);
    expect([...handedOut, ...result.solutions]).toEqual(listed.solutions);
    expect(outcome(result)).toEqual(outcome(listed));
    expect(ofPaths).toHaveLength(handedOut.length);
    expect(new Set(ofPaths).size).toBe(ofPaths.length);
    expect(tables.length).toBeGreaterThanOrEqual(2);
  });

  it('leave singular ones in the result, where sets of positive dimension are told from them', async () => {
    const double = await both('x^2*(x - 1); y - x');
    expect(double.handedOut).toHaveLength(1);
    expect(double.result.solutions).toHaveLength(1);
    expect([...double.handedOut, ...double.result.solutions]).toEqual(double.listed.solutions);
    const line = await both('x*(x - 2); x*(y - 3)');
    expect(line.result.components?.sets).toMatchObject([{ dimension: 1, degree: 1 }]);
    expect(line.handedOut).toEqual(line.listed.solutions);
    expect(line.result.solutions).toEqual([]);
    expect(line.result.counts).toEqual(line.listed.counts);
    expect(line.result.completeness).toEqual(line.listed.completeness);
  });
});
