/** `lps train`: one network from several initializations, side by side. */
import { readFile } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { basename, join, resolve } from 'node:path';
import { Option, type Command } from 'commander';
import {
  centreParts,
  spreadSamples,
  standardizeParts,
  trainValidationTestSplit,
  type DataParts,
  type Dataset,
  type LoadedData,
  type Targets,
} from '../data/index.js';
import { DATASET_NAMES } from '../data/catalogue.js';
import { listNames } from '../data/cells.js';
import { loadDataset } from '../data/dataset-file.js';
import { trainingChart } from '../charts/training-chart.js';
import {
  ANCHOR_SAMPLES,
  INITIALIZER_METHODS,
  initializeReplicas,
  readMethod,
  revive,
  type Revival,
} from '../initialize/index.js';
import {
  centredLayer,
  dataDescription,
  describeModel,
  foldCentre,
  networkToJson,
  NOTATION_HELP,
  notationOf,
  readSafetensors,
  renameWeights,
  train,
  weightsOfState,
  writeSafetensors,
  type LossName,
  type Network,
  type TrainingRun,
  type TrainingState,
  type Weights,
} from '../network/index.js';
import { evaluateNetwork } from '../network/evaluator.js';
import { learningRates } from '../network/optimizer.js';
import { checkLoss } from '../network/training-data.js';
import {
  addCommonOptions,
  chosen,
  finiteNumber,
  nameList,
  positiveInteger,
  wholeNumber,
  type CommonOptions,
} from './common-options.js';
import {
  addCheckpointOption,
  Checkpoint,
  type CheckpointOptions,
  type PlacedJob,
} from './checkpoint.js';
import { unlessAborted } from '../math/stepwise.js';
import { addDataOptions, DATA_HELP, loadOptions, type DataOptions } from './data-options.js';
import { InterruptedError, JobError, UsageError, type ExitCode } from './errors.js';
import { networkFromText } from './network-from-text.js';
import { count, plural } from './numbers.js';
import {
  checkCharts,
  checkOutput,
  jsonLine,
  printJson,
  printLines,
  ResultFiles,
} from './output.js';
import { runSession, type Session } from './session.js';
import { describeAdapter } from './solve-output.js';
import { describeProgress } from './train-progress.js';
import {
  addLearningOptions,
  optimizerOf,
  scheduleOf,
  type LearningOptions,
} from './train-options.js';
import {
  describeRuns,
  describeTime,
  runDocuments,
  summarize,
  type NamedRun,
} from './train-report.js';

interface TrainCommandOptions
  extends CommonOptions, LearningOptions, DataOptions, CheckpointOptions {
  readonly data: string;
  readonly arch: string;
  readonly activation: string;
  readonly init: readonly string[];
  readonly directions?: 'anchors' | 'haar';
  readonly weights?: readonly string[];
  readonly seeds: number;
  readonly validation?: number;
  readonly test?: number;
  readonly raw: boolean;
  readonly centre?: boolean;
  readonly probe: number;
  readonly out?: string;
}

const EXAMPLES = `
${NOTATION_HELP}

${DATA_HELP}

Every initializer is run with --seeds seeds from --seed on; all runs train side by side on the same
batches. Inputs (and targets that are numbers) are standardised on the training samples unless --raw.
--out FOLDER receives every run's weights, train.json and curves.svg; --out FILE.safetensors the
weights of the run with the lowest validation loss.

Examples:
  $ lps train --data digits --arch 64-32-32-10 --init he,xavier,orthogonal --seeds 3 --epochs 10
  $ lps train --data fashion-mnist --arch lenet5 --init lps --epochs 1 --out results
  $ lps train --data cifar10 --arch vgg11 --checkpoint vgg && lps resume vgg --out weights
  $ lps train --data cells.csv --target kind --arch 12-16-3 --optimizer sgd --momentum 0.9 --json`;

const SCHEMA_VERSION = 1;

