/** `lps predict`: what a trained network says of new samples. */
import { extname } from 'node:path';
import type { Command } from 'commander';
import { writeNpy } from '../data/npy.js';
import { predict, type Model, type Prediction } from '../network/index.js';
import { addCommonOptions, type CommonOptions } from './common-options.js';
import { addDataOptions, DATA_HELP } from './data-options.js';
import { UsageError, type ExitCode } from './errors.js';
import { addModelOptions, loadModel, MODEL_HELP, type ModelFileOptions } from './model-file.js';
import { plural } from './numbers.js';
import { checkOutput, printJson, printLines, ResultFiles } from './output.js';
import { runSession } from './session.js';

interface PredictCommandOptions extends CommonOptions, ModelFileOptions {
  readonly out?: string;
}

const EXAMPLES = `
Prints CSV: for each sample its values in the data's units, or its class and the probability of each.
--out FILE.csv or FILE.npy writes it to a file, .npy as values or probabilities [sample, value].

${MODEL_HELP}

${DATA_HELP}

Examples:
  $ lps predict results/lps-seed1.safetensors --data new.csv
  $ lps predict best.safetensors --data photos --out predictions.csv
  $ lps predict torch.safetensors --network 4-16-3 --data iris.csv --drop kind --classes`;

/** Adds the command; `done` receives the exit code. */
export function addPredictCommand(program: Command, done: (code: ExitCode) => void): void {
  const command = program
    .command('predict')
    .summary('values or classes of new samples from a trained network')
    .description('Predicts values or classes of samples from a file of trained weights.');
  addDataOptions(addModelOptions(command)).option('--out <file>', 'where to write, .csv or .npy');
  addCommonOptions(command)
    .addHelpText('after', EXAMPLES)
    .action(async (path: string, options: PredictCommandOptions) => {
      done(await runPredict(path, options));
    });
}

async function runPredict(path: string, options: PredictCommandOptions): Promise<ExitCode> {
  const { out } = options;
  const isArray = out !== undefined && extname(out) === '.npy';
  if (out !== undefined && !isArray && extname(out) !== '.csv') {
    throw new UsageError(`--out must end in .csv or .npy, it is "${out}"`);
  }
  checkOutput(out);
  return runSession(options, async ({ gpu, signal, terminal }) => {
    const { model, data } = await loadModel(path, options, { targets: 'optional', signal });
    const prediction = await predict(gpu, model, data.inputs);
    const { count, values } = prediction;
    const files = new ResultFiles();
    if (out !== undefined) {
      const content = isArray
        ? writeNpy(Float32Array.from(values), [count, values.length / count])
        : predictionLines(model, prediction).join('\n') + '\n';
      await files.write(out, content);
      if (files.isComplete) terminal.note(`${plural(count, 'prediction')} written to ${out}`);
    }
    if (options.json) {
      await printJson({ schemaVersion: 1, ...predictionDocument(model, prediction) });
    } else if (out === undefined || !files.isComplete) {
      printLines(predictionLines(model, prediction));
    }
    files.finish();
  });
}

/** Names of the columns of `values`. */
function columnNames({ targets }: Model): readonly string[] {
  if (targets.kind === 'class') {
    return (
      targets.classNames ?? Array.from({ length: targets.classes }, (_, label) => String(label))
    );
  }
  return targets.columns ?? Array.from({ length: targets.width }, (_, k) => `y${k + 1}`);
}

function predictionLines(model: Model, { values, labels, count }: Prediction): string[] {
  const names = columnNames(model);
  const width = names.length;
  const header = labels === null ? names : ['class', ...names.map((name) => `p(${name})`)];
  return [
    header.map(csvCell).join(','),
    ...Array.from({ length: count }, (_, sample) => {
      const row = Array.from(values.subarray(sample * width, (sample + 1) * width), (value) =>
        String(Number(value.toPrecision(9))),
      );
      return [...(labels === null ? [] : [csvCell(names[labels[sample]!]!)]), ...row].join(',');
    }),
  ];
}

function csvCell(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function predictionDocument(model: Model, { values, labels, count }: Prediction): object {
  const names = columnNames(model);
  const width = names.length;
  return {
    kind: labels === null ? 'values' : 'class',
    columns: names,
    predictions: Array.from({ length: count }, (_, sample) => ({
      ...(labels === null ? {} : { class: names[labels[sample]!] }),
      [labels === null ? 'values' : 'probabilities']: Array.from(
        values.subarray(sample * width, (sample + 1) * width),
      ),
    })),
  };
}
