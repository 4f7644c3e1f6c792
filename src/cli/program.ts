/** The command line as a whole: its commands and the exit codes that its own errors have. */
import { Command, CommanderError } from 'commander';
import { ExitCode, exitCodeOf } from './errors.js';
import { packageVersion } from './package.js';

type AddCommand = (program: Command, done: (code: ExitCode) => void) => void;

/**
 * Every command, in the order of the help, and how it is loaded: a command brings the parts of the
 * library that it works with, which take longer to load than most commands to run.
 */
const COMMANDS: Readonly<Record<string, () => Promise<AddCommand>>> = {
  info: async () => (await import('./info.js')).addInfoCommand,
  solve: async () => (await import('./solve.js')).addSolveCommand,
  starts: async () => (await import('./starts.js')).addStartsCommand,
  convert: async () => (await import('./convert.js')).addConvertCommand,
  resume: async () => (await import('./resume.js')).addResumeCommand,
  merge: async () => (await import('./resume.js')).addMergeCommand,
  submit: async () => (await import('./queue/submit.js')).addSubmitCommand,
  worker: async () => (await import('./queue/worker.js')).addWorkerCommand,
  status: async () => (await import('./queue/status.js')).addStatusCommand,
  minima: async () => (await import('./minima.js')).addMinimaCommand,
  stream: async () => (await import('./stream.js')).addStreamCommand,
  family: async () => (await import('./family.js')).addFamilyCommand,
  init: async () => (await import('./init.js')).addInitCommand,
  liveness: async () => (await import('./liveness.js')).addLivenessCommand,
  train: async () => (await import('./train.js')).addTrainCommand,
  predict: async () => (await import('./predict.js')).addPredictCommand,
  evaluate: async () => (await import('./evaluate.js')).addEvaluateCommand,
  experiment: async () => (await import('./experiment.js')).addExperimentCommand,
  serve: async () => (await import('./serve.js')).addServeCommand,
  start: async () => (await import('./start.js')).addStartCommand,
  bench: async () => (await import('./bench.js')).addBenchCommand,
  verify: async () => (await import('./verify.js')).addVerifyCommand,
  soak: async () => (await import('./soak.js')).addSoakCommand,
  profile: async () => {
    const { addProfileCommand } = await import('./profile.js');
    return (program, done) => {
      addProfileCommand(program, runCommandLine, done);
    };
  },
};

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
  return exitCodeOf(async () => {
    // Help, and words that are no command, need all of them.
    const first = words[0] ?? '';
    const chosen = Object.hasOwn(COMMANDS, first) ? [COMMANDS[first]!] : Object.values(COMMANDS);
    for (const load of chosen) (await load())(program, done);
    try {
      await program.parseAsync(words, { from: 'user' });
      return exitCode;
    } catch (error) {
      if (!(error instanceof CommanderError)) throw error;
      // commander has printed its message already.
      return error.exitCode === 0 ? ExitCode.success : ExitCode.badInput;
    }
  });
}
