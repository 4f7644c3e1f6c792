/** `lps starts`: every start system of a polynomial system, side by side. */
import { Option, type Command } from 'commander';
import { compareStarts } from '../homotopy/index.js';
import { parseSystem, type SystemFormat } from '../polynomial/index.js';
import { addCommonOptions, type CommonOptions } from './common-options.js';
import type { ExitCode } from './errors.js';
import { count, duration } from './numbers.js';
import { readInput } from './read-input.js';
import { printJson, printLines } from './output.js';
import { runSession } from './session.js';
import { FORMATS, nameOf } from './system-file.js';
import { textTable } from './text-table.js';

interface StartsOptions extends CommonOptions {
  readonly format?: SystemFormat;
}

const EXAMPLES = `
total-degree, multihomogeneous and lps are products of linear forms; polyhedral starts from the mixed
cells of the system's monomials, with as many paths as their mixed volume. "lps solve --start auto"
takes the chosen one: polyhedral where it has fewer paths than the others by a tenth.

Examples:
  $ lps starts cyclic7.json
  $ lps starts system.txt --json`;

/** Adds the command; `done` receives the exit code. */
export function addStartsCommand(program: Command, done: (code: ExitCode) => void): void {
  const command = program
    .command('starts')
    .summary('compare the start systems of a polynomial system')
    .description(
      'Lists every start system with its number of paths, the time of the search, and which is chosen; nothing is tracked.',
    )
    .argument('<file>', 'the system; - reads standard input')
    .addOption(
      new Option('--format <name>', 'format of the input (default: recognised)').choices(FORMATS),
    );
  addCommonOptions(command)
    .addHelpText('after', EXAMPLES)
    .action(async (file: string, options: StartsOptions) => {
      done(await runStarts(file, options));
    });
}

async function runStarts(file: string, options: StartsOptions): Promise<ExitCode> {
  const system = parseSystem(await readInput(file), {
    ...(options.format && { format: options.format }),
    ...(file !== '-' && { name: nameOf(file) }),
  });
  return runSession(options, async ({ gpu, signal, terminal }) => {
    const starts = await compareStarts(gpu, system, signal);
    terminal.clear();
    if (options.json) await printJson({ starts });
    else {
      printLines(
        textTable(
          [
            { title: 'start', align: 'left' },
            { title: 'paths' },
            { title: 'search' },
            { title: '', align: 'left' },
          ],
          starts.map(({ kind, paths, ms, chosen }) => [
            kind,
            count(paths),
            duration(ms),
            chosen ? 'chosen' : '',
          ]),
        ),
      );
    }
  });
}
