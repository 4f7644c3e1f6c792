/**
 * Believed afterwards: a page whose Content-Security-Policy forbids eval and WebAssembly solves
 * systems completely, in typed arrays; a page without that policy gives the same points. The truth:
 * verified counts of test/data/systems, and Chromium's enforcement of the policy.
 */
import { expect, it } from 'vitest';
import { openPage } from '../helpers/page.js';
import { distanceOfSets, systemTruth, type Point } from '../reference/ground-truth.js';

interface Answer {
  readonly wasm: boolean;
  readonly results: {
    readonly real: number;
    readonly failed: number;
    readonly points: Point[];
  }[];
}

const names = ['noon4', 'solotarev'];

async function solveIn(strict: boolean): Promise<Answer> {
  const page = await openPage({ strict });
  const systems = names.map((name) => ({
    variables: systemTruth(name).variables,
    equations: systemTruth(name).equations,
  }));
  const answer = await page.evaluateModule<Answer>(`async () => {
    const lps = await import('/dist/web/index.js');
    const gpu = await lps.openGpu();
    const results = [];
    for (const system of ${JSON.stringify(systems)}) {
      for (const precision of ['gpu', 'f64']) {
        const result = await lps.solve(gpu, lps.parseSystem(system), { seed: 5, precision });
        results.push({
          // The survey counts real solutions among the nonsingular ones.
          real: result.solutions.filter((each) => each.real && !each.singular).length,
          failed: result.paths.failed,
          points: result.solutions.filter((each) => !each.singular).map((each) => each.coordinates),
        });
      }
    }
    gpu.close();
    const empty = new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]);
    const wasm = await WebAssembly.compile(empty).then(() => true, () => false);
    return { wasm, results };
  }`);
  await page.close();
  return answer;
}

it('solves without WebAssembly and eval as it does with them', async () => {
  const strict = await solveIn(true);
  const plain = await solveIn(false);
  expect([strict.wasm, plain.wasm]).toEqual([false, true]);
  for (const { results } of [strict, plain]) {
    results.forEach(({ real, failed, points }, k) => {
      const { finiteSolutions, realSolutions } = systemTruth(names[Math.floor(k / 2)]!);
      expect(failed).toBe(0);
      expect(points).toHaveLength(finiteSolutions.isolatedDistinctNonsingular);
      expect(real).toBe(realSolutions);
    });
  }
  strict.results.forEach(({ points }, k) => {
    expect(distanceOfSets(points, plain.results[k]!.points)).toBeLessThan(1e-9);
  });
});
