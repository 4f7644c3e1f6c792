/**
 * Runs a solve whose signal is aborted when its time is over, or when the whole verification stops.
 *
 * By hand, because Node 20 may collect a timeout that nothing but AbortSignal.any refers to.
 *
 * @param signal of the verification
 */
export async function withLimit<Result>(
  limitMs: number,
  signal: AbortSignal,
  solve: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const controller = new AbortController();
  const stop = (): void => {
    controller.abort();
  };
  if (signal.aborted) stop();
  signal.addEventListener('abort', stop);
  const timer = setTimeout(stop, limitMs);
  try {
    return await solve(controller.signal);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', stop);
  }
}
