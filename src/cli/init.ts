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
import { unlessAborted } from '../math/stepwise.js';
import { DATASET_NAMES } from '../data/catalogue.js';
import { readWeightsFile } from '../data/read-file.js';
import {
  dataDescription,
  matchTensors,
  networkToJson,
  NOTATION_HELP,
  notationOf,
  pytorchTensors,
  readSafetensors,
  weightsLike,
  writeSafetensors,
  type NamedShape,
  type Network,
  type Weights,
} from '../network/index.js';
import {
  addCommonOptions,
  finiteNumber,
  positiveInteger,
  type CommonOptions,
} from './common-options.js';
import { addDataOptions, DATA_HELP, loadOptions, type DataOptions } from './data-options.js';
import { InterruptedError, UsageError, type ExitCode } from './errors.js';
import { readNames } from './model-file.js';
import { numberList, scalingOf, type ScalingOptions } from './scaling-options.js';
import { count, significant } from './numbers.js';
import { networkFromText } from './network-from-text.js';
import { checkOutput, printJson, printLines, ResultFiles } from './output.js';
import { runSession } from './session.js';
import type { Terminal } from './terminal.js';
import { textTable } from './text-table.js';

interface InitCommandOptions extends CommonOptions, DataOptions, ScalingOptions {
  readonly out: string;
  readonly method: string;
  readonly activation: string;
  readonly anchors?: string;
  readonly anchorsCount?: number;
  readonly raw: boolean;
  readonly template?: string;
  readonly names?: string;
  readonly report: boolean;
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
drawn from a normal distribution; with --raw, or --mean and --std, they are scaled as the model's inputs
are. With anchors from the data every hidden ReLU unit of an lps
network is active on at least one of them (docs/initializer.md).

Tensors are named layers.0.weight and so on and stand in the order of the layers; resnet18, resnet20-cifar,
vgg11 and vgg16 have torchvision's names. --template gives them those of a model of your own (docs/load_weights.py loads them).

${DATA_HELP}

Examples:
  $ lps init 64-32-32-10 --anchors digits --out weights.safetensors
  $ lps init lenet5 --anchors fashion-mnist --method orthogonal --out lenet5.safetensors
  $ lps init 64-32-32-10 --anchors digits --method lps-tracked --scope last-layers --out start.safetensors
  $ lps init 28x28x1:conv(32,3,padding=1)-relu-pool(2)-flatten-10 --anchors x.npy --mean 0.13 --std 0.31 --template state.safetensors --out start.safetensors
  $ lps init resnet18 --anchors photos --mean 0.485,0.456,0.406 --std 0.229,0.224,0.225 --out resnet18.safetensors
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
  addDataOptions(command)
    .option('--anchors-count <number>', 'anchors used at most (64, images 16)', positiveInteger)
    .option('--raw', 'anchors as they are (bytes as 0 to 1); default: standardised', false)
    .option(
      '--mean <numbers>',
      "the model's own scaling of its inputs: this subtracted",
      numberList,
    )
    .option('--std <numbers>', 'and divided by this, as torchvision writes them', numberList)
    .option('--template <file>', "safetensors of the model's state_dict: its names and order")
    .option('--names <file>', "JSON object from the network's names to those of --template")
    .option(
      '--no-report',
      'without the account of the layers, which costs most methods a pass of the anchors',
    );
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
  for (const flag of ['raw', 'mean', 'std'] as const) {
    if (options.anchors !== undefined || !options[flag]) continue;
    throw new UsageError(`--${flag} says how anchors are scaled; give --anchors, too`);
  }
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
      ...(data && {
        anchors: spreadSamples(data, Math.max(ANCHOR_SAMPLES, options.anchorsCount ?? 0)),
        data,
      }),
      ...(options.anchorsCount !== undefined && { anchorCount: options.anchorsCount }),
      ...methodOptions(options),
      signal,
      onLayer: layerProgress(net, terminal),
    };
    const like = await templateOf(text, net, options);
    const weights = await unlessAborted(initialize(gpu, net, settings), signal);
    if (weights === null) throw new InterruptedError('stopped before there was a result');
    const files = new ResultFiles();
    await files.write(options.out, writeSafetensors(describeStart(net, weights, data, like)));
    const report = options.report ? await weights.makeReport() : null;
    if (options.json || !files.isComplete) {
      await printJson({
        schemaVersion: 1,
        network: { notation: notationOf(net), parameters: net.parameters.count },
        data: data?.name ?? null,
        inputs: data && dataDescription(data).inputs,
        out: options.out,
        report,
        adapter: gpu.info,
      });
    } else {
      printLines([
        `network    ${notationOf(net)}, ${count(net.parameters.count)} parameters`,
        `scaling    ${describeScaling(options, data)}`,
        ...(report === null ? [] : describeReport(report, data)),
      ]);
    }
    if (files.isComplete) terminal.note(`written to ${options.out}`);
    files.finish();
  });
}

