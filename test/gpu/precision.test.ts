/**
 * Believed afterwards: the self-test's verdict is right for this device in every engine, and all
 * three arithmetics that it can choose from are exact here. The truth is BigInt arithmetic.
 */
import { expect, it } from 'vitest';
import { forEachEngine } from '../helpers/engine.js';

/** The bounds of Joldes, Muller, Popescu 2017 with u = 2^-24, and ours for the quotient. */
const unitRoundoffSquared = 2 ** -48;

forEachEngine((engine) => {
  it('chooses an arithmetic that meets the proven bounds', async () => {
    const precision = await engine.run(async (lps) => {
      const gpu = await lps.openGpu();
      const { precision } = gpu;
      gpu.close();
      return precision;
    });
    expect(precision.passed).toBe(true);
    expect(precision.cases).toBeGreaterThan(2000);
    const chosen = precision[precision.mode]!;
    expect(chosen.errors.twoSum).toBe(0);
    expect(chosen.errors.twoProduct).toBe(0);
    expect(chosen.errors.add).toBeLessThanOrEqual(3.0001 * unitRoundoffSquared);
    expect(chosen.errors.multiply).toBeLessThanOrEqual(5.0001 * unitRoundoffSquared);
    expect(chosen.errors.divide).toBeLessThanOrEqual(16 * unitRoundoffSquared);
    // The barrier only adds exact operations: it must never be worse than a plain that works.
    expect(precision.barrier.passed).toBe(true);
  });
});
