/**
 * `node harness/run.mjs kernel-descents [--descents 1000] [--units 1,2] [--steps 20000]`: random starts of 1-1-1 and 1-2-1 on
 * bmi -> progression descend by the project's own training kernels, full batch, and each live end must be on the list of all
 * minima to 1e-6 of the loss.
 *
 * The kernels compute in f32, in which a loss is good to about 1e-6 of itself and a step with momentum jumps over kinks; so
 * from where they come to, BFGS in f64 goes the rest of the way down (src/verify/relu/descents.ts), which leaves no basin that a
 * descent might not leave. How far the kernels alone have come is printed, too. An end with a unit that is active nowhere is
 * stuck and no minimum.
 */
import { parseArgs } from 'node:util';
import { ExitCode } from '../../src/cli/errors.js';
import {
  DIABETES_CSV,
  DIABETES_TARGET,
  makeDataset,
  readTable,
  standardize,
} from '../../src/data/index.js';
import { randomStream } from '../../src/math/random.js';
import { enumerateReluMinima } from '../../src/minima/relu/enumerate-relu-minima.js';
import { exactDocument } from '../../src/minima/relu/exact-report.js';
import { descendFrom } from '../../src/verify/relu/descents.js';
import { lossAt } from '../../src/verify/relu/check-minimum.js';
import { readExactResult } from '../../src/verify/relu/read-exact.js';
import {
  networkFromNotation,
  openGpu,
  sgd,
  train,
  type GpuDevice,
  type Weights,
} from '../internals.js';
import { asTool, countFrom, note } from '../tool.js';

const LAMBDA = 0.01;
const SETTINGS = { negativeSlope: 0, regularization: LAMBDA };
const LEARNING_RATE = 0.05;
const MOMENTUM = 0.9;
const STREAM = 0x44_45_53;
/** Replicas that train side by side. */
const SIDE_BY_SIDE = 250;
/** Relative to the loss: how near the kernels alone must come to count as arrived. */
const ARRIVED = 1e-4;

export const main = asTool(run);

async function run(words: readonly string[]): Promise<ExitCode> {
  const { values } = parseArgs({
    args: [...words],
    options: {
      descents: { type: 'string', default: '1000' },
      units: { type: 'string', default: '1,2' },
      steps: { type: 'string', default: '20000' },
    },
  });
  const descents = countFrom('--descents', values.descents);
  const steps = countFrom('--steps', values.steps);
  const gpu = await openGpu();
  let isRight = true;
  try {
    for (const units of values.units.split(',').map(Number))
      isRight = (await measure(gpu, units, descents, steps)) && isRight;
  } finally {
    gpu.close();
  }
  return isRight ? ExitCode.success : ExitCode.failed;
}

async function measure(
  gpu: GpuDevice,
  units: number,
  descents: number,
  steps: number,
): Promise<boolean> {
  const data = standardize(readTable(DIABETES_CSV, { x: ['bmi'], y: [DIABETES_TARGET] }));
  const enumerated = await enumerateReluMinima({ data, units, ...SETTINGS });
  const claimed = readExactResult(exactDocument(enumerated, data, SETTINGS));
  const dataset = makeDataset({
    name: 'diabetes',
    shape: [1],
    inputs: Float32Array.from(data.inputs.flat()),
    targets: { kind: 'values', values: Float32Array.from(data.targets.flat()), width: 1 },
  });
  const net = networkFromNotation(`1-${units}-1`);
  const ends: number[][] = [];
  while (ends.length < descents) {
    const count = Math.min(SIDE_BY_SIDE, descents - ends.length);
    const weights = Array.from({ length: count }, (_, k) => randomWeights(units, ends.length + k));
    // The loss of the kernels is E (y - t)^2 = 2 J without decay, so decay counts twice, too.
    const run = await train(gpu, net, {
      data: dataset,
      weights,
      loss: 'mse',
      optimizer: sgd(LEARNING_RATE / 2, { momentum: MOMENTUM, weightDecay: 2 * LAMBDA }),
      batchSize: dataset.count,
      epochs: steps,
      schedule: { type: 'cosine' },
    });
    ends.push(...run.replicas.map(({ weights: end }) => unknownsOf(end, units)));
    note(`1-${units}-1: ${ends.length} of ${descents} descents`);
  }
  const { listed, dead, missing, unclear } = descendFrom(claimed, ends);
  const arrived = ends.filter((end) => {
    const loss = lossAt(claimed, pointOf(end, units));
    return claimed.minima.some((minimum) => Math.abs(loss / minimum.loss - 1) <= ARRIVED);
  }).length;
  const reached = new Set(
    ends.map((end) => {
      const loss = lossAt(claimed, pointOf(end, units));
      return claimed.minima.findIndex((each) => Math.abs(loss / each.loss - 1) <= ARRIVED);
    }),
  );
  reached.delete(-1);
  process.stdout.write(
    `1-${units}-1: ${descents} descents of ${steps} steps, ${listed} on the list of ${claimed.minima.length}, ` +
      `${dead} with a dead unit, ${missing.length} minima missing, ${unclear.length} undecided; ` +
      `${arrived} within ${ARRIVED} of the list in f32 alone, at ${reached.size} different minima\n`,
  );
  return missing.length === 0 && unclear.length === 0;
}

/** Normally distributed with deviation 1, the same ones every time. */
function randomWeights(units: number, index: number): Weights {
  const random = randomStream(units, STREAM, index);
  const tensor = (name: string, shape: readonly number[]) =>
    [
      name,
      {
        shape,
        data: Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () =>
          random.normal(),
        ),
      },
    ] as const;
  return {
    tensors: new Map([
      tensor('layers.0.weight', [units, 1]),
      tensor('layers.0.bias', [units]),
      tensor('layers.2.weight', [1, units]),
      tensor('layers.2.bias', [1]),
    ]),
    metadata: {},
  };
}

/** w and b of one unit after the other, then all v, then c. */
function unknownsOf({ tensors }: Weights, units: number): number[] {
  const entry = (name: string, k: number): number => tensors.get(name)!.data[k]!;
  return [
    ...Array.from({ length: units }, (_, j) => [
      entry('layers.0.weight', j),
      entry('layers.0.bias', j),
    ]).flat(),
    ...Array.from({ length: units }, (_, j) => entry('layers.2.weight', j)),
    entry('layers.2.bias', 0),
  ];
}

function pointOf(unknowns: readonly number[], units: number) {
  return {
    units: Array.from({ length: units }, (_, j) => ({
      inner: unknowns.slice(2 * j, 2 * j + 2),
      outer: unknowns[2 * units + j]!,
    })),
    bias: unknowns.at(-1)!,
  };
}
