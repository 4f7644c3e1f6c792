/**
 * Believed afterwards: the endgame on the GPU gives the ends of the f64 endgame, in Node (Tint), Chromium (Tint) and
 * Deno (naga), and decides all of them by itself. Truth: published root counts
 * (the systems' references in test/data/systems), and the same solve with the endgame on the CPU. A solve that goes on from
 * its journal says the same of the endgame as one that nothing stopped.
 */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import type * as lps from 'lps-webgpu';
import { forEachEngine } from '../helpers/engine.js';

/**
 * Simple solutions, as published. Those paths of the linear product of cyclic-5 that end at infinity go there next to
 * coordinates that vanish with powers of s of their own, those of reimer-4 along forms that vanish late; solotarev has 2 double
 * zeros, which take Cauchy loops of two turns, and redcyc-6 such loops and a path that arrives in f32 on a set of positive
 * dimension; a path of quadfor-2 takes quad-single arithmetic to its end at infinity.
 */
const SYSTEMS = {
  cyclic5: { simple: 70, start: 'linear-product' },
  reimer4: { simple: 36, start: 'auto' },
  redcyc6: { simple: 26, start: 'auto' },
  quadfor2: { simple: 2, start: 'auto' },
  solotarev: { simple: 2, start: 'auto' },
} as const;
/** Chromium has the compiler of Node, Deno another: there all arithmetics are in question. */
const NAMES = {
  node: Object.keys(SYSTEMS),
  chromium: ['solotarev'],
  deno: ['quadfor2', 'solotarev'],
};

forEachEngine((engine) => {
  it('decides regular ends and ends at infinity as f64 does', async () => {
    // Each system costs a compilation of the tracker; the endgame is compiled once for all.
    const systems = NAMES[engine.name].map((name) => ({
      name,
      start: SYSTEMS[name as keyof typeof SYSTEMS].start,
      text: readFileSync(new URL(`../data/systems/${name}.json`, import.meta.url), 'utf8'),
    }));
    const results = await engine.run(async (lps, gpu, given) => {
      const out = [];
      for (const { name, start, text } of given) {
        const system = lps.parseSystem(text);
        const options = { precision: 'gpu', start, countMilliseconds: 0 } as const;
        const cpu = await lps.solve(gpu, system, { ...options, endgame: 'cpu' });
        const records: lps.PathRecord[] = [];
        const solveFrom = (kept: readonly lps.PathRecord[]) => {
          const journal = { read: () => kept, write: (each: lps.PathRecord) => records.push(each) };
          return lps.solve(gpu, system, { ...options, endgame: 'gpu', journal });
        };
        const own = await solveFrom([]);
        const known = [...records];
        const resumed = [];
        const isResumed = name === 'solotarev';
        for (const kept of isResumed ? [known.slice(0, known.length / 2), known] : [])
          resumed.push((await solveFrom(kept)).endgame);
        const worst = Math.max(
          ...cpu.solutions.map((there) =>
            Math.min(
              ...own.solutions.map((here) =>
                Math.max(
                  ...there.coordinates.map(
                    ([re, im], j) =>
                      Math.hypot(re - here.coordinates[j]![0], im - here.coordinates[j]![1]) /
                      Math.max(1, Math.hypot(re, im)),
                  ),
                ),
              ),
            ),
          ),
        );
        out.push({
          name,
          worst,
          own: own.paths,
          cpu: cpu.paths,
          counts: own.counts,
          endgame: own.endgame,
          resumed,
        });
      }
      return out;
    }, systems);
    for (const { name, worst, own, cpu, counts, endgame, resumed } of results) {
      const { simple } = SYSTEMS[name as keyof typeof SYSTEMS];
      expect(counts.nonsingular, name).toBe(simple);
      expect(resumed, name).toEqual(name === 'solotarev' ? [endgame, endgame] : []);
      // Limits of Cauchy loops, at singular ends, have six digits.
      expect(worst, name).toBeLessThan(own.singular > 0 ? 1e-6 : 1e-11);
      const ends = ({ regular, singular, atInfinity, failed }: typeof own) => ({
        regular,
        singular,
        atInfinity,
        failed,
      });
      expect(ends(own), name).toEqual(ends(cpu));
      expect(endgame!.handedBack, name).toBe(0);
      expect(endgame!.decided, name).toBeGreaterThan(0);
    }
  });
});
