/** `lps solve`: every isolated solution of a polynomial system. */
import { existsSync } from 'node:fs';
import { extname } from 'node:path';
import { Option, type Command } from 'commander';
import {
  solutionsCsvRows,
  solve,
  type Precision,
  type SolveOptions,
  type SolveResult,
  type SolveStart,
} from '../homotopy/index.js';
import { parsePartition, parseStructure } from '../homotopy/start/index.js';
import { parseSystem, type PolynomialSystem, type SystemFormat } from '../polynomial/index.js';
import {
  addCommonOptions,
  positiveInteger,
  wholeNumber,
  type CommonOptions,
} from './common-options.js';
import { UsageError, type ExitCode } from './errors.js';
import { readInput } from './read-input.js';
import { checkOutput, jsonLine, jsonLines, printJson, printLines, ResultFiles } from './output.js';
import { runSession } from './session.js';
import { solveDocument } from './solve-document.js';
import { describeSolve } from './solve-text.js';
import { FORMATS, nameOf } from './system-file.js';

interface SolveCommandOptions extends CommonOptions {
  readonly format?: SystemFormat;
  readonly start: SolveStart;
  readonly structure?: string;
  readonly partition?: string;
  readonly precision: Precision;
  readonly maxPaths?: number;
  readonly real?: true;
  readonly show: number;
  readonly out?: string;
}

const EXAMPLES = `
The file holds one equation a line (x^2 + y^2 = 4), or JSON { variables?, equations: [...] },
PHCpack's format, or a script for HomotopyContinuation.jl. Without "=" an equation means "= 0".

Examples:
  $ lps solve circle.txt
  $ echo "x^2 + y^2 = 4; x*y = 1" | lps solve - --json
  $ lps solve cyclic7.json --seed 2 --out cyclic7-solutions.json
  $ lps solve cyclic7.jl --out cyclic7-solutions.csv
  $ lps solve s2.json --partition "{w1_11 b1_1}{w2_11 b2_1}"
  $ lps solve system.txt --structure "{x}{x y}; {y}{x y}"`;

/** Adds the command; `done` receives the exit code. */
export function addSolveCommand(program: Command, done: (code: ExitCode) => void): void {
  const command = program
    .command('solve')
    .summary('solve a polynomial system')
    .description('Finds all isolated solutions of a polynomial system, real and complex.')
    .argument('<file>', 'the system; - reads standard input')
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
    .option(
      '--max-paths <number>',
      'refuse starts with more paths (default: 10000000)',
      positiveInteger,
    )
    .option('--real', 'show only the real solutions')
    .option('--show <number>', 'solutions to show, at most', wholeNumber, 20)
    .option(
      '--out <file>',
      'write the JSON document, too; a table to FILE.csv, a solution a line to FILE.jsonl',
    );
  addCommonOptions(command)
    .addHelpText('after', EXAMPLES)
    .action(async (file: string, options: SolveCommandOptions) => {
      done(await runSolve(file, options));
    });
}

async function runSolve(file: string, options: SolveCommandOptions): Promise<ExitCode> {
  checkOutput(options.out);
  const system = parseSystem(await readInput(file), {
    ...(options.format && { format: options.format }),
    ...(file !== '-' && { name: nameOf(file) }),
  });
  const start = await startOptions(system, options);
  return runSession(options, async ({ gpu, signal, terminal, progress }) => {
    const result = await solve(gpu, system, {
      ...start,
      seed: options.seed,
      precision: options.precision,
      certify: true,
      ...(options.maxPaths !== undefined && { maxPaths: options.maxPaths }),
      signal,
      onProgress: progress(),
    });
    terminal.clear();
    const document = solveDocument(result, system);
    const files = new ResultFiles();
    if (options.out !== undefined) await files.write(options.out, formatFor(options.out, document));
    if (options.json || !files.isComplete) {
      await printJson(document);
    } else {
      printLines(describeSolve(result, { realOnly: options.real ?? false, show: options.show }));
      if (options.out !== undefined) terminal.note(`written to ${options.out}`);
    }
    files.finish();
  });
}

/** As the file's ending says: a table, a solution a line, or the document. */
function formatFor(path: string, result: SolveResult): Iterable<string> {
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
): Promise<SolveOptions> {
  if (options.structure !== undefined && options.partition !== undefined) {
    throw new UsageError('give --structure or --partition, not both: each fixes the start system');
  }
  const { variables } = system;
  return {
    start: options.start,
    ...(options.structure !== undefined && {
      structure: parseStructure(await readSets(options.structure), variables),
    }),
    ...(options.partition !== undefined && {
      partition: parsePartition(await readSets(options.partition), variables),
    }),
  };
}

/** Sets as they stand on the command line or in a file; JSON is parsed, ";" ends a line. */
async function readSets(value: string): Promise<unknown> {
  const isFile = existsSync(value) || !/[{[]/.test(value);
  const text = (isFile ? await readInput(value) : value).trim();
  if (!text.startsWith('[')) return text.replaceAll(';', '\n');
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new UsageError(
      `the sets ${isFile ? `in "${value}"` : 'on the command line'} begin with "[" but are not JSON: ${(error as Error).message}`,
    );
  }
}
