/** `lps solve`: every isolated solution of a polynomial system. */
import { existsSync } from 'node:fs';
import { extname } from 'node:path';
import { Option, type Command } from 'commander';
import type { GpuDevice } from '../gpu/index.js';
import {
  type PathJournal,
  type Solution,
  SolutionTable,
  solutionsCsvRows,
  resultOrUnfinished,
  solve,
  type UnfinishedSolveError,
  type EndgamePlace,
  type TrackerChoice,
  type Precision,
  type SolveOptions,
  type SolveProgress,
  type SolveResult,
  type SolveStart,
} from '../homotopy/index.js';
import { parsePartition, parseStructure } from '../homotopy/start/index.js';
import type { RowStorage } from '../math/rows.js';
import { parseSystem, type PolynomialSystem, type SystemFormat } from '../polynomial/index.js';
import {
  addCommonOptions,
  chosen,
  positiveInteger,
  wholeNumber,
  type CommonOptions,
} from './common-options.js';
import { UsageError, type ExitCode } from './errors.js';
import {
  addCheckpointOption,
  Checkpoint,
  type CheckpointOptions,
  type StoredJob,
} from './checkpoint.js';
import { JobInputs } from './job-inputs.js';
import { describePart, readShard, writePart, type Part, type Shard } from './parts.js';
import {
  checkOutput,
  JsonList,
  jsonLine,
  jsonLines,
  printJson,
  printLines,
  ResultFiles,
} from './output.js';
import { Scratch } from './scratch.js';
import { runSession } from './session.js';
import { describeSolve, solveDocument, type ShownResult } from './solve-output.js';
import { FORMATS, nameOf } from './system-file.js';

export interface SolveCommandOptions extends CommonOptions, CheckpointOptions {
  readonly format?: SystemFormat;
  readonly start: SolveStart;
  readonly structure?: string;
  readonly partition?: string;
  readonly precision: Precision;
  readonly endgame: EndgamePlace;
  readonly tracker: TrackerChoice;
  readonly slice?: true;
  readonly certify: boolean;
  readonly maxPaths?: number;
  readonly real?: true;
  readonly show: number;
  readonly out?: string;
  readonly shard?: Shard;
}

const EXAMPLES = `
The file holds one equation a line (x^2 + y^2 = 4), or JSON { variables?, equations: [...] },
PHCpack's format, or a script for HomotopyContinuation.jl. Without "=" an equation means "= 0".
Quotients and negative exponents are cleared; where something is divided by 0 there is no solution.

Examples:
  $ lps solve circle.txt
  $ echo "x^2 + y^2 = 4; x*y = 1" | lps solve - --json
  $ echo "x + 1/y = 3; x/(y - 1) = 2" | lps solve -
  $ echo "x^2 - y; x*y - z" | lps solve - --slice
  $ lps solve cyclic7.json --seed 2 --out cyclic7-solutions.json
  $ lps solve cyclic7.jl --out cyclic7-solutions.csv
  $ lps solve large.txt --checkpoint large && lps resume large --out solutions.json
  $ lps solve large.txt --shard 2/8 --out part-2
  $ lps solve s2.json --partition "{w1_11 b1_1}{w2_11 b2_1}"
  $ lps solve system.txt --structure "{x}{x y}; {y}{x y}"`;

/** Solutions that are shown without being asked for more. */
const SHOWN = 20;

/** Adds the command; `done` receives the exit code. */
export function addSolveCommand(program: Command, done: (code: ExitCode) => void): void {
  const command = program
    .command('solve')
    .summary('solve a polynomial system')
    .description('Finds all isolated solutions of a polynomial system, real and complex.')
    .argument('<file>', 'the system; - reads standard input');
  addSolveOptions(command).option(
    '--shard <i/n>',
    'only the paths of machine i of n, into the folder --out; "lps merge" joins the parts',
    readShard,
  );
  addCommonOptions(addCheckpointOption(command))
    .addHelpText('after', EXAMPLES)
    .action(async (file: string, options: SolveCommandOptions) => {
      done(await runSolve(file, options));
    });
}

