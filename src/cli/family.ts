/**
 * `lps family`: solve a general member of a family once, for every later member: of a network family for every later data
 * set, of any family of polynomial systems (system-family.ts) for every later choice of its parameters.
 */
import { join, resolve } from 'node:path';
import { Option, type Command } from 'commander';
import { resultOrUnfinished, type SolveResult } from '../homotopy/index.js';
import { addCheckpointOption, Checkpoint, type PlacedJob } from './checkpoint.js';
import { addCommonOptions, chosen, positiveInteger, wholeNumber } from './common-options.js';
import { JobError, UsageError, type ExitCode } from './errors.js';
import { encodeBase, generalParameters } from '../minima/solved-family.js';
import { cacheFolder } from '../data/cache-file.js';
import { familyFileName } from './family-store.js';
import { addNetworkOptions, familyOf, type NetworkOptions } from './network-options.js';
import { solveMember } from './network-solve.js';
import { countMissing } from './solution-sets.js';
import { describeRun } from './solve-output.js';
import { runSystemFamily, type SystemFamilyOptions } from './system-family.js';
import { checkOutput, jsonLine, printJson, printLines, ResultFiles } from './output.js';
import { runSession } from './session.js';

interface FamilyCommandOptions extends SystemFamilyOptions, NetworkOptions {
  readonly confirm: number;
  readonly folder?: string;
}

const EXAMPLES = `
"lps minima" then follows only as many paths as the family has solutions. Families are kept in
$LPS_CACHE, or else in the XDG cache folder (~/.cache/lps-webgpu).

With a file, any family of polynomial systems: coefficients may be polynomials in the parameters or quotients of
such. The file is text with --parameters, or JSON { variables?, parameters, equations, startParameters?,
startSolutions?, targetParameters? }; what one run writes the next one reads. Where every start system has many more
paths than there are solutions, --monodromy finds those that can be reached from one of them.

Examples:
  $ lps family conic.txt --parameters a,b,c --out conic.json
  $ lps family conic.json --targets members.json --out solutions.json
  $ lps family tangents.txt --parameters a,b,c --monodromy
  $ lps family --arch 1-1-1 --activation tanh --degree 3
  $ lps family --arch 2-1-1 --confirm 2 --folder families`;

/** Adds the command; `done` receives the exit code. */
export function addFamilyCommand(program: Command, done: (code: ExitCode) => void): void {
  const command = program
    .command('family')
    .summary('solve a family once, so that further members take seconds')
    .description(
      'Solves a general member of a family of polynomial systems, or of a network (random complex moments and regularization), with all linear-product paths, keeps its solutions, and follows them to other members.',
    )
    .argument('[file]', 'a family of polynomial systems; - reads standard input')
    .option('--parameters <names>', 'with a file: which names are parameters, as p,q,r')
    .option('--targets <file>', 'with a file: members to solve, a JSON list of parameter values')
    .option('--out <file>', 'with a file: where to write (default: NAME-solved.json, or nowhere)')
    .option(
      '--monodromy',
      'with a file: from its startSolutions, or a random one, instead of a start system',
    )
    .option(
      '--no-trace',
      'with --monodromy: without the trace test, whether solutions are missing',
    );
  addNetworkOptions(command, false)
    .option(
      '--confirm <number>',
      'solve again with so many further seeds and compare',
      wholeNumber,
      1,
    )
    .addOption(
      new Option(
        '--precision <mode>',
        'auto uses the GPU where it pays for compiling, gpu always; f64 follows every path on the CPU',
      )
        .choices(['auto', 'gpu', 'f64'])
        .default('auto'),
    )
    .option(
      '--max-paths <number>',
      'refuse starts with more paths (default: 10000000)',
      positiveInteger,
    )
    .option('--folder <path>', 'where to keep the file (default: the cache folder)');
  addCommonOptions(addCheckpointOption(command))
    .addHelpText('after', EXAMPLES)
    .action(async (file: string | undefined, options: FamilyCommandOptions) => {
      done(await run(file, options));
    });
}

/** What a family is computed with; the rest of the options only says where it goes. */
const COMPUTING = [
  'arch',
  'bias',
  'activation',
  'degree',
  'radius',
  'fit',
  'confirm',
  'precision',
  'maxPaths',
  'folder',
  'parameters',
  'targets',
  'monodromy',
  'trace',
  'seed',
  'adapter',
] as const satisfies readonly (keyof FamilyCommandOptions)[];

const FOR_FILES = ['parameters', 'targets', 'out', 'monodromy'] as const;

