/**
 * Believed after it passes: a unit of the last hidden layer is, as a block, exactly a k-1-1 network
 * on the residual; tracked blocks contain the best minimum that many descents find; the descent
 * never raises its objective, whatever is proposed; and networks, data and budgets that do not fit
 * are refused in words. Truth: the loss written here by its definition, BFGS from many points, and
 * properties that hold by construction.
 */
import type { Dataset } from '../../../src/data/dataset.js';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeBase } from '../../../src/minima/solved-family.js';
import type { GpuDevice } from '../../../src/gpu/index.js';
import { approximateActivation } from '../../../src/minima/activation-polynomial.js';
import { initialize } from '../../../src/initialize/initialize.js';
import type { InitializationOptions } from '../../../src/initialize/initializers.js';
import { trackedActivation } from '../../../src/initialize/tracked/activation.js';
import { blockProblem } from '../../../src/initialize/tracked/block-problem.js';
import { createBlockSolver } from '../../../src/initialize/tracked/block-solver.js';
import {
  enumeratedCandidates,
  enumeratedNetwork,
  isQuickToEnumerate,
  type EnumeratedBlock,
} from '../../../src/initialize/tracked/enumerated.js';
import { blockArchitecture, isEnumerationWanted } from '../../../src/initialize/tracked/options.js';
import { crossEntropyScale } from '../../../src/initialize/tracked/cross-entropy-scale.js';
import { descend } from '../../../src/initialize/tracked/descend.js';
import { LastLayers } from '../../../src/initialize/tracked/last-layers.js';
import { prepareLastLayers } from '../../../src/initialize/tracked/last-layers-start.js';
import { lossFunction } from '../../../src/minima/loss-function.js';
import { familyPoint } from '../../../src/minima/moments.js';
import { networkFamily } from '../../../src/minima/network-family.js';
import { minimize } from '../../../src/math/quasi-newton.js';
import { randomStream } from '../../../src/math/random.js';
import {
  dense,
  flatten,
  network,
  networkFromNotation,
  relu,
  tanh,
  type Network,
} from '../../../src/network/index.js';
import type { Weights } from '../../../src/network/weights.js';

/** Paths of a block are few enough for the calling thread: a device is only asked its name. */
const noGpu = {
  own: () => undefined,
  precision: { mode: 'f64' },
  info: {},
  limits: { maxStorageBufferBindingSize: 2 ** 27 },
} as unknown as GpuDevice;

interface Sizes {
  readonly samples: number;
  readonly inputs: number;
  readonly units: number;
  readonly outputs: number;
  readonly bias: boolean;
}

/** Random layers of the given sizes. */
function randomLayers(seed: number, sizes: Sizes, regularization = 0.03): LastLayers {
  const { samples, inputs, units, outputs, bias } = sizes;
  const random = randomStream(seed, 77);
  const draw = (length: number): Float64Array =>
    Float64Array.from({ length }, () => random.normal());
  return new LastLayers(
    {
      samples,
      inputs,
      features: draw(samples * inputs),
      outputs,
      targets: draw(samples * outputs),
      activation: (z) => Math.max(0, z),
      regularization,
    },
    {
      hidden: draw(units * inputs),
      hiddenBias: bias ? draw(units) : null,
      output: draw(outputs * units),
      outputBias: draw(outputs),
    },
  );
}

/** J by its definition. */
function definedObjective({ problem, weights, units }: LastLayers): number {
  const { samples, inputs, features, outputs, targets, activation, regularization } = problem;
  let squares = 0;
  let penalty = 0;
  for (let row = 0; row < samples; row++) {
    const active = Array.from({ length: units }, (_, unit) => {
      let z = weights.hiddenBias?.[unit] ?? 0;
      for (let k = 0; k < inputs; k++) {
        z += weights.hidden[unit * inputs + k]! * features[row * inputs + k]!;
      }
      penalty += (z * z) / samples;
      return activation(z);
    });
    for (let k = 0; k < outputs; k++) {
      const y = active.reduce(
        (sum, value, unit) => sum + weights.output[k * units + unit]! * value,
        weights.outputBias[k]!,
      );
      squares += (y - targets[row * outputs + k]!) ** 2;
    }
  }
  for (const value of [...weights.output, ...weights.outputBias]) penalty += value * value;
  return squares / (2 * samples) + (regularization / 2) * penalty;
}

