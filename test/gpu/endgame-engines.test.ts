/**
 * Believed afterwards: the endgame on the GPU gives the ends of the f64 endgame, in Node (Tint), Chromium (Tint) and
 * Deno (naga), and decides nearly all regular ends and ends at infinity by itself. Truth: published root counts
 * (the systems' references in test/data/systems), and the same solve with the endgame on the CPU. A solve that goes on from
 * its journal says the same of the endgame as one that nothing stopped.
 */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import type * as lps from 'lps-webgpu';
import { forEachEngine } from '../helpers/engine.js';

/**
 * Distinct solutions, and how many paths the GPU may leave to the CPU. Those of the linear product of cyclic-5 go to
 * infinity next to coordinates that vanish with powers of s of their own, those of reimer-4 along forms that vanish late;
 * caprasse has 8 double zeros and solotarev 2, which take Cauchy loops of two turns; 4 paths of boon take triple-single
 * arithmetic to their ends at infinity.
 */
const SYSTEMS = {
  cyclic5: { distinct: 70, handedBack: 0, start: 'linear-product' },
  reimer4: { distinct: 36, handedBack: 0, start: 'auto' },
  caprasse: { distinct: 32, handedBack: 0, start: 'auto' },
  boon: { distinct: 8, handedBack: 0, start: 'auto' },
  solotarev: { distinct: 4, handedBack: 0, start: 'auto' },
} as const;

forEachEngine((engine) => {
  it('decides regular ends and ends at infinity as f64 does', async () => {
    // Each system costs a compilation of the tracker; the endgame is compiled once for all.
    const names = engine.name === 'node' ? Object.keys(SYSTEMS) : ['boon', 'solotarev'];
    const systems = names.map((name) => ({
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
        for (const kept of [known.slice(0, known.length / 2), known])
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
      const { distinct, handedBack } = SYSTEMS[name as keyof typeof SYSTEMS];
      expect(counts.distinct, name).toBe(distinct);
      expect(resumed, name).toEqual([endgame, endgame]);
      // Limits of Cauchy loops, at singular ends, have six digits.
      expect(worst, name).toBeLessThan(own.singular > 0 ? 1e-6 : 1e-11);
      const ends = ({ regular, singular, atInfinity, failed }: typeof own) => ({
        regular,
        singular,
        atInfinity,
        failed,
      });
      expect(ends(own), name).toEqual(ends(cpu));
      expect(endgame!.handedBack, name).toBeLessThanOrEqual(handedBack);
      expect(endgame!.decided, name).toBeGreaterThan(0);
    }
  });
});
