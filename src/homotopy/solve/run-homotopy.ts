/**
 * One homotopy from compilation to result record.
 */
import { CpuDevice, GpuDevice, type Device } from '../../gpu/index.js';
import type { GpuTracker } from '../gpu/index.js';
import type { RowStorage } from '../../math/rows.js';
import {
  inSlices,
  inSlicesUnlessAborted,
  nextTurn,
  unlessAborted,
  type Stepwise,
} from '../../math/stepwise.js';
import type { ParameterValue } from '../../polynomial/family.js';
import type { Units } from '../../polynomial/scaling.js';
import type { NumericSystem, PolynomialSystem } from '../../polynomial/system.js';
import { distinctRegularEnds, finishSingular, separateClusters } from './collect.js';
import { DeviceLosses, lossOptions } from './device-losses.js';
import { DEFAULT_COUNT_MS, ExactCounter } from './exact-comparison.js';
import type { FinisherSetup } from './finish-ends.js';
import { trackOnGpu, type DeviceBatch } from './gpu-stage.js';
import type { Homotopy } from '../program/homotopy.js';
import { pathPositions, type PathPositions } from './path-positions.js';
import type { ProgressReporter } from './progress.js';
import { idsFrom, shareOf, type PathIds, type PathShare } from './path-ids.js';
import type { PathJournal, PathRecord } from './path-journal.js';
import { KeptEnds } from './regular-ends.js';
import { SolutionStream } from './solution-stream.js';
import {
  SolveError,
  type EndgamePlace,
  type Precision,
  type TrackerChoice,
} from './solve-options.js';
import { SCHEMA_VERSION, type Solution, type SolveResult } from './solution.js';
import type { StartTable } from '../start/index.js';
import type { SolutionTable } from './solution-table.js';
import { solverResources } from './solver-resources.js';
import { standIn } from './stand-in.js';
import { SolutionTally } from './tally.js';
import type { StartSource } from './path-scheduler.js';
import { TrackedPaths, type DeviceBatches } from './track-paths.js';
import { Breakdown, UnfinishedSolveError } from './unfinished.js';

export interface SolveJob {
  readonly system: {
    readonly name: string;
    readonly variables: readonly string[];
    readonly degrees: readonly number[];
  };
  /** The system in the units of the homotopy. */
  readonly numeric: NumericSystem;
  /** The system as it is, exactly, in its own units: what is counted. null counts nothing. */
  readonly exact: PolynomialSystem | null;
  /** The family whose only member wanted this is: a count that ran out before is not begun again. */
  readonly kin?: object;
  /** x_j = 2^units[j] y_j, y the homotopy's unknowns. */
  readonly units: Units;
  readonly homotopy: Homotopy;
  readonly source: StartSource;
  readonly start: SolveResult['start'];
  readonly parameters: readonly ParameterValue[] | null;
  /** From which the GPU makes start points; null when they are given. */
  readonly table: StartTable | null;
  /** Milliseconds that the way to the start points took. */
  readonly spent?: { readonly compileMs: number; readonly trackingMs: number };
  /** What there is to say of that. */
  readonly warnings?: readonly string[];
  /** What the GPU did already, for a member that was tracked together with others. */
  readonly tracked?: DeviceBatch;
}

export interface RunOptions {
  readonly seed: number;
  readonly precision?: Precision;
  readonly endgame?: EndgamePlace;
  readonly tracker?: TrackerChoice;
  readonly auditSize?: number;
  readonly representatives?: object;
  readonly countMilliseconds?: number;
  readonly certify?: boolean;
  readonly onSolutions?: (batch: readonly Solution[], paths: readonly number[]) => void;
  readonly handOut?: 'found' | 'checked';
  readonly storage?: RowStorage;
  readonly onPaths?: (positions: PathPositions) => void | Promise<void>;
  readonly journal?: PathJournal;
  readonly shard?: { readonly index: number; readonly of: number };
  readonly signal?: AbortSignal;
}

/** What a start system gives. */
export type HomotopyJob = Pick<
  SolveJob,
  'numeric' | 'homotopy' | 'source' | 'start' | 'table' | 'spent' | 'warnings'
>;