const sizes = fc.record({
  samples: fc.integer({ min: 5, max: 40 }),
  inputs: fc.integer({ min: 2, max: 4 }),
  units: fc.integer({ min: 1, max: 4 }),
  outputs: fc.integer({ min: 1, max: 3 }),
  bias: fc.boolean(),
});
const seeds = fc.integer({ min: 0, max: 1e6 });
const slope = (z: number): number => Number(z > 0);

describe('the objective', () => {
  it('is J, and stays J through replaced units and fitted outputs', () => {
    fc.assert(
      fc.property(seeds, sizes, (seed, size) => {
        const layers = randomLayers(seed, size);
        const random = randomStream(seed, 78);
        expect(layers.objective()).toBeCloseTo(definedObjective(layers), 9);
        for (let step = 0; step < 4; step++) {
          const before = layers.objective();
          const weight = Float64Array.from({ length: size.inputs }, () => random.normal());
          const bias = size.bias ? random.normal() : 0;
          const replaced = layers.tryUnit(step % size.units, { weight, bias });
          expect(layers.objective() < before).toBe(replaced);
          expect(layers.objective()).toBeCloseTo(definedObjective(layers), 9);
        }
        const before = layers.objective();
        layers.fitOutput();
        expect(layers.objective()).toBeLessThanOrEqual(before + 1e-12);
        expect(layers.objective()).toBeCloseTo(definedObjective(layers), 9);
      }),
    );
  });

  it('has no better output layer than the fitted one', () => {
    fc.assert(
      fc.property(seeds, sizes, (seed, size) => {
        const layers = randomLayers(seed, size);
        layers.fitOutput();
        const { output, outputBias } = layers.weights;
        const least = definedObjective(layers);
        for (const values of [output, outputBias]) {
          for (const step of [-1e-3, 1e-3]) {
            values[0]! += step;
            expect(definedObjective(layers)).toBeGreaterThan(least);
            values[0]! -= step;
          }
        }
      }),
    );
  });
});

describe('a block', () => {
  it.each([1, 2])('of %i directions is the network on the residual, up to a constant', (k) => {
    fc.assert(
      fc.property(seeds, sizes, (seed, size) => {
        // With one output q is 1, and nothing of the residual is left out.
        const layers = randomLayers(seed, { ...size, outputs: 1 });
        const { regularization, activation } = layers.problem;
        const problem = blockProblem(layers, 0, { directions: k, slope })!;
        const { inputs, targets } = problem.samples;
        const blockLoss = (unknowns: readonly number[]): number => {
          const [s, c] = unknowns.slice(-2) as [number, number];
          const squares = inputs.reduce((sum, row, index) => {
            const bias = size.bias ? unknowns[row.length]! : 0;
            const z = row.reduce((total, u, j) => total + u * unknowns[j]!, bias);
            return sum + (s * activation(z) + c - targets[index]![0]!) ** 2;
          }, 0);
          const norm = unknowns.reduce((sum, value) => sum + value * value, 0);
          return squares / (2 * inputs.length) + (regularization / 2) * norm;
        };
        const constant = definedObjective(layers) - blockLoss(problem.current);
        const random = randomStream(seed, 79);
        const unknowns = problem.current.map(() => random.normal());
        const { weight, bias } = problem.toUnit(unknowns);
        const { hidden, hiddenBias, output, outputBias } = layers.weights;
        hidden.set(weight);
        if (hiddenBias) hiddenBias[0] = bias;
        [output[0], outputBias[0]] = unknowns.slice(-2) as [number, number];
        expect(definedObjective(layers) - blockLoss(unknowns)).toBeCloseTo(constant, 8);
      }),
    );
  });

  it('is refused for a unit whose projections are constant', () => {
    const layers = randomLayers(1, { samples: 9, inputs: 2, units: 2, outputs: 1, bias: true });
    layers.weights.hidden.fill(0, 0, 2);
    expect(blockProblem(layers, 0, { directions: 1, slope })).toBeNull();
    expect(blockProblem(layers, 1, { directions: 1, slope })).not.toBeNull();
  });

  it('has no better minimum of its polynomial than the tracked ones', async () => {
    const regularization = 1e-3;
    const activation = trackedActivation(relu(), {});
    const family = networkFamily(blockArchitecture(1), activation.exact);
    const file = '1-1-1-all-bias-degree-2-aeaa5628.json';
    const path = new URL(`../../../data/families/${file}`, import.meta.url);
    const solver = await createBlockSolver(noGpu, {
      activation,
      directions: 1,
      hiddenBias: true,
      regularization,
      seed: 1,
      maximumPaths: 1,
      base: decodeBase(readFileSync(path, 'utf8'), family, file),
    });
    expect(solver.startPaths()).toBe(0);
    for (let seed = 1; seed <= 5; seed++) {
      const size = { samples: 40, inputs: 3, units: 3, outputs: 2, bias: true };
      const layers = randomLayers(seed, size, regularization);
      const { samples } = blockProblem(layers, 0, { directions: 1, slope })!;
      const solved = await solver.solve(samples);
      const loss = lossFunction(family, familyPoint(family, samples, regularization));
      const random = randomStream(seed, 80);
      const searched = Array.from({ length: 40 }, () => {
        const start = Array.from({ length: 4 }, () => 1.5 * random.normal());
        return minimize((point) => {
          const { value, gradient } = loss(point);
          return { value, gradient: [...gradient] };
        }, start).value;
      });
      expect(solved).toMatchObject({ followed: 33, failed: 0, eulerSum: 1 });
      const tracked = Math.min(...solved.minima.map(({ unknowns }) => loss(unknowns).value));
      expect(tracked, `seed ${seed}`).toBeLessThanOrEqual(Math.min(...searched) + 1e-9);
    }
  });
});