/** Adds the command; `done` receives the exit code. */
export function addTrainCommand(program: Command, done: (code: ExitCode) => void): void {
  const command = program
    .command('train')
    .summary('train one network from several initializers side by side')
    .description('Trains a network from several initializations side by side on the GPU.')
    .option('--data <name>', `${DATASET_NAMES.join(', ')}, a file or a folder`, 'digits')
    .requiredOption('--arch <network>', 'such as 64-32-32-10 or lenet5, see below')
    .option('--activation <name>', 'after every hidden layer of numbers', 'relu')
    .addOption(
      new Option('--init <names>', `${INITIALIZER_METHODS.join(', ')}; separated by commas`)
        .argParser(nameList)
        .default(['lps', 'he'], 'lps,he'),
    )
    .addOption(
      new Option(
        '--directions <part>',
        "of lps, of the first layer: the anchors' principal ones, or any",
      ).choices(['anchors', 'haar']),
    )
    .option('--weights <files>', 'safetensors files to start from, too', nameList)
    .option('--seeds <number>', 'runs per initializer', positiveInteger, 1)
    .option('--validation <share>', 'of the samples that are not for tests (0.1)', finiteNumber)
    .option('--test <share>', 'of data that come without test samples (0.2)', finiteNumber)
    .option('--raw', 'do not standardise (bytes become 0 to 1)', false)
    .option(
      '--centre',
      'with --raw: train on inputs less their mean, which goes into the first biases',
    )
    .option('--probe <samples>', 'on which layers are measured; 0 for none', wholeNumber, 256);
  addDataOptions(command);
  addLearningOptions(command).option('--out <place>', 'folder, or a file for the best weights');
  addCommonOptions(addCheckpointOption(command))
    .addHelpText('after', EXAMPLES)
    .action(async (options: TrainCommandOptions) => {
      done(await runTrain(options));
    });
}

/** What trains: a network on data, from these initializations. */
interface Job {
  readonly options: TrainCommandOptions;
  readonly net: Network;
  readonly parts: DataParts;
  /** Subtracted from the inputs, which the results get back. */
  readonly centre: Float64Array | null;
  /** The training samples as the results read them. */
  readonly described: Dataset;
  readonly source: string;
  readonly loss: LossName;
  /** Samples of a step, at most those there are. */
  readonly batch: number;
}

/** What a training computes with; the rest of the options only says how its result is shown. */
const COMPUTING = [
  'data',
  'arch',
  'activation',
  'init',
  'directions',
  'weights',
  'seeds',
  'validation',
  'test',
  'raw',
  'centre',
  'probe',
  'target',
  'x',
  'drop',
  'classes',
  'labels',
  'layout',
  'epochs',
  'batch',
  'optimizer',
  'lr',
  'momentum',
  'nesterov',
  'weightDecay',
  'clip',
  'schedule',
  'warmup',
  'revive',
  'loss',
  'seed',
  'adapter',
] as const satisfies readonly (keyof TrainCommandOptions)[];

/** What a checkpoint has of a training. */
interface KeptTraining {
  readonly starts: readonly (Pick<Start, 'init' | 'seed'> & Pick<Weights, 'metadata'>)[];
  readonly training: TrainingState;
}

/** Goes on with a training, in its folder. */
export function resumeTrain(
  checkpoint: string,
  { options, inputs, place }: PlacedJob,
  output: Partial<TrainCommandOptions>,
): Promise<ExitCode> {
  const stored = options as unknown as TrainCommandOptions;
  const settings = { ...stored, json: false, ...output, checkpoint };
  return runTrain(settings, { place, data: inputs.data! });
}