/** Adds what a job computes with, and how its result is shown. */
export function addSolveOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--format <name>', 'format of the input (default: recognised)').choices(FORMATS),
    )
    .addOption(
      new Option(
        '--start <kind>',
        'start system; auto takes what costs least: the best linear product, or mixed cells (polyhedral)',
      )
        .choices([
          'auto',
          'linear-product',
          'polyhedral',
          'lps',
          'multihomogeneous',
          'total-degree',
        ])
        .default('auto'),
    )
    .option(
      '--structure <sets>',
      'product structure for the start, as text "{x}{x y}; {y}{x y}" or a file of such lines',
    )
    .option('--partition <sets>', 'groups of variables for a multihomogeneous start: "{x y}{z}"')
    .addOption(
      new Option(
        '--precision <mode>',
        'auto uses the GPU where it pays for compiling, gpu always; f64 follows every path on the CPU',
      )
        .choices(['auto', 'gpu', 'f64'])
        .default('auto'),
    )
    .addOption(
      new Option(
        '--endgame <place>',
        'where paths on the GPU are taken to their ends: auto is gpu on hardware, cpu on a software adapter, where that is cheaper; gpu hands back to the CPU what it cannot decide',
      )
        .choices(['auto', 'gpu', 'cpu'])
        .default('auto'),
    )
    .addOption(
      new Option(
        '--tracker <kernel>',
        'which kernel follows paths on the GPU: straight-line compiles code of this system, cooperative serves every system and is compiled once; auto is what is done first',
      )
        .choices(['auto', 'straight-line', 'cooperative'])
        .default('auto'),
    )
    .option(
      '--slice',
      'of fewer equations than unknowns: add random linear ones, for points of the solution sets (witness points)',
    )
    .option('--no-certify', 'do not prove solutions by interval arithmetic')
    .option(
      '--max-paths <number>',
      'refuse starts with more paths (default: 10000000)',
      positiveInteger,
    )
    .option('--real', 'show only the real solutions')
    .option('--show <number>', 'solutions to show, at most', wholeNumber, SHOWN)
    .option(
      '--out <file>',
      'write the JSON document, too; a table to FILE.csv, a solution a line to FILE.jsonl',
    );
}

/** What a job computes with; the rest of the options only says how its result is shown. */
const COMPUTING = [
  'format',
  'start',
  'structure',
  'partition',
  'precision',
  'endgame',
  'tracker',
  'slice',
  'certify',
  'maxPaths',
  'seed',
  'adapter',
  'shard',
] as const satisfies readonly (keyof SolveCommandOptions)[];

/** Of jobs that were begun before there was such an option, too. */
const DEFAULTS = {
  show: SHOWN,
  json: false,
  endgame: 'auto',
  tracker: 'auto',
  certify: true,
} as const;

/** Goes on with a job, in its folder. */
export function resumeSolve(
  folder: string,
  { words, options, inputs }: StoredJob,
  output: Partial<SolveCommandOptions>,
): Promise<ExitCode> {
  const stored = options as unknown as Omit<SolveCommandOptions, 'show' | 'json'>;
  const place = stored.shard ? { out: folder } : { checkpoint: folder };
  return runSolve(words[0]!, { ...DEFAULTS, ...stored, ...output, ...place }, inputs);
}

/** Puts the parts of a job together: their paths, the checks that need all of them, the solutions. */
export function mergeSolve(
  { words, options, inputs }: StoredJob,
  journal: PathJournal,
  output: Partial<SolveCommandOptions>,
): Promise<ExitCode> {
  const { shard: _, ...stored } = options as unknown as Omit<SolveCommandOptions, 'show' | 'json'>;
  const settings = { ...DEFAULTS, ...stored, ...output };
  return runSolve(words[0]!, settings, inputs, journal);
}

async function runSolve(
  file: string,
  options: SolveCommandOptions,
  known: StoredJob['inputs'] = {},
  journal?: PathJournal,
): Promise<ExitCode> {
  const { shard, out } = options;
  if (shard && out === undefined)
    throw new UsageError('--shard needs --out, a folder for its part of the paths');
  if (shard && options.checkpoint !== undefined)
    throw new UsageError('--out of a shard is its checkpoint already: leave out --checkpoint');
  if (!shard) checkOutput(out);
  const inputs = new JobInputs(known);
  const prepared = await prepare(file, options, inputs);
  const { system } = prepared;
  const folder = shard ? out : options.checkpoint;
  const checkpoint =
    folder === undefined ? null : Checkpoint.open(folder, storedJob(file, options, inputs));
  return runSession(options, async ({ gpu, signal, terminal, progress }) => {
    const note = (text: string): void => {
      terminal.note(text);
    };
    if (checkpoint?.isOld) note(`going on from ${checkpoint.folder}`);
    const paths = journal ?? checkpoint?.pathLog('solve', note);
    const scratch = new Scratch(note);
    const { result, failure } = await compute(prepared, options, {
      gpu,
      signal,
      journal: paths,
      onProgress: progress(),
      storage: scratch.storage,
    });
    terminal.clear();
    if (checkpoint && result.partial) note(`"lps resume ${checkpoint.folder}" goes on`);
    if (shard) {
      const part = writePart(folder!, shard, result);
      if (options.json) await printJson(part);
      else printLines(describePart(part, folder!));
      if (failure) throw failure;
      return;
    }
    const document = solveDocument(result, system);
    const files = new ResultFiles();
    if (out !== undefined) await files.write(out, formatFor(out, document));
    if (options.json || !files.isComplete) {
      await printJson(document);
    } else {
      printLines(describeSolve(result, { realOnly: options.real ?? false, show: options.show }));
      if (out !== undefined) terminal.note(`written to ${out}`);
    }
    scratch.close();
    files.finish();
    // What there was has been printed.
    if (failure) throw failure;
  });
}

/** A system that was read, and the start that it is to have. */
interface Prepared {
  readonly system: PolynomialSystem;
  readonly start: SolveOptions;
}

