/**
 * `lps verify`: a result file checked from its data alone, or, without one, everything whose answer is
 * known, solved and compared. Of the latter only the options are here: the systems, their truth and
 * the judges are the harness's, which a checkout has and the published package has not.
 */
import { Option, type Command } from 'commander';
import { nameList, positiveInteger, wholeNumber } from './common-options.js';
import { ExitCode, UsageError } from './errors.js';
import { loadTool } from './package.js';
import type { CheckOutcome } from '../verify/check-outcome.js';
import { verifyDocument } from '../verify/verify-document.js';
import { leaveInterruptsToSystem } from './interrupt.js';
import { parseSystem } from '../polynomial/index.js';
import { count } from './numbers.js';
import { readInput } from './read-input.js';
import { Terminal } from './terminal.js';
import { printJson, printLines } from './output.js';

/** What harness/verify/run.ts takes. */
export interface VerifyOptions {
  /** Number of generated systems; undefined: not these. */
  readonly strangers?: number;
  /** The files of test/data/cases. */
  readonly cases: boolean;
  /** "1-5" or "1,3,7-9"; the default depends on what is solved. */
  readonly seeds?: string;
  /** The generator's first seed. */
  readonly firstSeed?: number;
  /** Kinds of generated systems; none means all. */
  readonly kinds: readonly string[];
  readonly precision: 'auto' | 'f64';
  /** Folder for failed generated systems. */
  readonly out: string;
  /** Files of test/data/systems, by name. */
  readonly files?: readonly string[];
  readonly networks: boolean;
  readonly main: boolean;
  readonly families: boolean;
  readonly members: number;
  readonly wideMembers: number;
  readonly large: boolean;
  readonly limitSeconds: number;
  readonly adapter: 'hardware' | 'software';
  /** True: the document goes to standard output; text: into this file. */
  readonly json?: true | string;
}

type VerifyCommandOptions = Omit<VerifyOptions, 'kinds'> & {
  readonly kind: readonly string[];
  readonly system?: string;
};

const EXAMPLES = `
With a file: checks the document of "lps solve", "lps minima", "lps minima --exact", "lps family" or "lps start" from
the system, rows and weights in it, with code that shares nothing with what made it. Solutions: exact
residuals, a proof of each certified one, real flags, no solution twice, conjugates, counts, the number
of solutions modulo another prime. Polynomial networks: the equations from the rows, losses, indices, Euler
sum, copies, trace. True networks: losses, stationarity, slopes at kinks, margins, dual norms, bounds, global
claims, counts; descents from random starts must end on the list. Without a file and without an option that chooses: all files of test/data/systems, their structures, the networks, the
main job and the families; the document goes to results/verify.json, Markdown beside it.

--strangers solves generated systems whose solutions are planted: wild scales, near and multiple roots,
solutions close to infinity, ill-conditioned linear systems, random terms with an exact count. The
generator's seed names one system for ever, so a failure is repeated by --first-seed. A run is right,
warned (wrong, and the result says that it may be) or SILENT (wrong without a word). What is not right
is written to the folder of --out, ready to be moved to test/data/cases.

The exit code is 1 when a row fails, a run is silently wrong or less than 98% are right.

Examples:
  $ lps verify minima.json
  $ lps verify solutions.json --system circle.txt
  $ lps verify
  $ lps verify --files noon5,cyclic7 --seeds 1-2
  $ lps verify --strangers 200
  $ lps verify --strangers 1 --first-seed 1234 --seeds 1-9
  $ lps verify --strangers 50 --kind close,multiple --out results/near
  $ lps verify --cases --json results/cases.json`;

/** Adds the command; `done` receives the exit code. */
export function addVerifyCommand(program: Command, done: (code: ExitCode) => void): void {
  const command = program
    .command('verify')
    .summary('check a result, or solve everything whose answer is known')
    .argument('[file]', 'document of a solve or of minima; - reads standard input')
    .description(
      'Checks a result from its data alone, or, without a file, solves systems and networks whose solutions are known exactly with several seeds, and compares counts, residuals and solution sets: those of the repository, cases that once failed, or any number of generated ones.',
    );
  command
    .option(
      '--system <file>',
      'with a file: the system that was solved (default: as the document has it)',
    )
    .option('--strangers <number>', 'generated systems with planted solutions', positiveInteger)
    .option('--cases', 'the files of test/data/cases', false)
    .option('--seeds <list>', 'seeds of the solver (default: 1-5; 1-2 for --strangers)')
    .option('--first-seed <integer>', "the generator's first seed (default: 1)", wholeNumber)
    .option('--kind <names>', 'only these kinds of generated systems', nameList, [])
    .option('--out <folder>', 'where failed generated systems go', 'results/strangers')
    .option('--files <names>', 'these files of test/data/systems', nameList)
    .option('--networks', 'the networks', false)
    .option('--main', 'the main job', false)
    .option('--families', 'random data sets of two network families', false)
    .option('--members <number>', 'data sets of the 1-1-1 network', positiveInteger, 1000)
    .option('--wide-members <number>', 'data sets of the 1-2-1 network', positiveInteger, 20)
    .option('--large', 'also files with over 10,000 paths and no exact count', false)
    .option('--limit-seconds <number>', 'time that one solve may take', positiveInteger, 120)
    .addOption(
      new Option(
        '--precision <mode>',
        'for --strangers and --cases; f64 follows every path on the CPU',
      )
        .choices(['auto', 'f64'])
        .default('auto'),
    )
    .option('--json [file]', 'print the document, or write it into this file')
    .addOption(
      new Option('--adapter <kind>', 'which WebGPU adapter to prefer')
        .choices(['hardware', 'software'])
        .default('hardware'),
    )
    .addHelpText('after', EXAMPLES)
    .action(async (file: string | undefined, options: VerifyCommandOptions) => {
      done(file === undefined ? await runVerify(options) : await verifyFile(file, options));
    });
}

/** Exit code 1 when any check fails. */
async function verifyFile(file: string, { json, system }: VerifyCommandOptions): Promise<ExitCode> {
  const document = parseDocument(await readInput(file), file);
  const own = system === undefined ? undefined : parseSystem(await readInput(system));
  leaveInterruptsToSystem();
  const terminal = new Terminal();
  const checks = verifyDocument(document, {
    system: own,
    onProgress: (done, total) => {
      terminal.status(() => `checking solution ${count(done + 1)} of ${count(total)}`);
    },
  });
  terminal.clear();
  const passed = checks.every(({ failures }) => failures.length === 0);
  if (json === true) await printJson({ passed, checks });
  else printLines([...checks.flatMap(describeCheck), passed ? 'verified' : 'NOT verified']);
  return passed ? ExitCode.success : ExitCode.failed;
}

function parseDocument(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new UsageError(`"${file}" is no JSON: ${(error as Error).message}`);
  }
}

function describeCheck({ check, detail, failures }: CheckOutcome): string[] {
  return [
    `${failures.length === 0 ? 'ok    ' : 'FAILED'} ${check.padEnd(15)}  ${detail}`,
    ...failures.map((failure) => `       ${failure}`),
  ];
}

async function runVerify({ kind, ...rest }: VerifyCommandOptions): Promise<ExitCode> {
  const { runVerification } = await loadTool<Harness>('verify');
  return runVerification({ ...rest, kinds: kind });
}

interface Harness {
  /** Never throws: messages went to standard error. */
  runVerification(options: VerifyOptions): Promise<ExitCode>;
}
