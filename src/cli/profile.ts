/**
 * `lps profile COMMAND ...`: runs another command and tells where the GPU's time went.
 *
 * The recorder stands between the command and WebGPU only while this command runs; otherwise none
 * of it is loaded into the way of anything.
 */
import type { Command } from 'commander';
import { ExitCode, UsageError } from './errors.js';
import { checkOutput, jsonLine, printJson, printLines, ResultFiles } from './output.js';

interface ProfileCommandOptions {
  readonly trace?: string;
  readonly json: boolean;
}

type RunCommandLine = (words: readonly string[]) => Promise<ExitCode>;

const EXAMPLES = `
What the command itself prints on standard output is left out. The trace opens in ui.perfetto.dev
and chrome://tracing.

Examples:
  $ lps profile solve cyclic7.json --trace cyclic7-trace.json
  $ lps profile train --data digits --arch 64-32-32-10 --epochs 2 --json`;

/** Adds the command; `run` runs the profiled command, `done` receives the exit code. */
export function addProfileCommand(
  program: Command,
  run: RunCommandLine,
  done: (code: ExitCode) => void,
): void {
  program
    .command('profile')
    .summary('run a command and show where the GPU time went')
    .description(
      'Runs a command (solve, minima, train, ...) and shows the GPU time of each kernel, the stages, how many lanes had work, and the steps and Newton iterations of paths.',
    )
    .argument('<command...>', 'the command with its own options')
    .option('--trace <file>', 'write Chrome Trace Event JSON')
    .option('--json', 'print one JSON document on standard output', false)
    .allowUnknownOption()
    .addHelpText('after', EXAMPLES)
    .action(async (words: string[], options: ProfileCommandOptions) => {
      done(await runProfile(words, options, run));
    });
}

async function runProfile(
  words: readonly string[],
  options: ProfileCommandOptions,
  run: RunCommandLine,
): Promise<ExitCode> {
  if (words[0] === 'profile') throw new UsageError('a profile of a profile is none');
  checkOutput(options.trace);
  const [
    { Recorder },
    { KernelClock },
    { observeSolver },
    { summarizeProfile },
    { traceOf },
    { describeProfile },
  ] = await Promise.all([
    import('./profile/recorder.js'),
    import('./profile/cpu-time.js'),
    import('./profile/observe-solver.js'),
    import('./profile/summary.js'),
    import('./profile/trace.js'),
    import('./profile/text.js'),
  ]);
  const recorder = new Recorder();
  const observation = observeSolver();
  recorder.start();
  const clock = new KernelClock();
  const begin = performance.now();
  let exitCode: ExitCode;
  try {
    exitCode = await withoutOutput(() => run(words));
  } finally {
    observation.stop();
  }
  const end = performance.now();
  const cpu = clock.stop();
  const recording = await recorder.stop();
  if (exitCode === ExitCode.badInput) return exitCode;
  const { observed } = observation;
  const profile = summarizeProfile(recording, observed, {
    command: words.join(' '),
    exitCode,
    begin,
    end,
    cpu,
  });
  const files = new ResultFiles();
  if (options.trace !== undefined)
    await files.write(options.trace, jsonLine(traceOf(recording, observed, { begin, end })));
  if (options.json) await printJson(profile);
  else printLines(describeProfile(profile));
  files.finish();
  return exitCode;
}

/** Runs a job whose standard output nobody is to see. */
async function withoutOutput<Result>(job: () => Promise<Result>): Promise<Result> {
  const { stdout } = process;
  const { write } = stdout;
  stdout.write = (...words: unknown[]) => {
    const written = words.find((word) => typeof word === 'function');
    (written as (() => void) | undefined)?.();
    return true;
  };
  try {
    return await job();
  } finally {
    stdout.write = write;
  }
}