/** @param begun where the training began, and the digest of its data then */
async function runTrain(
  options: TrainCommandOptions,
  begun?: { readonly place: string; readonly data: string },
): Promise<ExitCode> {
  if (options.centre && !options.raw) {
    throw new UsageError('--centre goes with --raw: standardised inputs are centred already');
  }
  const optimizer = optimizerOf(options);
  // A check, before a network is initialized for nothing.
  learningRates(optimizer, 1);
  const schedule = scheduleOf(options);
  if (options.out !== undefined) {
    const isWeights = isFile(options.out);
    checkOutput(isWeights ? options.out : join(options.out, 'train.json'));
    if (!isWeights) checkCharts();
  }
  return runSession(options, async (session) => {
    const note = (text: string): void => {
      session.terminal.note(text);
    };
    const job = await prepare(options, session, begun?.place);
    const data = options.checkpoint === undefined ? '' : digestOf(job);
    if (begun && begun.data !== data) {
      throw new UsageError(
        `the network or the data of "${options.data}" are not those that the training in "${options.checkpoint!}" began with: put them back, or begin anew in another folder`,
      );
    }
    const checkpoint = Checkpoint.of(
      options,
      { command: 'train', words: [], options: chosen(options, COMPUTING), inputs: { data } },
      note,
    );
    const state = checkpoint?.state<KeptTraining>('train', note);
    const before = state?.read();
    const starts = before
      ? keptStarts(job.net, before)
      : await unlessAborted(initialWeights(session, job), session.signal);
    if (starts === null) throw new InterruptedError('stopped before there was a result');
    const { parts, net, loss } = job;
    const revival =
      options.revive &&
      revive(net, {
        ...options.revive,
        seed: options.seed,
        anchors: spreadSamples(parts.train, ANCHOR_SAMPLES),
      });
    const trained = await train(session.gpu, net, {
      data: parts.train,
      ...(parts.validation && { validation: parts.validation }),
      weights: starts.map(({ weights }) => weights),
      loss,
      optimizer,
      ...(options.clip !== undefined && { clip: options.clip }),
      schedule,
      epochs: options.epochs,
      batchSize: job.batch,
      seed: options.seed,
      layerProbe: options.probe,
      ...(revival && { intervention: revival.intervention }),
      signal: session.signal,
      ...(state && {
        checkpoint: {
          ...(before && { resume: before.training }),
          isDue: () => state.isDue,
          keep: (training) => {
            state.write({
              starts: starts.map(({ init, seed, weights: { metadata } }) => ({
                init,
                seed,
                metadata,
              })),
              training,
            });
          },
        },
      }),
      onProgress: (progress) => {
        session.terminal.status(() => describeProgress(progress));
      },
    });
    const tests =
      parts.test && !session.signal.aborted
        ? await evaluateNetwork(session.gpu.current, net, {
            data: parts.test,
            weights: trained.replicas.map(({ weights }) => weights),
            loss,
          })
        : null;
    session.terminal.clear();
    const runs = starts.map(({ init, seed }, k): NamedRun => ({
      init,
      seed,
      run: {
        ...trained.replicas[k]!,
        weights: shifted(net, trained.replicas[k]!.weights, job.centre),
      },
      test: tests?.[k] ?? null,
      file: weightFile(options.out, init, seed),
    }));
    const { replicas: _, ...run } = trained;
    const document = {
      schemaVersion: SCHEMA_VERSION,
      ...describeJob(job),
      run,
      summary: summarize(runs),
      runs: runDocuments(runs),
      adapter: session.gpu.info,
    };
    const files = new ResultFiles();
    const written = options.out === undefined ? [] : await writeResults(job, runs, document, files);
    if (options.json || !files.isComplete) await printJson(document);
    else {
      printLines([
        `adapter    ${describeAdapter({ adapter: session.gpu.info, precision: session.gpu.precision })}`,
        `network    ${notationOf(net)}, ${count(net.parameters.count)} parameters`,
        `data       ${describeData(job)}`,
        '',
        ...describeRuns(runs),
        '',
        describeTime(trained),
      ]);
    }
    for (const each of notesOf(job, trained)) note(each);
    if (checkpoint && trained.partial) note(`"lps resume ${checkpoint.folder}" goes on`);
    if (revival) note(describeRevival(revival));
    if (files.isComplete) for (const path of written) session.terminal.note(`written to ${path}`);
    files.finish();
    if (runs.every(({ run: { status } }) => status.state === 'diverged')) {
      throw new JobError('every run diverged: use a lower --lr, or --clip');
    }
  });
}