const NOT_COMPILED = { f64: null, precise: null };
/** Solutions of a table that are taken together. */
const BATCH = 256;
/** Ends of paths that are told apart after an abort: more than can be finished then. */
const MOST_AFTER_ABORT = 4096;
/** Doubtful ends that are decided in double-double: all of them up to this many paths. */
const DEFAULT_AUDIT = 400;
/** The same as the GPU tracker's: its code is loaded when a GPU is there. */
const MOST_GPU_VARIABLES = 32;
/** Of a polyhedral start one is compiled for each of its homotopies. */
export const POLYHEDRAL_KERNELS = 2;
/**
 * Whether the GPU stage is used. Its code is loaded when a GPU is there. On a software adapter a structure that
 * is solved again and again is compiled when all that was asked of it so far would have paid for that; on hardware so few
 * paths are worth it that those of many small solves would not.
 *
 * @param paths for each of the kernels that are compiled.
 */
export async function usesGpu(
  device: Device,
  { structure }: Homotopy,
  paths: number,
  {
    precision = 'auto',
    endgame = 'auto',
    tracker = 'auto',
  }: Pick<RunOptions, 'precision' | 'endgame' | 'tracker'> = {},
): Promise<boolean> {
  if (endgame === 'gpu') assertGpu("`endgame` 'gpu'", device, structure, precision);
  if (tracker !== 'auto') assertGpu(`\`tracker\` '${tracker}'`, device, structure, precision);
  if (precision === 'f64') return false;
  if (device instanceof GpuDevice) {
    if (precision === 'gpu' || endgame === 'gpu' || tracker !== 'auto') return true;
    const { isWorthTheGpu } = await import('../gpu/index.js');
    const all = device.info.software
      ? solverResources(device).pathsAskedFor(structure, paths)
      : paths;
    return isWorthTheGpu(structure, all, device.info);
  }
  if (precision === 'gpu')
    throw new SolveError("`precision` 'gpu' needs a GPU, and there is none: use 'auto' or 'f64'");
  return false;
}

/** Whether the GPU takes the paths that it follows to their ends, and what there is to say about that. */
export function playsEndgame(
  gpu: GpuDevice,
  endgame: EndgamePlace = 'auto',
): { readonly onGpu: boolean; readonly warnings: readonly string[] } {
  if (endgame === 'cpu') return { onGpu: false, warnings: [] };
  const { passed } = gpu.precision;
  if (endgame === 'gpu' && !passed) {
    return {
      onGpu: false,
      warnings: [
        "double-single arithmetic fails its self-test on this adapter: the CPU takes all paths to their ends, as with `endgame` 'cpu'",
      ],
    };
  }
  return { onGpu: passed && (endgame === 'gpu' || !gpu.info.software), warnings: [] };
}

/** @param wish that only the GPU stage can fulfil. */
function assertGpu(
  wish: string,
  device: Device,
  { variables }: Homotopy['structure'],
  precision: Precision,
): void {
  if (precision === 'f64') {
    throw new SolveError(
      `${wish} needs paths on the GPU, but \`precision\` is 'f64': use 'auto' or 'gpu' there, or leave it out here`,
    );
  }
  if (variables > MOST_GPU_VARIABLES) {
    throw new SolveError(
      `${wish} takes up to ${MOST_GPU_VARIABLES} variables, this system has ${variables}: use 'auto'`,
    );
  }
  if (!(device instanceof GpuDevice)) {
    throw new SolveError(`${wish} needs a GPU, and there is none: use 'auto'`);
  }
}

/** @throws UnfinishedSolveError with what was found, when the solve cannot go on */
export async function runHomotopy(
  device: Device,
  job: SolveJob,
  options: RunOptions,
  progress: ProgressReporter,
): Promise<SolveResult> {
  const { pool } = solverResources(device);
  const breakdown = new Breakdown(options.signal, () => pool.isClosed);
  try {
    return await runUntil(breakdown, device, job, options, progress);
  } finally {
    breakdown.close();
  }
}

