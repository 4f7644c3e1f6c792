/** `lps soak`: a long run under faults. Only the options are here: the work is the harness's. */
import type { Command } from 'commander';
import { addJsonOption, finiteNumber, wholeNumber } from './common-options.js';
import { UsageError, type ExitCode } from './errors.js';
import { loadTool } from './package.js';

/** What harness/faults/soak.ts takes. */
export interface SoakOptions {
  readonly minutes: number;
  /** Of the moments at which things go. */
  readonly seed: number;
  readonly json: boolean;
}

const EXAMPLES = `
In turn: the GPU device destroyed and workers killed in mid-solve; solve, train, minima, liveness, family and
experiment killed (SIGKILL) and resumed; a full disk; Redis and a worker of a queue killed, where there is a Redis.
Each outcome is compared with that of the same job left alone. Exit code 1 when one differs.

Examples:
  $ lps soak --minutes 30
  $ lps soak --minutes 600 --json > soak.json`;

/** Adds the command; `done` receives the exit code. */
export function addSoakCommand(program: Command, done: (code: ExitCode) => void): void {
  const command = program
    .command('soak')
    .summary('run jobs for a long time while things break')
    .description(
      'Runs mixed jobs, breaks something in each, and reports what was survived and lost.',
    )
    .option('--minutes <number>', 'how long', finiteNumber, 30)
    .option('--seed <integer>', 'of the moments at which things break', wholeNumber, 1);
  addJsonOption(command)
    .addHelpText('after', EXAMPLES)
    .action(async (options: SoakOptions) => {
      if (!(options.minutes > 0)) throw new UsageError('--minutes must be more than 0');
      const { runSoak } = await loadTool<{ runSoak(given: SoakOptions): Promise<ExitCode> }>(
        'soak',
      );
      done(await runSoak(options));
    });
}
