/** `lps minima`: all minima of a small network on data, the true one's and the polynomial one's. */
import { Option, type Command } from 'commander';
import { readCellTable } from '../data/dataset-file.js';
import { readTextFile } from '../data/read-file.js';
import { selectColumns, standardize } from '../data/index.js';
import type { NamedTable } from '../data/table.js';
import { inSlices } from '../math/stepwise.js';
import {
  resultOrUnfinished,
  TrackingLimitError,
  type Precision,
  type SolveResult,
} from '../homotopy/index.js';
import { fitChart } from '../charts/fit-chart.js';
import {
  minimaOfSolved,
  stationarityProblem,
  type StationarityProblem,
} from '../minima/find-minima.js';
import { polishedReport } from '../minima/minima-report.js';
import { polishMinimaStepwise } from '../minima/polish-minima.js';
import type { NetworkFamily } from '../minima/network-family.js';
import type { Screening } from '../minima/relu/relu-minima.js';
import {
  addCommonOptions,
  chosen,
  finiteNumber,
  nameList,
  positiveInteger,
  type CommonOptions,
} from './common-options.js';
import {
  addCheckpointOption,
  Checkpoint,
  type CheckpointOptions,
  type StoredJob,
} from './checkpoint.js';
import { decodeBase } from '../minima/solved-family.js';
import { InterruptedError, UsageError, type ExitCode } from './errors.js';
import { exactObstacle, isQuick, runExact, type ExactProblem } from './exact-minima.js';
import { describeExact, describePolishedMinima } from './exact-text.js';
import { findBase, findBaseSet, type StoredBase } from './family-store.js';
import { hasLagrangeForm, hasStrata, mostUnitsOf } from '../minima/strata/follow-strata.js';
import { solveLagrangeForm } from '../minima/strata/solve-lagrange.js';
import { solveStrata, type StrataResult, type StrataState } from '../minima/strata/solve-strata.js';
import { JobInputs } from './job-inputs.js';
import type { StateFile } from './state-file.js';
import { plural } from './numbers.js';
import { describeCompleteness } from './solve-output.js';
import { describeMinima } from './minima-text.js';
import {
  activationOf,
  addNetworkOptions,
  architectureOf,
  type NetworkOptions,
} from './network-options.js';
import { followMember, minimaDocument, solveMember } from './network-solve.js';
import {
  checkCharts,
  checkOutput,
  jsonLine,
  printJson,
  printLines,
  ResultFiles,
} from './output.js';
import { runHostSession, runSession, type HostSession, type Session } from './session.js';

interface MinimaCommandOptions extends CommonOptions, NetworkOptions, CheckpointOptions {
  readonly data: string;
  readonly x: readonly string[];
  readonly y: readonly string[];
  readonly regularization: number;
  readonly raw: boolean;
  readonly from?: string;
  readonly full: boolean;
  readonly form: 'gradient' | 'lagrange';
  readonly exact: boolean;
  readonly screening: Screening;
  readonly precision: Precision;
  readonly maxPaths?: number;
  readonly picture?: string;
  readonly out?: string;
}

const EXAMPLES = `
The loss is J = 1/(2S) sum |y - t|^2 + (lambda/2) |theta|^2 over all weights and biases.

First come the minima of the true network: enumerated and proved where that takes seconds (relu or
leaky relu, one hidden layer, one input and up to two units, or two inputs and one), else polished from
every minimum of the polynomial network. --exact enumerates only, and takes three units, too: minutes,
which Ctrl-C may interrupt and the same command goes on with, and four, where the inputs are few or GPU
hardware rejects most combinations by the same bound (--screening). "lps verify RESULT.json" checks the
document of --out or --json.

Then come all critical points of the network with a polynomial for its activation. When the
network's family has been solved before (shipped, or by "lps family"), only as many paths are
followed as the family has solutions; --full follows all paths of the linear-product start. A network
with one hidden layer of up to twelve units (two inputs: two) needs neither: its critical points are
those of networks of fewer, different units with multiplicities. Where there are more than 5,000, one
of each set of copies is listed, with their number.

Examples:
  $ lps minima --data diabetes.csv --x bmi --y progression --arch 1-2-1
  $ lps minima --data diabetes.csv --x age --y bmi --arch 1-1-1 --activation square --json
  $ lps minima --data d.csv --x a,b --y t --arch 2-1-1 --regularization 0.1 --full
  $ lps minima --data diabetes.csv --x bmi --y progression --arch 1-2-1 --full --form lagrange
  $ lps minima --data diabetes.csv --x bmi --y progression --arch 1-3-1 --exact --out minima.json
  $ lps minima --data d.csv --x a --y t --arch 1-2-1 --picture fit.svg --out minima.json`;

