/** Standard output and standard error that are closed or full: no reason to lose a job. */
import { ExitCode } from './errors.js';
import { reasonOf } from './output.js';

/**
 * Keeps the process alive when nobody reads its streams. `lps solve ... | head` closes standard output early;
 * that is the reader's right and no failure, and files are still written. Progress and notes that cannot be
 * shown are only that.
 *
 * @returns what is to be called at the end: it makes the exit code 1 when the result did not get out
 */
export function watchStreams(): () => Promise<void> {
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
