/** `lps experiment`: the comparisons that the documentation cites, seeded and resumable. */
import { join } from 'node:path';
import { InvalidArgumentError, type Command } from 'commander';
import { loadDataset } from '../data/dataset-file.js';
import {
  digitsChart,
  findExperiment,
  runDigits,
  runExperiment,
  type Experiment,
  type ExperimentData,
  type ExperimentRun,
  type CellResult,
} from '../experiments/index.js';
import {
  addCheckpointOption,
  Checkpoint,
  type CheckpointOptions,
  type StoredJob,
} from './checkpoint.js';
import { addCommonOptions, chosen, finiteNumber, type CommonOptions } from './common-options.js';
import type { TrainingState } from '../network/index.js';
import { describeDigits } from './digits-text.js';
import { ExitCode, UsageError } from './errors.js';
import {
  openExperimentStore,
  readExperimentResults,
  writeExperimentReport,
} from './experiment-store.js';
import { count, duration, plural, significant } from './numbers.js';
import { packageVersion } from './package.js';
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

interface ExperimentCommandOptions extends CommonOptions, CheckpointOptions {
  readonly out: string;
  readonly only: string;
  readonly fresh: boolean;
  readonly report: boolean;
  readonly budget?: number;
}

const OUT = 'out/experiments';
const DIGITS = 'digits';
const DEFAULT_SEED = 1;
const MS_PER_MINUTE = 60_000;

const EXAMPLES = `
Experiments:
  digits         64-20*16-10 on the handwritten digits from five initializers, a minute
  born-dead      how often networks are born dead, by initializer, width, depth and inputs
  hall-of-fame   every published initializer: networks born dead, dead units, training loss
  deep-narrow    |x|, a step, x sin 5x and sin 3x: constant runs and successes
  deep           100, 300 and 1,000 layers of 16 units on the digits
  directions     first-layer directions of lps from the anchors, or any: what decided the default
  uncentred      sparse autoencoders on inputs whose mean is far from 0
  revival        a network many of whose units are dead: nothing, revive, ReDo, start again
  digits-grid    the network of digits: rates, optimisers, activations, ablations
  fashion-mnist  deep networks on Fashion-MNIST: the same, and wider and convolutional ones

All but digits take minutes (digits-grid, directions, hall-of-fame, uncentred, revival), half an hour (born-dead,
deep-narrow) or more than an hour (fashion-mnist, deep) on two cores. Their results are appended to
FOLDER/NAME.jsonl as they come; the same command goes on where the last one ended. Their seeds are part of
their definitions.

Examples:
  $ lps experiment digits
  $ lps experiment deep-narrow --only abs/10x2 --budget 10
  $ lps experiment fashion-mnist --only 30x16/relu/adam
  $ lps experiment born-dead --out docs/results/experiments --report`;

/** Adds the command; `done` receives the exit code. */
export function addExperimentCommand(program: Command, done: (code: ExitCode) => void): void {
  const command = program
    .command('experiment')
    .summary('compare initializers: the measurements behind the results')
    .description(
      'Runs a fixed table of seeded measurements, keeps every result as it comes, and writes tables (Markdown) and pictures (SVG).',
    )
    .argument(
      '<name>',
      'digits, born-dead, hall-of-fame, deep-narrow, deep, directions, uncentred, revival, digits-grid or fashion-mnist',
    )
    .option('--out <folder>', 'where results, tables and pictures go', OUT)
    .option('--only <words>', "run cells whose names contain these words, with ',' between", '')
    .option('--budget <minutes>', 'begin nothing that would end later', minutes)
    .option('--fresh', 'begin anew instead of going on', false)
    .option('--report', 'only write tables and pictures from the results that are there', false);
  addCommonOptions(addCheckpointOption(command))
    .addHelpText('after', EXAMPLES)
    .action(async (name: string, options: ExperimentCommandOptions) => {
      done(await runExperimentCommand(name, options));
    });
}

function minutes(text: string): number {
  const value = finiteNumber(text);
  if (value <= 0) throw new InvalidArgumentError('Give a number of minutes above 0.');
  return value;
}

/** What an experiment computes with; `fresh` is for its beginning. */
const COMPUTING = [
  'only',
  'budget',
  'seed',
  'adapter',
] as const satisfies readonly (keyof ExperimentCommandOptions)[];

/** Goes on with an experiment, in its folder. */
export function resumeExperiment(
  checkpoint: string,
  { words, options }: StoredJob,
  output: Partial<ExperimentCommandOptions>,
): Promise<ExitCode> {
  const stored = options as unknown as Omit<
    ExperimentCommandOptions,
    'out' | 'json' | 'fresh' | 'report'
  >;
  const settings = { out: OUT, json: false, fresh: false, report: false, ...stored, ...output };
  return runExperimentCommand(words[0]!, { ...settings, checkpoint });
}

async function runExperimentCommand(
  name: string,
  options: ExperimentCommandOptions,
): Promise<ExitCode> {
  if (name === DIGITS) return runDigitsCommand(options);
  const experiment = findExperiment(name);
  if (options.seed !== DEFAULT_SEED) {
    throw new UsageError(`--seed is for digits: the seeds of ${name} are part of its definition`);
  }
  if (options.report) {
    const results = readExperimentResults(options.out, experiment);
    const files = new ResultFiles();
    const written = await writeExperimentReport(options.out, experiment, results, files);
    if (options.json || !files.isComplete)
      await printJson({ schemaVersion: 1, experiment: name, results, written });
    else printLines([`written to ${written.join(', ')}`]);
    files.finish();
    return ExitCode.success;
  }
  return runSession(options, (session) => runCells(session, experiment, options));
}

