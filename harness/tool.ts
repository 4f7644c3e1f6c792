/** How every tool ends: with the exit codes and messages of the `lps` command. */
import { exitCodeOf, UsageError, type ExitCode } from '../src/cli/errors.js';
import { SetupError } from './setup/paths.mjs';

/** The same, run to its exit code: never throws, messages go to standard error. */
export function asTool<Arguments extends readonly unknown[]>(
  run: (...given: Arguments) => ExitCode | Promise<ExitCode>,
): (...given: Arguments) => Promise<ExitCode> {
  return (...given) =>
    exitCodeOf(async () => {
      try {
        return await run(...given);
      } catch (error) {
        // What the machine lacks, and words that `parseArgs` does not know, are for the user to mend.
        if (error instanceof SetupError || isArgumentError(error))
          throw new UsageError(error.message);
        throw error;
      }
    });
}

function isArgumentError(error: unknown): error is Error {
  const { code } = error as NodeJS.ErrnoException;
  return error instanceof TypeError && (code?.startsWith('ERR_PARSE_ARGS') ?? false);
}

/** One line of progress. */
export function note(text: string): void {
  process.stderr.write(`${text}\n`);
}

/**
 * A whole number from the command line.
 *
 * @throws UsageError naming the option
 */
export function countFrom(option: string, text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1)
    throw new UsageError(`${option} is "${text}"; give a whole number of at least 1`);
  return value;
}

/**
 * Those that `--only` names, in its order; all without it.
 *
 * @param kind what they are, in one word
 * @throws UsageError for a name that none of them has
 */
export function chosenBy<Item extends { readonly name: string }>(
  only: string | undefined,
  all: readonly Item[],
  kind: string,
): readonly Item[] {
  if (only === undefined) return all;
  return only.split(',').map((name) => {
    const item = all.find((each) => each.name === name);
    if (!item)
      throw new UsageError(`no ${kind} "${name}": ${all.map((each) => each.name).join(', ')}`);
    return item;
  });
}
