// Believed after it passes: from a table and a solver's solutions come the right minima, report, polish and picture. Truth: the independently solved systems in test/data/networks; a plain forward pass and loss written here; a closed-form ridge regression; a random search for better points near a polished one.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readTable, standardize, type DataTable } from '../../../src/data/table.js';
import { DIABETES_CSV } from '../../../src/data/diabetes.js';
import { activationFunction } from '../../../src/network/activations.js';
import { activationFromNotation } from '../../../src/network/index.js';
import { networkLayout } from '../../../src/network/architecture.js';
import type { ComplexPoint } from '../../../src/minima/critical-points.js';
import {
  findMinima,
  minimaOfSolutions,
  stationarityProblem,
  type MinimaOptions,
  type NetworkMinima,
} from '../../../src/minima/find-minima.js';
import { ChartError, fitChart } from '../../../src/charts/fit-chart.js';
import { dataLoss } from '../../../src/minima/data-loss.js';
import { minimaReport } from '../../../src/minima/minima-report.js';
import { polishMinimumStepwise } from '../../../src/minima/polish.js';
import { minimize } from '../../../src/math/quasi-newton.js';
import { atOnce } from '../../../src/math/stepwise.js';

interface NetworkFile {
  complex_solutions: [number, number][][];
  real: number;
  local_minima: number;
  real_critical_points: { x: number[]; loss: number; morse_index: number }[];
}

const load = (name: string): NetworkFile =>
  JSON.parse(
    readFileSync(new URL(`../../data/networks/${name}.json`, import.meta.url), 'utf8'),
  ) as NetworkFile;
const three = readTable('x,t\n-1,0.5\n0.5,-0.25\n1,1\n', { x: ['x'], y: ['t'] });
const s2: MinimaOptions = {
  data: three,
  architecture: { layers: [1, 1, 1] },
  activation: { name: 'relu', degree: 2 },
  regularization: 0.01,
};
const solveS2 = (): Promise<{ solutions: { coordinates: ComplexPoint }[] }> =>
  Promise.resolve({
    solutions: load('s2_111_relu2').complex_solutions.map((coordinates) => ({ coordinates })),
  });

/** A plain forward pass and loss by definition for one input, one hidden layer, one output. */
function directLoss(
  data: DataTable,
  hidden: number,
  activation: (z: number) => number,
  lambda: number,
  theta: readonly number[],
): number {
  const at = (k: number): number => theta[k]!;
  let squares = 0;
  data.inputs.forEach(([x], row) => {
    let output = at(3 * hidden);
    for (let unit = 0; unit < hidden; unit++) {
      output += at(2 * hidden + unit) * activation(at(unit) * x! + at(hidden + unit));
    }
    squares += (output - (data.targets[row] as number[])[0]!) ** 2;
  });
  return (
    squares / (2 * data.inputs.length) +
    (lambda / 2) * theta.reduce((sum, value) => sum + value * value, 0)
  );
}

describe('s2 through findMinima', () => {
  it('gives the known critical points as the JSON of lps minima', async () => {
    const file = load('s2_111_relu2');
    const { minima } = await findMinima(solveS2, s2);
    const report = minimaReport(minima);
    expect(minima.warnings).toEqual([]);
    expect(JSON.parse(JSON.stringify(report))).toEqual(report);
    expect(report.data).toEqual({ rows: 3, columns: ['x', 't'], standardized: false });
    expect(report.activation).toMatchObject({
      name: 'relu',
      degree: 2,
      radius: 1,
      coefficients: [3 / 32, 1 / 2, 15 / 32],
    });
    expect(report.activation.maxError).toBeCloseTo(3 / 32, 14);
    expect(report.regularization).toBe(0.01);
    expect(report.eulerSum).toBe(1);
    expect(report.criticalPoints.length).toBe(file.real);
    expect(report.minima.length).toBe(file.local_minima);
    const best = report.criticalPoints[report.minima[0]!];
    const expected = file.real_critical_points[0]!;
    const [w1, b1, w2, b2] = expected.x as [number, number, number, number];
    expect(best?.loss).toBeCloseTo(expected.loss, 12);
    const close = (actual: unknown, value: number): void =>
      expect(Math.abs((actual as number[]).flat()[0]! - value)).toBeLessThan(1e-9);
    close(best?.parameters['layers.0.weight'], w1);
    close(best?.parameters['layers.0.bias'], b1);
    close(best?.parameters['layers.2.weight'], w2);
    close(best?.parameters['layers.2.bias'], b2);
    expect(best?.parameters['layers.0.weight']).toEqual([[expect.any(Number)]]);
    expect(report.polished!.loss).toBeLessThanOrEqual(report.polished!.lossBefore);
  });

  it('hands the solver the system of the data', async () => {
    await findMinima((problem) => {
      expect(problem.family.gradient.variables).toEqual(['w1_11', 'b1_1', 'w2_11', 'b2_1']);
      // mean of -1, 1/2, 1 and of its squares
      expect(problem.point.parameters[0]).toBeCloseTo(1 / 6, 15);
      expect(problem.point.parameters[1]).toBeCloseTo(3 / 4, 15);
      return solveS2();
    }, s2);
  });

  it('says so when there is no minimum', () => {
    const minima = minimaOfSolutions(stationarityProblem(s2), []);
    expect(minima.polished).toBeNull();
    expect(minimaReport(minima).polished).toBeNull();
    expect(minima.warnings.join()).toMatch(/EULER CHECK FAILED.*no local minimum/);
  });

  it('says that relu of degree 3 is relu of degree 2', async () => {
    const { minima } = await findMinima(solveS2, {
      ...s2,
      activation: { name: 'relu', degree: 3 },
    });
    expect(minima.points.length).toBe(5);
    expect(minima.warnings).toEqual([expect.stringMatching(/degree 3 has degree 2/)]);
  });
});

