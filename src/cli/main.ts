/** The program `lps`: everything else in this folder is a module. */
import { ExitCode } from './errors.js';
import { listenForInterrupts } from './interrupt.js';
import { reasonOf } from './output.js';
import { runCommandLine } from './program.js';

listenForInterrupts();
const outputFailed = watchStreams();
process.exitCode = await runCommandLine(process.argv.slice(2));
await outputFailed();
// Whoever has pressed Ctrl-C does not wait for a GPU that is still at work.
if (process.exitCode === ExitCode.interrupted) process.exit();

/**
 * Standard output and standard error may be closed or full: no reason to lose a job.
 *
 * Keeps the process alive when nobody reads its streams. `lps solve ... | head` closes standard output early;
 * that is the reader's right and no failure, and files are still written. Progress and notes that cannot be
 * shown are only that.
 *
 * @returns what is to be called at the end: it makes the exit code 1 when the result did not get out
 */
function watchStreams(): () => Promise<void> {
  let failure: unknown;
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE' && error.code !== 'ERR_STREAM_DESTROYED') failure ??= error;
  });
  process.stderr.on('error', () => undefined);
  return async () => {
    // After all that was written before.
    await new Promise((resolve) => process.stdout.write('', resolve));
    if (failure === undefined) return;
    process.stderr.write(`error: cannot write to standard output: ${reasonOf(failure)}\n`);
    process.exitCode = ExitCode.failed;
  };
}
