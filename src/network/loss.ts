/**
 * The losses by name: what they are the mean of, and what they compare outputs with.
 */
import { NetworkError } from './errors.js';
import type { Network } from './network.js';
import { formatShape } from './shape.js';

/**
 * All are means over the batch, as PyTorch's with its default reduction.
 *
 * - 'mse': (y - t)^2, mean over outputs too; targets are rows of numbers.
 * - 'softmax-cross-entropy': -log softmax(y)[label] of logits y; targets are labels.
 * - 'binary-cross-entropy': log(1 + exp(y)) - t y of logits y, mean over outputs too; targets are
 *   rows of numbers from 0 to 1.
 */
export type LossName = 'mse' | 'softmax-cross-entropy' | 'binary-cross-entropy';

/** All losses. */
export const LOSS_NAMES: readonly LossName[] = [
  'mse',
  'softmax-cross-entropy',
  'binary-cross-entropy',
];

/** Whether a loss compares with a class index per sample or with a row of numbers. */
export function targetKind(loss: LossName): 'labels' | 'values' {
  return loss === 'softmax-cross-entropy' ? 'labels' : 'values';
}

/** @throws NetworkError code 'shape' when the loss cannot be taken of the network's output */
export function requireLossFits(network: Network, loss: LossName): void {
  if (targetKind(loss) === 'labels' && network.output.length !== 1) {
    throw new NetworkError(
      'shape',
      `the loss ${loss} needs one logit per class, [classes], the network's output is ${formatShape(network.output)}: end it in flatten() or globalAveragePool2d() and dense(classes)`,
    );
  }
}