it('linear regression on the diabetes data is the closed-form ridge solution', () => {
  // J = 1/(2S) |w x + b - t|^2 + lambda/2 (w^2 + b^2), x and t standardised: w = r / (1 + lambda), b = 0.
  const data = standardize(readTable(DIABETES_CSV, { x: ['bmi'], y: ['progression'] }));
  const correlation =
    data.inputs.reduce((sum, [x], row) => sum + x! * (data.targets[row] as number[])[0]!, 0) / 442;
  expect(correlation).toBeCloseTo(0.5864501, 6); // the published correlation of bmi and progression
  const problem = stationarityProblem({
    data,
    architecture: { layers: [1, 1] },
    activation: { name: 'identity', degree: 1 },
    regularization: 0.01,
  });
  const minima = minimaOfSolutions(problem, [
    [
      [correlation / 1.01, 1e-10],
      [1e-9, 0],
    ],
  ]);
  expect(minima.points[0]?.unknowns[0]).toBeCloseTo(correlation / 1.01, 13);
  expect(minima.points[0]?.unknowns[1]).toBeCloseTo(0, 13);
  expect(minima.warnings).toEqual([]);
  expect(minima.polished?.loss).toBeCloseTo((1 - correlation ** 2 / 1.01) / 2, 12);
});

describe('polishing', () => {
  const layout = networkLayout({ layers: [1, 2, 1] });
  const data = standardize(readTable(DIABETES_CSV, { x: ['bmi'], y: ['progression'] }));
  const start = [0.59, -0.56, 0.37, 0.36, 0.59, -0.57, -0.02];
  const identity = Float64Array.from({ length: 49 }, (_, k) => (k % 8 === 0 ? 1 : 0));

  it('loss and gradient of the forward pass are those of the definition', () => {
    for (const name of ['tanh', 'gelu', 'relu', 'sigmoid']) {
      const activation = activationFunction(activationFromNotation(name));
      const direct = (theta: readonly number[]): number =>
        directLoss(data, 2, activation.value, 0.02, theta);
      const { value, gradient } = dataLoss(layout, activation, data, 0.02)(start);
      expect(value).toBeCloseTo(direct(start), 13);
      start.forEach((_, i) => {
        const shift = (step: number): number[] =>
          start.map((entry, k) => (k === i ? entry + step : entry));
        const difference = (direct(shift(1e-6)) - direct(shift(-1e-6))) / 2e-6;
        expect(Math.abs(gradient[i]! - difference)).toBeLessThan(1e-7);
      });
    }
  });

  it.each(['tanh', 'relu', 'gelu', 'leaky-relu'])('%s: no better point nearby', (name) => {
    const activation = activationFunction(activationFromNotation(name));
    const polished = atOnce(polishMinimumStepwise(layout, activation, data, 0.01, start, identity));
    const direct = (theta: readonly number[]): number =>
      directLoss(data, 2, activation.value, 0.01, theta);
    expect(polished.lossBefore).toBeCloseTo(direct(start), 12);
    expect(polished.loss).toBeCloseTo(direct(polished.unknowns), 12);
    expect(polished.loss).toBeLessThan(polished.lossBefore);
    let state = 12345;
    const random = (): number => (state = (state * 16807) % 2147483647) / 2147483647 - 0.5;
    for (const size of [1e-1, 1e-2, 1e-3, 1e-4]) {
      for (let trial = 0; trial < 50; trial++) {
        const near = polished.unknowns.map((value) => value + size * random());
        expect(direct(near)).toBeGreaterThan(polished.loss - 1e-9);
      }
    }
  });

  it('the minimiser finds the minimum of the Rosenbrock function and of |x| + 2 y^2', () => {
    const rosenbrock = minimize(
      ([x, y]) => {
        const [a, b] = [1 - x!, y! - x! ** 2];
        return {
          value: a * a + 100 * b * b,
          gradient: [-2 * a - 400 * x! * b, 200 * b],
        };
      },
      [-1.2, 1],
    );
    expect(rosenbrock.point[0]).toBeCloseTo(1, 9);
    expect(rosenbrock.gradientNorm).toBeLessThan(1e-10);
    const kinked = minimize(
      ([x, y]) => ({
        value: Math.abs(x!) + 2 * y! ** 2,
        gradient: [Math.sign(x!), 4 * y!],
      }),
      [0.7, 1.3],
    );
    expect(kinked.value).toBeLessThan(1e-9);
  });
});

