/** `lps init`: initial weights for a network, with an account of every layer. */
import { Option, type Command } from 'commander';
import { loadDataset } from '../data/dataset-file.js';
import {
  spreadSamples,
  standardizeParts,
  trainValidationTestSplit,
  type Dataset,
} from '../data/index.js';
import {
  ANCHOR_SAMPLES,
  initialize,
  INITIALIZER_METHODS,
  INITIALIZERS,
  readMethod,
  type InitializationOptions,
  type InitializationReport,
  type InitializerOption,
} from '../initialize/index.js';
import { NOTATION_HELP, notationOf, writeSafetensors, type Network } from '../network/index.js';
import { unlessAborted } from '../math/stepwise.js';
import { addCommonOptions, finiteNumber, type CommonOptions } from './common-options.js';
import { addDataOptions, DATA_HELP, loadOptions, type DataOptions } from './data-options.js';
import { InterruptedError, type ExitCode } from './errors.js';
import { count, significant } from './numbers.js';
import { networkFromText } from './network-from-text.js';
import { checkOutput, printJson, printLines, ResultFiles } from './output.js';
import { runSession } from './session.js';
import { textTable } from './text-table.js';

interface InitCommandOptions extends CommonOptions, DataOptions {
  readonly out: string;
  readonly method: string;
  readonly activation: string;
  readonly anchors?: string;
}

/** The options of single methods that the command line has. */
const METHOD_OPTIONS: readonly InitializerOption[] = INITIALIZERS.flatMap(
  ({ options = [] }: { readonly options?: readonly InitializerOption[] }) =>
    options.filter(({ flag }) => flag !== undefined),
);

const METHODS = INITIALIZERS.map(({ name, summary }) => `  ${name.padEnd(18)}${summary}`).join(
  '\n',
);

const EXAMPLES = `
${NOTATION_HELP}
A network may also be a JSON file as networkToJson writes it.

Methods:
${METHODS}

Anchors are the inputs that the method looks at: training samples of a data set, or synthetic ones
drawn from a normal distribution. With anchors from the data every hidden ReLU unit of an lps
network is active on at least one of them (docs/initializer.md).

${DATA_HELP}

Examples:
  $ lps init 64-32-32-10 --anchors digits --out weights.safetensors
  $ lps init lenet5 --anchors fashion-mnist --method orthogonal --out lenet5.safetensors
  $ lps init 64-32-32-10 --anchors digits --method lps-tracked --scope last-layers --out start.safetensors
  $ lps init 10-30*16-1 --method lps --nonlinearity 0 --seed 7 --out deep.safetensors --json`;

/** Adds the command; `done` receives the exit code. */
export function addInitCommand(program: Command, done: (code: ExitCode) => void): void {
  const command = program
    .command('init')
    .summary('initial weights for a network, with a report of every layer')
    .description('Initializes a network and writes its weights as safetensors (PyTorch names).')
    .argument('<network>', 'such as 64-32-32-10 or lenet5, or a JSON file')
    .requiredOption('--out <file>', 'where the safetensors file goes')
    .option('--method <name>', INITIALIZER_METHODS.join(', '), 'lps')
    .option('--activation <name>', 'after every hidden layer of numbers', 'relu')
    .option('--anchors <data>', 'digits, fashion-mnist and the like, a file or a folder');
  addDataOptions(command);
  for (const { name, flag } of METHOD_OPTIONS) {
    const { description, choices, default: preset } = flag!;
    const option = new Option(`--${name} <${choices ? 'part' : 'number'}>`, description);
    if (choices) option.choices(choices);
    else option.argParser(finiteNumber);
    command.addOption(preset === undefined ? option : option.default(preset));
  }
  addCommonOptions(command)
    .addHelpText('after', EXAMPLES)
    .action(async (text: string, options: InitCommandOptions) => {
      done(await runInit(text, options));
    });
}

async function runInit(text: string, options: InitCommandOptions): Promise<ExitCode> {
  const method = readMethod(options.method);
  checkOutput(options.out);
  return runSession(options, async ({ gpu, signal, terminal }) => {
    const data = options.anchors === undefined ? null : await loadAnchors(options, signal);
    const net = await networkFromText(text, {
      activation: options.activation,
      data,
      ...(typeof options.classes === 'number' && { classes: options.classes }),
    });
    const settings: InitializationOptions = {
      method,
      seed: options.seed,
      ...(data && { anchors: spreadSamples(data, ANCHOR_SAMPLES), data }),
      ...methodOptions(options),
      signal,
    };
    const weights = await unlessAborted(initialize(gpu, net, settings), signal);
    if (weights === null) throw new InterruptedError('stopped before there was a result');
    const files = new ResultFiles();
    await files.write(options.out, writeSafetensors(weights));
    const { report } = weights;
    if (options.json || !files.isComplete) {
      await printJson({
        schemaVersion: 1,
        network: { notation: notationOf(net), parameters: net.parameters.count },
        data: data?.name ?? null,
        out: options.out,
        report,
        adapter: gpu.info,
      });
    } else {
      printLines(describeReport(net, report, data));
    }
    if (files.isComplete) terminal.note(`written to ${options.out}`);
    files.finish();
  });
}

/** Those that were given, or have a value of their own. */
function methodOptions(options: InitCommandOptions): Partial<InitializationOptions> {
  const given = options as unknown as Readonly<Record<string, unknown>>;
  return Object.fromEntries(
    METHOD_OPTIONS.map(({ name }) => [name, given[name]] as const).filter(
      ([, value]) => value !== undefined,
    ),
  );
}

/** Standardised training samples. */
async function loadAnchors(options: InitCommandOptions, signal: AbortSignal): Promise<Dataset> {
  const loaded = await loadDataset(options.anchors!, {
    ...loadOptions(options),
    targets: 'optional',
    signal,
  });
  // The split of `lps train` with the same seed: anchors are then among its training samples.
  const split = trainValidationTestSplit(loaded, {
    validation: 0.1,
    test: 0.2,
    seed: options.seed,
  });
  return standardizeParts(split).train;
}

function describeReport(
  net: Network,
  report: InitializationReport,
  data: Dataset | null,
): string[] {
  const { method, seed, anchors, deadUnits, layers, warnings } = report;
  const source = data ? `of ${data.name}` : 'synthetic, drawn from a normal distribution';
  return [
    `network    ${notationOf(net)}, ${count(net.parameters.count)} parameters`,
    `method     ${method}, seed ${seed}`,
    `anchors    ${count(anchors)} ${source}`,
    '',
    ...textTable(
      [
        { title: 'layer', align: 'left' },
        { title: 'type', align: 'left' },
        { title: 'fan-in' },
        { title: 'units' },
        { title: 'weight deviation' },
        { title: 'output variance' },
        { title: 'active %' },
        { title: 'never active' },
        { title: 'Jacobian sv' },
      ],
      layers.map(({ label, type, fanIn, units, scale, outputVariance, activity, jacobian }) => [
        label,
        type,
        `${fanIn}`,
        `${units}`,
        significant(scale, 3),
        significant(outputVariance, 3),
        activity ? (100 * activity.activeFraction).toFixed(1) : '-',
        activity ? `${activity.inactiveUnits}` : '-',
        jacobian
          ? `${significant(jacobian.smallest, 2)} .. ${significant(jacobian.largest, 2)}`
          : '-',
      ]),
    ),
    '',
    `dead ReLU units on the anchors: ${deadUnits}`,
    ...warnings.map((warning) => `warning: ${warning}`),
  ];
}
