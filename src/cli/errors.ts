/**
 * From errors to exit codes and messages: bad usage or bad input is 2 and one line without a stack
 * trace, an interrupted job is 130, everything else failed and is 1.
 */
import {
  DeviceLostError,
  GpuLimitError,
  GpuOutOfMemoryError,
  GpuUnavailableError,
} from '../gpu/index.js';
import { SolveError } from '../homotopy/index.js';
import { StructureError, TrackingLimitError } from '../homotopy/start/index.js';
import { ChartError } from '../charts/fit-chart.js';
import { ExperimentError } from '../experiments/index.js';
import { InitializationError } from '../initialize/index.js';
import { LivenessNetworkError, LivenessOptionError } from '../liveness/index.js';
import { ActivationFitError } from '../minima/activation-polynomial.js';
import { SampleError } from '../minima/moments.js';
import { NetworkTooLargeError } from '../minima/network-family.js';
import { UnknownActivationError } from '../network/activation.js';
import { ArchitectureError } from '../network/architecture.js';
import { DataFileError } from '../data/read-file.js';
import { DownloadError } from '../data/download-file.js';
import { DatasetError, TableError } from '../data/index.js';
import { NetworkError, SafetensorsError, TrainingError, WeightsError } from '../network/index.js';
import { SystemError } from '../polynomial/index.js';

export const ExitCode = { success: 0, failed: 1, badInput: 2, interrupted: 130 } as const;
export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];

/** The command line or a file it names is wrong; the message says what to change. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** Ctrl-C came before there was anything to print. */
export class InterruptedError extends Error {
  override readonly name = 'InterruptedError';
}

/** The job ran and did not succeed; the message says what to try. */
export class JobError extends Error {
  override readonly name = 'JobError';
}

/** What the user can mend: the input, the options or the machine. */
const BAD_INPUT: readonly (abstract new (...parameters: never[]) => Error)[] = [
  UsageError,
  SystemError,
  StructureError,
  TrackingLimitError,
  SolveError,
  DataFileError,
  TableError,
  ArchitectureError,
  ActivationFitError,
  UnknownActivationError,
  NetworkTooLargeError,
  SampleError,
  ChartError,
  DatasetError,
  DownloadError,
  NetworkError,
  WeightsError,
  SafetensorsError,
  TrainingError,
  InitializationError,
  ExperimentError,
  LivenessNetworkError,
  LivenessOptionError,
  GpuUnavailableError,
  GpuLimitError,
  GpuOutOfMemoryError,
];

export interface Diagnosis {
  readonly exitCode: ExitCode;
  /** For standard error, without a newline at its end. */
  readonly message: string;
}

/** What to tell about an error, and how to exit. */
export function diagnose(error: unknown): Diagnosis {
  if (error instanceof InterruptedError) {
    return { exitCode: ExitCode.interrupted, message: error.message };
  }
  if (BAD_INPUT.some((type) => error instanceof type)) {
    const { message, excerpt } = error as SystemError;
    const line = `error: ${message.replaceAll(/\s*\n\s*/g, ' ')}`;
    return {
      exitCode: ExitCode.badInput,
      message: excerpt === undefined ? line : `${line}\n${excerpt}`,
    };
  }
  if (error instanceof JobError || error instanceof DeviceLostError) {
    return { exitCode: ExitCode.failed, message: `error: ${error.message}` };
  }
  // Not foreseen, so the place matters.
  const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { exitCode: ExitCode.failed, message: `error: the job failed: ${detail}` };
}
