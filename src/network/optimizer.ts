/**
 * Optimisers as plain data, with the functions that write them down.
 *
 * Formulas and default values are PyTorch's (torch.optim); the kernels' headers say them.
 */
import { TrainingError } from './training-error.js';

/** One rate for all replicas, or one for each. */
export type LearningRate = number | readonly number[];

interface OptimizerBase {
  readonly learningRate: LearningRate;
  /** Added to the gradient as `weightDecay` times the parameter (L2), for AdamW taken off directly. */
  readonly weightDecay: number;
}

/** Stochastic gradient descent. */
export interface SgdOptimizer extends OptimizerBase {
  readonly type: 'sgd';
  readonly momentum: number;
  readonly nesterov: boolean;
}

/** Adam, and with decoupled weight decay AdamW. */
export interface AdamOptimizer extends OptimizerBase {
  readonly type: 'adam' | 'adamw';
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
}

/** RMSProp. */
export interface RmsPropOptimizer extends OptimizerBase {
  readonly type: 'rmsprop';
  readonly smoothing: number;
  readonly momentum: number;
  readonly epsilon: number;
}

export type Optimizer = SgdOptimizer | AdamOptimizer | RmsPropOptimizer;

/** What an optimizer takes besides its learning rate. */
export type OptimizerOptions<T extends Optimizer> = Partial<Omit<T, 'type' | 'learningRate'>>;

/** Gradient descent; without options without momentum and decay. */
export function sgd(
  learningRate: LearningRate,
  options: OptimizerOptions<SgdOptimizer> = {},
): SgdOptimizer {
  return { type: 'sgd', learningRate, momentum: 0, nesterov: false, weightDecay: 0, ...options };
}

/** Adam (Kingma, Ba 2015). */
export function adam(
  learningRate: LearningRate = 1e-3,
  options: OptimizerOptions<AdamOptimizer> = {},
): AdamOptimizer {
  return { ...adamDefaults, type: 'adam', learningRate, weightDecay: 0, ...options };
}

/** Adam with decoupled weight decay (Loshchilov, Hutter 2019). */
export function adamw(
  learningRate: LearningRate = 1e-3,
  options: OptimizerOptions<AdamOptimizer> = {},
): AdamOptimizer {
  return { ...adamDefaults, type: 'adamw', learningRate, weightDecay: 0.01, ...options };
}

/** RMSProp (Tieleman, Hinton 2012). */
export function rmsprop(
  learningRate: LearningRate = 1e-2,
  options: OptimizerOptions<RmsPropOptimizer> = {},
): RmsPropOptimizer {
  return {
    type: 'rmsprop',
    learningRate,
    smoothing: 0.99,
    momentum: 0,
    epsilon: 1e-8,
    weightDecay: 0,
    ...options,
  };
}

const adamDefaults = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 } as const;

/** Smallest normal f32: a smaller epsilon would be 0 on the GPU, and 0 / 0 no number. */
const SMALLEST_EPSILON = 2 ** -126;

/**
 * Checks an optimiser and gives the rate of every replica.
 *
 * @throws TrainingError code 'option'
 */
export function learningRates(optimizer: Optimizer, replicas: number): Float32Array<ArrayBuffer> {
  const { type, learningRate, weightDecay } = optimizer;
  const need = (holds: boolean, what: string, value: unknown): void => {
    if (!holds) {
      throw new TrainingError('option', `optimizer "${type}": ${what}, it is ${String(value)}`);
    }
  };
  const rates = typeof learningRate === 'number' ? [learningRate] : learningRate;
  if (typeof learningRate !== 'number') {
    need(
      rates.length === replicas,
      `learningRate needs one number or ${replicas}, one for each replica`,
      `${rates.length} numbers`,
    );
  }
  for (const rate of rates) {
    need(Number.isFinite(rate) && rate > 0, 'learningRate must be finite and above 0', rate);
  }
  const share = (name: string, value: number): void => {
    need(value >= 0 && value < 1, `${name} must be at least 0 and below 1`, value);
  };
  need(
    Number.isFinite(weightDecay) && weightDecay >= 0,
    'weightDecay must be finite and at least 0',
    weightDecay,
  );
  if (optimizer.type === 'sgd') {
    share('momentum', optimizer.momentum);
    need(
      !optimizer.nesterov || optimizer.momentum > 0,
      'nesterov needs a momentum above 0',
      optimizer.momentum,
    );
  } else {
    need(
      Number.isFinite(optimizer.epsilon) && optimizer.epsilon >= SMALLEST_EPSILON,
      `epsilon must be finite and at least ${SMALLEST_EPSILON}`,
      optimizer.epsilon,
    );
  }
  if (optimizer.type === 'rmsprop') {
    share('smoothing', optimizer.smoothing);
    share('momentum', optimizer.momentum);
  }
  if (optimizer.type === 'adam' || optimizer.type === 'adamw') {
    share('beta1', optimizer.beta1);
    share('beta2', optimizer.beta2);
  }
  return Float32Array.from({ length: replicas }, (_, k) => rates[k % rates.length]!);
}
