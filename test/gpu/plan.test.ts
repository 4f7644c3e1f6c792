/**
 * After this passes I believe that a plan computes a network's outputs, losses and gradients for
 * every layer, activation and loss, at awkward sizes, on every engine, and that a replica does not
 * notice the others. The truth comes from the f64 reference of test/helpers, which shares with the
 * kernels only the description of a network.
 */
import { expect, it } from 'vitest';
import { philox4x32 } from '../../src/math/random.js';
import { silu } from '../../src/network/activations.js';
import { dense, dropout } from '../../src/network/layer.js';
import { networkToJson } from '../../src/network/network.js';
import { forEachEngine, type Engine } from '../helpers/engine.js';
import {
  referenceForward,
  referenceGradients,
  type ReferenceLoss,
} from '../helpers/reference-network.js';
import {
  IMAGES,
  make,
  MLPS,
  prepare,
  randomCases,
  REPLICAS,
  REPLICAS_OF_IMAGES,
  SEED,
  type Case,
  type PreparedCase,
} from './plan-fixture.js';

/** Largest error relative to the largest entry of the same tensor; the requirement is 1e-3. */
const TOLERANCE = 2e-4;

const targetsOf = (target: ReferenceLoss): number[] =>
  target.kind === 'softmax-cross-entropy' ? [...target.labels] : target.targets.flat();

/** Runs cases on an engine: loss, outputs, gradients, statistics of each replica, and inference. */
function runCases(engine: Engine, cases: readonly PreparedCase[], options: { step?: number } = {}) {
  return engine.run(
    async (lps, gpu, argument) => {
      const results = [];
      for (const { net, parameters, input, targets, loss } of argument.cases) {
        const built = lps.network(net);
        const weights = parameters.map((tensors) => ({
          tensors: new Map(
            built.parameters.tensors.map(({ name, shape }) => [
              name,
              { shape, data: new Float32Array(tensors[name]!) },
            ]),
          ),
          metadata: {},
        }));
        const Targets = loss === 'softmax-cross-entropy' ? Uint32Array : Float32Array;
        const inputs = new Float32Array(input);
        const replicas = await lps.gradients(
          gpu,
          built,
          weights,
          { inputs, targets: new Targets(targets) },
          loss,
          argument.options,
        );
        // In two batches, of which the second is smaller, wherever there are enough samples.
        const batch = Math.ceil((0.6 * inputs.length) / lps.entriesOf(built.input));
        const inference = await lps.forward(gpu, built, weights, inputs, { batch });
        const plain = (tensors: ReadonlyMap<string, { data: Float32Array }>) =>
          Object.fromEntries([...tensors].map(([name, { data }]) => [name, [...data]]));
        results.push({
          replicas: replicas.map((replica) => ({
            loss: replica.loss,
            correct: replica.correct,
            outputs: [...replica.outputs],
            gradients: plain(replica.gradients.tensors),
            weights: plain(replica.weights.tensors),
          })),
          inference: [...inference],
        });
      }
      return results;
    },
    {
      options,
      cases: cases.map(({ net, parameters, input, target, loss }) => ({
        net: networkToJson(net),
        parameters: parameters.map((tensors) => Object.fromEntries(tensors)),
        input: input.flat(),
        targets: targetsOf(target),
        loss,
      })),
    },
  );
}

type Results = Awaited<ReturnType<typeof runCases>>;

/** Largest difference relative to the largest reference value; at least `floor` counts as large. */
function relativeError(
  actual: readonly number[],
  wanted: readonly number[],
  floor: number,
): number {
  expect(actual.length).toBe(wanted.length);
  const scale = wanted.reduce((max, value) => Math.max(max, Math.abs(value)), floor);
  return wanted.reduce((worst, value, index) => {
    const error = Math.abs(actual[index]! - value) / scale;
    // A NaN is the worst error of all, and must not lose a comparison.
    return error <= worst ? worst : error;
  }, 0);
}