function keptStarts(net: Network, { starts, training }: KeptTraining): Start[] {
  const weights = weightsOfState(
    net,
    training,
    starts.map(({ metadata }) => metadata),
  );
  return starts.map(({ init, seed }, k) => ({ init, seed, weights: weights[k]! }));
}

/** Of the network and all samples, as they are given to the training. */
function digestOf({ net, parts }: Job): string {
  const hash = createHash('sha256').update(JSON.stringify(networkToJson(net)));
  for (const part of [parts.train, parts.validation, parts.test]) {
    if (part === null) continue;
    const { inputs, targets } = part;
    hash.update(JSON.stringify(dataDescription(part)));
    for (const column of [inputs, targets.kind === 'class' ? targets.labels : targets.values])
      hash.update(new Uint8Array(column.buffer, column.byteOffset, column.byteLength));
  }
  return hash.digest('hex');
}

/**
 * Loads and splits the data and reads the network.
 *
 * @param place where paths begin
 */
async function prepare(
  options: TrainCommandOptions,
  { terminal, signal }: Session,
  place = process.cwd(),
): Promise<Job> {
  const placed = (path: string): string => (place === process.cwd() ? path : resolve(place, path));
  const isNamed = DATASET_NAMES.includes(options.data);
  for (const share of ['validation', 'test'] as const) {
    const value = options[share] ?? 0;
    if (!(value >= 0 && value < 1)) {
      throw new UsageError(`--${share} must be from 0 to below 1, it is ${value}`);
    }
  }
  const { labels } = options;
  const { source, ...loaded } = await loadDataset(isNamed ? options.data : placed(options.data), {
    ...loadOptions(options, options.loss),
    ...(labels !== undefined && { labels: placed(labels) }),
    signal,
    onProgress: ({ received, total }) => {
      terminal.status(
        () =>
          `downloading ${options.data}: ${count(received)} of ${total ? count(total) : '?'} bytes`,
      );
    },
  });
  const split = trainValidationTestSplit(loaded, {
    ...sharesOf(options, loaded),
    seed: options.seed,
  });
  const centring = options.centre ? centreParts(split) : null;
  const { targets } = split.train;
  const loss = options.loss ?? (targets.kind === 'class' ? 'softmax-cross-entropy' : 'mse');
  const values = loss === 'binary-cross-entropy' ? 'as they are' : 'standardised';
  const parts = centring?.parts ?? (options.raw ? split : standardizeParts(split, values));
  const isFileOfNetwork = options.arch.endsWith('.json');
  const net = await networkFromText(isFileOfNetwork ? placed(options.arch) : options.arch, {
    activation: options.activation,
    data: parts.train,
  });
  if (centring) centredLayer(net);
  checkLoss(loss, parts.train);
  const batch = Math.min(options.batch, parts.train.count);
  return {
    options,
    net,
    parts,
    centre: centring?.centre ?? null,
    described: centring ? split.train : parts.train,
    source: isNamed ? source : options.data,
    loss,
    batch,
  };
}

const USUAL_SHARES = { validation: 0.1, test: 0.2 } as const;

/** Shares as they were given; the usual ones where they leave at least one sample, else none. */
function sharesOf(
  options: TrainCommandOptions,
  { train: { count }, test: given }: LoadedData,
): { readonly validation: number; readonly test: number } {
  const usual = (part: keyof typeof USUAL_SHARES, samples: number): number =>
    Math.round(USUAL_SHARES[part] * samples) >= 1 ? USUAL_SHARES[part] : 0;
  const test = options.test ?? (given === null ? usual('test', count) : 0);
  const rest = count - Math.round(test * count);
  return { validation: options.validation ?? usual('validation', rest), test };
}

interface Start {
  readonly init: string;
  readonly seed: number;
  readonly weights: Weights;
}

