/** `lps bench`: headless benchmark. Only the options are here: the work is the harness's. */
import { Option, type Command } from 'commander';
import { finiteNumber, nameList, positiveInteger, wholeNumber } from './common-options.js';
import type { ExitCode } from './errors.js';
import { loadTool } from './package.js';

/** What harness/benchmark/bench.ts takes. */
export interface BenchmarkOptions {
  /** Names of suites; none means all. */
  readonly suites: readonly string[];
  readonly seed: number;
  readonly adapter: 'hardware' | 'software';
  readonly runtime: 'browser' | 'node' | 'deno';
  readonly repeat?: number;
  readonly filter: readonly string[];
  readonly peers: boolean;
  readonly quick: boolean;
  /** The document on standard output. */
  readonly json: boolean;
  /** Where the document goes; the report lies beside it. */
  readonly file?: string;
  readonly out: string;
  readonly baseline?: string;
  readonly failAbove: number;
  readonly port: number;
  /** `slow:matmul`, `wrong:train`: makes our side worse, to see it caught. */
  readonly fault?: string;
}

type BenchCommandOptions = Omit<BenchmarkOptions, 'suites' | 'json' | 'file'> & {
  /** True without a file. */
  readonly json?: true | string;
};

const EXAMPLES = `
Suites: matmul, train, solver, liveness, startup, memory; all of them without a name.
Progress goes to standard error, a table to standard output, and into the folder of --out:
benchmark.json, benchmark.md, benchmark.html, github-action.json (customSmallerIsBetter) and
history.jsonl, to which every run adds a line.

Examples:
  $ lps bench matmul train
  $ lps bench --filter matmul/512,train/mlp --repeat 11
  $ lps bench --json results/today.json
  $ lps bench --baseline results/today.json --fail-above 1.2
  $ lps bench matmul --runtime deno --no-peers`;

/** Adds the command; `done` receives the exit code. */
export function addBenchCommand(program: Command, done: (code: ExitCode) => void): void {
  const command = program
    .command('bench')
    .summary('measure kernels, training and the solver in a headless browser')
    .description(
      'Measures matrix products, training steps, the solver, liveness counts, compile times and memory in a headless page, beside other libraries on the same adapter, in shuffled paired rounds. Results are compared with the truth before anything is timed.',
    )
    .argument('[suites...]', 'which suites to run');
  command
    .option('--json [file.json]', 'print the document, or write it into this file')
    .option('--seed <integer>', 'decides the data and the order of the rounds', wholeNumber, 1)
    .addOption(
      new Option('--adapter <kind>', 'which WebGPU adapter to prefer')
        .choices(['hardware', 'software'])
        .default('hardware'),
    )
    .addOption(
      new Option('--runtime <name>', 'where the suites run')
        .choices(['browser', 'node', 'deno'])
        .default('browser'),
    )
    .option('--repeat <rounds>', 'paired rounds at least', positiveInteger)
    .option('--filter <names>', 'only rows whose name contains one of these', nameList, [])
    .option('--no-peers', 'leave the other libraries out')
    .option('--quick', 'small sizes, few rounds: does it work?', false)
    .option('--out <folder>', 'where files go', 'results')
    .option('--baseline <file.json>', 'compare with an earlier document')
    .option(
      '--fail-above <ratio>',
      'times the baseline from which on a row fails',
      finiteNumber,
      1.2,
    )
    .option(
      '--port <number>',
      'of the page server on 127.0.0.1; any free one without',
      wholeNumber,
      0,
    )
    .addOption(new Option('--fault <kind:rows>', 'spoil our side on purpose').hideHelp())
    .addHelpText('after', EXAMPLES)
    .action(async (suites: string[], options: BenchCommandOptions) => {
      done(await runBench(suites, options));
    });
}

async function runBench(words: string[], options: BenchCommandOptions): Promise<ExitCode> {
  const { json, ...rest } = options;
  const file = typeof json === 'string' && json.endsWith('.json') ? json : undefined;
  // `--json matmul`: the word is a suite.
  const suites = typeof json === 'string' && file === undefined ? [json, ...words] : words;
  const { runBenchmark } = await loadTool<Harness>('bench');
  return runBenchmark({
    ...rest,
    suites,
    json: json !== undefined && file === undefined,
    ...(file === undefined ? {} : { file }),
  });
}

interface Harness {
  /** Never throws: messages went to standard error. */
  runBenchmark(options: BenchmarkOptions): Promise<ExitCode>;
}
