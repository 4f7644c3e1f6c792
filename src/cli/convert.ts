/** `lps convert`: a polynomial system in another program's notation. */
import { extname } from 'node:path';
import { Option, type Command } from 'commander';
import { formatSystem, parseSystem, type SystemFormat } from '../polynomial/index.js';
import { ExitCode } from './errors.js';
import { readInput } from './read-input.js';
import { checkOutput, printLines, ResultFiles } from './output.js';
import { FORMATS, nameOf } from './system-file.js';

interface ConvertOptions {
  readonly format?: SystemFormat;
  readonly to?: SystemFormat;
  readonly out?: string;
}

const EXAMPLES = `
Coefficients stay exact, but for PHCpack, which takes 18 digits.

Examples:
  $ lps convert cyclic7.json --to julia
  $ lps convert system.jl --to phc --out system.phc
  $ lps convert system.jl --out system.json`;

const BY_EXTENSION: Readonly<Record<string, SystemFormat>> = {
  '.txt': 'text',
  '.json': 'json',
  '.phc': 'phc',
  '.jl': 'julia',
};

/** Adds the command; `done` receives the exit code. */
export function addConvertCommand(program: Command, done: (code: ExitCode) => void): void {
  program
    .command('convert')
    .summary('write a system in another notation')
    .description(
      'Writes a polynomial system as plain text, JSON, for PHCpack or for HomotopyContinuation.jl.',
    )
    .argument('<file>', 'the system; - reads standard input')
    .addOption(
      new Option('--format <name>', 'format of the input (default: recognised)').choices(FORMATS),
    )
    .addOption(
      new Option(
        '--to <name>',
        "format of the output (default: by --out's ending, else text)",
      ).choices(FORMATS),
    )
    .option('--out <file>', 'write to a file (default: standard output)')
    .addHelpText('after', EXAMPLES)
    .action(async (file: string, options: ConvertOptions) => {
      checkOutput(options.out);
      const system = parseSystem(await readInput(file), {
        ...(options.format && { format: options.format }),
        ...(file !== '-' && { name: nameOf(file) }),
      });
      const format = options.to ?? BY_EXTENSION[extname(options.out ?? '')] ?? 'text';
      const text = formatSystem(system, format);
      const files = new ResultFiles();
      if (options.out !== undefined) await files.write(options.out, text);
      if (options.out === undefined || !files.isComplete) printLines([text.trimEnd()]);
      files.finish();
      done(ExitCode.success);
    });
}
