/**
 * Runs a solve whose signal is aborted when its time is over, or when the whole verification stops.
 *
 * By hand, because Node 20 may collect a timeout that nothing but AbortSignal.any refers to.
 *
 * @template Result
 * @param {number} limitMs
 * @param {AbortSignal} signal of the verification
 * @param {(signal: AbortSignal) => Promise<Result>} solve
 * @returns {Promise<Result>}
 */
export async function withLimit(limitMs, signal, solve) {
  const controller = new AbortController();
  const stop = () => controller.abort();
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
