/** Solving the stationarity system of a network: from the LPS start, or from a solved family. */
import { solve, type SolvedMember, type SolveResult, type Precision } from '../homotopy/index.js';
import type { DataTable } from '../data/index.js';
import { minimaCompleteness } from '../minima/completeness-report.js';
import type { NetworkMinima } from '../minima/find-minima.js';
import { minimaReport, type MinimaReport } from '../minima/minima-report.js';
import type { NetworkFamily } from '../minima/network-family.js';
import type { ExactDocument, ExactReport } from '../minima/relu/exact-report.js';
import { exactMember } from '../polynomial/family.js';
import type { ParameterValue } from '../polynomial/index.js';
import { InterruptedError } from './errors.js';
import { solveDocument, type SolveDocument } from './solve-output.js';
import type { Session } from './session.js';

export interface NetworkSolveOptions {
  readonly seed: number;
  readonly precision: Precision;
  readonly maxPaths?: number;
  /** Begins the progress line. */
  readonly label?: string;
}

/** Follows all paths of the layer-grouped start to a member of the family. */
export function solveMember(
  session: Session,
  family: NetworkFamily,
  parameters: readonly ParameterValue[],
  { label, ...options }: NetworkSolveOptions,
): Promise<SolveResult> {
  return solve(session.gpu, family.gradient, {
    ...options,
    parameters,
    start: 'multihomogeneous',
    partition: family.layout.groups,
    certify: true,
    signal: session.signal,
    onProgress: session.progress(label),
  });
}

/**
 * Follows the solutions of a solved member to another.
 *
 * Always on the CPU: the few hundred paths of a family take less time there than a GPU needs to
 * compile their kernel (465 paths of 1-2-1 on SwiftShader: 0.3 s and 19 s, 2026-11-23).
 *
 * @throws InterruptedError when it was stopped before the first path
 */
export async function followMember(
  session: Session,
  family: NetworkFamily,
  base: SolvedMember,
  parameters: readonly ParameterValue[],
  options: Pick<NetworkSolveOptions, 'seed' | 'label'>,
): Promise<SolveResult> {
  const [result] = await solve(session.gpu, family.gradient, {
    from: base,
    targets: [parameters],
    seed: options.seed,
    precision: 'f64',
    certify: true,
    signal: session.signal,
    onProgress: session.progress(options.label),
  });
  if (result === undefined) throw new InterruptedError('stopped before there was a result');
  return result;
}

/** The JSON of `lps minima`. */
export interface MinimaDocument extends SolveDocument, MinimaReport {
  /** Rows as the network sees them, standardised or raw. */
  readonly samples: DataTable;
  /** null where the true network was not enumerated. */
  readonly exact: ExactReport | null;
  /** The file of the solved family that the paths came from; null after a full solve. */
  readonly family: string | null;
}

/** Joins a solve, what was made of it, and the true network's minima where they were enumerated. */
export function minimaDocument(
  result: SolveResult,
  minima: NetworkMinima,
  family: string | null,
  exact: ExactDocument | null = null,
): MinimaDocument {
  const { problem } = minima;
  return {
    ...solveDocument(result, exactMember(problem.family.gradient, problem.point.parameters)),
    ...minimaReport(minima),
    samples: {
      inputs: problem.options.data.inputs,
      targets: problem.options.data.targets,
    },
    family,
    exact: exact?.exact ?? null,
    completeness: [
      ...result.completeness,
      ...minimaCompleteness(minima),
      ...(exact?.completeness ?? []),
    ],
    warnings: [...result.warnings, ...minima.warnings],
  };
}
