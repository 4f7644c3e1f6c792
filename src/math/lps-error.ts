/** The common ancestor of every error that this library throws on purpose. */

/**
 * Whose fault an error is, and so what to do about it and how the command line exits:
 *
 * | kind | who can mend it | exit code |
 * | --- | --- | ---: |
 * | usage | the caller: an option, or options that do not go together | 2 |
 * | input | the caller: a system, a network, weights or data that cannot be used | 2 |
 * | limit | the caller: well formed, but more than can be done, here or at all | 2 |
 * | io | the machine: a file or an address that cannot be read | 2 |
 * | device | the machine: no GPU to work with | 2 |
 * | aborted | nobody: it was told to stop before there was a result | 130 |
 * | failed | nobody: the job ran and did not succeed; trying again may help | 1 |
 * | internal | we: a mistake in this library | 1 |
 */
export type ErrorKind =
  | 'usage'
  | 'input'
  | 'limit'
  | 'io'
  | 'device'
  | 'aborted'
  | 'failed'
  | 'internal';

/**
 * `error instanceof LpsError` tells a refusal with a message for people from anything else. The
 * `kind` is coarse and the same for all classes; a `code`, where a class has one, is that class's own.
 */
export abstract class LpsError extends Error {
  abstract readonly kind: ErrorKind;
}
