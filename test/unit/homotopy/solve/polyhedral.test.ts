/**
 * Believed afterwards: a polyhedral start finds every isolated solution, those with zero coordinates
 * included, whatever the seed, and 'auto' takes it where it costs less. The truth: exact counts (Groebner bases) of
 * test/data/systems, and solutions that are known by hand.
 */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  compareStarts,
  solve,
  SolveError,
  type SolveResult,
} from '../../../../src/homotopy/index.js';
import { parseFamily } from '../../../../src/polynomial/family.js';
import { parseSystem } from '../../../../src/polynomial/parse.js';
import { noGpu } from '../no-gpu.js';

interface Truth {
  readonly mixedVolume: number;
  readonly stableMixedVolume: number;
  readonly finiteSolutions: {
    readonly isolatedDistinctNonsingular: number;
    readonly withMultiplicity: number;
    readonly distinctExact: number;
  };
  readonly realSolutions: number;
}

function read(name: string) {
  const file = new URL(`../../../data/systems/${name}.json`, import.meta.url);
  const truth = JSON.parse(readFileSync(file, 'utf8')) as Truth;
  return { truth, system: parseSystem(truth) };
}

const polyhedral = (system: Parameters<typeof parseSystem>[0], seed: number) =>
  solve(noGpu, parseSystem(system), {
    start: 'polyhedral',
    precision: 'f64',
    countMilliseconds: 0,
    seed,
  });

const reals = ({ solutions }: SolveResult) =>
  solutions
    .map(({ coordinates }) => coordinates.map(([re]) => Math.round(re * 1e9) / 1e9 + 0))
    .sort((a, b) => a[0]! - b[0]! || a[1]! - b[1]!);

describe('every isolated solution', () => {
  it.each(['caprasse', 'cyclic5', 'katsura4', 'noon3', 'redcyc5', 'rediff3', 'wood'])(
    '%s',
    async (name) => {
      const { truth, system } = read(name);
      for (const seed of [1, 2]) {
        const result = await solve(noGpu, system, {
          start: 'polyhedral',
          precision: 'f64',
          countMilliseconds: 0,
          seed,
        });
        expect(result.start).toMatchObject({ kind: 'polyhedral', paths: truth.stableMixedVolume });
        expect(result.paths).toMatchObject({ tracked: result.start.paths, failed: 0 });
        const { finiteSolutions } = truth;
        expect(result.paths.regular + result.paths.singular).toBe(finiteSolutions.withMultiplicity);
        expect(result.counts.nonsingular).toBe(finiteSolutions.isolatedDistinctNonsingular);
        const real = result.solutions.filter((each) => each.real && !each.singular);
        expect(real).toHaveLength(truth.realSolutions);
      }
    },
  );

  it('with zero coordinates, which the mixed volume of the bare monomials does not count', async () => {
    // (0, 0), (1, 1)
    expect(reals(await polyhedral('x*y - x; x*y - y', 1))).toEqual([
      [0, 0],
      [1, 1],
    ]);
    // x = 0 or x = 2 - y; y = 0 or y = 3 - 2 x.
    const lotkaVolterra = 'x*(2 - x - y); y*(3 - 2*x - y)';
    expect(reals(await polyhedral(lotkaVolterra, 2))).toEqual([
      [0, 0],
      [0, 3],
      [1, 1],
      [2, 0],
    ]);
  });

  it('of binomials with exponents of 64', async () => {
    const result = await polyhedral('x^64 - 1; x*y^3 - 2', 1);
    expect(result.counts).toMatchObject({ distinct: 192, nonsingular: 192, real: 2 });
    expect(result.paths.regular).toBe(192);
  });

  it('none where the mixed volume is 0', async () => {
    const result = await polyhedral('x*y - 1; x^2*y^2 - 3*x*y + 1', 1);
    expect(result.start).toMatchObject({ kind: 'polyhedral', paths: 0 });
    expect(result.solutions).toEqual([]);
    expect(result.partial).toBe(false);
  });
});

describe('auto', () => {
  it.each([1, 6])('loses no solution of norm 4e11, seed %i', async (seed) => {
    const { system, truth } = read('i1');
    const result = await solve(noGpu, system, { precision: 'f64', countMilliseconds: 0, seed });
    expect(result.start).toMatchObject({ kind: 'polyhedral', paths: 66 });
    expect(result.counts.nonsingular).toBe(truth.finiteSolutions.isolatedDistinctNonsingular);
  });

  it('takes mixed cells where they have fewer paths', async () => {
    const { system } = read('eco9');
    const result = await solve(noGpu, system, { precision: 'f64', countMilliseconds: 0 });
    expect(result.start).toMatchObject({ kind: 'polyhedral', paths: 128 });
    expect(result.counts.nonsingular).toBe(128);
    const starts = await compareStarts(noGpu, system);
    expect(starts.map(({ kind, paths, chosen }) => ({ kind, paths, chosen }))).toEqual([
      { kind: 'polyhedral', paths: 128, chosen: true },
      { kind: 'lps', paths: 348, chosen: false },
      { kind: 'multihomogeneous', paths: 576, chosen: false },
      { kind: 'total-degree', paths: 4374, chosen: false },
    ]);
  });

  it.each(['boon', 'cyclic4', 'eco5', 'quadfor2', 'solotarev', 'wood'])(
    'has no more paths than the best start by a tenth, however few they are: %s',
    async (name) => {
      const starts = await compareStarts(noGpu, read(name).system);
      const chosen = starts.find((start) => start.chosen)!;
      expect(chosen.paths).toBeLessThanOrEqual(1.1 * starts[0]!.paths);
    },
  );

  it('takes linear products otherwise, and where they are asked for', async () => {
    const few = await compareStarts(noGpu, read('noon3').system);
    expect(few.filter(({ chosen }) => chosen)).toMatchObject([{ kind: 'lps', paths: 21 }]);
    const circle = await solve(noGpu, parseSystem('x^2 + y^2 - 1; x - y'), {
      start: 'linear-product',
      precision: 'f64',
    });
    expect(circle.start).toMatchObject({ kind: 'total-degree', paths: 2 });
  });
});

describe('refuses and stops', () => {
  it('a structure beside it, and members of families', async () => {
    const system = parseSystem('x^2 - 1; y^2 - x');
    const structure = [
      [[0], [0]],
      [
        [0, 1],
        [0, 1],
      ],
    ];
    await expect(solve(noGpu, system, { start: 'polyhedral', structure })).rejects.toThrow(
      /'polyhedral' takes no structure/,
    );
    const family = parseFamily('x^2 - a', { parameters: ['a'] });
    const member = solve(noGpu, family, { start: 'polyhedral', parameters: [2] });
    await expect(member).rejects.toThrow(SolveError);
  });

  it('an abort gives a partial result', async () => {
    const { system } = read('eco9');
    const result = await solve(noGpu, system, {
      start: 'polyhedral',
      precision: 'f64',
      signal: AbortSignal.abort(),
    });
    expect(result.partial).toBe(true);
    const controller = new AbortController();
    const later = await solve(noGpu, system, {
      start: 'polyhedral',
      precision: 'f64',
      signal: controller.signal,
      onProgress: ({ stage }) => {
        if (stage === 'starting') controller.abort();
      },
    });
    expect(later).toMatchObject({ partial: true, start: { kind: 'polyhedral' }, solutions: [] });
  });
});
