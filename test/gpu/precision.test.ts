/**
 * Believed afterwards: the self-test's verdict is right for this device in every engine, and all
 * three arithmetics that it can choose from are exact here. The truth is BigInt arithmetic.
 */
import { expect, it } from 'vitest';
import { shaders } from '../../src/generated/all-shaders.js';
import { arithmeticLibrary } from '../../src/generated/arithmetic-library.js';
import {
  measureErrors,
  numbersPerCase,
  operations,
  precisionCases,
} from '../../src/gpu/precision-cases.js';
import { judge } from '../../src/gpu/precision.js';
import { forEachEngine } from '../helpers/engine.js';

/** The bounds of Joldes, Muller, Popescu 2017 with u = 2^-24, and ours for the quotient. */
const unitRoundoffSquared = 2 ** -48;

forEachEngine((engine) => {
  it('chooses an arithmetic that meets the proven bounds', async () => {
    const precision = await engine.run((_, gpu) => gpu.precision);
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

forEachEngine((engine) => {
  it('the integer arithmetic of last resort is exact wherever it may be needed', async () => {
    const cases = precisionCases(7);
    const results = await engine.run(
      async (_, gpu, { shader, numbers, resultCount }) => {
        const kernel = await gpu.createKernel(shader);
        const buffers = gpu.createBuffers();
        const input = await buffers.storage('cases', new Float32Array(numbers));
        const output = await buffers.storage('results', 4 * resultCount);
        const encoder = gpu.createEncoder('integer arithmetic');
        const pass = encoder.beginComputePass();
        kernel.encode(pass, await kernel.bind({ cases: input, results: output }), [
          Math.ceil(numbers.length / 4 / 64),
        ]);
        pass.end();
        const [read] = await gpu.submitAndRead(encoder, [{ buffer: output }]);
        buffers.close();
        return [...new Float32Array(read!)];
      },
      {
        // As a kernel of its own, whatever the device's verdict.
        shader: {
          ...shaders['precision/self-test'],
          code: `${shaders['precision/self-test'].code}\n${arithmeticLibrary.integer}`,
          arithmetic: false,
        },
        numbers: [...cases],
        resultCount: (cases.length / numbersPerCase) * operations.length * 2,
      },
    );
    const verdict = judge(measureErrors(cases, new Float32Array(results)));
    expect(verdict.errors.twoSum).toBe(0);
    expect(verdict.errors.twoProduct).toBe(0);
    expect(verdict.errors.add).toBeLessThanOrEqual(3.0001 * unitRoundoffSquared);
    expect(verdict.errors.multiply).toBeLessThanOrEqual(5.0001 * unitRoundoffSquared);
    expect(verdict.passed).toBe(true);
  });
});