describe('the descent', () => {
  it('never raises J, whatever is proposed', async () => {
    await fc.assert(
      fc.asyncProperty(seeds, sizes, fc.boolean(), async (seed, size, fitOutput) => {
        const layers = randomLayers(seed, size);
        const random = randomStream(seed, 81);
        const { objectives } = await descend(layers, {
          activation: trackedActivation(relu(), {}).function,
          directions: 2,
          sweeps: 2,
          fitOutput,
          candidates: ({ current }) => [{ unknowns: current.map(() => 3 * random.normal()) }],
        });
        expect(objectives.length).toBe(4);
        objectives.slice(1).forEach((value, index) => {
          expect(value).toBeLessThanOrEqual(objectives[index]! + 1e-12);
        });
        expect(layers.objective()).toBeCloseTo(definedObjective(layers), 8);
      }),
      { numRuns: 30 },
    );
  });
});

const line: Dataset = {
  count: 5,
  shape: [1],
  inputs: Float32Array.of(-2, -1, 0, 1, 2),
  normalization: { mean: [0], deviation: [1] },
  targets: { kind: 'values', values: Float32Array.of(2, 1, 0, 1, 2), width: 1 },
};

/** Zero weights of a network's names and shapes. */
function zeros({ parameters }: Network): Weights {
  return {
    tensors: new Map(
      parameters.tensors.map(({ name, shape, rows, columns }) => [
        name,
        { shape, data: new Float32Array(rows * columns) },
      ]),
    ),
    metadata: {},
  };
}

