// Believed after it passes: the shipped systems are read right. Truth: degrees and unknowns as PHCpack counted them, terms as another program expanded them, and solutions found by other solvers, which must satisfy what was read.
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { formatSystem } from '../../../src/polynomial/format.js';
import { toNumeric } from '../../../src/polynomial/numeric.js';
import { parseSystem } from '../../../src/polynomial/parse.js';
import { residual } from '../../../src/polynomial/residual.js';
import { picture } from './random-systems.js';

const DATA = new URL('../../data/', import.meta.url);

function files(folder: string): [string, string][] {
  return readdirSync(new URL(folder, DATA))
    .filter((file) => file.endsWith('.json'))
    .map((file) => [file, readFileSync(new URL(`${folder}${file}`, DATA), 'utf8')]);
}

describe('systems', () => {
  it.each(files('systems/'))('%s', (_, text) => {
    const recorded = JSON.parse(text) as {
      name: string;
      variables: string[];
      degrees: number[];
      totalDegree: number;
    };
    const system = parseSystem(text);
    expect(system.name).toBe(recorded.name);
    expect(system.variables).toEqual(recorded.variables);
    expect(system.degrees).toEqual(recorded.degrees);
    expect(system.degrees.reduce((product, degree) => product * degree)).toBe(recorded.totalDegree);
    for (const format of ['text', 'json', 'phc', 'julia'] as const) {
      const read = parseSystem(formatSystem(system, format), { format });
      expect(picture(read)).toEqual(picture(system));
    }
  });
});

describe('networks', () => {
  it.each(files('networks/'))('%s', (_, text) => {
    const recorded = JSON.parse(text) as {
      variables: string[];
      equations_terms: { c: string; e: number[] }[][];
      complex_solutions?: [number, number][][];
      real_critical_points: { x: number[] }[];
    };
    const system = parseSystem(text);
    expect(system.variables).toEqual(recorded.variables);
    system.polynomials.forEach((terms, index) => {
      const found = terms.map(({ coefficient, exponents }) => [
        exponents.join(),
        coefficient.re.toFraction(),
      ]);
      const expected = recorded.equations_terms[index]?.map(({ c, e }) => [e.join(), c]);
      expect(found.sort()).toEqual(expected?.sort());
    });
    const numeric = toNumeric(system);
    // Where a coordinate is zero the solver left noise (about 1e-20); a relative residual sees it.
    const clean = (part: number): number => (Math.abs(part) < 1e-12 ? 0 : part);
    const points = [
      ...(recorded.complex_solutions ?? []).map((solution) => solution.flat()),
      ...recorded.real_critical_points.map(({ x }) => x.flatMap((each) => [each, 0])),
    ];
    expect(points.length).toBeGreaterThan(0);
    for (const point of points) {
      expect(residual(numeric, point.map(clean))).toBeLessThan(1e-12);
    }
  });
});