/** Counts the layers, first as they get their weights and then as the report comes to them. */
function layerProgress(
  { affineLayers }: Network,
  terminal: Terminal,
): NonNullable<InitializationOptions['onLayer']> {
  const done = { weights: 0, report: 0 };
  return ({ label, step }) => {
    done[step]++;
    terminal.status(() => `${step}: layer ${done[step]} of ${affineLayers.length} (${label})`);
  };
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

interface Template {
  readonly tensors: readonly NamedShape[];
  readonly names: Readonly<Record<string, string>> | undefined;
}

/** The names of a state dictionary: of --template, or torchvision's of a named network. */
async function templateOf(
  text: string,
  net: Network,
  { template, names }: InitCommandOptions,
): Promise<Template | null> {
  if (template === undefined) {
    if (names !== undefined) throw new UsageError('--names goes with --template; give both');
    const tensors = pytorchTensors(text, net);
    if (tensors === null) return null;
    const own = net.parameters.tensors;
    const theirs = tensors.filter(({ shape }) => shape.length > 0);
    return {
      tensors,
      names: Object.fromEntries(own.map(({ name }, index) => [name, theirs[index]!.name])),
    };
  }
  const file = readSafetensors(await readWeightsFile(template), template);
  const tensors = [...file.tensors].map(([name, { shape }]) => ({ name, shape }));
  const map = names === undefined ? undefined : await readNames(names);
  matchTensors(net, tensors, map);
  return { tensors, names: map };
}

/** Under the template's names, with network and scaling in the metadata. */
function describeStart(
  net: Network,
  weights: Weights,
  data: Dataset | null,
  like: Template | null,
): Weights {
  const named = like === null ? weights : weightsLike(net, weights, like.tensors, like.names);
  const description = {
    network: JSON.stringify(networkToJson(net)),
    ...(data && { inputs: JSON.stringify(dataDescription(data).inputs) }),
  };
  return { tensors: named.tensors, metadata: { ...named.metadata, ...description } };
}

function describeScaling({ raw, mean, std }: InitCommandOptions, data: Dataset | null): string {
  if (data === null) return 'inputs of mean 0 and deviation 1 are expected';
  const own = raw || mean !== undefined || std !== undefined;
  const { mean: means, deviation } = data.normalization;
  const shown = (values: ArrayLike<number>): string =>
    `${Array.from(values)
      .slice(0, 4)
      .map((value) => significant(value, 4))
      .join(', ')}${values.length > 4 ? ', ...' : ''}`;
  return `${own ? 'as asked' : 'standardised; feed the network the same (--raw, --mean and --std for other scalings)'}: (value - mean) / deviation, mean ${shown(means)}, deviation ${shown(deviation)}`;
}

/** Training samples as the network sees them; of a file all of them. */
async function loadAnchors(options: InitCommandOptions, signal: AbortSignal): Promise<Dataset> {
  const loaded = await loadDataset(options.anchors!, {
    ...loadOptions(options),
    targets: 'optional',
    signal,
  });
  // The split of `lps train` with the same seed: anchors are then among its training samples.
  const parts = DATASET_NAMES.includes(options.anchors!)
    ? trainValidationTestSplit(loaded, { validation: 0.1, test: 0.2, seed: options.seed })
    : { train: loaded.train, validation: null, test: null };
  const own = options.raw || options.mean !== undefined || options.std !== undefined;
  return own
    ? { ...parts.train, normalization: scalingOf(options, parts.train) }
    : standardizeParts(parts).train;
}

function describeReport(report: InitializationReport, data: Dataset | null): string[] {
  const { method, seed, anchors, deadUnits, layers, warnings } = report;
  const source = data ? `of ${data.name}` : 'synthetic, drawn from a normal distribution';
  return [
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