describe('where the true minima can be enumerated', () => {
  /** J of the true network by its definition. */
  const lossOf = (rows: readonly (readonly [number, number])[], lambda: number) => {
    return ([a, b, s, c]: readonly number[]): number => {
      const squares = rows.reduce(
        (sum, [u, r]) => sum + (s! * Math.max(0, a! * u + b!) + c! - r) ** 2,
        0,
      );
      const norm = [a, b, s, c].reduce<number>((sum, value) => sum + value! ** 2, 0);
      return squares / (2 * rows.length) + (lambda / 2) * norm;
    };
  };

  it('proposes a block that no descent betters, and never the dead one', async () => {
    for (let seed = 1; seed <= 4; seed++) {
      const size = { samples: 30, inputs: 3, units: 3, outputs: 1, bias: true };
      const layers = randomLayers(seed, size, 1e-3);
      const problem = blockProblem(layers, 0, { directions: 1, slope })!;
      const blocks: EnumeratedBlock[] = [];
      const source = enumeratedCandidates({ negativeSlope: 0, regularization: 1e-3 }, (block) =>
        blocks.push(block),
      );
      const [own, best] = await source(problem, 0);
      expect(own!.unknowns).toEqual(problem.current);
      expect(blocks).toMatchObject([{ unit: 0, undecided: 0 }]);
      const loss = lossOf(
        problem.samples.inputs.map(([u], row) => [u!, problem.samples.targets[row]![0]!]),
        1e-3,
      );
      const random = randomStream(seed, 83);
      const least = loss(best!.unknowns);
      for (let trial = 0; trial < 2000; trial++) {
        const size = 10 ** (-4 * random.uniform());
        const near = best!.unknowns.map((value) => value + size * random.normal());
        expect(loss(near)).toBeGreaterThanOrEqual(least);
        const far = best!.unknowns.map(() => 1.5 * random.normal());
        expect(loss(far)).toBeGreaterThan(least);
      }
    }
  });

  it('starts 1-2-1 on |x| at its global minimum', async () => {
    const weights = await initialize(noGpu, networkFromNotation('1-2-1'), {
      method: 'lps-tracked',
      data: line,
      regularization: 0.01,
    });
    const report = weights.tracked!;
    if (report.scope !== 'network' || report.search !== 'enumerated') throw new Error('search');
    const { minima, warnings, lowerBound } = report;
    expect(warnings).toEqual([]);
    const entry = (name: string): number[] => [...weights.tensors.get(name)!.data];
    const [w, b] = [entry('layers.0.weight'), entry('layers.0.bias')];
    const [v, c] = [entry('layers.2.weight'), entry('layers.2.bias')];
    const squares = [-2, -1, 0, 1, 2].reduce((sum, x) => {
      const y = w.reduce((total, _, j) => total + v[j]! * Math.max(0, w[j]! * x + b[j]!), c[0]!);
      return sum + (y - Math.abs(x)) ** 2;
    }, 0);
    const norm = [...w, ...b, ...v, ...c].reduce((sum, value) => sum + value ** 2, 0);
    expect(squares / 10 + 0.005 * norm).toBeCloseTo(minima[0]!.loss, 6);
    // |x| itself, by two units of |v| = |w| = 1: only the penalty is left.
    expect(minima[0]!.loss).toBeLessThan(0.02);
    expect(lowerBound).toBeLessThanOrEqual(minima[0]!.loss);
  });

  it('is not done where it is not wanted, takes too long, or the activation is another', () => {
    const relus = trackedActivation(relu(), {});
    expect(enumeratedNetwork({ layers: [1, 2, 1] }, relus)).toEqual({ units: 2, negativeSlope: 0 });
    expect(enumeratedNetwork({ layers: [2, 1, 1] }, relus)).toBeNull();
    expect(enumeratedNetwork({ layers: [1, 1, 1], bias: 'output' }, relus)).toBeNull();
    expect(enumeratedNetwork({ layers: [1, 2, 1] }, trackedActivation(tanh(), {}))).toBeNull();
    const rows = (count: number) => ({
      inputs: Array.from({ length: count }, (_, k) => [k]),
      targets: Array.from({ length: count }, (_, k) => [k % 3]),
    });
    const network = { units: 2, negativeSlope: 0 };
    expect(isQuickToEnumerate(network, rows(100))).toBe(true);
    expect(isQuickToEnumerate(network, rows(1000))).toBe(false);
    expect(isQuickToEnumerate(network, rows(1))).toBe(false);
    expect(isEnumerationWanted({})).toBe(true);
    expect(isEnumerationWanted({ activation: { degree: 2 } })).toBe(false);
    expect(isEnumerationWanted({ activation: { degree: 2 }, enumerate: true })).toBe(true);
    expect(isEnumerationWanted({ enumerate: false })).toBe(false);
  });
});