/** Digits has no file of results: it takes half a minute. */
async function runDigitsCommand(options: ExperimentCommandOptions): Promise<ExitCode> {
  if (options.only !== '' || options.budget !== undefined || options.report || options.fresh) {
    throw new UsageError('--only, --budget, --fresh and --report are not for digits');
  }
  const paths = [join(options.out, 'digits.json'), join(options.out, 'digits.svg')] as const;
  checkOutput(paths[0]);
  checkCharts();
  return runSession(options, async ({ gpu, terminal, signal }) => {
    const note = (text: string): void => {
      terminal.note(text);
    };
    const checkpoint = Checkpoint.of(options, jobOf(DIGITS, options), note);
    const state = checkpoint?.state<TrainingState>('digits', note);
    const resume = state?.read();
    const result = await runDigits(gpu, {
      seed: options.seed,
      signal,
      ...(state && {
        checkpoint: {
          ...(resume && { resume }),
          isDue: () => state.isDue,
          keep: (reached) => {
            state.write(reached);
          },
        },
      }),
      onProgress: ({ epoch, epochs, losses, secondsLeft }) => {
        const known = losses.filter((loss) => Number.isFinite(loss));
        const lowest =
          known.length > 0 ? `, lowest loss ${significant(Math.min(...known), 3)}` : '';
        terminal.status(() => `epoch ${epoch} of ${epochs}${lowest}, ${timeLeft(secondsLeft)}`);
      },
    });
    terminal.clear();
    if (checkpoint && result.partial) note(`"lps resume ${checkpoint.folder}" goes on`);
    const document = { schemaVersion: 1, ...result };
    const files = new ResultFiles();
    await files.write(paths[0], jsonLine(document));
    await files.write(paths[1], await digitsChart(result));
    if (options.json || !files.isComplete) await printJson(document);
    else printLines([...describeDigits(result), `written to ${paths.join(', ')}`]);
    files.finish();
  });
}

function jobOf(experiment: string, options: ExperimentCommandOptions): StoredJob {
  const words = [experiment];
  return { command: 'experiment', words, options: chosen(options, COMPUTING), inputs: {} };
}

async function runCells(
  session: Session,
  experiment: Experiment,
  options: ExperimentCommandOptions,
): Promise<void> {
  const { gpu, terminal, signal } = session;
  const { out, only, fresh, budget } = options;
  const version = packageVersion();
  const files = new ResultFiles();
  const note = (text: string): void => {
    terminal.note(text);
  };
  const checkpoint = Checkpoint.of(options, jobOf(experiment.name, options), note);
  const place = checkpoint?.folder ?? out;
  const store = await openExperimentStore(place, experiment, { version, fresh });
  for (const each of store.notes) note(each);
  const data = experiment.needsData ? await fashionData(session) : null;
  const run = await runExperiment(gpu, experiment, {
    data,
    finished: store.results,
    only,
    ...(budget !== undefined && { budgetMs: budget * MS_PER_MINUTE }),
    signal,
    onResults: (results) => {
      store.append(results, files);
    },
    onProgress: ({ done, total, batch, secondsLeft }) => {
      terminal.status(
        () => `${count(done)} of ${count(total)} cells, ${timeLeft(secondsLeft)}: ${batch}`,
      );
    },
  });
  terminal.clear();
  if (checkpoint && run.ended !== 'finished') note(`"lps resume ${checkpoint.folder}" goes on`);
  const written = await writeExperimentReport(out, experiment, run.results, files);
  if (options.json || !files.isComplete) {
    const { results, ...rest } = run;
    await printJson({
      schemaVersion: 1,
      experiment: experiment.name,
      ...rest,
      adapter: gpu.info,
      results,
    });
    files.finish();
    return;
  }
  printLines([
    `adapter    ${describeAdapter({ adapter: gpu.info, precision: gpu.precision })}`,
    `experiment ${experiment.title}`,
    `cells      ${describeRun(run)}`,
    `written to ${[store.path, ...written].join(', ')}`,
  ]);
}

function describeRun({ done, total, ended, totalMs }: ExperimentRun<CellResult>): string {
  const rest = {
    finished: '',
    budget: ': the time is used up, the same command goes on',
    stopped: ': stopped, the same command goes on',
  }[ended];
  return `${count(done)} of ${plural(total, 'cell')} have results, after ${duration(totalMs)}${rest}`;
}

function timeLeft(seconds: number): string {
  return Number.isFinite(seconds) ? `${duration(1000 * seconds)} left` : 'time left unknown';
}

async function fashionData({ terminal, signal }: Session): Promise<ExperimentData> {
  const { train, test } = await loadDataset('fashion-mnist', {
    signal,
    onProgress: ({ received }) => {
      terminal.status(() => `downloading fashion-mnist: ${count(received)} bytes`);
    },
  });
  return { train, test: test! };
}