describe('the picture', () => {
  it('has title, axes, data and one labelled curve per orbit of minima', async () => {
    const { minima } = await findMinima(solveS2, s2);
    const svg = await fitChart(minima);
    expect(svg).toMatch(/^<svg width="960" height="600"/);
    for (const text of [
      'x → t: the fit of every local minimum',
      'λ = 0.01',
      'best loss 0.022943',
      'loss 0.024385',
      'loss 0.13273',
      'true relu, polished',
      'Euler sum 1',
    ]) {
      expect(svg).toContain(text);
    }
    expect(svg).not.toContain('NaN');
  });

  it('refuses more than one input', async () => {
    const data = readTable('a,b,t\n1,2,3\n3,4,6\n', { x: ['a', 'b'], y: ['t'] });
    const problem = stationarityProblem({ ...s2, data, architecture: { layers: [2, 1, 1] } });
    await expect(fitChart({ problem } as NetworkMinima)).rejects.toThrow(ChartError);
  });
});

describe('stopped by a signal', () => {
  it('before there is anything to solve: ends with its reason', async () => {
    const signal = AbortSignal.abort(new Error('enough'));
    const solve = () => Promise.reject(new Error('never asked'));
    await expect(findMinima(solve, s2, { signal })).rejects.toThrow('enough');
  });

  it('while solutions are looked at: gives some points, and says that they may not be all', async () => {
    const stop = new AbortController();
    const { minima, solved } = await findMinima(
      async () => {
        const { solutions } = await solveS2();
        stop.abort();
        // More than anybody refines in the time that is left.
        return { solutions: Array.from({ length: 20_000 }, () => solutions).flat() };
      },
      s2,
      { signal: stop.signal },
    );
    expect(solved.solutions.length).toBeGreaterThan(20_000);
    expect(minima.points.length).toBeLessThanOrEqual(load('s2_111_relu2').real);
    expect(minima.warnings.join()).toMatch(/stopped: the points are those of some/);
    expect(minima.warnings.join()).not.toMatch(/EULER/);
    expect(minima.polished).toBeNull();
  });
});

it('refuses a network that does not fit the columns', () => {
  expect(() => stationarityProblem({ ...s2, architecture: { layers: [2, 1, 1] } })).toThrow(
    /the network has 2 inputs and the data 1 input columns \(x\)/,
  );
  expect(() => stationarityProblem({ ...s2, architecture: { layers: [1, 1, 2] } })).toThrow(
    /2 outputs/,
  );
});

it('takes the family of an earlier data set, and no other', () => {
  const { family } = stationarityProblem(s2);
  expect(stationarityProblem({ ...s2, regularization: 0.5 }, family).family).toBe(family);
  for (const other of [
    { ...s2, activation: { name: 'tanh', degree: 3 } },
    { ...s2, activation: { name: 'relu', degree: 2, radius: 2 } },
    { ...s2, architecture: { layers: [1, 2, 1] } },
    { ...s2, architecture: { layers: [1, 1, 1], bias: false } },
  ]) {
    expect(() => stationarityProblem(other, family)).toThrow(/another network or activation/);
  }
});