async function runUntil(
  breakdown: Breakdown,
  device: Device,
  given: SolveJob,
  options: RunOptions,
  progress: ProgressReporter,
): Promise<SolveResult> {
  let job = given;
  const begin = performance.now();
  const resources = solverResources(device);
  progress.report('compiling', null);
  const { signal } = breakdown;
  const losses =
    device instanceof GpuDevice
      ? new DeviceLosses(device, lossOptions({ ...options, signal }))
      : null;
  // A start that an abort has cut short is not that of the journal's solve.
  const journal = signal.aborted ? undefined : options.journal;
  const solve = JSON.stringify({ ...identityOf(job), seed: options.seed });
  const share = options.shard && shareOf(job.source.total, options.shard.index, options.shard.of);
  const isKnown =
    journal !== undefined &&
    (await inSlicesUnlessAborted(
      knowsAll(journal.read(solve), job.source.total, share),
      signal,
    )) === true;
  let endgameWarnings: readonly string[] = [];
  const used: { kernel?: GpuTracker['kernel'] } = {};
  const wishFor = (gpu: GpuDevice) => {
    const { onGpu, warnings } = playsEndgame(gpu, options.endgame);
    endgameWarnings = warnings;
    return {
      endgame: onGpu,
      choice: options.tracker ?? ('auto' as const),
      paths: job.source.total,
    };
  };
  const trackerOn = async (gpu: GpuDevice) => {
    const tracker = await resources.tracker(gpu, job.homotopy, job.table, wishFor(gpu));
    used.kernel = tracker.kernel;
    return tracker;
  };
  const compileTracker = async () => {
    const isWanted = !job.tracked && !signal.aborted;
    const { total } = job.source;
    const perKernel = job.start.kind === 'polyhedral' ? total / POLYHEDRAL_KERNELS : total;
    if (!isWanted || !(await usesGpu(device, job.homotopy, perKernel, options))) return null;
    if (isKnown) {
      // Nothing is left to follow; the result says what the run said that followed all.
      const { gpu } = losses!;
      used.kernel = await resources.trackerKernel(gpu, job.homotopy, wishFor(gpu));
      return null;
    }
    return (await losses!.survive(trackerOn)) && losses;
  };
  const [compiledSetup, onDevice] = await Promise.all([
    unlessAborted(resources.setup(job.homotopy), signal),
    breakdown.guard(() => unlessAborted(compileTracker(), signal)),
  ]);
  if (!compiledSetup) job = { ...job, ...standIn(job.numeric.variables, job.source.total) };
  // Nothing is followed there, and compiling would wait for what is still being compiled.
  const setup = compiledSetup ?? { structure: job.homotopy.structure, compiled: NOT_COMPILED };
  await nextTurn();
  const compiled = performance.now();
  const finisherSetup: FinisherSetup = {
    system: job.numeric,
    homotopy: job.homotopy,
    units: job.units,
    engine: setup,
    certify: options.certify ?? false,
  };
  const certification = options.certify ? await import('../certify/index.js') : null;
  const { EndWorks, makeFinisher } = await import('./finish-ends.js');
  const finisher = makeFinisher(finisherSetup, certification);
  const works = new EndWorks(resources.pool, finisherSetup, finisher, certification, signal);
  const tally = new SolutionTally();
  const { onSolutions, onPaths, storage } = options;
  let unfinished = 0;
  const stream =
    !onSolutions || options.handOut === 'checked'
      ? null
      : new SolutionStream(job.homotopy.structure, async (ends) => {
          const { solutions, paths } = await works.finish(ends);
          unfinished += ends.length - paths.length;
          tally.add(solutions);
          if (paths.length > 0) onSolutions([...solutions], paths);
        });
  const { tracked: trackedAlready, spent = { compileMs: 0, trackingMs: 0 } } = job;
  progress.startTracking();
  const { countMilliseconds = DEFAULT_COUNT_MS } = options;
  const counter =
    job.exact && countMilliseconds > 0
      ? new ExactCounter(job.exact, resources.pool, countMilliseconds, signal, job.kin)
      : null;
  const trackOn = async function* (gpu: GpuDevice, ids: PathIds, share: number) {
    const tracker = await trackerOn(gpu);
    yield* trackOnGpu(tracker, job.homotopy, job.source, job.table, ids, {
      signal,
      batchSize: Math.ceil(tracker.batchSize * share),
      ...(losses && { onSmaller: losses.onSmaller }),
      // Positions lie on the caller's device, and only there.
      ...(onPaths &&
        gpu === device && {
          onPoints: (points) => onPaths(pathPositions(job.homotopy.structure, job.units, points)),
        }),
    });
  };
  const deviceBatches: DeviceBatches | null = trackedAlready
    ? () => once(trackedAlready)
    : onDevice
      ? (ids) =>
          onDevice.outlive(
            (gpu, from, share) => trackOn(gpu, idsFrom(ids, from), share),
            (batch) => batch.ids.length,
          )
      : null;
  const tracked = new TrackedPaths(
    job.homotopy,
    job.source,
    { setup, pool: resources.pool },
    {
      regular:
        stream?.ends ??
        new KeptEnds(job.homotopy.structure, (point) => finisher.refineProjective(point), storage),
      seed: options.seed,
      signal,
      journal,
      kept: journal?.read(solve),
      share,
      auditSize: options.auditSize ?? DEFAULT_AUDIT,
      representatives: options.representatives !== undefined,
      ordinaryCare: job.start.kind === 'polyhedral' ? 'relative' : 'normal',
      onBatch: (ledger, stage) => {
        progress.report(stage, ledger);
        return stream?.flushIfDue();
      },
    },
  );
  await breakdown.guard(() => tracked.trackAll(deviceBatches));
  await tracked.settle();
  const trackingEnd = performance.now();
  const { checkCompleteness, describeCompleteness } = await import('./completeness.js');
  const { completenessOf } = await import('./completeness-report.js');
  await nextTurn();
  if (!tracked.aborted) progress.report('refining', tracked.ledger);
  const separate = () =>
    inSlices(separateClusters(job.homotopy.structure, finisher, tracked.ledger));
  const isWhole = !tracked.aborted && !share;
  if (isWhole) {
    const torn = await separate();
    if (torn.length > 0 && !tracked.aborted) {
      await breakdown.guard(() => tracked.followAgain(torn, 'careful'));
      await separate();
    }
  }
  if (counter && !counter.isSettled && isWhole) progress.report('counting', tracked.ledger);
  const checkAll = () =>
    checkCompleteness({
      counter: isWhole ? counter : null,
      numeric: job.numeric,
      homotopy: job.homotopy,
      finisher,
      tracked,
      resources,
      start: job.start.kind,
      seed: options.seed,
      signal,
    });
  // What fails there has aborted the solve, of which nothing is checked.
  const completeness = (await breakdown.guard(checkAll)) ?? (await checkAll());
  await stream?.finish();
  const { recovered } = completeness;
  const { structure } = job.homotopy;
  // The solutions of a share are made where all ends are together.
  const most = tracked.aborted ? MOST_AFTER_ABORT : Infinity;
  const distinct = share
    ? []
    : await inSlices(distinctRegularEnds(structure, finisher, tracked.ledger, recovered, most));
  if (!share) unfinished += Math.max(0, tracked.ledger.regular.kept().length - most);
  const regular = await works.finish(distinct, {
    storage,
    onProgress(done) {
      if (!tracked.aborted)
        progress.report('refining', tracked.ledger, { done, total: distinct.length });
    },
  });
  unfinished += distinct.length - regular.paths.length;
  const singular = share
    ? NO_SOLUTIONS
    : await inSlices(finishSingular(structure, finisher, tracked.ledger));
  works.close();
  const { nonIsolated } = singular;
  // Without a list each is made again when it is handed out: there may be millions.
  const isListed = !onSolutions || options.handOut !== 'checked';
  const listed: Solution[] = [];
  for await (const { batch } of batchesOf(regular)) {
    tally.add(batch);
    if (isListed) listed.push(...batch);
  }
  const { counts } = tally.add(singular.solutions);
  const comparison =
    counter && completeness.comparison.status === 'equal' && singular.solutions.length > 0
      ? await counter.compareDistinct(completeness.comparison, counts.distinct)
      : completeness.comparison;
  const warnings = [
    ...describeCompleteness(
      { comparison, recovered },
      tracked,
      counts.distinct,
      tally.undetermined,
      nonIsolated,
    ),
    ...tally.warnings,
    ...endgameWarnings,
    ...(job.warnings ?? []),
    ...(losses?.warnings ?? []),
    ...(unfinished > 0
      ? [
          `${unfinished} solutions that paths have reached are not given: finishing them takes longer than an abort may; with a checkpoint nothing is lost`,
        ]
      : []),
    ...(resources.pool.warning ? [resources.pool.warning] : []),
  ];
  const solutions = await handOut(regular, listed, singular, options);
  const { info, precision } = losses ? losses.gpu : cpuRecord(device);
  const record = {
    schemaVersion: SCHEMA_VERSION,
    system: {
      name: job.system.name,
      variables: job.system.variables,
      degrees: job.system.degrees,
    },
    ...(job.parameters && {
      parameters: job.parameters.map((value) =>
        typeof value === 'number' ? ([value, 0] as const) : value,
      ),
    }),
    start: job.start,
    paths: tracked.ledger.counts(),
    ...(used.kernel && { tracker: used.kernel }),
    ...(tracked.ledger.endgame && { endgame: tracked.ledger.endgame }),
    failedPaths: tracked.ledger.failures(),
    exactCount: comparison,
    recovered: recovered.length,
    solutions,
    counts,
    seed: options.seed,
    precision: { mode: precision?.mode ?? 'f64', selfTest: precision },
    adapter: {
      runtime: info.runtime,
      vendor: info.vendor,
      description: info.description,
      software: info.software,
    },
    timing: {
      totalMs: spent.compileMs + spent.trackingMs + performance.now() - begin,
      trackingMs: spent.trackingMs + trackingEnd - compiled,
      compileMs: spent.compileMs + compiled - begin,
    },
    partial: tracked.aborted,
    warnings,
  };
  const result = {
    ...record,
    completeness: completenessOf(record, {
      withoutConjugate: tracked.withoutConjugate,
      certified: options.certify && !stream ? tally.certified : null,
      undetermined: tally.undetermined,
    }),
  };
  if (breakdown.error) throw new UnfinishedSolveError(breakdown.error, [result]);
  return result;
}

