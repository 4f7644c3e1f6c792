/**
 * Start systems as texts, for a store that keeps them for other processes: searches take up to a minute.
 */
import type { CellSearch, PolyhedralPlan, StartPlan } from '../start/index.js';

/** Texts by key, of any length. */
export interface StartStore {
  /** What was saved last under a key; undefined where there is nothing, or it is damaged. */
  load(key: string): Promise<string | undefined>;
  save(key: string, text: string): Promise<void>;
}

export function writeLinear(plan: StartPlan): string {
  return JSON.stringify({ ...plan, paths: String(plan.paths) });
}

/** A plan that was kept; null where there is none, or it is none. */
export function readLinear(text: string | undefined): StartPlan | null {
  const plan = parsed<Omit<StartPlan, 'paths'> & { readonly paths: string }>(text);
  return plan && Array.isArray(plan.structure) && Array.isArray(plan.groups)
    ? { ...plan, paths: BigInt(plan.paths) }
    : null;
}

/** Cells are those of the exponents: budgets and projective spaces are no part of it. */
export function cellKey({ exponents }: CellSearch): string {
  return `cells of ${JSON.stringify(exponents)}`;
}

/** Lifting, and cells as [volume, edges]. */
export function writeCells({ lifting, cells, work }: PolyhedralPlan): string {
  const rows = cells.map(({ volume, edges }) => [String(volume), edges]);
  return JSON.stringify({ lifting, work, cells: rows });
}

/** What was kept of a plan; the rest follows from the search. null where there is nothing, or it is something else. */
export function readCells(
  text: string | undefined,
): Pick<PolyhedralPlan, 'lifting' | 'cells' | 'work' | 'paths'> | null {
  const kept = parsed<{
    readonly lifting?: PolyhedralPlan['lifting'];
    readonly work?: number;
    readonly cells?: readonly (readonly [string, readonly number[]])[];
  }>(text);
  if (!kept?.lifting || !kept.cells || kept.work === undefined) return null;
  const cells = kept.cells.map(([volume, edges]) => ({ volume: BigInt(volume), edges }));
  const paths = cells.reduce((sum, { volume }) => sum + volume, 0n);
  return { lifting: kept.lifting, cells, work: kept.work, paths };
}

function parsed<Content>(text: string | undefined): Content | null {
  if (text === undefined) return null;
  try {
    const content: unknown = JSON.parse(text);
    return typeof content === 'object' ? (content as Content | null) : null;
  } catch {
    return null;
  }
}
