/**
 * What becomes of a solve that cannot go on: the workers die again and again, or the device that the caller insists on
 * is gone. It ends as an abort ends it, and what was found comes with the error.
 */
import { abortTimeOf } from '../../math/grace.js';
import { LpsError, type ErrorKind } from '../../math/lps-error.js';
import type { SolveResult } from './solution.js';

/** A solve that broke off; `cause` says why. */
export class UnfinishedSolveError extends LpsError {
  override readonly name = 'UnfinishedSolveError';
  override readonly kind: ErrorKind;
  override readonly cause: LpsError;
  /** What there is: the partial result of a system; of members of a family those that are done, and one that is partial. */
  readonly results: readonly SolveResult[];

  constructor(cause: LpsError, results: readonly SolveResult[]) {
    super(`the solve could not go on: ${cause.message}`, { cause });
    this.kind = cause.kind;
    this.cause = cause;
    this.results = results;
  }
}

/** The results of a solve, or what it found before it broke off: the same is done with both, and then `failure` is thrown. */
export async function membersOrUnfinished(
  solving: Promise<readonly SolveResult[]>,
): Promise<{ results: readonly SolveResult[]; failure: UnfinishedSolveError | null }> {
  try {
    return { results: await solving, failure: null };
  } catch (error) {
    if (!(error instanceof UnfinishedSolveError)) throw error;
    return { results: error.results, failure: error };
  }
}

/** The same for one result. @throws the failure itself where there is none at all */
export async function resultOrUnfinished(
  solving: Promise<SolveResult>,
): Promise<{ result: SolveResult; failure: UnfinishedSolveError | null }> {
  const { results, failure } = await membersOrUnfinished(solving.then((result) => [result]));
  const [result] = results;
  if (!result) throw failure!;
  return { result, failure };
}

/**
 * Takes what a solve finds through the steps that follow it, whether it is whole or the solve broke off.
 *
 * @throws UnfinishedSolveError with what the steps make of it, for one that broke off
 */
export async function throughSteps<Found extends readonly SolveResult[]>(
  solve: () => Promise<Found>,
  steps: (found: Found) => SolveResult[] | Promise<SolveResult[]>,
): Promise<SolveResult[]> {
  const { results, failure } = await membersOrUnfinished(solve());
  const made = await steps(results as Found);
  if (failure) throw new UnfinishedSolveError(failure.cause, made);
  return made;
}

/** The same for a solve of one system. */
export async function throughStep(
  solve: () => Promise<SolveResult>,
  step: (found: SolveResult) => SolveResult | Promise<SolveResult>,
): Promise<SolveResult> {
  const { result, failure } = await resultOrUnfinished(solve());
  const made = await step(result);
  if (failure) throw new UnfinishedSolveError(failure.cause, [made]);
  return made;
}

/** The end of a solve before its time: by its caller's signal, or by an error that leaves what was found as it is. */
export class Breakdown {
  /** What broke the solve off. */
  error: LpsError | null = null;
  private readonly controller = new AbortController();
  private readonly pass = (): void => {
    this.controller.abort(this.callers!.reason);
    for (const signal of [this.callers!, this.signal]) abortTimeOf(signal);
  };

  /** @param isClosed whether nobody waits for a result any more */
  constructor(
    private readonly callers: AbortSignal | undefined,
    private readonly isClosed: () => boolean,
  ) {
    if (callers?.aborted) this.pass();
    else callers?.addEventListener('abort', this.pass);
  }

  /** Aborted by either. */
  get signal(): AbortSignal {
    return this.controller.signal;
  }

  /** The caller's signal may be that of a million solves: it forgets this one. */
  close(): void {
    this.callers?.removeEventListener('abort', this.pass);
  }

  /**
   * Does a part of the solve.
   *
   * @returns undefined when it fails, and with it the solve
   * @throws what is no failure but a mistake, or comes of the device's being closed
   */
  async guard<Result>(part: () => Promise<Result>): Promise<Result | undefined> {
    try {
      return await part();
    } catch (error) {
      const isFailure =
        error instanceof LpsError && (error.kind === 'failed' || error.kind === 'limit');
      if (!isFailure || this.isClosed()) throw error;
      this.error ??= error;
      this.controller.abort(error);
      return undefined;
    }
  }
}