/** Solutions, and of each a path that reached it. */
interface Reached<Solutions> {
  readonly solutions: Solutions;
  readonly paths: readonly number[];
}

/**
 * Hands out what is to be handed out at the end of a solve; the solutions that its result has.
 *
 * @param listed the regular ones, where they are not handed out in batches
 */
async function handOut(
  regular: Reached<SolutionTable>,
  listed: readonly Solution[],
  singular: Reached<readonly Solution[]>,
  { onSolutions, handOut: when }: RunOptions,
): Promise<readonly Solution[]> {
  if (onSolutions && when === 'checked') {
    for await (const { batch, paths } of batchesOf(regular)) onSolutions(batch, paths);
    return singular.solutions;
  }
  const solutions = [...listed, ...singular.solutions];
  if (!onSolutions) return solutions;
  if (solutions.length > 0) onSolutions(solutions, [...regular.paths, ...singular.paths]);
  return [];
}

/** In parts, between which the thread does other things. */
async function* batchesOf({ solutions, paths }: Reached<SolutionTable>) {
  for (let first = 0; first < solutions.length; first += BATCH) {
    const length = Math.min(BATCH, solutions.length - first);
    const batch = Array.from({ length }, (_, k) => solutions.at(first + k)!);
    yield { batch, paths: paths.slice(first, first + length) };
    await nextTurn();
  }
}

function cpuRecord(device: Device) {
  return { info: (device ?? new CpuDevice()).info, precision: null };
}

const NO_SOLUTIONS = { solutions: [], paths: [], nonIsolated: 0 };

/** What must be the same for paths to be those of the same solve. */
function identityOf({ system: { variables, degrees }, start, homotopy, parameters }: SolveJob) {
  return {
    variables,
    degrees,
    start,
    parameters,
    target: [...homotopy.targetCoefficients],
    coefficients: [...homotopy.startCoefficients],
  };
}

/** Whether every path of the share is known. */
function* knowsAll(
  records: Iterable<PathRecord>,
  total: number,
  { first, end }: PathShare = { first: 0, end: total },
): Stepwise<boolean> {
  let known = 0;
  for (const { round, ids } of records) {
    if (round === 0) known += ids.length;
    if (known >= end - first) return true;
    yield;
  }
  return false;
}

// An async generator, because the device's batches come from one.
// oxlint-disable-next-line typescript/require-await
async function* once(batch: DeviceBatch): AsyncGenerator<DeviceBatch, void, undefined> {
  yield batch;
}
