/**
 * Believed afterwards: the GPU stage is chosen where it pays for its compilation. The truth: CPU seconds
 * measured with and without it on 2026-11-26 (SwiftShader), and quad20, whose tables took 25 s there
 * where the CPU alone took 8 s.
 */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { chooseKernel, isWorthTheGpu, trackerCosts } from '../../../../src/homotopy/gpu/cost.js';
import {
  startHomotopy,
  type HomotopyStructure,
} from '../../../../src/homotopy/program/homotopy.js';
import {
  chooseStart,
  createStartTable,
  drawStart,
  gammaOf,
} from '../../../../src/homotopy/start/index.js';
import { toNumeric } from '../../../../src/polynomial/numeric.js';
import { parseSystem } from '../../../../src/polynomial/parse.js';
import { example } from '../examples.js';

const software = { software: true };
const hardware = { software: false };

/** A system of test/data as `solve` starts it. */
function job(file: string): { structure: HomotopyStructure; paths: number } {
  const url = new URL(`../../../data/${file}.json`, import.meta.url);
  const system = parseSystem(JSON.parse(readFileSync(url, 'utf8')) as object);
  const plan = chooseStart(system);
  const start = drawStart(plan, createStartTable(plan), 1);
  const { structure } = startHomotopy(toNumeric(system), plan, start, gammaOf(1));
  return { structure, paths: Number(plan.paths) };
}

describe('on a software adapter', () => {
  // CPU seconds of a first solve with and without the GPU stage.
  it.each([
    ['systems/katsura6', 3.1, 2.0],
    ['systems/cyclic6', 4.1, 3.0],
    ['systems/katsura10', 2.3, 1.57],
    ['systems/noon6', 1.09, 0.85],
    ['systems/cyclic7', 9.3, 10.9],
    ['cases/quad20', 25, 8],
  ])('%s: the faster way is taken', (file, withGpu, without) => {
    const { structure, paths } = job(file);
    expect(isWorthTheGpu(structure, paths, software)).toBe(withGpu < without);
  });

  it('code too long to compile is never worth it, however many paths there are', () => {
    const { structure } = job('cases/quad20');
    expect(chooseKernel(structure, 1e9, software)).toBe('cooperative');
    expect(isWorthTheGpu(structure, 1e9, software)).toBe(false);
  });

  it('more paths of one structure make it worth it, once and for all', () => {
    const { structure } = job('systems/cyclic6');
    const worth = [63, 64, 588, 1e4, 1e5, 1e6].map((paths) =>
      isWorthTheGpu(structure, paths, software),
    );
    expect(worth[0]).toBe(false);
    expect(worth.at(-1)).toBe(true);
    expect(worth).toEqual([...worth].sort((a, b) => Number(a) - Number(b)));
  });
});

describe('on hardware', () => {
  it('it is, but for a few paths', () => {
    for (const file of ['systems/katsura6', 'systems/cyclic7', 'cases/quad20']) {
      const { structure, paths } = job(file);
      expect(paths).toBeGreaterThanOrEqual(64);
      expect(isWorthTheGpu(structure, paths, hardware), file).toBe(true);
      expect(isWorthTheGpu(structure, 63, hardware), file).toBe(false);
    }
  });

  it('a conic and a line are not worth it anywhere', () => {
    const { homotopy, paths } = example('x^2 + y^2 - 1\nx - y');
    expect(isWorthTheGpu(homotopy.structure, paths, hardware)).toBe(false);
    expect(isWorthTheGpu(homotopy.structure, paths, software)).toBe(false);
  });
});

describe('what is shown of the model', () => {
  it.each([software, hardware])(
    'the cooperative kernel is first up to the paths said: %o',
    (adapter) => {
      const { budget, compiling, cooperative, slower, choices } = trackerCosts(adapter);
      for (const { operations, cooperativeUpTo: most } of choices) {
        const isFirst = (paths: number) =>
          cooperative + slower * operations * paths < compiling * operations;
        if (operations > budget) expect(most).toBeNull();
        else {
          expect(isFirst(most! + 1)).toBe(false);
          if (most! > 0) expect(isFirst(most!)).toBe(true);
        }
      }
    },
  );

  it('is what solves choose by', () => {
    const { structure } = job('systems/katsura6');
    const sizes = trackerCosts(software).choices;
    const fewest = (size: number) =>
      sizes.find(({ operations }) => operations === size)!.fewestPaths;
    expect(fewest(100_000)).toBeNull();
    // It has 3,743 operations.
    expect(isWorthTheGpu(structure, fewest(3_000)! - 1, software)).toBe(false);
    expect(isWorthTheGpu(structure, fewest(10_000)!, software)).toBe(true);
    expect(trackerCosts(hardware).choices.every(({ fewestPaths }) => fewestPaths === 64)).toBe(
      true,
    );
  });
});
