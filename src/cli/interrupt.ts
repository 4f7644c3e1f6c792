/** Ctrl-C: the first asks for an end and keeps what there is, the second ends the process. */
import { ExitCode } from './errors.js';

/** npm passes Ctrl-C on to a process that has it from the terminal already; both come at once. */
const SAME_KEYPRESS_MS = 250;

/**
 * A signal that is aborted by the first Ctrl-C. The listener is never taken off again: a second
 * Ctrl-C may come while the result is on its way out.
 *
 * @param note told what happens and what another Ctrl-C does
 * @param signals of the process that count as Ctrl-C
 */
export function abortOnInterrupt(
  note: (text: string) => void,
  signals: readonly NodeJS.Signals[] = ['SIGINT'],
): AbortSignal {
  const controller = new AbortController();
  let pressed = -Infinity;
  const interrupt = (): void => {
    const now = performance.now();
    if (now - pressed < SAME_KEYPRESS_MS) return;
    pressed = now;
    if (controller.signal.aborted) process.exit(ExitCode.interrupted);
    note('stopping; press Ctrl-C again to stop without a result');
    controller.abort();
  };
  for (const signal of signals) process.on(signal, interrupt);
  return controller.signal;
}