async function initialWeights(
  { gpu }: Session,
  { options, net, parts, centre, loss }: Job,
): Promise<Start[]> {
  const anchors = spreadSamples(parts.train, ANCHOR_SAMPLES);
  const { directions } = options;
  const outputMean = loss === 'mse' ? meanOf(parts.train.targets) : null;
  const wanted = options.init.map(readMethod).flatMap((method) =>
    Array.from({ length: options.seeds }, (_, k) => ({
      method,
      seed: options.seed + k,
      anchors,
      data: parts.train,
      ...(method === 'lps' && directions && { directions }),
      ...(method === 'lps' && outputMean && { outputMean }),
    })),
  );
  const files = await Promise.all((options.weights ?? []).map(readWeights));
  const initialized = await initializeReplicas(gpu, net, wanted);
  const starts = wanted.map(({ method, seed }, k): Start => ({
    init: method,
    seed,
    weights: initialized[k]!,
  }));
  const towardsCentre = centre?.map((value) => -value) ?? null;
  for (const { file, weights } of files) {
    starts.push({
      init: basename(file).replace(/\.safetensors$/, ''),
      seed: options.seed,
      weights: shifted(net, renameWeights(net, weights), towardsCentre),
    });
  }
  return starts;
}

async function readWeights(file: string): Promise<{ file: string; weights: Weights }> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(file);
  } catch (error) {
    throw new UsageError(`--weights: cannot read "${file}": ${(error as Error).message}`);
  }
  return { file, weights: readSafetensors(bytes, file) };
}

/** The same function of inputs from which nothing was subtracted. */
function shifted(net: Network, weights: Weights, centre: Float64Array | null): Weights {
  return centre ? foldCentre(net, weights, centre) : weights;
}

/** Means of values that were not standardised: where the outputs of `lps` begin. */
function meanOf(targets: Targets): readonly number[] | null {
  if (targets.kind === 'class' || targets.units !== undefined) return null;
  const { values, width } = targets;
  const rows = values.length / width;
  const sums = new Float64Array(width);
  values.forEach((value, index) => {
    sums[index % width]! += value;
  });
  return Array.from(sums, (sum) => sum / rows);
}

/** What was asked for, as JSON. */
function describeJob({ options, net, parts, described, source, loss, batch }: Job) {
  const { epochs, clip, seed, seeds, init } = options;
  return {
    data: {
      name: parts.train.name,
      source,
      training: parts.train.count,
      validation: parts.validation?.count ?? 0,
      test: parts.test?.count ?? 0,
      standardized: !options.raw,
      ...(options.centre && { centred: true }),
      ...dataDescription(described),
    },
    network: { notation: notationOf(net), parameters: net.parameters.count },
    settings: {
      loss,
      optimizer: optimizerOf(options),
      schedule: scheduleOf(options),
      clip: clip ?? null,
      epochs,
      batch,
      seed,
      seeds,
      init,
      ...(options.revive && { revive: options.revive }),
    },
  };
}

/** What was done differently than asked. */
function notesOf({ options, parts, batch }: Job, { leftOut, deviceLosses }: TrainingRun): string[] {
  const without = [
    ...(parts.validation === null && options.validation === undefined ? ['validation'] : []),
    ...(parts.test === null && options.test === undefined ? ['test'] : []),
  ].join(' and no ');
  return [
    ...(without === '' ? [] : [`note: no ${without} samples, there are too few rows`]),
    ...(batch < options.batch
      ? [`note: a batch of ${batch}, of all ${plural(parts.train.count, 'training sample')}`]
      : []),
    ...sameInAll(parts.train).map(
      (what) => `note: all training samples have the same ${what}: there is nothing to learn`,
    ),
    ...listed('all training samples have the same input', constantColumns(parts.train)),
    ...listed('no training sample has the class', classesWithoutSamples(parts.train)),
    ...(deviceLosses > 0
      ? [
          `note: the GPU device was lost ${plural(deviceLosses, 'time')}, and the training went on from its last state on another`,
        ]
      : []),
    ...(leftOut > 0
      ? [
          'note: each epoch leaves out one sample, of which alone batch normalisation has no variance',
        ]
      : []),
  ];
}