async function prepare(
  file: string,
  options: SolveCommandOptions,
  inputs: JobInputs,
): Promise<Prepared> {
  const system = parseSystem(await inputs.read(file), {
    ...(options.format && { format: options.format }),
    ...(file !== '-' && { name: nameOf(file) }),
    underdetermined: options.slice ?? false,
  });
  return { system, start: await startOptions(system, options, inputs) };
}

function storedJob(file: string, options: SolveCommandOptions, inputs: JobInputs): StoredJob {
  return {
    command: 'solve',
    words: [file],
    options: chosen(options, COMPUTING),
    inputs: inputs.known,
  };
}

/** The job that a command line asks for, and that what it reads is as it must be. */
export async function readSolveJob(file: string, options: SolveCommandOptions): Promise<StoredJob> {
  const inputs = new JobInputs();
  await prepare(file, options, inputs);
  return storedJob(file, options, inputs);
}

type LargeResult = Omit<SolveResult, 'solutions'> & { readonly solutions: JsonList<Solution> };

interface SolveSurroundings {
  readonly gpu: GpuDevice;
  readonly signal: AbortSignal;
  readonly journal: PathJournal | undefined;
  readonly onProgress: (progress: SolveProgress) => void;
  readonly storage: RowStorage;
}

/** Solves; what broke the solve off comes with what it has found. */
async function compute(
  { system, start }: Prepared,
  options: Omit<SolveCommandOptions, 'show' | 'json'>,
  { gpu, journal, ...surroundings }: SolveSurroundings,
): Promise<{ result: LargeResult; failure: UnfinishedSolveError | null }> {
  const { seed, precision, endgame, tracker, slice = false } = options;
  const { certify, maxPaths, shard } = options;
  const table = new SolutionTable(system.variables.length, surroundings.storage);
  const withTable = (result: SolveResult): LargeResult => ({
    ...result,
    solutions: new JsonList(function* () {
      yield* table;
      yield* result.solutions;
    }),
  });
  const { result, failure } = await resultOrUnfinished(
    solve(gpu, system, {
      // Points on slices are few, and are needed together.
      ...(!slice && {
        handOut: 'checked',
        onSolutions: (batch) => {
          for (const solution of batch) table.add(solution);
        },
      }),
      ...start,
      ...{ seed, precision, endgame, tracker, slice, certify },
      ...(maxPaths !== undefined && { maxPaths }),
      ...(journal && { journal }),
      ...(shard && { shard }),
      ...surroundings,
    }),
  );
  return { result: withTable(result), failure };
}

/**
 * Follows the paths of one part of a job, into a folder.
 *
 * @param job with its `shard`
 * @returns what the part says of itself, partial after an abort
 */
export async function solvePart(
  job: StoredJob,
  folder: string,
  surroundings: Omit<SolveSurroundings, 'journal' | 'storage'>,
  note: (text: string) => void,
): Promise<Part> {
  const options = { ...DEFAULTS, ...(job.options as unknown as SolveCommandOptions) };
  const prepared = await prepare(job.words[0]!, options, new JobInputs(job.inputs));
  const journal = Checkpoint.open(folder, job).pathLog('solve', note);
  const scratch = new Scratch(note);
  try {
    const own = { ...surroundings, journal, storage: scratch.storage };
    const { result, failure } = await compute(prepared, options, own);
    if (failure) throw failure;
    return writePart(folder, options.shard!, result);
  } finally {
    scratch.close();
  }
}

/** As the file's ending says: a table, a solution a line, or the document. */
function formatFor(path: string, result: ShownResult): Iterable<string> {
  switch (extname(path).toLowerCase()) {
    case '.csv':
      return solutionsCsvRows(result);
    case '.jsonl':
      return jsonLines(result.solutions);
    default:
      return jsonLine(result);
  }
}

async function startOptions(
  system: PolynomialSystem,
  options: SolveCommandOptions,
  inputs: JobInputs,
): Promise<SolveOptions> {
  if (options.structure !== undefined && options.partition !== undefined) {
    throw new UsageError('give --structure or --partition, not both: each fixes the start system');
  }
  const { variables } = system;
  return {
    start: options.start,
    ...(options.structure !== undefined && {
      structure: parseStructure(await readSets(options.structure, inputs), variables),
    }),
    ...(options.partition !== undefined && {
      partition: parsePartition(await readSets(options.partition, inputs), variables),
    }),
  };
}

/** Sets as they stand on the command line or in a file; JSON is parsed, ";" ends a line. */
async function readSets(value: string, inputs: JobInputs): Promise<unknown> {
  const isFile = inputs.has(value) || existsSync(value) || !/[{[]/.test(value);
  const text = (isFile ? await inputs.read(value) : value).trim();
  if (!text.startsWith('[')) return text.replaceAll(';', '\n');
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new UsageError(
      `the sets ${isFile ? `in "${value}"` : 'on the command line'} begin with "[" but are not JSON: ${(error as Error).message}`,
    );
  }
}
