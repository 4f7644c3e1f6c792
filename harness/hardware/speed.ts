/**
 * `node harness/run.mjs hardware-speed [--only solves,products,steps] [--small] [--solve-options JSON] [--json FILE]`: what
 * a GPU gives.
 *
 *   solves    whole solves of known systems, the first and the later ones of each structure, with the options of `solve`
 *             that --solve-options has, for example '{"endgame":"cpu"}'
 *   products  matrix products by the tile that the tuner chose, beside the adapter's measured peak
 *   steps     training steps of the networks that torch-times.py trains, too
 *
 * Times of products and steps are timestamps where the adapter has them. Every product is compared with f64 at random
 * places and every solve with its known count; exit code 1 when one is wrong.
 */
import { parseArgs } from 'node:util';
import { ExitCode, UsageError } from '../../src/cli/errors.js';
import { printLines, writeOutput } from '../../src/cli/output.js';
import { randomStream } from '../../src/math/random.js';
import { measurePeak } from '../benchmark/solver/arithmetic.js';
import {
  diabetesProblem,
  NETWORK_SOLUTIONS,
  networkOptions,
} from '../benchmark/solver/network-jobs.js';
import { complaint, measureSolve } from '../benchmark/solver/ours.js';
import { padRows } from '../../src/network/gpu/rows.js';
import { katsura } from '../../src/page/solve/examples.js';
import * as lps from '../internals.js';
import { median } from '../statistics.js';
import { timePass } from '../time-pass.js';
import { asTool } from '../tool.js';
import { readSystemFile } from '../verify/expectations.js';

const PARTS = ['solves', 'products', 'steps'] as const;
type Part = (typeof PARTS)[number];

/** Name and number of solutions, all simple. */
const SYSTEMS = [
  ['cyclic7', 924],
  ['noon6', 717],
  ['katsura10', 1024],
] as const;
const LARGEST_KATSURA = 12;
const LATER_SOLVES = 4;
const SIZES = [256, 512, 1024, 2048, 4096];
const CHECKED_ENTRIES = 64;
/** Of a sum of n products of numbers below 1/2, over the root of n. */
const PRODUCT_ERROR = 1e-5;
const STEPS_AT_ONCE = 16;
const STEP_ROUNDS = { small: 2, full: 15 };

interface Row {
  readonly part: Part;
  readonly name: string;
  readonly values: Readonly<Record<string, number | string>>;
  readonly problem: string | null;
}

export const main = asTool(run);

async function run(words: string[]): Promise<ExitCode> {
  const { values: options } = parseArgs({
    args: words,
    options: {
      only: { type: 'string', default: PARTS.join(',') },
      small: { type: 'boolean', default: false },
      'solve-options': { type: 'string', default: '{}' },
      json: { type: 'string' },
    },
  });
  const parts = options.only.split(',');
  const unknown = parts.find((part) => !PARTS.includes(part as Part));
  if (unknown !== undefined)
    throw new UsageError(`--only names "${unknown}"; the parts are ${PARTS.join(', ')}`);
  const solveOptions = JSON.parse(options['solve-options']) as lps.SolveOptions;
  const gpu = await lps.openGpu();
  const rows: Row[] = [];
  const measures: Record<Part, () => AsyncGenerator<Row>> = {
    solves: () => measureSolves(gpu, options.small, solveOptions),
    products: () => measureProducts(gpu, options.small),
    steps: () => measureSteps(gpu, options.small),
  };
  for (const part of PARTS) {
    if (!parts.includes(part)) continue;
    for await (const row of measures[part]()) {
      rows.push(row);
      const values = Object.entries(row.values).map(([key, value]) => `${key} ${shown(value)}`);
      printLines([
        `${row.name}: ${values.join(', ')}${row.problem ? ` WRONG: ${row.problem}` : ''}`,
      ]);
    }
  }
  const { description, software } = gpu.info;
  if (options.json)
    await writeOutput(
      options.json,
      JSON.stringify({ adapter: description, software, rows }, null, 2),
    );
  gpu.close();
  return rows.some(({ problem }) => problem !== null) ? ExitCode.failed : ExitCode.success;
}