/** A note of them, if there are any. */
function listed(what: string, names: readonly string[]): string[] {
  return names.length === 0 ? [] : [`note: ${what} ${listNames(names)}`];
}

/** Inputs of a table that say nothing, if others do. */
function constantColumns({ count, inputs, columns = [] }: Dataset): readonly string[] {
  const width = columns.length;
  const constant = columns.filter((_, place) => {
    for (let k = place; k < count * width; k += width)
      if (inputs[k] !== inputs[place]) return false;
    return count > 1;
  });
  return constant.length < width ? constant : [];
}

function classesWithoutSamples({ targets }: Dataset): readonly string[] {
  if (targets.kind !== 'class') return [];
  const occurring = new Set(targets.labels);
  return Array.from(
    { length: targets.classes },
    (_, label) => targets.classNames?.[label] ?? `${label}`,
  ).filter((_, label) => !occurring.has(label));
}

/** What tells no two samples apart, if there are two. */
function sameInAll({ count, inputs, targets }: Dataset): string[] {
  const isSame = (rows: ArrayLike<number>): boolean => {
    const width = rows.length / count;
    for (let k = width; k < rows.length; k++) if (rows[k] !== rows[k - width]) return false;
    return count > 1;
  };
  return [
    ...(isSame(inputs) ? ['inputs'] : []),
    ...(isSame(targets.kind === 'class' ? targets.labels : targets.values) ? ['target'] : []),
  ];
}

function describeRevival({ revived }: Revival): string {
  const units = [...revived.values()].reduce((sum, one) => sum + one, 0);
  return `note: ${plural(units, 'dead unit')} revived in ${plural(revived.size, 'run')}`;
}

function describeData({ parts: { train, validation, test }, source, loss }: Job): string {
  const sizes = [
    `${count(train.count)} training`,
    ...(validation ? [`${count(validation.count)} validation`] : []),
    ...(test ? [`${count(test.count)} test`] : []),
  ];
  return `${train.name} (${source}): ${sizes.join(', ')} samples, ${loss}`;
}

const isFile = (out: string): boolean => out.endsWith('.safetensors');

function weightFile(out: string | undefined, init: string, seed: number): string | null {
  return out === undefined || isFile(out) ? null : join(out, `${init}-seed${seed}.safetensors`);
}

/** Writes weights, document and picture; returns where. */
async function writeResults(
  { options, net, parts, described, batch, loss }: Job,
  runs: readonly NamedRun[],
  document: unknown,
  files: ResultFiles,
): Promise<string[]> {
  const out = options.out!;
  const fileOf = ({ run }: NamedRun): Uint8Array =>
    writeSafetensors(describeModel(run.weights, { network: net, data: described, loss }));
  if (isFile(out)) {
    const score = ({ run }: NamedRun): number =>
      (run.epochs.at(-1)?.validation ?? run.epochs.at(-1)?.training)?.loss ?? Infinity;
    const best = runs.reduce((a, b) => (score(b) < score(a) ? b : a));
    await files.write(out, fileOf(best));
    return [out];
  }
  const documentFile = join(out, 'train.json');
  const pictureFile = join(out, 'curves.svg');
  await files.write(documentFile, jsonLine(document));
  for (const run of runs) await files.write(run.file!, fileOf(run));
  if (runs.every(({ run }) => run.epochs.length === 0)) return [out];
  const picture = await trainingChart(
    runs.map(({ init, run: { epochs } }) => ({ name: init, epochs })),
    {
      title: `${notationOf(net)} on ${parts.train.name}`,
      subtitle: `${options.optimizer}, learning rate ${String(optimizerOf(options).learningRate)}, batch ${batch}, ${plural(options.seeds, 'seed')}; thin lines are single runs`,
    },
  );
  await files.write(pictureFile, picture);
  return [out];
}