/** Goes on with a family, in its folder. */
export function resumeFamily(
  checkpoint: string,
  { words, options, inputs, place }: PlacedJob,
  output: Partial<FamilyCommandOptions>,
): Promise<ExitCode> {
  const stored = options as unknown as Omit<FamilyCommandOptions, 'json'>;
  const { folder } = stored;
  const settings: FamilyCommandOptions = {
    json: false,
    ...stored,
    ...output,
    checkpoint,
  };
  const [file] = words;
  if (file !== undefined)
    return runSystemFamily(file, settings, chosen(settings, COMPUTING), inputs);
  if (output.out !== undefined)
    throw new UsageError('--out is for a family in a file: that of a network goes where it began');
  return runFamily(settings, folder === undefined ? undefined : resolve(place, folder));
}

/** @throws UsageError unless there is either a file or an architecture. */
function run(file: string | undefined, options: FamilyCommandOptions): Promise<ExitCode> {
  const arch = options.arch as NetworkOptions['arch'] | undefined;
  if ((file === undefined) === (arch === undefined)) {
    throw new UsageError(
      file === undefined
        ? 'which family? give a file with equations, or --arch 1-2-1 for a network'
        : 'give a file or --arch, not both: a file holds a family of polynomial systems, --arch makes that of a network',
    );
  }
  if (file === undefined) {
    const foreign = FOR_FILES.find((name) => options[name] !== undefined);
    if (foreign !== undefined)
      throw new UsageError(`--${foreign} is for a family in a file, not for that of --arch`);
    return runFamily(options);
  }
  return runSystemFamily(file, options, chosen(options, COMPUTING));
}

async function runFamily(
  options: FamilyCommandOptions,
  folder = options.folder ?? cacheFolder(),
): Promise<ExitCode> {
  const family = familyOf(options);
  const { seed, precision, maxPaths } = options;
  const parameters = generalParameters(family, seed);
  const path = join(folder, familyFileName(family));
  checkOutput(path);
  const seeds = Array.from({ length: 1 + options.confirm }, (_, k) => seed + k);
  return runSession(options, async (session) => {
    const note = (text: string): void => {
      session.terminal.note(text);
    };
    const checkpoint = Checkpoint.of(
      options,
      { command: 'family', words: [], options: chosen(options, COMPUTING), inputs: {} },
      note,
    );
    const results: SolveResult[] = [];
    for (const each of seeds) {
      const solving = solveMember(session, family, parameters, {
        seed: each,
        precision,
        label: `seed ${each}: `,
        ...(checkpoint && { journal: checkpoint.pathLog(`seed-${each}`, note) }),
        ...(maxPaths !== undefined && { maxPaths }),
      });
      const { result, failure } = await resultOrUnfinished(solving);
      session.terminal.clear();
      if (!options.json) printLines(describeRun(result));
      if (result.partial) {
        if (checkpoint) note(`"lps resume ${checkpoint.folder}" goes on`);
        if (failure) throw failure;
        return;
      }
      results.push(result);
      if (results.length === 1) checkComplete(result);
      else checkAgreement(results[0]!, result);
    }
    const base = results[0]!;
    const file = encodeBase(family, base, {
      seed,
      paths: base.paths.tracked,
      confirmedBy: seeds,
    });
    const files = new ResultFiles();
    await files.write(path, jsonLine(file));
    if (!files.isComplete) await printJson(file);
    else if (options.json)
      await printJson({ path, solutions: file.count, paths: file.paths, seeds });
    else
      printLines([
        `family     ${file.count} solutions instead of ${file.paths} paths, written to ${path}`,
      ]);
    files.finish();
  });
}

/** The base itself must leave nothing open: no failed path, no singular solution. */
function checkComplete({ paths, counts, seed }: SolveResult): void {
  const singular = counts.distinct - counts.nonsingular;
  if (paths.failed > 0 || singular > 0) {
    throw new JobError(
      `seed ${seed} left ${paths.failed} failed paths and ${singular} singular solutions, which nobody can follow: use another --seed`,
    );
  }
}

/** Every nonsingular solution of each is one of the other. */
function checkAgreement(first: SolveResult, other: SolveResult): void {
  const nonsingular = other.solutions.filter(({ singular }) => !singular);
  const added = countMissing(nonsingular, first.solutions);
  const missing = countMissing(first.solutions, nonsingular);
  if (added > 0 || missing > 0) {
    throw new JobError(
      `seed ${other.seed} found ${added} solutions that seed ${first.seed} lacks and misses ${missing} of its ${first.solutions.length}: solutions were lost; use another --seed`,
    );
  }
}
