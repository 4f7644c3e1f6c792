/**
 * One homotopy from compilation to result record.
 */
import type { GpuDevice } from '../gpu/index.js';
import type { ParameterValue } from '../polynomial/family.js';
import type { NumericSystem } from '../polynomial/system.js';
import { collectSolutions } from './collect.js';
import type { TrackJob } from './gpu/index.js';
import type { Homotopy } from './homotopy.js';
import type { ProgressReporter } from './progress.js';
import { SCHEMA_VERSION, type SolveResult } from './solution.js';
import type { StartTable } from './structure/index.js';
import { solverResources } from './tiers.js';
import { trackPaths, type StartSource } from './track-paths.js';

export interface SolveJob {
  readonly system: {
    readonly name: string;
    readonly variables: readonly string[];
    readonly degrees: readonly number[];
  };
  readonly numeric: NumericSystem;
  readonly homotopy: Homotopy;
  readonly source: StartSource;
  readonly start: SolveResult['start'];
  readonly parameters: readonly ParameterValue[] | null;
  /** From which the GPU makes start points; null when they are given. */
  readonly table: StartTable | null;
}

export interface RunOptions {
  readonly seed: number;
  readonly precision?: 'auto' | 'f64';
  readonly auditSize?: number;
  readonly signal?: AbortSignal;
}

const DEFAULT_AUDIT = 50;
/** Compiling kernels takes longer than following fewer paths than this in f64. */
const FEWEST_GPU_PATHS = 64;

export async function runHomotopy(
  gpu: GpuDevice,
  job: SolveJob,
  options: RunOptions,
  progress: ProgressReporter,
): Promise<SolveResult> {
  const begin = performance.now();
  const resources = solverResources(gpu);
  progress.report('compiling', null);
  const useGpu = options.precision !== 'f64' && job.source.total >= FEWEST_GPU_PATHS;
  const [setup, tracker] = await Promise.all([
    resources.setup(job.homotopy),
    useGpu ? resources.tracker(job.homotopy, job.table) : null,
  ]);
  const compiled = performance.now();
  progress.startTracking();
  const report = await trackPaths(
    job.homotopy,
    job.source,
    {
      setup,
      pool: resources.pool,
      inline: resources.inline,
      firstTier:
        tracker &&
        (() =>
          tracker.track({
            homotopy: job.homotopy,
            paths: startOfPaths(job),
            ...(options.signal && { signal: options.signal }),
          })),
    },
    {
      seed: options.seed,
      signal: options.signal,
      auditSize: options.auditSize ?? DEFAULT_AUDIT,
      onBatch: (ledger, stage) => progress.report(stage, ledger),
    },
  );
  const tracked = performance.now();
  progress.report('refining', report.ledger);
  const { solutions, warnings } = collectSolutions(job.numeric, job.homotopy, report.ledger);
  const { info, precision } = gpu;
  return {
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
    paths: report.ledger.counts(),
    failedPaths: [...report.ledger.failed.values()],
    solutions,
    counts: {
      distinct: solutions.length,
      nonsingular: solutions.filter((solution) => !solution.singular).length,
      real: solutions.filter((solution) => solution.real).length,
    },
    seed: options.seed,
    precision: { mode: precision.mode, selfTest: precision },
    adapter: {
      runtime: info.runtime,
      vendor: info.vendor,
      description: info.description,
      software: info.software,
    },
    timing: {
      totalMs: performance.now() - begin,
      trackingMs: tracked - compiled,
      compileMs: compiled - begin,
    },
    partial: report.aborted,
    warnings: [...report.warnings, ...warnings],
  };
}

function startOfPaths({ source, table, homotopy }: SolveJob): TrackJob['paths'] {
  if (table) return { ids: { first: 0, count: source.total } };
  const length = 2 * homotopy.structure.coordinates;
  const startPoints = new Float64Array(source.total * length);
  for (let id = 0; id < source.total; id++) startPoints.set(source.point(id), id * length);
  return { startPoints };
}