/** Compares everything that came back with the reference; returns what is off, by name. */
function compare(
  { net, input, target, parameters }: PreparedCase,
  result: Results[number],
  dropoutFactors?: ReadonlyMap<string, number[][]>,
): Record<string, number> {
  const errors: Record<string, number> = {};
  const check = (
    name: string,
    actual: readonly number[],
    wanted: readonly number[],
    floor = 1e-2,
  ) => {
    const error = relativeError(actual, wanted, floor);
    if (!(error <= TOLERANCE)) errors[name] = error;
  };
  const inference: number[] = [];
  parameters.forEach((tensors, replica) => {
    const actual = result.replicas[replica]!;
    const wanted = referenceGradients(
      net,
      tensors,
      input,
      target,
      dropoutFactors ? { dropout: dropoutFactors } : {},
    );
    check(`${replica} loss`, [actual.loss], [wanted.loss]);
    check(`${replica} outputs`, actual.outputs, wanted.output.flat());
    for (const [name, gradient] of wanted.parameters) {
      check(`${replica} gradient of ${name}`, actual.gradients[name]!, gradient);
    }
    for (const [name, statistics] of wanted.statistics) {
      check(`${replica} ${name}`, actual.weights[name]!, statistics);
    }
    inference.push(...referenceForward(net, tensors, input, { mode: 'inference' }).output.flat());
  });
  check('inference', result.inference, inference);
  return errors;
}

async function checkCases(engine: Engine, cases: readonly Case[]): Promise<void> {
  const prepared = cases.map(prepare);
  const results = await runCases(engine, prepared);
  const wrong = prepared
    .map((entry, index) => ({ name: entry.name, errors: compare(entry, results[index]!) }))
    .filter(({ errors }) => Object.keys(errors).length > 0);
  expect(wrong).toEqual([]);
}

forEachEngine((engine) => {
  // Of the same text in every engine, of which network-gradients.test.ts holds every layer in each.
  const some = (cases: readonly Case[]): readonly Case[] =>
    engine.name === 'node' ? cases : cases.filter((_, index) => index % 4 === 0);

  it('computes outputs, losses and gradients of networks of rows', async () => {
    await checkCases(engine, some(MLPS));
  });

  it('computes outputs, losses and gradients of networks of images', async () => {
    await checkCases(engine, some(IMAGES));
  });

  it(`computes random networks (seed ${SEED})`, async () => {
    await checkCases(engine, some(randomCases(24)));
  });

  it('runs a replica as it would run alone, bit for bit', async () => {
    for (const entry of [REPLICAS, REPLICAS_OF_IMAGES]) {
      const together = prepare(entry, 0);
      const alone = together.parameters.map((tensors) => ({ ...together, parameters: [tensors] }));
      const [all, ...single] = await runCases(engine, [together, ...alone]);
      expect(single.map(({ replicas }) => replicas[0])).toEqual(all!.replicas);
      expect(compare(together, all!)).toEqual({});
    }
  });

  it('drops entries by the step and the seed, the same in both passes', async () => {
    const rate = 0.25;
    const entry = prepare(
      make('dropout', [40], [dense(50), silu(), dropout(rate), dense(3)], {
        batch: 6,
        replicas: 2,
      }),
      0,
    );
    const steps = [0, 7];
    for (const step of steps) {
      const [result] = await runCases(engine, [entry], { step });
      const factors = maskOf({ step, layer: 1, rate, samples: 6, entries: 50 });
      expect(compare(entry, result!, new Map([['layers.2', factors]]))).toEqual({});
    }
    const kept = steps
      .flatMap((step) => maskOf({ step, layer: 1, rate, samples: 6, entries: 50 }).flat())
      .filter((factor) => factor > 0).length;
    // 600 entries: four standard deviations are 4 sqrt(0.25 0.75 / 600) = 0.07.
    expect(Math.abs(kept / 600 - (1 - rate))).toBeLessThan(0.07);
  });
});

/** The factors that dropout.wgsl draws for seed 0, by the Philox of src/math. */
function maskOf(settings: {
  step: number;
  layer: number;
  rate: number;
  samples: number;
  entries: number;
}): number[][] {
  const { step, layer, rate, samples, entries } = settings;
  const quads = Math.ceil(entries / 4);
  return Array.from({ length: samples }, (_, sample) =>
    Array.from({ length: entries }, (_, entry) => {
      const quad = sample * quads + Math.floor(entry / 4);
      const words = philox4x32([quad, step, layer, 0], [0, 0]);
      return words[entry % 4]! < rate * 2 ** 32 ? 0 : 1 / (1 - rate);
    }),
  );
}