/** Adds the command; `done` receives the exit code. */
export function addMinimaCommand(program: Command, done: (code: ExitCode) => void): void {
  const command = program
    .command('minima')
    .summary('find all critical points and local minima of a small network on data')
    .description(
      'Finds every real critical point and every local minimum of a small fully connected network whose activation is replaced by a polynomial, and polishes the best one under the true activation.',
    )
    .requiredOption('--data <file>', 'CSV or TSV with a header line, or JSON lines; also .gz')
    .requiredOption('--x <columns>', 'input columns, separated by commas', nameList)
    .requiredOption('--y <columns>', 'target columns, separated by commas', nameList);
  addNetworkOptions(command)
    .option('--regularization <lambda>', 'weight of |theta|^2 / 2', finiteNumber, 0.01)
    .option('--raw', 'use the columns as they are; default: mean 0, deviation 1', false)
    .option('--from <file>', 'solved family to follow (default: the cached or shipped one)')
    .option('--exact', 'only the true relu network: every local minimum, with proof', false)
    .addOption(
      new Option(
        '--screening <who>',
        'with --exact: who rejects combinations by a bound; auto is GPU hardware from 3 units on, else the CPU',
      )
        .choices(['auto', 'gpu', 'cpu'])
        .default('auto'),
    )
    .option('--full', 'follow all paths of the linear-product start', false)
    .addOption(
      new Option('--form <form>', 'with --full: the equations, lagrange has fewer paths')
        .choices(['gradient', 'lagrange'])
        .default('gradient'),
    )
    .addOption(
      new Option('--precision <mode>', 'f64 follows every path on the CPU, as with a family')
        .choices(['auto', 'gpu', 'f64'])
        .default('auto'),
    )
    .option(
      '--max-paths <number>',
      'refuse starts with more paths (default: 10000000)',
      positiveInteger,
    )
    .option('--picture <file>', 'write an SVG of the fits (one input and one target column)')
    .option('--out <file>', 'write the JSON document to a file, too');
  addCommonOptions(addCheckpointOption(command))
    .addHelpText('after', EXAMPLES)
    .action(async (options: MinimaCommandOptions) => {
      done(await runMinima(options));
    });
}

/** What minima are computed with; the rest of the options only says how they are shown. */
const COMPUTING = [
  'data',
  'x',
  'y',
  'arch',
  'bias',
  'activation',
  'degree',
  'radius',
  'fit',
  'regularization',
  'raw',
  'from',
  'exact',
  'screening',
  'full',
  'form',
  'precision',
  'maxPaths',
  'seed',
  'adapter',
] as const satisfies readonly (keyof MinimaCommandOptions)[];

/** The family that was followed, under this name among the inputs of a job. */
const FAMILY = 'family';

/** Goes on with a search for minima, in its folder. */
export function resumeMinima(
  checkpoint: string,
  { options, inputs }: StoredJob,
  output: Partial<MinimaCommandOptions>,
): Promise<ExitCode> {
  const stored = options as unknown as Omit<MinimaCommandOptions, 'json' | 'screening'>;
  return runMinima(
    { json: false, screening: 'auto', ...stored, ...output, checkpoint },
    new JobInputs(inputs),
  );
}

async function runMinima(
  options: MinimaCommandOptions,
  inputs = new JobInputs(),
): Promise<ExitCode> {
  if (options.full && options.from !== undefined) {
    throw new UsageError(
      '--full follows all paths and --from the few of a family: give one of them',
    );
  }
  if (options.form === 'lagrange' && !options.full) {
    throw new UsageError('--form lagrange is for all paths of a start: give --full, too');
  }
  if (options.screening !== 'auto' && !options.exact) {
    throw new UsageError(
      '--screening is for the enumeration of the true network: give --exact, too',
    );
  }
  checkOutput(options.out);
  checkOutput(options.picture);
  if (options.picture !== undefined) checkCharts();
  const text = await inputs.read(options.data, readTextFile);
  const table = selectColumns(readCellTable(text, options.data), { x: options.x, y: options.y });
  if (options.picture !== undefined && (options.x.length !== 1 || options.y.length !== 1)) {
    throw new UsageError('--picture needs one input and one target column');
  }
  const data = options.raw ? table : standardize(table);
  checkInputs(data);
  const exactProblem: ExactProblem = {
    data,
    architecture: architectureOf(options),
    activation: options.activation,
    regularization: options.regularization,
  };
  return options.exact
    ? enumerateMinima(options, exactProblem, inputs)
    : solveMinima(options, exactProblem, inputs);
}

