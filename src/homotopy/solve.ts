/**
 * All isolated solutions of a polynomial system, from a linear-product start.
 */
import type { GpuDevice } from '../gpu/index.js';
import { toNumeric } from '../polynomial/numeric.js';
import type { PolynomialSystem } from '../polynomial/system.js';
import { collectSolutions } from './collect.js';
import { SolveError } from './errors.js';
import { startHomotopy } from './homotopy.js';
import type { PathLedger } from './ledger.js';
import {
  SCHEMA_VERSION,
  type SolveProgress,
  type SolveResult,
} from './solution.js';
import {
  assertTrackable,
  chooseStart,
  createStartTable,
  gammaOf,
  startCoefficients,
  startSolution,
  type ProductStructure,
  type StartKind,
  type StartPlan,
} from './structure/index.js';
import { solverResources } from './tiers.js';
import { trackPaths, type StartSource } from './track-paths.js';

export interface SolveOptions {
  /** Kind of start system; 'auto' takes the smallest root count. Default 'auto'. */
  readonly start?: StartKind;
  /** Variable sets (indices) per equation and factor; must support the system. */
  readonly structure?: ProductStructure;
  /** Partition of the variables (indices) for a multihomogeneous start. */
  readonly partition?: readonly (readonly number[])[];
  /** Integer >= 0; the same seed gives the same paths on every machine. Default 1. */
  readonly seed?: number;
  /** 'f64' follows every path on the CPU (no GPU stage). Default 'auto'. */
  readonly precision?: 'auto' | 'f64';
  /** Ends at infinity that are followed again, deeper. Default 50; 0 turns the audit off. */
  readonly auditSize?: number;
  /** Largest number of paths. Default 10 million. */
  readonly maxPaths?: number;
  readonly onProgress?: (progress: SolveProgress) => void;
  /** Aborting gives the partial result, marked `partial`. */
  readonly signal?: AbortSignal;
}

const DEFAULT_MAX_PATHS = 10_000_000;
const DEFAULT_AUDIT = 50;

/**
 * Solves F = 0: n polynomials in n unknowns.
 *
 * Every isolated solution in C^n is the end of at least one path for almost every gamma
 * (Morgan, Sommese, Wampler 1995); the result says what happened to each path.
 *
 * @throws SystemError for a structure that does not support the system.
 * @throws SolveError when the start system has more paths than `maxPaths`.
 */
export async function solve(
  gpu: GpuDevice,
  system: PolynomialSystem,
  options: SolveOptions = {},
): Promise<SolveResult> {
  const begin = performance.now();
  const seed = checkSeed(options.seed ?? 1);
  const plan = chooseStart(system, {
    seed,
    ...(options.start && { start: options.start }),
    ...(options.structure && { structure: options.structure }),
    ...(options.partition && { partition: options.partition }),
  });
  assertTrackable(plan, options.maxPaths ?? DEFAULT_MAX_PATHS);
  const numeric = toNumeric(system);
  const coefficients = startCoefficients(plan, seed);
  const homotopy = startHomotopy(numeric, plan, coefficients, gammaOf(seed));
  const resources = solverResources(gpu);
  const progress = new ProgressReporter(Number(plan.paths), options.onProgress);
  progress.report('compiling', null);
  const setup = await resources.setup(homotopy);
  const compiled = performance.now();

  const table = createStartTable(plan);
  const { variables: n, coordinates: N } = homotopy.structure;
  const source: StartSource = {
    total: Number(plan.paths),
    point(id) {
      const point = new Float64Array(2 * N);
      point.set(startSolution(plan, table, coefficients, id));
      for (let j = n; j < N; j++) point[2 * j] = 1;
      return point;
    },
  };
  progress.startTracking();
  const report = await trackPaths(
    homotopy,
    source,
    { setup, pool: resources.pool, inline: resources.inline, firstTier: null },
    {
      seed,
      signal: options.signal,
      auditSize: options.auditSize ?? DEFAULT_AUDIT,
      onBatch: (ledger, stage) => progress.report(stage, ledger),
    },
  );
  const tracked = performance.now();
  progress.report('refining', report.ledger);
  const { solutions, warnings } = collectSolutions(numeric, homotopy, report.ledger);
  const { info, precision } = gpu;
  return {
    schemaVersion: SCHEMA_VERSION,
    system: { name: system.name, variables: system.variables, degrees: system.degrees },
    start: {
      kind: plan.kind,
      structure: namedStructure(system, plan),
      paths: source.total,
    },
    paths: report.ledger.counts(),
    failedPaths: [...report.ledger.failed.values()],
    solutions,
    counts: countSolutions(solutions),
    seed,
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

export function countSolutions(solutions: SolveResult['solutions']): SolveResult['counts'] {
  return {
    distinct: solutions.length,
    nonsingular: solutions.filter((solution) => !solution.singular).length,
    real: solutions.filter((solution) => solution.real).length,
  };
}

export function checkSeed(seed: number): number {
  if (!Number.isSafeInteger(seed) || seed < 0) {
    throw new SolveError(`seed must be a whole number from 0 to 2^53 - 1, got ${seed}`);
  }
  return seed;
}

function namedStructure(system: PolynomialSystem, plan: StartPlan) {
  return plan.structure.map((sets) =>
    sets.map((set) => set.map((variable) => system.variables[variable]!)),
  );
}

/** Calls `onProgress` at most ten times a second. */
export class ProgressReporter {
  private last = 0;
  private begin = performance.now();

  constructor(
    private readonly total: number,
    private readonly listener: ((progress: SolveProgress) => void) | undefined,
  ) {}

  startTracking(): void {
    this.begin = performance.now();
    this.last = 0;
  }

  report(stage: SolveProgress['stage'], ledger: PathLedger | null): void {
    if (!this.listener) return;
    const now = performance.now();
    if (stage === 'tracking' && now - this.last < 100) return;
    this.last = now;
    const done = ledger?.done ?? 0;
    const pathsPerSecond = (1000 * done) / Math.max(now - this.begin, 1);
    this.listener({
      stage,
      done,
      total: this.total,
      regular: ledger?.regular.size ?? 0,
      singular: ledger?.singular.size ?? 0,
      atInfinity: ledger?.atInfinity ?? 0,
      failed: ledger?.failed.size ?? 0,
      pathsPerSecond,
      secondsLeft: pathsPerSecond > 0 ? (this.total - done) / pathsPerSecond : Infinity,
    });
  }
}

