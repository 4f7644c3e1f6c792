/**
 * From errors to exit codes and messages: what the user can mend is 2 and one line without a stack
 * trace, an interrupted job is 130, everything else failed and is 1. The kind of an error decides.
 */
import { LpsError, type ErrorKind } from '../math/lps-error.js';
import { SystemError } from '../polynomial/index.js';
import { printable } from './printable.js';

export const ExitCode = { success: 0, failed: 1, badInput: 2, interrupted: 130 } as const;
export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];

const EXIT_CODES: Readonly<Record<ErrorKind, ExitCode>> = {
  usage: ExitCode.badInput,
  input: ExitCode.badInput,
  limit: ExitCode.badInput,
  io: ExitCode.badInput,
  device: ExitCode.badInput,
  aborted: ExitCode.interrupted,
  failed: ExitCode.failed,
  internal: ExitCode.failed,
};

/** The command line or a file it names is wrong; the message says what to change. */
export class UsageError extends LpsError {
  override readonly name = 'UsageError';
  override readonly kind = 'usage';
}

/** Ctrl-C came before there was anything to print. */
export class InterruptedError extends LpsError {
  override readonly name = 'InterruptedError';
  override readonly kind = 'aborted';
}

/** The job ran and did not succeed; the message says what to try. */
export class JobError extends LpsError {
  override readonly name = 'JobError';
  override readonly kind = 'failed';
}

export interface Diagnosis {
  readonly exitCode: ExitCode;
  /** For standard error, without a newline at its end. */
  readonly message: string;
}

/** What to tell about an error, and how to exit. */
export function diagnose(error: unknown): Diagnosis {
  if (!(error instanceof LpsError) || error.kind === 'internal') {
    // Not foreseen, so the place matters.
    const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return { exitCode: ExitCode.failed, message: `error: the job failed: ${detail}` };
  }
  const exitCode = EXIT_CODES[error.kind];
  if (exitCode === ExitCode.interrupted) return { exitCode, message: error.message };
  const line = `error: ${error.message.replaceAll(/\s*\n\s*/g, ' ')}`;
  const excerpt = error instanceof SystemError ? error.excerpt : undefined;
  return { exitCode, message: excerpt === undefined ? line : `${line}\n${excerpt}` };
}

/**
 * Runs a job to its exit code; what it throws is told on standard error.
 *
 * @returns what the job resolves to, or the code of its error
 */
export async function exitCodeOf(job: () => Promise<ExitCode>): Promise<ExitCode> {
  try {
    return await job();
  } catch (error) {
    const { exitCode, message } = diagnose(error);
    process.stderr.write(`${printable(message)}\n`);
    return exitCode;
  }
}
