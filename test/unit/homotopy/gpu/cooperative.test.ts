/**
 * Believed afterwards: systems of a size class share one code, which fits into the workgroup memory that every adapter
 * has. Truth: the limits of the WebGPU specification (16 KiB), read off the code that is made.
 */
import { describe, expect, it } from 'vitest';
import { generateTracker } from '../../../../src/homotopy/gpu/generate.js';
import type { HomotopyStructure } from '../../../../src/homotopy/program/homotopy.js';
import { equations, makeCase } from '../../../gpu/tracker-fixture.js';

const tracker = (structure: HomotopyStructure, lanes: number) =>
  generateTracker(structure, {
    kernel: 'cooperative',
    lanes,
    hoistCoefficients: true,
    workgroupSize: 32,
    iterationsPerChart: 12,
  });

const structureOf = (text: string): HomotopyStructure =>
  makeCase(text, 'total-degree', 1).homotopy.structure;

describe('the cooperative kernel', () => {
  it.each([1, 4, 32])('is the same code for every system of a size class: %s lanes', (lanes) => {
    // Univariate and product starts, real and complex coefficients, one group and several.
    const codes = [
      tracker(structureOf(equations('noon4')), lanes),
      tracker(structureOf(equations('katsura3')), lanes),
      tracker(makeCase(equations('redcyc5'), 'lps', 1).homotopy.structure, lanes),
      tracker(makeCase('x*y - i\nx + y^2 - 3', 'multihomogeneous', 1).homotopy.structure, lanes),
    ].map(({ shader }) => shader.code);
    expect(new Set(codes).size).toBe(1);
  });

  it('leaves a path to one lane where its registers do not fit into workgroup memory', () => {
    const small = tracker(structureOf(equations('katsura10')), 32);
    expect(small.pathsPerWorkgroup).toBe(1);
    const rows = Array.from({ length: 3 }, (_, row) =>
      Array.from({ length: 19 }, (_, i) =>
        Array.from({ length: 19 - i }, (_, j) =>
          Array.from(
            { length: 19 - i - j },
            (_, k) => `${row + i + 2 * j + 3 * k + 1}*x^${i}*y^${j}*z^${k}`,
          ),
        ),
      )
        .flat(2)
        .join(' + '),
    );
    const large = tracker(structureOf(rows.join('\n')), 32);
    expect(large.pathsPerWorkgroup).toBe(32);
    expect(large.shader.code).not.toMatch(/var<workgroup>|workgroupBarrier/);
  });
});
