/**
 * Whether the GPU stage pays for its compilation, and which of its kernels.
 *
 * On hardware it nearly always does. A software adapter shares the CPU with the f64 stage and is no faster there:
 * it saves the f64 stage the steps to s = 0.1 and some below, once one to two seconds of compiling have
 * been paid. Its cooperative kernel, which replaces straight-line code that is too long to compile, costs it more than
 * the f64 stage takes.
 */
import type { HomotopyStructure } from '../program/homotopy.js';
import { MOST_COLUMNS, operationsPerIteration, type TrackerKernel } from './generate.js';

/** On hardware compiling takes longer than following fewer paths than this in f64. */
const FEWEST_PATHS = 64;
/**
 * The same for a software adapter, in paths times operations of a Newton iteration. CPU seconds with and
 * without the GPU stage, SwiftShader, 2026-11-26: katsura-6 (64 paths) 3.1 and 2.0, cyclic-6 (588) 4.1 and
 * 3.0, katsura-10 (1,024) 6.1 and 6.4, cyclic-7 (3,645) 9.3 and 10.9. Operations were a fifth
 * fewer then, before rows were exchanged, here and below.
 */
const LEAST_SOFTWARE_WORK = 9.5e6;

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
 * SwiftShader takes 0.3 ms of CPU per operation (katsura-10 2.6 s, 10 quadratic surfaces 5.6 s, a pole placement of 23,529
 * operations 7.4 s, 2026-11-23), so the budget is below 10 s. The cooperative kernel compiles in 1.3 to 3 s and takes it some
 * 20 ns longer per operation and iteration (katsura-8: 41 in place of 1.8 us an iteration, 2026-11-27).
 */
const SOFTWARE: KernelCosts = { budget: 28_000, compiling: 3e-4, cooperative: 3, slower: 2e-6 };
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

/** Of katsura-4, cyclic-7, general cubics in six unknowns, and what is too long for one compilation. */
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
    paths >= fewestPaths(operationsPerIteration(structure), adapter)
  );
}

/** The kernel that has followed so many paths of a structure first, compiling and all. */
export function chooseKernel(
  structure: HomotopyStructure,
  paths: number,
  adapter: Adapter,
): TrackerKernel {
  const most = cooperativeUpTo(operationsPerIteration(structure), costsOf(adapter));
  return paths <= most ? 'cooperative' : 'straight-line';
}

function costsOf({ software }: Adapter): KernelCosts {
  return software ? SOFTWARE : HARDWARE;
}

function fewestPaths(operations: number, { software }: Adapter): number {
  if (!software) return FEWEST_PATHS;
  if (operations > SOFTWARE.budget) return Infinity;
  return Math.max(FEWEST_PATHS, Math.ceil(LEAST_SOFTWARE_WORK / operations));
}

function cooperativeUpTo(
  operations: number,
  { budget, compiling, cooperative, slower }: KernelCosts,
): number {
  if (operations > budget) return Infinity;
  const spared = compiling * operations - cooperative;
  return Math.max(0, Math.ceil(spared / (slower * operations)) - 1);
}
