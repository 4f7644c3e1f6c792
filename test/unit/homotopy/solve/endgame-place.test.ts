/**
 * Believed afterwards: the endgame goes to the GPU on hardware, to the CPU on a software adapter and where
 * double-single arithmetic cannot be trusted, and what cannot be done is refused by name.
 */
import { describe, expect, it } from 'vitest';
import type { GpuDevice } from '../../../../src/gpu/index.js';
import { playsEndgame } from '../../../../src/homotopy/solve/run-homotopy.js';
import { solve } from '../../../../src/homotopy/solve/solve.js';
import { parseSystem } from '../../../../src/polynomial/index.js';

const adapter = (software: boolean, passed: boolean) =>
  ({ info: { software }, precision: { passed } }) as unknown as GpuDevice;

describe('where the endgame is played', () => {
  it.each([
    ['auto', false, true, true],
    ['auto', true, true, false],
    ['auto', false, false, false],
    ['gpu', true, true, true],
    ['cpu', false, true, false],
  ] as const)(
    '%s, software %s, self-test passed %s: on the GPU %s',
    (wish, software, passed, onGpu) => {
      expect(playsEndgame(adapter(software, passed), wish)).toEqual({ onGpu, warnings: [] });
    },
  );

  it('says so when the self-test keeps it from the GPU', () => {
    const { onGpu, warnings } = playsEndgame(adapter(false, false), 'gpu');
    expect(onGpu).toBe(false);
    expect(warnings).toEqual([expect.stringMatching(/self-test.*CPU/)]);
  });

  const circle = parseSystem('x^2 + y^2 - 4\nx*y - 1');
  it('is refused without paths on the GPU', async () => {
    await expect(solve(null, circle, { endgame: 'gpu', precision: 'f64' })).rejects.toThrow(
      /`precision` is 'f64'/,
    );
    await expect(solve(null, circle, { endgame: 'gpu' })).rejects.toThrow(/there is none/);
  });

  it('and so is a kernel of the GPU', async () => {
    const tracker = 'cooperative';
    await expect(solve(null, circle, { tracker, precision: 'f64' })).rejects.toThrow(
      /`tracker` 'cooperative' needs paths on the GPU/,
    );
    await expect(solve(null, circle, { tracker })).rejects.toThrow(/there is none/);
  });

  it('is refused for more variables than the GPU takes', async () => {
    const many = parseSystem(Array.from({ length: 33 }, (_, k) => `x${k} - ${k + 1}`).join('\n'));
    await expect(solve(null, many, { endgame: 'gpu' })).rejects.toThrow(/32 variables.* 33/);
  });
});
