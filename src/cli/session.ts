/**
 * What every command that computes shares: an open GPU, Ctrl-C, and one way to print.
 *
 * The first Ctrl-C aborts the job, whose partial result is printed; the second ends the process.
 */
import { openGpu, type GpuDevice } from '../gpu/index.js';
import { setStartStore, type SolveProgress } from '../homotopy/index.js';
import { setTuning } from '../network/index.js';
import type { CommonOptions } from './common-options.js';
import { ExitCode, InterruptedError } from './errors.js';
import { abortOnInterrupt } from './interrupt.js';
import { cacheFolder } from '../data/cache-file.js';
import { packageVersion } from './package.js';
import { fileStartStore } from './start-store.js';
import { Terminal } from './terminal.js';
import { fileTuningStore } from './tuning-store.js';

/** What a job on the host alone needs. */
export interface HostSession {
  readonly terminal: Terminal;
  readonly signal: AbortSignal;
}

export interface Session extends HostSession {
  readonly gpu: GpuDevice;
  /** For `onProgress`; the label comes first on the line. */
  readonly progress: (label?: string) => (progress: SolveProgress) => void;
}

/**
 * Opens a GPU, runs the job and closes everything.
 *
 * @param job prints its result; an aborted job prints what it has
 * @returns 0, or 130 when the job was interrupted
 * @throws what the job throws; InterruptedError when it was stopped before it had a result
 */
export function runSession(
  options: Pick<CommonOptions, 'adapter'>,
  job: (session: Session) => Promise<void>,
): Promise<ExitCode> {
  return runHostSession(async ({ terminal, signal }) => {
    const gpu = await openGpu({ prefer: options.adapter });
    try {
      setTuning(gpu, { store: fileTuningStore(cacheFolder()) });
      const note = (text: string): void => {
        terminal.note(text);
      };
      setStartStore(gpu, fileStartStore(cacheFolder(), packageVersion(), note));
      await job({
        gpu,
        terminal,
        signal,
        progress:
          (label = '') =>
          (progress) => {
            terminal.progress(label, progress);
          },
      });
    } finally {
      // Closing waits for what is being compiled; the process is about to end.
      if (!signal.aborted) gpu.close();
    }
  });
}

/** The same without a GPU. */
export async function runHostSession(
  job: (session: HostSession) => Promise<void>,
): Promise<ExitCode> {
  const terminal = new Terminal();
  const signal = abortOnInterrupt((text) => {
    terminal.note(text);
  });
  try {
    await job({ terminal, signal });
    terminal.clear();
    return signal.aborted ? ExitCode.interrupted : ExitCode.success;
  } catch (error) {
    terminal.clear();
    if (signal.aborted && !(error instanceof InterruptedError))
      throw new InterruptedError('stopped before there was a result');
    throw error;
  }
}