async function* measureSolves(
  gpu: lps.GpuDevice,
  small: boolean,
  shared: lps.SolveOptions,
): AsyncGenerator<Row> {
  const jobs: { name: string; solutions: number; solve: Parameters<typeof seeded>[0] }[] = [
    ...SYSTEMS.map(([name, solutions]) => {
      const system = lps.parseSystem(readSystemFile(name));
      return {
        name,
        solutions,
        solve: (options: lps.SolveOptions) => lps.solve(gpu, system, options),
      };
    }),
  ];
  if (!small) {
    const largest = lps.parseSystem(katsura(LARGEST_KATSURA));
    const problem = diabetesProblem(lps, 'bmi');
    jobs.push(
      {
        name: `katsura${LARGEST_KATSURA}`,
        solutions: 2 ** LARGEST_KATSURA,
        solve: (options) => lps.solve(gpu, largest, options),
      },
      {
        name: 'main job, 12,225 paths',
        solutions: NETWORK_SOLUTIONS,
        solve: (options) =>
          lps.solve(gpu, problem.family.gradient, { ...networkOptions(problem), ...options }),
      },
    );
  }
  for (const { name, solutions, solve } of jobs) {
    const runs = [];
    for (let k = 0; k <= (small ? 1 : LATER_SOLVES); k++)
      runs.push(await seeded((options) => solve({ ...shared, ...options }), k + 1));
    const later = runs.slice(1);
    const problems = runs.map(({ result }) => complaint(result, solutions)).filter(Boolean);
    yield {
      part: 'solves',
      name,
      values: {
        paths: runs[0]!.result.paths.tracked,
        'first s': runs[0]!.wall,
        'later s': median(later.map(({ wall }) => wall)),
        'later CPU s': median(later.map(({ total }) => total)),
      },
      problem: problems.length > 0 ? problems.join('; ') : null,
    };
  }
}

function seeded(
  solve: (options: lps.SolveOptions) => Promise<lps.SolveResult>,
  seed: number,
): ReturnType<typeof measureSolve> {
  return measureSolve((onProgress) => solve({ seed, onProgress }));
}

async function* measureProducts(gpu: lps.GpuDevice, small: boolean): AsyncGenerator<Row> {
  const peak = await measurePeak(gpu);
  const random = randomStream(1);
  for (const size of small ? SIZES.slice(0, 1) : SIZES) {
    const entries = () => Float32Array.from({ length: size * size }, () => random.uniform() - 0.5);
    const [a, b] = [entries(), entries()];
    const matmul = await lps.createMatmul(gpu, { m: size, n: size, k: size });
    const buffers = gpu.createBuffers();
    const result = await buffers.storage('c', 4 * matmul.c.floats);
    const product = await matmul.bind(
      await buffers.storage('a', padRows(a, size, matmul.a.rowStride)),
      await buffers.storage('b', padRows(b, size, matmul.b.rowStride)),
      result,
    );
    const inner = small ? 1 : Math.max(1, Math.min(50, Math.round(10 * (1024 / size) ** 3)));
    const times: number[] = [];
    for (let k = 0; k < 6; k++) {
      const ms = await timePass(gpu, (pass) => {
        for (let i = 0; i < inner; i++) product.encode(pass);
      });
      if (k > 0) times.push(ms / inner);
    }
    const found = new Float32Array(await gpu.read(result));
    let error = 0;
    for (let k = 0; k < CHECKED_ENTRIES; k++) {
      const [row, column] = [random.uniform(), random.uniform()].map((u) =>
        Math.floor(u * size),
      ) as [number, number];
      let sum = 0;
      for (let i = 0; i < size; i++) sum += a[row * size + i]! * b[i * size + column]!;
      const difference = Math.abs(found[row * matmul.c.rowStride + column]! - sum);
      error = Math.max(error, difference / Math.sqrt(size));
    }
    const rate = (2 * size ** 3) / (median(times) / 1e3);
    yield {
      part: 'products',
      name: `product ${size}`,
      values: {
        tile: matmul.tile,
        us: 1e3 * median(times),
        'TFLOP/s': rate / 1e12,
        'of the peak': rate / peak.wall,
      },
      problem: error < PRODUCT_ERROR ? null : `error ${error.toExponential(1)}`,
    };
    matmul.close();
    buffers.close();
  }
}

