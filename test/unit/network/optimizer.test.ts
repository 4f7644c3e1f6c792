/**
 * Believed after it passes: optimisers are written down with PyTorch's default values, and settings
 * that cannot train are refused with the value that was given. The truth is PyTorch's documentation
 * of torch.optim; what the kernels compute is in test/gpu/training.test.ts.
 */
import { describe, expect, it } from 'vitest';
import {
  adam,
  adamw,
  learningRates,
  rmsprop,
  sgd,
  type Optimizer,
} from '../../../src/network/optimizer.js';
import { TrainingError } from '../../../src/network/training-error.js';

describe('optimizers', () => {
  it("have PyTorch's defaults", () => {
    expect(sgd(0.1)).toEqual({
      type: 'sgd',
      learningRate: 0.1,
      momentum: 0,
      nesterov: false,
      weightDecay: 0,
    });
    const moments = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };
    expect(adam()).toEqual({ type: 'adam', learningRate: 1e-3, ...moments, weightDecay: 0 });
    expect(adamw()).toEqual({ type: 'adamw', learningRate: 1e-3, ...moments, weightDecay: 0.01 });
    expect(rmsprop()).toEqual({
      type: 'rmsprop',
      learningRate: 1e-2,
      smoothing: 0.99,
      momentum: 0,
      epsilon: 1e-8,
      weightDecay: 0,
    });
  });
});

describe('learningRates', () => {
  it('gives every replica its rate', () => {
    expect([...learningRates(sgd(0.5), 3)]).toEqual([0.5, 0.5, 0.5]);
    expect([...learningRates(sgd([0.5, 0.25]), 2)]).toEqual([0.5, 0.25]);
  });

  const bad: [Optimizer, RegExp][] = [
    [sgd(0), /"sgd": learningRate must be finite and above 0, it is 0/],
    [sgd(-0.1), /it is -0.1/],
    [adam(NaN), /"adam": learningRate .* it is NaN/],
    [adam(Infinity), /it is Infinity/],
    [sgd([0.1, 0.2, 0.3]), /one number or 2, one for each replica, it is 3 numbers/],
    [sgd([0.1, 0]), /learningRate .* it is 0/],
    [sgd(0.1, { momentum: 1 }), /momentum must be at least 0 and below 1, it is 1/],
    [sgd(0.1, { nesterov: true }), /nesterov needs a momentum above 0, it is 0/],
    [sgd(0.1, { weightDecay: -1 }), /weightDecay must be finite and at least 0, it is -1/],
    [adam(1e-3, { beta1: 1 }), /beta1/],
    [adam(1e-3, { beta2: -0.1 }), /beta2/],
    [adamw(1e-3, { epsilon: 0 }), /epsilon/],
    [rmsprop(1e-3, { smoothing: 1 }), /smoothing/],
  ];
  it.each(bad)('refuses %j', (optimizer, message) => {
    const check = () => learningRates(optimizer, 2);
    expect(check).toThrow(TrainingError);
    expect(check).toThrow(message);
  });
});
