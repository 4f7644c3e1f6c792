/** Ctrl-C and polite kills: the first asks for an end and keeps what there is, the second ends the process. */
import { ExitCode } from './errors.js';

/** npm passes Ctrl-C on to a process that has it from the terminal already; both come at once. */
const SAME_KEYPRESS_MS = 250;
const SIGNALS: readonly NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];
/** Between two looks whether npm is still there. */
const ORPHAN_MS = 500;

/** Tells the job that runs; null while none can be told. */
let tellJob: (() => void) | null = null;
let pressed = -Infinity;
let isListening = false;

/**
 * From now on a signal ends the process with exit code 130, unless a job has asked to be told. The listeners
 * are never taken off again: a second Ctrl-C may come while the result is on its way out.
 */
export function listenForInterrupts(): void {
  if (isListening) return;
  isListening = true;
  for (const signal of SIGNALS) {
    // What listened while the program was being loaded ended it at once.
    process.removeAllListeners(signal);
    process.on(signal, interrupt);
  }
  endWithParent();
}

/**
 * A signal that is aborted by the first Ctrl-C or polite kill; the next one ends the process.
 *
 * @param note told what happens and what another Ctrl-C does
 */
export function abortOnInterrupt(note: (text: string) => void): AbortSignal {
  listenForInterrupts();
  const controller = new AbortController();
  tellJob = () => {
    note('stopping; press Ctrl-C again to stop without a result');
    controller.abort();
  };
  return controller.signal;
}

/**
 * From now on the system ends the process by itself: for work in one go, during which no listener is called, and of which
 * nothing would be kept.
 */
export function leaveInterruptsToSystem(): void {
  for (const signal of SIGNALS) process.removeListener(signal, interrupt);
}

function interrupt(): void {
  const now = performance.now();
  if (now - pressed < SAME_KEYPRESS_MS) return;
  pressed = now;
  if (tellJob === null) process.exit(ExitCode.interrupted);
  const tell = tellJob;
  tellJob = null;
  tell();
}

/** A killed npm does not always take the process along that it started. */
function endWithParent(): void {
  if (process.env.npm_lifecycle_event === undefined) return;
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    // A job that was told already is on its way out.
    if (pressed === -Infinity) interrupt();
  }, ORPHAN_MS);
  timer.unref();
}