async function* measureSteps(gpu: lps.GpuDevice, small: boolean): AsyncGenerator<Row> {
  const { conv2d, dense, flatten, maxPool2d, relu } = lps;
  const perceptron = [dense(256), relu(), dense(128), relu(), dense(10)];
  const convolutional = [
    ...[conv2d(24, 5), relu(), maxPool2d(2), conv2d(32, 3), relu(), maxPool2d(2)],
    ...[flatten(), dense(128), relu(), dense(10)],
  ];
  const works = [
    { name: 'mlp 784-256-128-10', input: [784], layers: perceptron, batches: [128, 4096] },
    { name: 'conv', input: [28, 28, 1], layers: convolutional, batches: [64, 1024] },
  ];
  for (const { name, input, layers, batches } of works) {
    const net = lps.network({ input, layers });
    for (const batch of small ? batches.slice(0, 1) : batches)
      yield await measureStep(
        gpu,
        net,
        { name: `${name}, batch ${batch}, SGD`, batch },
        small ? STEP_ROUNDS.small : STEP_ROUNDS.full,
      );
  }
}

async function measureStep(
  gpu: lps.GpuDevice,
  net: lps.Network,
  { name, batch }: { readonly name: string; readonly batch: number },
  rounds: number,
): Promise<Row> {
  const count = batch * STEPS_AT_ONCE;
  const random = randomStream(2);
  const entries = net.input.reduce((product, size) => product * size, 1);
  const channels = net.input.at(-1)!;
  const classes = 10;
  const [initialized] = await lps.initializeReplicas(gpu, net, [{ method: 'he', seed: 1 }]);
  const trainer = await lps.createTrainer(gpu, net, {
    data: {
      count,
      shape: net.input,
      inputs: Float32Array.from({ length: count * entries }, () => random.uniform()),
      normalization: {
        mean: new Array<number>(channels).fill(0),
        deviation: new Array<number>(channels).fill(1),
      },
      targets: {
        kind: 'class',
        labels: Uint32Array.from({ length: count }, () => Math.floor(classes * random.uniform())),
        classes,
      },
    },
    weights: [initialized!],
    loss: 'softmax-cross-entropy',
    optimizer: lps.sgd(0.01),
    batchSize: batch,
  });
  trainer.setOrder(Uint32Array.from({ length: count }, (_, k) => k));
  let done = 0;
  const walls: number[] = [];
  for (let round = 0; round <= rounds; round++) {
    const begin = performance.now();
    trainer.prepare({ start: done, sample: 0, end: count, steps: STEPS_AT_ONCE });
    const encoder = gpu.createEncoder('steps');
    trainer.encodeSteps(encoder, STEPS_AT_ONCE);
    await gpu.submitAndRead(encoder, [{ buffer: trainer.state.log, size: 8 }]);
    done += STEPS_AT_ONCE;
    if (round > 0) walls.push((performance.now() - begin) / STEPS_AT_ONCE);
  }
  trainer.prepare({ start: done, sample: 0, end: count, steps: 1 });
  const { dispatches } = trainer.full;
  const passes: number[] = [];
  for (let k = 0; k < 3; k++)
    passes.push(
      await timePass(gpu, (pass) => {
        for (const { kernel, bindings, size } of dispatches) kernel.encode(pass, bindings, size);
      }),
    );
  trainer.close();
  return {
    part: 'steps',
    name,
    values: {
      'wall us': 1e3 * median(walls),
      'kernels us': 1e3 * median(passes),
      dispatches: dispatches.length,
    },
    problem: null,
  };
}

function shown(value: number | string): string {
  return typeof value === 'number' ? String(Number(value.toPrecision(3))) : value;
}
