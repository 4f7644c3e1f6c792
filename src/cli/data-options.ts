/** The options that say what of a file is data, for every command that reads samples. */
import { Option, type Command } from 'commander';
import { LAYOUTS, type Layout } from '../data/arrays.js';
import type { LoadDatasetOptions } from '../data/dataset-file.js';
import type { LossName } from '../network/index.js';
import { nameList, positiveInteger } from './common-options.js';
import { UsageError } from './errors.js';

export interface DataOptions {
  readonly target?: readonly string[];
  readonly x?: readonly string[];
  readonly drop?: readonly string[];
  /** True without a number. */
  readonly classes?: true | number;
  readonly labels?: string;
  readonly layout?: Layout;
}

/** What --data and --anchors take, for help. */
export const DATA_HELP = `Data are a name, a file or a folder:
  table.csv, .tsv, .txt, .jsonl  columns of numbers; --target names what is learned, --x the inputs
                                 (default: all others), --drop columns to leave out. A target of words
                                 is classes; one of whole numbers is with --classes
  x.npy, images-idx3-ubyte       arrays [sample, feature], [sample, row, column] or images of four
                                 dimensions (--layout), with --labels y.npy
  data.npz                       arrays x_train, y_train, x_test, y_test; x, y; or as --x and --target say
  folder/CLASS/*.png             images, one folder a class; train/CLASS and test/CLASS are kept apart
All files may end in .gz.`;

/** Adds --target, --x, --drop, --classes, --labels and --layout. */
export function addDataOptions(command: Command): Command {
  return command
    .option('--target <columns>', 'what a table is about, separated by commas', nameList)
    .option('--x <columns>', 'inputs of a table (default: all but the target)', nameList)
    .option('--drop <columns>', 'columns of a table that are not inputs', nameList)
    .option(
      '--classes [number]',
      'whole numbers as targets are classes, so many of them',
      positiveInteger,
    )
    .option('--labels <file>', 'labels or values of inputs in .npy or IDX')
    .addOption(
      new Option('--layout <order>', 'dimensions of .npy images (default: nchw)').choices(LAYOUTS),
    );
}

/** The options as the loader takes them; the loss decides what whole numbers are. */
export function loadOptions(options: DataOptions, loss?: LossName): Partial<LoadDatasetOptions> {
  const { target, x, drop, classes, labels, layout } = options;
  if (x !== undefined && drop !== undefined) {
    throw new UsageError('--x names the inputs and --drop what is none: give one of them');
  }
  const asClasses = classes !== undefined || loss === 'softmax-cross-entropy';
  return {
    ...(target && { target }),
    ...(x && { inputs: x }),
    ...(drop && { drop }),
    ...(asClasses ? { kind: 'class' } : loss !== undefined && { kind: 'values' }),
    ...(typeof classes === 'number' && { classes }),
    ...(labels !== undefined && { labels }),
    ...(layout && { layout }),
  };
}
