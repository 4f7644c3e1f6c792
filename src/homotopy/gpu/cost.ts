/**
 * Whether the GPU stage pays for its compilation.
 *
 * On hardware nearly always. A software adapter shares the CPU with the f64 stage and is no faster there:
 * it saves the f64 stage the steps to s = 0.1 and some below, once one to two seconds of compiling have
 * been paid, and its tables, which replace straight-line code that is too long to compile, cost it three
 * to six times what the f64 stage takes (twenty unknowns in quadratic equations: 25 s against 8 s).
 */
import type { HomotopyStructure } from '../program/homotopy.js';
import { MOST_COLUMNS, operationsPerIteration } from './generate.js';
import { SOFTWARE_BUDGET } from './tracker-kernels.js';

/** On hardware compiling takes longer than following fewer paths than this in f64. */
const FEWEST_PATHS = 64;
/**
 * The same for a software adapter, in paths times operations of a Newton iteration. CPU seconds with and
 * without the GPU stage, SwiftShader, 2026-11-26: katsura-6 (64 paths) 3.1 and 2.0, cyclic-6 (588) 4.1 and
 * 3.0, katsura-10 (1,024) 6.1 and 6.4, cyclic-7 (3,645) 9.3 and 10.9.
 */
const LEAST_SOFTWARE_WORK = 8e6;

export function isWorthTheGpu(
  structure: HomotopyStructure,
  paths: number,
  adapter: { readonly software: boolean },
): boolean {
  if (paths < FEWEST_PATHS || structure.variables > MOST_COLUMNS) return false;
  if (!adapter.software) return true;
  const operations = operationsPerIteration(structure);
  return operations <= SOFTWARE_BUDGET && paths * operations >= LEAST_SOFTWARE_WORK;
}
