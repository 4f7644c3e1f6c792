/**
 * Believed afterwards: peers get the very start system that we track, and their reports are read
 * right. The truth: the equations checked at the start solutions, and reports as PHCpack 2.4.86 and
 * Macaulay2 1.21 wrote them.
 */
import { describe, expect, it } from 'vitest';
import { denseSystem } from '../../../harness/benchmark/solver/systems.js';
import {
  macaulayScript,
  phcStart,
  totalDegreeStart,
} from '../../../harness/benchmark/solver/start-system.js';
import { readMacaulayResult, readPhcResult } from '../../../harness/benchmark/solver/peers.js';
import * as lps from '../../../harness/internals.js';

const system = lps.parseSystem('x^2*y - 3\ny^2 + x - 1');
const start = totalDegreeStart(system, 5);

function power([re, im]: readonly [number, number], exponent: number): [number, number] {
  let result: [number, number] = [1, 0];
  for (let k = 0; k < exponent; k++)
    result = [result[0] * re - result[1] * im, result[0] * im + result[1] * re];
  return result;
}

describe('the start system', () => {
  it('has as many different solutions as paths, all of them zeros', () => {
    expect(start.degrees).toEqual([3, 2]);
    expect(start.solutions).toHaveLength(6);
    expect(new Set(start.solutions.map((point) => point.join())).size).toBe(6);
    for (const point of start.solutions) {
      point.forEach((value, i) => {
        const [re, im] = power(value, start.degrees[i]!);
        const [wantedRe, wantedIm] = start.constants[i]!;
        expect(Math.hypot(re - wantedRe, im - wantedIm)).toBeLessThan(1e-14);
      });
    }
  });

  it('reads back from the file for PHCpack', () => {
    const text = phcStart(system, start);
    const [equations, lists] = text.split('\n\nTHE SOLUTIONS :\n');
    const read = lps.parseSystem(`${equations!}\n`, { format: 'phc' });
    expect(read.variables).toEqual(system.variables);
    const numeric = lps.toNumeric(read);
    for (const point of start.solutions) {
      for (const part of lps.evaluate(numeric, point.flat()))
        expect(Math.abs(part)).toBeLessThan(1e-13);
    }
    expect(lists!.split('\n')[0]).toBe('6 2');
    const numbers = [...lists!.matchAll(/^ x : {2}(\S+) {3}(\S+)$/gm)];
    expect(numbers.map(([, re, im]) => [Number(re), Number(im)])).toEqual(
      start.solutions.map(([x]) => x),
    );
  });

  it('is the one in the script for Macaulay2', () => {
    const script = macaulayScript(system, 'x^2*y - 3\ny^2 + x - 1\n', start);
    expect(script).toContain('R = CC[x, y]');
    expect(script).toContain('F = {x^2*y - 3, y^2 + x - 1}');
    expect(script).toContain(`gamma => (${start.gamma[0]} + (${start.gamma[1]})*ii)`);
    expect(script.match(/\*ii\)/g)).toHaveLength(2 + 6 * 2 + 1);
  });
});

describe('reports', () => {
  const phc = `TIMING INFORMATION for continuation
The elapsed time in seconds was                  0.733502000 =  0h 0m 0s734ms
User time in seconds was                         0.726014000 =  0h 0m 0s726ms
System CPU time in seconds was                   0.007488000 =  0h 0m 0s  7ms

A list of 243 solutions has been refined :
Number of regular solutions     : 233.
Number of failures              : 10.
TIMING INFORMATION for Total time
User time in seconds was                         9.000000000 =  0h 0m 9s  0ms
`;

  it('of phc -p: CPU time of the continuation, and counts', () => {
    const result = readPhcResult(phc);
    expect(result.seconds).toBeCloseTo(0.733502, 9);
    expect(result).toMatchObject({ paths: 243, regular: 233 });
  });

  it('of Macaulay2, which writes .25', () => {
    expect(readMacaulayResult('warming up\nRESULT .142537 243 233\n')).toEqual({
      seconds: 0.142537,
      paths: 243,
      regular: 233,
    });
  });

  it('that broke off are errors, not zeros', () => {
    expect(() => readPhcResult(phc.slice(0, 150))).toThrow(/without timing or counts/);
    expect(() => readPhcResult(phc.replace('regular', 'strange'))).toThrow(/without timing/);
    expect(() => readMacaulayResult('')).toThrow(/without a result/);
  });
});

describe('dense systems', () => {
  it('have every monomial in every equation, and the seed decides the coefficients', () => {
    const cubics = lps.parseSystem(denseSystem(6, 3, 63));
    expect(cubics.polynomials.map((terms) => terms.length)).toEqual(Array(6).fill(84));
    expect(cubics.degrees).toEqual(Array(6).fill(3));
    expect(denseSystem(6, 3, 63)).toEqual(denseSystem(6, 3, 63));
    expect(denseSystem(6, 3, 64)).not.toEqual(denseSystem(6, 3, 63));
    expect(lps.parseSystem(denseSystem(2, 2, 1)).polynomials[0]).toHaveLength(6);
  });
});
