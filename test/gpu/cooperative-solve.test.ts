/**
 * Believed afterwards: the cooperative kernel gives every kind of homotopy the ends that f64 gives it, in Node (Tint),
 * Chromium (Tint) and Deno (naga). Truth: the same solve with every path on the CPU. (All of one size class: one
 * compilation serves them.)
 */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import type { SolveResult } from '../../src/homotopy/index.js';
import { forEachEngine } from '../helpers/engine.js';

const JOBS = [
  { name: 'noon3', start: 'total-degree' },
  { name: 'katsura3', start: 'total-degree' },
  { name: 'redcyc5', start: 'linear-product' },
  { name: 'redcyc5', start: 'polyhedral' },
] as const;

forEachEngine((engine) => {
  it('ends every path as f64 does', async () => {
    const jobs = JOBS.map(({ name, start }) => ({
      name: `${name} from ${start}`,
      start,
      text: readFileSync(new URL(`../data/systems/${name}.json`, import.meta.url), 'utf8'),
    }));
    const results = await engine.run(async (lps, gpu, given) => {
      const pick = (result: SolveResult) => ({
        tracker: result.tracker,
        // A path that the GPU loses is followed again in f64.
        paths: { ...result.paths, retracked: 0 },
        solutions: result.solutions.map(({ coordinates }) => coordinates),
      });
      const out = [];
      const both = { countMilliseconds: 0, endgame: 'cpu' } as const;
      for (const { name, start, text } of given) {
        const system = lps.parseSystem(text);
        const options = { ...both, start };
        out.push({
          name,
          f64: pick(await lps.solve(gpu, system, { ...options, precision: 'f64' })),
          gpu: pick(await lps.solve(gpu, system, { ...options, tracker: 'cooperative' })),
        });
      }
      // Coefficients of degree 2 and 3 in the parameters.
      const family = lps.parseFamily('a^2*x^2 + a*b*y - 1; (b^3 - 2)*y^2 + x*y - a', {
        parameters: ['a', 'b'],
      });
      const from = await lps.solve(gpu, family, {
        precision: 'f64',
        countMilliseconds: 0,
        parameters: [
          [0.7, 0.3],
          [1.9, -0.6],
        ],
      });
      const targets = [[1.1, -0.4]];
      const follow = async (wish: object) =>
        pick(
          (await lps.solve(gpu, family, { ...both, ...wish, from, checkBase: false, targets }))[0]!,
        );
      out.push({
        name: 'family',
        f64: await follow({ precision: 'f64' }),
        gpu: await follow({ tracker: 'cooperative' }),
      });
      return out;
    }, jobs);
    for (const { name, f64, gpu } of results) {
      if (name !== 'family') expect(gpu.tracker, name).toBe('cooperative');
      expect(gpu.paths, name).toEqual(f64.paths);
      expect(gpu.solutions.length, name).toBeGreaterThan(0);
      expect(gpu.solutions.length, name).toBe(f64.solutions.length);
      for (const there of f64.solutions) {
        const nearest = Math.min(
          ...gpu.solutions.map((here) =>
            Math.max(...there.map(([re, im], j) => Math.hypot(re - here[j]![0], im - here[j]![1]))),
          ),
        );
        expect(nearest, name).toBeLessThan(1e-10);
      }
    }
  });
});
