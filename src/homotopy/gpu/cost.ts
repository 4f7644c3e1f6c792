/**
 * Whether the GPU stage pays for its compilation, and which of its kernels.
 *
 * On hardware it nearly always does. A software adapter shares the CPU with the f64 stage and is no faster there:
 * it saves the f64 stage the steps to s = 0.1 and some below, once some tenths of a second to two seconds of compiling have
 * been paid. Its cooperative kernel, which replaces straight-line code that is too long to compile, costs it more than
 * the f64 stage takes.
 */
import type { HomotopyStructure } from '../program/homotopy.js';
import {
  MOST_COLUMNS,
  operationsPerIteration,
  productsPerIteration,
  type TrackerKernel,
} from './generate.js';

/** On hardware compiling takes longer than following fewer paths than this in f64. */
const FEWEST_PATHS = 64;
/**
 * Seconds that a path which the GPU has begun costs the f64 stage less, on a software adapter. `node harness/run.mjs
 * solver-costs --ways f64,gpu`, SwiftShader, 2026-11-28, CPU ms per path of second solves: noon-5 0.19, noon-6 0.24,
 * katsura-8 0.27, katsura-10 0.15, cyclic-7 from mixed cells 0.28; eco-9 from mixed cells 1.0, reimer-5 nothing.
 */
const SAVED_PER_PATH = 2e-4;
/**
 * Operations of a Newton iteration from which it is the GPU stage that costs more, compiled or not (its
 * numbers no longer fit into registers, while f64 eliminates a Jacobian with few entries in a static order). Families of
 * computer vision, as above, milliseconds per path with f64 and gpu: 4view_triangulation (10,476 operations) 0.57 and 0.36,
 * 5pt_rel_pos_geo (12,923) 0.72 and 0.59, 6pt_RS_abs_pos (13,673) 1.13 and 0.93; uncalibrated_trifocal_CY (20,563) 1.10 and
 * 1.56, generalized_3views (21,217) 0.83 and 0.96, 5pt_rel_pos_full (23,518) 1.04 and 1.66.
 */
const LONGEST_ON_SOFTWARE = 16_000;
/** Of systems smaller than those; they save less. */
const FEWEST_ON_SOFTWARE = 1000;

export interface KernelCosts {
  /** Operations of a Newton iteration that the compiler may be given as straight-line code. */
  readonly budget: number;
  /** Seconds to compile one of them. */
  readonly compiling: number;
  /** Seconds to compile the cooperative kernel, the first time. */
  readonly cooperative: number;
  /** Seconds that a path takes longer in the cooperative kernel, per operation. */
  readonly slower: number;
}

/**
 * SwiftShader takes 0.1 ms of CPU per operation (same runs: 0.10 for noon-5, noon-6 and katsura-8, 0.08 for katsura-10 and
 * cyclic-7, 0.14 for eco-9), more for long code (a pole placement of 23,529 operations 7.4 s, 2026-11-23), so the budget is
 * below 10 s. The cooperative kernel compiles in 1.3 to 3 s and takes it some 20 ns longer per operation and iteration
 * (katsura-8: 41 in place of 1.8 us an iteration, 2026-11-27).
 */
const SOFTWARE: KernelCosts = { budget: 28_000, compiling: 1e-4, cooperative: 3, slower: 2e-6 };
/**
 * An H200's driver takes 0.25 ms per operation (docs/results/hardware-h200.md). The cooperative kernel was not measured on a
 * card: that loops over tables cost it 0.17 ns per path and operation more than straight-line code, one lane a path, and that a
 * lane per row costs ten times as much is an assumption.
 */
const HARDWARE: KernelCosts = { budget: 10_000, compiling: 2.5e-4, cooperative: 1, slower: 2e-9 };

interface Adapter {
  readonly software: boolean;
}

/** What the model is fed with, and what follows from it: `lps info` shows it. */
export interface TrackerCosts extends KernelCosts {
  /** Most unknowns that the GPU follows. */
  readonly mostUnknowns: number;
  readonly choices: readonly TrackerChoiceBySize[];
}

/** For a structure of so many operations in a Newton iteration. */
export interface TrackerChoiceBySize {
  readonly operations: number;
  /** Paths from which a solve uses the GPU without being told to; null for never. */
  readonly fewestPaths: number | null;
  /** Paths up to which the cooperative kernel has followed them first, compiling and all: 0 for none, null for however many. */
  readonly cooperativeUpTo: number | null;
}

/** From three unknowns to what is too long for one compilation: katsura-10 has 10,700. */
const SIZES = [300, 1_000, 3_000, 10_000, 30_000, 100_000];

export function trackerCosts(adapter: Adapter): TrackerCosts {
  const costs = costsOf(adapter);
  return {
    ...costs,
    mostUnknowns: MOST_COLUMNS,
    choices: SIZES.map((operations) => {
      const fewest = fewestPaths(operations, adapter);
      const most = cooperativeUpTo(operations, costs);
      return {
        operations,
        fewestPaths: fewest === Infinity ? null : fewest,
        cooperativeUpTo: most === Infinity ? null : most,
      };
    }),
  };
}

export function isWorthTheGpu(
  structure: HomotopyStructure,
  paths: number,
  adapter: Adapter,
): boolean {
  return (
    structure.variables <= MOST_COLUMNS &&
    paths >= fewestPaths(operationsOf(structure, adapter), adapter)
  );
}

/** The kernel that has followed so many paths of a structure first, compiling and all. */
export function chooseKernel(
  structure: HomotopyStructure,
  paths: number,
  adapter: Adapter,
): TrackerKernel {
  const most = cooperativeUpTo(operationsOf(structure, adapter), costsOf(adapter));
  return paths <= most ? 'cooperative' : 'straight-line';
}

function costsOf({ software }: Adapter): KernelCosts {
  return software ? SOFTWARE : HARDWARE;
}

/** Infinity beyond the budget, where the code that is to be counted takes a second to write (7,500 terms of degree 60). */
function operationsOf(structure: HomotopyStructure, adapter: Adapter): number {
  return productsPerIteration(structure) > costsOf(adapter).budget
    ? Infinity
    : operationsPerIteration(structure);
}

function fewestPaths(operations: number, { software }: Adapter): number {
  if (!software) return FEWEST_PATHS;
  if (operations > LONGEST_ON_SOFTWARE) return Infinity;
  return Math.max(
    FEWEST_ON_SOFTWARE,
    Math.ceil((SOFTWARE.compiling * operations) / SAVED_PER_PATH),
  );
}

function cooperativeUpTo(
  operations: number,
  { budget, compiling, cooperative, slower }: KernelCosts,
): number {
  if (operations > budget) return Infinity;
  const spared = compiling * operations - cooperative;
  return Math.max(0, Math.ceil(spared / (slower * operations)) - 1);
}
