/** A recording in numbers: where the GPU's time went, how full it was, what paths took. */
import type { SolverObservations } from './observe-solver.js';
import type { Recording } from './recorder.js';

export interface KernelTime {
  readonly kernel: string;
  readonly dispatches: number;
  readonly totalMs: number;
  readonly meanMicroseconds: number;
  /** Of all kernels' time. */
  readonly share: number;
}

export interface HistogramBin {
  /** Values from `from` up to but not including `to`. */
  readonly from: number;
  readonly to: number;
  readonly count: number;
}

export interface ProfileDocument {
  readonly schemaVersion: 1;
  readonly command: string;
  readonly exitCode: number;
  /** Wall time of the command. */
  readonly totalMs: number;
  readonly gpu: {
    /** Sum of all kernels. */
    readonly kernelMs: number;
    /** From the first to the last timestamp of each submit, summed: what the sum should be. */
    readonly spanMs: number;
    readonly submits: number;
    readonly dispatches: number;
    readonly untimed: number;
    readonly bytesWritten: number;
    readonly bytesRead: number;
    readonly compileMs: number;
    readonly waitMs: number;
  };
  /** CPU time of this process while the command ran. */
  readonly cpu: {
    /** Inside kernels, on a software adapter; on a hardware adapter the kernels' own time. */
    readonly kernelsMs: number;
    /** Everything else: JavaScript, workers, compiling, the runtime. */
    readonly hostMs: number;
  };
  /** Of all homotopies that the command tracked, on the GPU or the CPU; 0 where it tracks none. */
  readonly paths: number;
  readonly kernels: readonly KernelTime[];
  readonly stages: readonly { readonly name: string; readonly ms: number }[];
  readonly tracker: {
    readonly paths: number;
    /** Mean share of a batch's lanes that still have a path to follow, by time. */
    readonly occupancy: number;
    readonly steps: readonly HistogramBin[];
    readonly newtonIterations: readonly HistogramBin[];
  } | null;
}

const NANOSECONDS_PER_MS = 1e6;
const BINS = 12;

/** Works out the document. */
export function summarizeProfile(
  recording: Recording,
  observed: SolverObservations,
  run: {
    readonly command: string;
    readonly exitCode: number;
    readonly begin: number;
    readonly end: number;
    readonly cpu: { readonly totalMs: number; readonly kernelsMs: number };
  },
): ProfileDocument {
  const { dispatches, spans } = recording;
  const ofCategory = (category: string): number =>
    spans
      .filter((span) => span.category === category)
      .reduce((sum, { begin, end }) => sum + (end - begin), 0);
  const kernels = kernelTimes(recording);
  const kernelMs = kernels.reduce((sum, { totalMs }) => sum + totalMs, 0);
  const { cpu } = run;
  return {
    schemaVersion: 1,
    command: run.command,
    exitCode: run.exitCode,
    totalMs: run.end - run.begin,
    gpu: {
      kernelMs,
      spanMs: spanOf(recording),
      submits: spans.filter(({ category }) => category === 'submit').length,
      dispatches: dispatches.length,
      untimed: recording.untimed,
      bytesWritten: recording.bytesWritten,
      bytesRead: recording.bytesRead,
      compileMs: ofCategory('compile'),
      waitMs: ofCategory('readback'),
    },
    cpu: { kernelsMs: cpu.kernelsMs || kernelMs, hostMs: cpu.totalMs - cpu.kernelsMs },
    paths: observed.stages
      .filter(({ name }) => name === 'tracking')
      .reduce((sum, { paths }) => sum + paths, 0),
    kernels,
    stages: observed.stages.map(({ name, begin }, k) => ({
      name,
      ms: (observed.stages[k + 1]?.begin ?? run.end) - begin,
    })),
    tracker:
      observed.iterations.length === 0
        ? null
        : {
            paths: observed.iterations.length,
            occupancy: occupancyOf(observed),
            steps: histogram(observed.steps),
            newtonIterations: histogram(observed.iterations),
          },
  };
}

function kernelTimes({ dispatches }: Recording): KernelTime[] {
  const times = new Map<string, { dispatches: number; nanoseconds: number }>();
  for (const { kernel, begin, end } of dispatches) {
    const entry = times.get(kernel) ?? { dispatches: 0, nanoseconds: 0 };
    entry.dispatches++;
    entry.nanoseconds += Number(end > begin ? end - begin : 0n);
    times.set(kernel, entry);
  }
  const total = [...times.values()].reduce((sum, { nanoseconds }) => sum + nanoseconds, 0);
  return [...times]
    .map(([kernel, { dispatches: count, nanoseconds }]) => ({
      kernel,
      dispatches: count,
      totalMs: nanoseconds / NANOSECONDS_PER_MS,
      meanMicroseconds: nanoseconds / 1000 / count,
      share: total > 0 ? nanoseconds / total : 0,
    }))
    .sort((a, b) => b.totalMs - a.totalMs);
}

/** The GPU's time from the first kernel's beginning to the last one's end, submit by submit. */
function spanOf({ dispatches }: Recording): number {
  const spans = new Map<number, { begin: bigint; end: bigint }>();
  for (const { submit, begin, end } of dispatches) {
    const span = spans.get(submit);
    if (!span) spans.set(submit, { begin, end });
    else {
      if (begin < span.begin) span.begin = begin;
      if (end > span.end) span.end = end;
    }
  }
  return (
    [...spans.values()].reduce((sum, { begin, end }) => sum + Number(end - begin), 0) /
    NANOSECONDS_PER_MS
  );
}

/** Active paths by the batch, weighted by the time between two looks. */
function occupancyOf({ active }: SolverObservations): number {
  let weighted = 0;
  let total = 0;
  for (let k = 1; k < active.length; k++) {
    const before = active[k - 1]!;
    const after = active[k]!;
    // After the last round of a batch, the next look belongs to another batch.
    if (before.active === 0) continue;
    const time = after.time - before.time;
    // Paths end all the time between two looks.
    weighted += (time * (before.active + after.active)) / 2 / before.batch;
    total += time;
  }
  return total > 0 ? weighted / total : 1;
}

/** At most BINS bins of equal width, a whole number each. */
export function histogram(values: readonly number[]): HistogramBin[] {
  let smallest = Infinity;
  let largest = -Infinity;
  for (const value of values) {
    smallest = Math.min(smallest, value);
    largest = Math.max(largest, value);
  }
  if (values.length === 0) return [];
  const width = Math.max(1, Math.ceil((largest - smallest + 1) / BINS));
  const bins = Array.from({ length: Math.floor((largest - smallest) / width) + 1 }, (_, k) => ({
    from: smallest + k * width,
    to: smallest + (k + 1) * width,
    count: 0,
  }));
  for (const value of values) bins[Math.floor((value - smallest) / width)]!.count++;
  return bins;
}