describe('what cannot be tracked', () => {
  const refuse = async (net: Network, options: InitializationOptions): Promise<unknown> =>
    initialize(noGpu, net, { method: 'lps-tracked', data: line, ...options }).catch(
      (error: unknown) => error,
    );

  it.each([
    ['data', { data: undefined }, 'option', /needs `data`/],
    ['lambda', { regularization: 0 }, 'option', /positive number.*got 0/],
    ['scope', { scope: 'all' as 'network' }, 'option', /'network' or 'last-layers', got "all"/],
    ['budget', { maximumPaths: 0.5 }, 'option', /whole number from 1, got 0.5/],
    ['sweeps', { sweeps: 0 }, 'option', /sweeps/],
    ['blockDirections', { blockDirections: 3 }, 'option', /1 or 2, got 3/],
    ['samples', { maximumSamples: 1 }, 'option', /from 2, got 1/],
    ['enumerate', { enumerate: 1 }, 'option', /true or false, got 1/],
  ])('names a bad option: %s', async (_, options, code, message) => {
    const error = await refuse(networkFromNotation('1-1-1'), options as InitializationOptions);
    expect(error).toMatchObject({ name: 'InitializationError', code });
    expect(String(error)).toMatch(message);
  });

  it('names the paths that a larger network needs, and the budget', async () => {
    const error = await refuse(networkFromNotation('1-3-1'), { enumerate: false });
    expect(error).toMatchObject({ name: 'InitializationError', code: 'network' });
    expect(String(error)).toMatch(/1-3-1.*10 parameters.*1,359,153 paths.*budget is 20,000/);
  });

  it.each([
    ['flatten', [flatten(), dense(1)], /layers.0 is flatten/],
    ['two activations', [dense(1), relu(), dense(1), tanh(), dense(1)], /relu, tanh/],
    ['activation at the end', [dense(1), relu()], /last layer is relu/],
    ['bias in one layer', [dense(1), relu(), dense(1, { bias: false })], /biases must be/],
  ])('refuses a whole network with %s', async (_, layers, message) => {
    const error = await refuse(network({ input: [1], layers }), {});
    expect(error).toMatchObject({ name: 'InitializationError', code: 'network' });
    expect(String(error)).toMatch(message);
  });

  it('refuses last layers that are not dense, activation, dense', () => {
    const net = network({ input: [1], layers: [dense(2), relu()] });
    expect(() => prepareLastLayers(net, zeros(net), { data: line })).toThrow(
      /ends in dense, activation, dense with biases; this one ends in dense, relu/,
    );
  });

  it('refuses targets that are all equal, and data of another width', () => {
    const net = networkFromNotation('1-2-1');
    const values = new Float32Array(5);
    const flat: Dataset = { ...line, targets: { kind: 'values', values, width: 1 } };
    expect(() => prepareLastLayers(net, zeros(net), { data: flat })).toThrow(/all targets/);
    const wide = networkFromNotation('1-2-2');
    expect(() => prepareLastLayers(wide, zeros(wide), { data: line })).toThrow(/rows of 1/);
  });
});

describe('the polynomial of an activation layer', () => {
  it('is the fit of lps minima, or the polynomial itself', () => {
    const tracked = trackedActivation(relu(), { degree: 2, radius: 2 });
    expect(tracked.exact).toEqual(
      approximateActivation({ name: 'relu', degree: 2, radius: 2 }).exact,
    );
    const own = trackedActivation({ type: 'polynomial', coefficients: [1, -2, 3] }, {});
    expect(own.exact.map(Number)).toEqual([1, -2, 3]);
    expect(own.function.value(2)).toBe(9);
    expect(own.function.derivative(2)).toBe(10);
  });
});

describe('the scale of logits', () => {
  it('is the best of a fine scan', () => {
    const random = randomStream(5, 82);
    const labels = Array.from({ length: 60 }, () => random.integer(3));
    const scores = Float64Array.from({ length: 180 }, (_, index) => {
      return random.normal() + 0.8 * Number(labels[Math.floor(index / 3)] === index % 3);
    });
    const crossEntropy = (factor: number): number =>
      labels.reduce((sum, label, row) => {
        const logits = [0, 1, 2].map((k) => factor * scores[3 * row + k]!);
        return sum + Math.log(logits.reduce((s, z) => s + Math.exp(z), 0)) - logits[label]!;
      }, 0);
    const best = crossEntropyScale(scores, labels);
    for (let exponent = -3; exponent <= 3; exponent += 0.01) {
      expect(crossEntropy(best)).toBeLessThanOrEqual(crossEntropy(Math.exp(exponent)) + 1e-9);
    }
  });
});
