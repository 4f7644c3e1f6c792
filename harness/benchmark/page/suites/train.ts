/**
 * One training step (forward, backward, update): an MLP with SGD and with Adam, a convolutional
 * network with SGD, and sixteen small networks side by side against one after another.
 *
 * Losses of the first steps are compared with f64 before anything is timed.
 */
import { relu } from '../../../../src/network/activations.js';
import { conv2d, dense, flatten, maxPool2d, type Layer } from '../../../../src/network/layer.js';
import { network } from '../../../../src/network/network.js';
import { compare, type Contender } from '../compare.js';
import { ourTraining } from '../ours/train.js';
import { ourRuns } from '../ours/train-runs.js';
import { jaxTraining } from '../peers/jax-train.js';
import { tfjsTraining } from '../peers/tfjs-train.js';
import type { SuiteContext } from '../suite.js';
import {
  makeTrainingProblem,
  type PlainOptimizer,
  type TrainingProblem,
} from '../train-problem.js';
import { isWanted } from '../types.js';

const SGD: PlainOptimizer = { type: 'sgd', learningRate: 0.05 };
const ADAM: PlainOptimizer = { type: 'adam', learningRate: 1e-3 };
const BUDGET_MS = 40_000;

/** Dense layers with ReLU between them. */
export const perceptron = (...units: number[]): Layer[] =>
  units.flatMap((count, k) => (k < units.length - 1 ? [dense(count), relu()] : [dense(count)]));

/** The convolutional network that other libraries were measured with. */
export const CONVOLUTIONAL: readonly Layer[] = [
  conv2d(24, 5),
  relu(),
  maxPool2d(2),
  conv2d(32, 3),
  relu(),
  maxPool2d(2),
  flatten(),
  dense(128),
  relu(),
  dense(10),
];

interface Work {
  readonly id: string;
  readonly title: string;
  readonly input: readonly number[];
  readonly layers: readonly Layer[];
  readonly batch: number;
  readonly optimizer: PlainOptimizer;
  readonly aims: Readonly<Record<string, number>>;
  readonly quick?: boolean;
}

const WORKS: readonly Work[] = [
  {
    id: 'train/mlp-tiny',
    title: 'MLP 16-12-4, batch 8, SGD',
    input: [16],
    layers: perceptron(12, 4),
    batch: 8,
    optimizer: SGD,
    aims: {},
    quick: true,
  },
  {
    id: 'train/mlp-sgd',
    title: 'MLP 784-256-128-10, batch 128, SGD',
    input: [784],
    layers: perceptron(256, 128, 10),
    batch: 128,
    optimizer: SGD,
    aims: { 'tfjs webgpu': 10, 'jax-js webgpu': 1.7 },
  },
  {
    id: 'train/mlp-adam',
    title: 'MLP 784-256-128-10, batch 128, Adam',
    input: [784],
    layers: perceptron(256, 128, 10),
    batch: 128,
    optimizer: ADAM,
    aims: { 'tfjs webgpu': 10, 'jax-js webgpu': 1.7 },
  },
  {
    id: 'train/conv-sgd',
    title: 'conv 5x5x24, pool, conv 3x3x32, pool, 800-128-10 on 28x28x1, batch 64, SGD',
    input: [28, 28, 1],
    layers: CONVOLUTIONAL,
    batch: 64,
    optimizer: SGD,
    aims: { 'tfjs webgpu': 20, 'jax-js webgpu': 2.5 },
  },
];

const REPLICAS = 16;
/** The other way to train them. */
const APART = 'one after another';

/** Runs the suite. */
export async function trainSuite(context: SuiteContext): Promise<void> {
  const { options } = context;
  for (const work of WORKS) {
    if ((work.quick ?? false) !== options.quick || !isWanted(work.id, options)) continue;
    const { batch, optimizer } = work;
    const net = network({ input: [...work.input], layers: [...work.layers] });
    const problem = makeTrainingProblem(net, { batch, optimizer, seed: options.seed });
    const peers: Contender[] = options.peers
      ? [
          tfjsTraining(problem, 'webgpu'),
          jaxTraining(problem, 'webgpu'),
          tfjsTraining(problem, 'wasm'),
          jaxTraining(problem, 'wasm'),
        ]
      : [];
    await runWork(context, work, problem, peers);
  }
  const replicas = `train/replicas-${REPLICAS}`;
  if (!options.quick && isWanted(replicas, options)) await runReplicas(context, replicas);
  const runs = `train/runs-${REPLICAS}`;
  if (!options.quick && isWanted(runs, options)) await runWholeRuns(context, runs);
}

async function runWork(
  context: SuiteContext,
  { id, title, aims }: Work,
  problem: TrainingProblem,
  peers: readonly Contender[],
): Promise<void> {
  const ours = ourTraining(await context.gpu(), problem, {
    fault: context.faultOf(id),
    timed: await context.hasFineTimestamps(),
  });
  const row = await compare(
    { id, title, contenders: [ours, ...peers], aims },
    { ...(await context.measuring()), budgetMs: BUDGET_MS },
  );
  await context.host.row(row);
}

function replicaProblem({ options }: SuiteContext): TrainingProblem {
  return makeTrainingProblem(network({ input: [64], layers: perceptron(32, 32, 10) }), {
    batch: 64,
    optimizer: ADAM,
    replicas: REPLICAS,
    seed: options.seed,
  });
}

async function runReplicas(context: SuiteContext, id: string): Promise<void> {
  const gpu = await context.gpu();
  const problem = replicaProblem(context);
  const row = await compare(
    {
      id,
      title: `a step of ${REPLICAS} networks 64-32-32-10, batch 64, Adam, side by side`,
      contenders: [
        ourTraining(gpu, problem, { fault: context.faultOf(id), timed: false }),
        ourTraining(gpu, problem, { name: APART, fault: null, timed: false, apart: true }),
      ],
      aims: {},
    },
    { ...(await context.measuring()), budgetMs: BUDGET_MS },
  );
  await context.host.row(row);
}

async function runWholeRuns(context: SuiteContext, id: string): Promise<void> {
  const gpu = await context.gpu();
  const problem = replicaProblem(context);
  const row = await compare(
    {
      id,
      title: `${REPLICAS} whole runs of 64-32-32-10, batch 64, Adam, 96 steps, side by side`,
      contenders: [
        ourRuns(gpu, problem, { name: 'lps-webgpu', apart: false }),
        ourRuns(gpu, problem, { name: APART, apart: true }),
      ],
      aims: { [APART]: 4 },
    },
    { ...(await context.measuring()), budgetMs: BUDGET_MS },
  );
  await context.host.row(row);
}
