/** The command line as a whole: its commands and the exit codes that its own errors have. */
import { Command, CommanderError } from 'commander';
import { addBenchCommand } from './bench.js';
import { addConvertCommand } from './convert.js';
import { diagnose, ExitCode } from './errors.js';
import { addExperimentCommand } from './experiment.js';
import { addFamilyCommand } from './family.js';
import { addInfoCommand } from './info.js';
import { addInitCommand } from './init.js';
import { addLivenessCommand } from './liveness.js';
import { addMinimaCommand } from './minima.js';
import { packageVersion } from './package-version.js';
import { printable } from './printable.js';
import { addProfileCommand } from './profile.js';
import { addSolveCommand } from './solve.js';
import { addStartCommand } from './start.js';
import { addTrainCommand } from './train.js';
import { addVerifyCommand } from './verify.js';

const EXIT_CODES = `
Exit codes: 0 done, 1 the job failed, 2 bad usage or bad input, 130 stopped by Ctrl-C (the partial
result is printed). "lps help COMMAND" explains a command.`;

/**
 * Runs a command line.
 *
 * @param words the arguments after the name of the program
 * @returns the exit code; messages went to standard error
 */
export async function runCommandLine(words: readonly string[]): Promise<ExitCode> {
  let exitCode: ExitCode = ExitCode.success;
  const done = (code: ExitCode): void => {
    exitCode = code;
  };
  const program = new Command('lps')
    .description('Polynomial systems, and the minima of polynomial networks, on the GPU.')
    .version(packageVersion(), '-v, --version')
    .showSuggestionAfterError(false)
    .exitOverride()
    .addHelpText('after', EXIT_CODES);
  addInfoCommand(program, done);
  addSolveCommand(program, done);
  addConvertCommand(program, done);
  addMinimaCommand(program, done);
  addFamilyCommand(program, done);
  addInitCommand(program, done);
  addLivenessCommand(program, done);
  addTrainCommand(program, done);
  addExperimentCommand(program, done);
  addStartCommand(program, done);
  addBenchCommand(program, done);
  addVerifyCommand(program, done);
  addProfileCommand(program, runCommandLine, done);
  try {
    await program.parseAsync(words, { from: 'user' });
    return exitCode;
  } catch (error) {
    // commander has printed its message already.
    if (error instanceof CommanderError) {
      return error.exitCode === 0 ? ExitCode.success : ExitCode.badInput;
    }
    const { exitCode: code, message } = diagnose(error);
    process.stderr.write(`${printable(message)}\n`);
    return code;
  }
}