/** Whether networks can tell the rows apart. */
function checkInputs({ x, inputs }: NamedTable): void {
  const [first] = inputs;
  if (inputs.some((row) => row.some((value, k) => value !== first![k]))) return;
  throw new UsageError(
    `all ${inputs.length} rows have the same --x ${x.join(',')}, ${first!.join(', ')}: every network is a constant on them; choose a column with different values`,
  );
}

/** The checkpoint of the command, when everything is read. */
function checkpointOf(
  options: MinimaCommandOptions,
  inputs: JobInputs,
  { terminal }: HostSession,
): Checkpoint | null {
  const stored = { options: chosen(options, COMPUTING), inputs: inputs.known };
  return Checkpoint.of(options, { command: 'minima', words: [], ...stored }, (text) => {
    terminal.note(text);
  });
}

/** --exact: the true network alone. */
function enumerateMinima(
  options: MinimaCommandOptions,
  problem: ExactProblem,
  inputs: JobInputs,
): Promise<ExitCode> {
  if (options.full || options.from !== undefined || options.picture !== undefined) {
    throw new UsageError(
      '--exact enumerates the true network and solves no polynomial one: leave out --full, --from and --picture',
    );
  }
  return runHostSession(async (session) => {
    const note = (text: string): void => {
      session.terminal.note(text);
    };
    const checkpoint = checkpointOf(options, inputs, session);
    const { minima, document } = await runExact(session, problem, {
      checkpoint: checkpoint?.state('exact', note),
      screening: options.screening,
      adapter: options.adapter,
    });
    if (checkpoint && minima.partial) note(`"lps resume ${checkpoint.folder}" goes on`);
    await write(session, options, document, new ResultFiles(), () => [
      ...describeExact(minima, options.activation),
      ...describeCompleteness(document.completeness),
    ]);
  });
}

async function solveMinima(
  options: MinimaCommandOptions,
  exactProblem: ExactProblem,
  inputs: JobInputs,
): Promise<ExitCode> {
  const { data, architecture, regularization } = exactProblem;
  const activation = activationOf(options);
  const problem = stationarityProblem({ data, architecture, activation, regularization });
  const stored = await storedBase(options, problem.family, inputs);
  return runSession(options, async (session) => {
    const checkpoint = checkpointOf(options, inputs, session);
    const exact = isQuick(exactProblem) ? await runExact(session, exactProblem) : null;
    const solving = solveProblem(session, problem, stored, options, checkpoint);
    const { result, failure } = await resultOrUnfinished(solving);
    session.terminal.clear();
    if (checkpoint && result.partial)
      session.terminal.note(`"lps resume ${checkpoint.folder}" goes on`);
    const minima = minimaOfSolved(problem, result);
    const polished = exact === null ? await inSlices(polishMinimaStepwise(minima)) : [];
    const document = {
      ...minimaDocument(result, minima, stored?.path ?? null, exact?.document),
      ...(exact === null && { polishedMinima: polishedReport(minima, polished) }),
    };
    const files = new ResultFiles();
    if (options.picture !== undefined) {
      const picture = await fitChart(minima, { trueMinima: exact?.minima.minima });
      await files.write(options.picture, picture);
    }
    await write(session, options, document, files, () => [
      ...(exact === null
        ? describePolishedMinima(polished, options.activation, whyNotExact(exactProblem))
        : describeExact(exact.minima, options.activation)),
      '',
      ...describeMinima(result, minima, stored),
      ...describeCompleteness(document.completeness),
    ]);
    if (failure) throw failure;
  });
}

function whyNotExact(problem: ExactProblem): string {
  return exactObstacle(problem) ?? 'the enumeration takes longer; --exact does it';
}

