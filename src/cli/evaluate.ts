/** `lps evaluate`: how good a trained network is on data with known targets. */
import { basename, extname } from 'node:path';
import type { Command } from 'commander';
import { confusionChart, predictionChart } from '../charts/evaluation-charts.js';
import type { Targets } from '../data/index.js';
import {
  evaluatePrediction,
  predict,
  type Evaluation,
  type Model,
  type Prediction,
} from '../network/index.js';
import { addCommonOptions, type CommonOptions } from './common-options.js';
import { addDataOptions, DATA_HELP } from './data-options.js';
import { UsageError, type ExitCode } from './errors.js';
import { addModelOptions, loadModel, MODEL_HELP, type ModelFileOptions } from './model-file.js';
import { count as digits, significant } from './numbers.js';
import { checkCharts, checkOutput, printJson, printLines, ResultFiles } from './output.js';
import { runSession } from './session.js';
import { textTable } from './text-table.js';

interface EvaluateCommandOptions extends CommonOptions, ModelFileOptions {
  readonly chart?: string;
}

const EXAMPLES = `
Prints the loss that the network was trained with; for values the root of the mean squared error in
their own units, for classes the accuracy and which classes are taken for which. Data that come with
test samples are scored on these. --chart draws the confusion table, or predicted against true values.

${MODEL_HELP}

${DATA_HELP}

Examples:
  $ lps evaluate results/lps-seed1.safetensors --data test.csv
  $ lps evaluate lenet.safetensors --data fashion-mnist --chart confusion.svg --json`;

/** More classes than that are not printed as a table. */
const LARGEST_TABLE = 30;

/** Adds the command; `done` receives the exit code. */
export function addEvaluateCommand(program: Command, done: (code: ExitCode) => void): void {
  const command = program
    .command('evaluate')
    .summary('loss, accuracy and confusion table of a trained network')
    .description('Scores a file of trained weights on data with known targets.');
  addDataOptions(addModelOptions(command)).option('--chart <file>', 'where a picture goes, .svg');
  addCommonOptions(command)
    .addHelpText('after', EXAMPLES)
    .action(async (path: string, options: EvaluateCommandOptions) => {
      done(await runEvaluate(path, options));
    });
}

async function runEvaluate(path: string, options: EvaluateCommandOptions): Promise<ExitCode> {
  const { chart } = options;
  if (chart !== undefined) {
    if (extname(chart) !== '.svg') {
      throw new UsageError(`--chart draws SVG: give a file that ends in .svg, not "${chart}"`);
    }
    checkOutput(chart);
    checkCharts();
  }
  return runSession(options, async ({ gpu, signal, terminal }) => {
    const { model, data } = await loadModel(path, options, { targets: 'needed', signal });
    const prediction = await predict(gpu, model, data.inputs);
    const evaluation = evaluatePrediction(model, prediction, data.targets);
    const files = new ResultFiles();
    if (chart !== undefined) {
      const title = `${basename(path)} on ${data.name}`;
      await files.write(chart, await draw(model, prediction, evaluation, data.targets, title));
    }
    if (options.json || !files.isComplete) {
      await printJson({ schemaVersion: 1, samples: data.count, ...evaluation, ...names(model) });
    } else printLines(describe(model, evaluation, data.count));
    if (chart !== undefined && files.isComplete) terminal.note(`written to ${chart}`);
    files.finish();
  });
}

function draw(
  { targets }: Model,
  { values }: Prediction,
  { confusion, errors }: Evaluation,
  truth: Targets,
  title: string,
): Promise<string> {
  if (targets.kind === 'class') {
    const classNames = targets.classNames ?? confusion!.map((_, label) => String(label));
    return confusionChart(confusion!, { classNames, title });
  }
  const { width } = targets;
  const column = (all: ArrayLike<number>, k: number): number[] =>
    Array.from({ length: all.length / width }, (_, sample) => all[sample * width + k]!);
  return predictionChart(
    errors!.map((error, k) => ({
      name: targets.columns?.[k] ?? `y${k + 1}`,
      truth: truth.kind === 'values' ? column(truth.values, k) : [],
      predicted: column(values, k),
      error,
    })),
    { title },
  );
}

function names({ targets }: Model): object {
  return targets.kind === 'class'
    ? { classNames: targets.classNames ?? null }
    : { columns: targets.columns ?? null };
}

function describe({ targets, loss }: Model, evaluation: Evaluation, samples: number): string[] {
  const { accuracy, errors, confusion } = evaluation;
  const lines = [
    `samples    ${digits(samples)}`,
    `loss       ${significant(evaluation.loss, 6)} (${loss})`,
  ];
  if (accuracy !== null) lines.push(`accuracy   ${(100 * accuracy).toFixed(2)} %`);
  errors?.forEach((error, k) => {
    const name = targets.columns?.[k] ?? `y${k + 1}`;
    lines.push(`error      ${significant(error, 6)} (root mean square of ${name})`);
  });
  if (confusion === null || targets.kind !== 'class' || confusion.length > LARGEST_TABLE) {
    return lines;
  }
  const classNames = targets.classNames ?? confusion.map((_, label) => String(label));
  return [
    ...lines,
    '',
    ...textTable(
      [
        { title: 'true \\ predicted', align: 'left' },
        ...classNames.map((title) => ({ title })),
        { title: 'right %' },
      ],
      confusion.map((row, label) => {
        const total = row.reduce((sum, value) => sum + value, 0);
        const share = total === 0 ? '-' : ((100 * row[label]!) / total).toFixed(1);
        return [classNames[label]!, ...row.map(String), share];
      }),
    ),
  ];
}
