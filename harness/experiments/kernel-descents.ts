/**
 * `node harness/run.mjs kernel-descents [--descents 1000] [--units 1,2] [--steps 2000] [--out FILE]`: random starts of 1-1-1
 * and 1-2-1 on bmi -> progression descend by the project's own training kernels, full batch, and each live end must be on the
 * list of all minima to 1e-6 of the loss.
 *
 * The kernels compute in f32, in which a loss is good to about 1e-6 of itself and a step with momentum jumps over kinks; so
 * from where they come to, BFGS in f64 goes the rest of the way down (src/verify/relu/descents.ts), which leaves no basin that a
 * descent might not leave. How far the kernels alone have come is said, too. An end with a unit that is active nowhere is
 * stuck and no minimum.
 */
import { parseArgs } from 'node:util';
import { ExitCode } from '../../src/cli/errors.js';
import { writeOutput } from '../../src/cli/output.js';
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
/** Of losses: how near the kernels alone must come to count as arrived, coarsely and as near as BFGS does. */
const ARRIVED = [1e-4, 1e-6];

export const main = asTool(run);

async function run(words: readonly string[]): Promise<ExitCode> {
  const { values } = parseArgs({
    args: [...words],
    options: {
      descents: { type: 'string', default: '1000' },
      units: { type: 'string', default: '1,2' },
      steps: { type: 'string', default: '2000' },
      out: { type: 'string' },
    },
  });
  const descents = countFrom('--descents', values.descents);
  const steps = countFrom('--steps', values.steps);
  const gpu = await openGpu();
  const widths: Width[] = [];
  try {
    for (const units of values.units.split(',').map((text) => countFrom('--units', text))) {
      widths.push(await measure(gpu, units, descents, steps));
      if (values.out === undefined) continue;
      const adapter = gpu.info.description;
      const report = { experiment: 'kernel-descents', adapter, steps, widths };
      await writeOutput(values.out, `${JSON.stringify(report, null, 1)}\n`);
    }
  } finally {
    gpu.close();
  }
  const isRight = widths.every(({ missing, unclear }) => missing.length + unclear.length === 0);
  return isRight ? ExitCode.success : ExitCode.failed;
}

/** What became of the descents of one width. */
interface Width {
  readonly units: number;
  readonly descents: number;
  /** Ends on the list, and those with a unit that is active nowhere. */
  readonly listed: number;
  readonly dead: number;
  /** Losses of ends that are a minimum that the list has not, and of those of which nothing is known. */
  readonly missing: readonly number[];
  readonly unclear: readonly number[];
  /** Ends of the kernels alone that came as near as this to the loss of a minimum. */
  readonly alone: readonly { readonly within: number; readonly ends: number }[];
  /** For each minimum of the list, by loss: how many of them came to it. */
  readonly minima: readonly { readonly loss: number; readonly ends: number }[];
}

async function measure(
  gpu: GpuDevice,
  units: number,
  descents: number,
  steps: number,
): Promise<Width> {
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
  const losses = ends.map((end) => lossAt(claimed, pointOf(end, units)));
  const minima = claimed.minima.map(({ loss }) => ({ loss, ends: 0 }));
  const alone = ARRIVED.map((within) => ({ within, ends: 0 }));
  for (const loss of losses) {
    const distances = minima.map((minimum) => Math.abs(minimum.loss - loss));
    const nearest = distances.indexOf(Math.min(...distances));
    if (distances[nearest]! <= ARRIVED[0]!) minima[nearest]!.ends++;
    for (const each of alone) if (distances[nearest]! <= each.within) each.ends++;
  }
  process.stdout.write(
    `1-${units}-1: ${descents} descents of ${steps} steps, ${listed} on the list of ${minima.length}, ` +
      `${dead} with a dead unit, ${missing.length} minima missing, ${unclear.length} undecided; ` +
      `the kernels alone: ${alone.map((each) => `${each.ends} within ${each.within}`).join(', ')} of the list, ` +
      `at ${minima.filter((minimum) => minimum.ends > 0).length} different minima\n`,
  );
  return { units, descents, listed, dead, missing, unclear, alone, minima };
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