/** The document to its file, it or the text to standard output, and a note of what was written. */
async function write(
  { terminal }: HostSession,
  { out, picture, json }: MinimaCommandOptions,
  document: object,
  files: ResultFiles,
  describe: () => string[],
): Promise<void> {
  if (out !== undefined) await files.write(out, jsonLine(document));
  if (json || !files.isComplete) await printJson(document);
  else {
    for (const path of [out, picture]) {
      if (path !== undefined) terminal.note(`written to ${path}`);
    }
    printLines(describe());
  }
  files.finish();
}

async function storedBase(
  { full, from }: MinimaCommandOptions,
  family: NetworkFamily,
  inputs: JobInputs,
): Promise<StoredBase | null> {
  if (full) return null;
  if (from !== undefined) {
    const base = decodeBase(await inputs.read(from), family, from);
    return { base, path: from, shipped: false };
  }
  // What is in the cache may be another one when the job goes on.
  const found = await inputs.read(FAMILY, () => Promise.resolve(JSON.stringify(findBase(family))));
  return JSON.parse(found) as StoredBase | null;
}

function solveProblem(
  session: Session,
  problem: StationarityProblem,
  stored: StoredBase | null,
  options: MinimaCommandOptions,
  checkpoint: Checkpoint | null,
): Promise<SolveResult> {
  return solveOneWay(session, problem, stored, options, checkpoint).catch((error: unknown) => {
    throw error instanceof TrackingLimitError ? tooManyPaths(error, problem, options) : error;
  });
}

/** What is to be done about a network whose own paths are too many. */
function tooManyPaths(
  { paths, limit }: TrackingLimitError,
  { family }: StationarityProblem,
  { full }: MinimaCommandOptions,
): UsageError {
  const most = mostUnitsOf(family);
  const { layers } = family.layout.architecture;
  const narrower = [layers[0]!, most, layers.at(-1)!].join('-');
  const remedy =
    most === 0
      ? `use a smaller network: with one hidden layer, one output and all biases, such as ${layers[0]!}-2-1, few paths are needed`
      : full && layers[1]! <= most
        ? 'leave out --full: from the base sets of its strata few paths are needed'
        : `use --arch ${narrower} or narrower: up to ${plural(most, 'hidden unit')} few paths are needed, from the base sets of its strata`;
  return new UsageError(
    `--arch ${layers.join('-')} with this activation has ${Number(paths).toPrecision(3)} paths, more than the ${limit} of --max-paths; ${remedy}; --exact enumerates the true relu network of up to 4 units with one input (on few points or GPU hardware, else 3), or 1 with two`,
  );
}

function solveOneWay(
  session: Session,
  problem: StationarityProblem,
  stored: StoredBase | null,
  { full, form, seed, precision, maxPaths }: MinimaCommandOptions,
  checkpoint: Checkpoint | null,
): Promise<SolveResult> {
  const note = (text: string): void => {
    session.terminal.note(text);
  };
  const { family, point } = problem;
  if (stored !== null)
    return followMember(session, family, stored.base, point.parameters, { seed });
  if (!full && hasStrata(family))
    return solveByStrata(session, problem, seed, checkpoint?.state('strata', note));
  const options = {
    seed,
    precision,
    ...(maxPaths !== undefined && { maxPaths }),
    ...(checkpoint && { journal: checkpoint.pathLog('solve', note) }),
  };
  if (form === 'gradient') return solveMember(session, family, point.parameters, options);
  if (!hasLagrangeForm(family)) {
    throw new UsageError(
      '--form lagrange needs one hidden layer, one output, all biases and an activation of degree 2 or more',
    );
  }
  const { gpu, signal } = session;
  const onProgress = session.progress();
  return solveLagrangeForm(gpu, problem, { ...options, certify: true, signal, onProgress });
}

/** The base sets by monodromy, then as many paths to the data as they have orbits. */
async function solveByStrata(
  { gpu, signal, terminal }: Session,
  problem: StationarityProblem,
  seed: number,
  state: StateFile<StrataState> | undefined,
): Promise<StrataResult> {
  const resume = state?.read();
  const result = await solveStrata(gpu, problem, {
    seed,
    findBaseSet,
    signal,
    ...(resume && { resume }),
    ...(state && {
      onCheckpoint: (reached) => {
        state.write(reached);
      },
    }),
    onProgress: (multiplicities) => {
      terminal.status(
        () =>
          `${plural(multiplicities.length, 'different unit')}, shares ${multiplicities.join(', ')}`,
      );
    },
  });
  if (signal.aborted) throw new InterruptedError('stopped before there was a result');
  return result;
}
