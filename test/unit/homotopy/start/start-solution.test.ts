// Believed after it passes: every path id has its own start solution, it solves the start system, and the coefficients are exact in f32. Truth: the start system evaluated at the solution, term by term, and the exact count.
import { describe, expect, it } from 'vitest';
import {
  checkStartSolution,
  chooseStart,
  createStartTable,
  gammaOf,
  parseStructure,
  redrawEquation,
  startCoefficients,
  startSolution,
  StartSolutionError,
} from '../../../../src/homotopy/start/index.js';
import type { StartCoefficients, StartPlan } from '../../../../src/homotopy/start/index.js';
import { parseSystem } from '../../../../src/polynomial/parse.js';
import { referenceSystems } from './examples.js';

/** Largest |g_i(x)| over the product of its factors' sizes sum |terms|. */
function relativeResidual(
  plan: StartPlan,
  { values, offsets }: StartCoefficients,
  x: Float64Array,
): number {
  let worst = 0;
  plan.structure.forEach((factors, equation) => {
    let residual = 1;
    if (plan.univariate) {
      const degree = factors.length;
      const angle = degree * Math.atan2(x[2 * equation + 1]!, x[2 * equation]!);
      const modulus = Math.hypot(x[2 * equation]!, x[2 * equation + 1]!) ** degree;
      const at = 2 * offsets[equation]![0]!;
      residual =
        Math.hypot(
          modulus * Math.cos(angle) - values[at]!,
          modulus * Math.sin(angle) - values[at + 1]!,
        ) /
        (modulus + 1);
    } else {
      factors.forEach((set, factor) => {
        let at = 2 * offsets[equation]![factor]!;
        let [re, im, size] = [values[at]!, values[at + 1]!, 1];
        for (const variable of set) {
          at += 2;
          const [a, b] = [values[at]!, values[at + 1]!];
          const [c, d] = [x[2 * variable]!, x[2 * variable + 1]!];
          re += a * c - b * d;
          im += a * d + b * c;
          size += Math.hypot(c, d);
        }
        residual *= Math.hypot(re, im) / size;
      });
    }
    worst = Math.max(worst, residual);
  });
  return worst;
}

const systems = referenceSystems();

function planFor(name: string): StartPlan {
  return chooseStart(systems.find((reference) => reference.name === name)!.system);
}

describe('startSolution', () => {
  it.each(systems)(
    'solves the start system of $name on every path, each in another point',
    ({ system }) => {
      const plan = chooseStart(system);
      const table = createStartTable(plan);
      const coefficients = startCoefficients(plan, 11);
      const points = new Set<string>();
      let worst = 0;
      for (let id = 0; id < table.paths; id++) {
        const solution = startSolution(plan, table, coefficients, id);
        worst = Math.max(worst, relativeResidual(plan, coefficients, solution));
        points.add([...solution].map((part) => part.toFixed(6)).join());
      }
      expect(worst).toBeLessThan(1e-10);
      expect(BigInt(points.size)).toBe(plan.paths);
    },
  );

  it('chooses the same homotopy for the same seed and another for another seed', () => {
    const plan = planFor('noon4');
    expect(startCoefficients(plan, 3)).toEqual(startCoefficients(plan, 3));
    expect(startCoefficients(plan, 3).values).not.toEqual(startCoefficients(plan, 4).values);
    expect(gammaOf(3)).toEqual(gammaOf(3));
    expect(gammaOf(3)).not.toEqual(gammaOf(4));
  });

  it('draws coefficients of modulus 1 that f32 holds exactly', () => {
    const plan = planFor('eco6');
    const { values } = startCoefficients(plan, 5);
    const numbers = [...values, ...gammaOf(5)];
    expect(numbers.map(Math.fround)).toEqual(numbers);
    for (let k = 0; k < numbers.length; k += 2) {
      expect(Math.abs(Math.hypot(numbers[k]!, numbers[k + 1]!) - 1)).toBeLessThan(2 ** -23);
    }
  });
});

describe('checkStartSolution', () => {
  const system = parseSystem('x*y - 1\nx*y + x + y');
  const plan = chooseStart(system, {
    structure: parseStructure('{ x y }{ x y }\n{ x y }{ x y }', system.variables),
  });
  const table = createStartTable(plan);

  it('passes on generic coefficients', () => {
    const coefficients = startCoefficients(plan, 1);
    for (let id = 0; id < 4; id++) {
      expect(checkStartSolution(plan, table, coefficients, id)).toMatchObject({ ok: true });
    }
  });

  it('finds an unchosen factor that vanishes, and a redraw cures it', () => {
    const coefficients = startCoefficients(plan, 1);
    // Both factors of equation 2 equal: choosing one makes the other vanish as well.
    const [first, second] = coefficients.offsets[1]!.map((offset) => 2 * offset);
    coefficients.values.copyWithin(second!, first!, first! + 6);
    const check = checkStartSolution(plan, table, coefficients, 0);
    expect(check).toMatchObject({ ok: false, equation: 1 });
    expect(check.smallestFactor).toBeLessThan(1e-12);
    const redrawn = redrawEquation(plan, coefficients, 1, 1, 1);
    expect(redrawn.values.slice(0, first)).toEqual(coefficients.values.slice(0, first));
    expect(checkStartSolution(plan, table, redrawn, 0)).toMatchObject({ ok: true });
    expect(redrawEquation(plan, coefficients, 1, 1, 1)).toEqual(redrawn);
  });

  it('finds parallel forms', () => {
    const coefficients = startCoefficients(plan, 1);
    const { values, offsets } = coefficients;
    const [from, to] = [2 * offsets[0]![0]!, 2 * offsets[1]![0]!];
    values.copyWithin(to, from, from + 6);
    values[to] = -values[to]!;
    values[to + 1] = -values[to + 1]!;
    const check = checkStartSolution(plan, table, coefficients, 0);
    expect(check.ok).toBe(false);
    expect(() => startSolution(plan, table, coefficients, 0)).toThrow(StartSolutionError);
    // One unit in the last f32 place apart: solvable, but not a start to trust.
    values[to + 2] = values[to + 2]! + 2 ** -40;
    expect(checkStartSolution(plan, table, coefficients, 0).condition).toBeGreaterThan(1e8);
  });
});
