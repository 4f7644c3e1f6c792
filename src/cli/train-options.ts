/** How `lps train` reads what to train with: optimiser, schedule and loss. */
import { InvalidArgumentError, Option, type Command } from 'commander';
import {
  adam,
  adamw,
  LOSS_NAMES,
  rmsprop,
  sgd,
  type LossName,
  type Optimizer,
  type Schedule,
} from '../network/index.js';
import { finiteNumber, positiveInteger, wholeNumber } from './common-options.js';
import { UsageError } from './errors.js';

export interface LearningOptions {
  readonly epochs: number;
  readonly batch: number;
  readonly optimizer: Optimizer['type'];
  readonly lr?: number;
  readonly momentum: number;
  readonly nesterov: boolean;
  readonly weightDecay?: number;
  readonly clip?: number;
  readonly schedule: Schedule;
  readonly warmup: number;
  readonly revive?: { readonly every: number; readonly share: number };
  readonly loss?: LossName;
}

/** Usual learning rates: PyTorch's defaults, for SGD 0.1. */
const USUAL_RATE = { sgd: 0.1, adam: 1e-3, adamw: 1e-3, rmsprop: 1e-2 } as const;

/** PyTorch's defaults. */
const USUAL_DECAY = { sgd: 0, adam: 0, adamw: 0.01, rmsprop: 0 } as const;

/** Adds the options of LearningOptions. */
export function addLearningOptions(command: Command): Command {
  return command
    .option('--epochs <number>', 'times that every sample is seen', positiveInteger, 10)
    .option('--batch <samples>', 'samples per step', positiveInteger, 64)
    .addOption(
      new Option('--optimizer <name>', 'as in PyTorch')
        .choices(['sgd', 'adam', 'adamw', 'rmsprop'])
        .default('adam'),
    )
    .option(
      '--lr <rate>',
      'learning rate (sgd 0.1, adam and adamw 0.001, rmsprop 0.01)',
      finiteNumber,
    )
    .option('--momentum <share>', 'of sgd and rmsprop', finiteNumber, 0)
    .option('--nesterov', 'look-ahead momentum of sgd', false)
    .option('--weight-decay <factor>', 'L2; for adamw decoupled (adamw 0.01, else 0)', finiteNumber)
    .option('--clip <norm>', 'largest norm of the gradient', finiteNumber)
    .addOption(
      new Option('--schedule <rule>', 'constant, cosine, or step:EVERY:FACTOR (in steps)')
        .argParser(readSchedule)
        .default({ type: 'constant' }, 'constant'),
    )
    .option('--warmup <steps>', 'steps over which the rate rises', wholeNumber, 0)
    .option(
      '--revive <every:share>',
      'every so many steps, dead units of a network with at least that share of them (100:0.2)',
      readRevive,
    )
    .addOption(
      new Option('--loss <name>', 'default: softmax-cross-entropy for classes, else mse').choices(
        LOSS_NAMES,
      ),
    );
}

/** The optimiser as the library takes it. @throws UsageError for an option it does not have */
export function optimizerOf(options: LearningOptions): Optimizer {
  const { optimizer, momentum, nesterov } = options;
  const rate = options.lr ?? USUAL_RATE[optimizer];
  const weightDecay = options.weightDecay ?? USUAL_DECAY[optimizer];
  if ((optimizer === 'adam' || optimizer === 'adamw') && momentum !== 0) {
    throw new UsageError(`--momentum is for sgd and rmsprop, not for ${optimizer}`);
  }
  if (optimizer !== 'sgd' && nesterov) {
    throw new UsageError(`--nesterov is for sgd, not for ${optimizer}`);
  }
  switch (optimizer) {
    case 'sgd':
      return sgd(rate, { momentum, nesterov, weightDecay });
    case 'adam':
      return adam(rate, { weightDecay });
    case 'adamw':
      return adamw(rate, { weightDecay });
    case 'rmsprop':
      return rmsprop(rate, { momentum, weightDecay });
  }
}

/** The schedule with its warm-up. */
export function scheduleOf({ schedule, warmup }: LearningOptions): Schedule {
  return { ...schedule, warmup };
}

function readRevive(text: string): NonNullable<LearningOptions['revive']> {
  const parts = /^(\d+):(\d*\.?\d+)$/.exec(text);
  const [every, share] = [Number(parts?.[1]), Number(parts?.[2])];
  if (!(every >= 1 && share > 0 && share <= 1)) {
    throw new InvalidArgumentError(
      'Give EVERY:SHARE, steps from 1 and a share above 0 and at most 1, as 100:0.2.',
    );
  }
  return { every, share };
}

function readSchedule(text: string): Schedule {
  if (text === 'constant' || text === 'cosine') return { type: text };
  const parts = /^step:(\d+):([\d.eE+-]+)$/.exec(text);
  if (!parts) {
    throw new InvalidArgumentError('Give constant, cosine, or step:EVERY:FACTOR, as step:500:0.5.');
  }
  return { type: 'step', every: Number(parts[1]), factor: Number(parts[2]) };
}
