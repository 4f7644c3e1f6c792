/**
 * A recording as Chrome Trace Event JSON, which Perfetto and chrome://tracing open.
 *
 * Format: "Trace Event Format" (Google, 2016): complete events "X" and counters "C", microseconds.
 */
import type { SolverObservations } from './observe-solver.js';
import type { Recording } from './recorder.js';

export interface TraceEvent {
  readonly name: string;
  readonly ph: 'X' | 'C' | 'M';
  readonly pid: number;
  readonly tid: number;
  /** Microseconds from the beginning of the command. */
  readonly ts?: number;
  readonly dur?: number;
  readonly cat?: string;
  readonly args?: Readonly<Record<string, number | string | null>>;
}

export interface Trace {
  readonly displayTimeUnit: 'ms';
  readonly traceEvents: readonly TraceEvent[];
}

const PROCESS = 1;
const THREADS = { stages: 1, host: 2, gpu: 3, compile: 4 } as const;
const MICROSECONDS_PER_MS = 1000;

/** @param begin of the command, milliseconds of performance.now() */
export function traceOf(
  recording: Recording,
  observed: SolverObservations,
  { begin, end }: { readonly begin: number; readonly end: number },
): Trace {
  const at = (ms: number): number => Math.max(0, (ms - begin) * MICROSECONDS_PER_MS);
  const name = (title: string, thread: number): TraceEvent => ({
    name: 'thread_name',
    ph: 'M',
    pid: PROCESS,
    tid: thread,
    args: { name: title },
  });
  const offset = gpuClockOffset(recording);
  return {
    displayTimeUnit: 'ms',
    traceEvents: [
      name('stages', THREADS.stages),
      name('host: submits and readbacks', THREADS.host),
      name('GPU', THREADS.gpu),
      name('compiling', THREADS.compile),
      ...observed.stages.map((stage, k): TraceEvent => ({
        name: stage.name,
        cat: 'stage',
        ph: 'X',
        pid: PROCESS,
        tid: THREADS.stages,
        ts: at(stage.begin),
        dur: at(observed.stages[k + 1]?.begin ?? end) - at(stage.begin),
      })),
      ...recording.spans.map((span): TraceEvent => ({
        name: span.name,
        cat: span.category,
        ph: 'X',
        pid: PROCESS,
        tid: span.category === 'compile' ? THREADS.compile : THREADS.host,
        ts: at(span.begin),
        dur: (span.end - span.begin) * MICROSECONDS_PER_MS,
        ...(span.bytes === undefined ? {} : { args: { bytes: span.bytes } }),
      })),
      ...recording.dispatches.map((dispatch): TraceEvent => ({
        name: dispatch.kernel,
        cat: 'gpu',
        ph: 'X',
        pid: PROCESS,
        tid: THREADS.gpu,
        ts: at(milliseconds(dispatch.begin) + offset),
        dur: Number(dispatch.end - dispatch.begin) / 1000,
        args: { workgroups: dispatch.workgroups, submit: dispatch.submit },
      })),
      ...observed.active.map(({ time, active }): TraceEvent => ({
        name: 'active paths',
        ph: 'C',
        pid: PROCESS,
        tid: THREADS.gpu,
        ts: at(time),
        args: { paths: active },
      })),
    ],
  };
}

function milliseconds(nanoseconds: bigint): number {
  return Number(nanoseconds) / 1e6;
}

/**
 * What to add to the GPU's clock for the host's, milliseconds: no submit can end after the host
 * knew it was done, and the quickest news took next to no time.
 */
function gpuClockOffset({ dispatches, submitsDone }: Recording): number {
  const ends = new Map<number, bigint>();
  for (const { submit, end } of dispatches) {
    const known = ends.get(submit);
    if (known === undefined || end > known) ends.set(submit, end);
  }
  let offset = Infinity;
  for (const [submit, end] of ends) {
    const done = submitsDone[submit];
    if (done !== undefined) offset = Math.min(offset, done - milliseconds(end));
  }
  return Number.isFinite(offset) ? offset : 0;
}
