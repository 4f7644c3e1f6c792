/**
 * The compiled kernels of one homotopy structure and what the host must know to feed them.
 */
import type { GpuDevice, Kernel, Shader, ShaderStruct } from '../../gpu/index.js';
import { RECORD_HEADER } from './status.js';
import { trackerAdvance } from '../../generated/shaders/tracker/advance.js';
import { trackerBegin } from '../../generated/shaders/tracker/begin.js';
import { trackerCollect } from '../../generated/shaders/tracker/collect.js';
import { trackerRefine } from '../../generated/shaders/tracker/refine.js';
import { trackerStartProduct } from '../../generated/shaders/tracker/start-product.js';
import { trackerStartRoots } from '../../generated/shaders/tracker/start-roots.js';
import type { HomotopyStructure } from '../program/homotopy.js';
import type { StartTable } from '../start/index.js';
import {
  coefficientVectors,
  generateTracker,
  specialize,
  startCoefficientCount,
} from './generate.js';
import { refineTables, type RefineTables } from './program-tables.js';
import { flattenStart } from './start-tables.js';

/** SwiftShader: 4 to 256 within 10%, 32 spreads small jobs over the cores; a GPU's subgroup size. */
const WORKGROUP_SIZE = 32;
/** Points rarely drift far within a dozen steps: 4 iterations cost 20% more, 8 to 16 are equal within 10% (2026-11-23). */
const ITERATIONS_PER_CHART = 12;
/**
 * Operations per iteration that a compiler may be given. SwiftShader takes 0.3 ms of CPU per operation
 * (katsura-10 2.6 s, 10 quadratic surfaces 5.6 s, a pole placement of 23,529 operations 7.4 s, 2026-11-23), so
 * this is below 10 s. LLVM-based drivers are known to be several times slower.
 */
export const SOFTWARE_BUDGET = 28_000;
const HARDWARE_BUDGET = 10_000;
const GROUP_END = 0x80000000;

export interface TrackerKernels {
  readonly begin: Kernel;
  /** Makes start points from path ids; null when the caller brings them. */
  readonly start: Kernel | null;
  readonly track: Kernel;
  readonly advance: Kernel;
  readonly collect: Kernel;
  /** Double-single refinement of arrivals; null when the f64 stage does it. */
  readonly refine: Kernel | null;
  readonly refineTables: RefineTables;
  readonly all: readonly Kernel[];
  readonly roundLayout: ShaderStruct;
  readonly countersSize: number;
  readonly controlSize: number;
  readonly vectorsPerPath: number;
  readonly operationsPerIteration: number;
  readonly iterationsPerChart: number;
  readonly workgroupSize: number;
  readonly recordWords: number;
  /** Reals of a point, 2 N. */
  readonly pointLength: number;
  /** Bytes of one family member's target coefficients, and whether only real parts are stored. */
  readonly targetBytes: number;
  readonly realTarget: boolean;
  readonly startBytes: number;
  readonly startTable: Uint32Array<ArrayBuffer>;
  /** Complex start values (see start-tables.ts). */
  readonly startValues: number;
  readonly groupOrder: Uint32Array<ArrayBuffer>;
  readonly systemTable: Uint32Array<ArrayBuffer>;
}

const startShaders = {
  'tracker/start-roots': trackerStartRoots,
  'tracker/start-product': trackerStartProduct,
};

/** @throws GpuCompileError, RangeError for a structure the tracker cannot handle. */
export async function compileTracker(
  gpu: GpuDevice,
  structure: HomotopyStructure,
  table: StartTable | null,
  {
    refined,
    operationsBudget,
  }: {
    readonly refined: boolean;
    readonly operationsBudget?: number | undefined;
  },
): Promise<TrackerKernels> {
  const { coordinates, program, groups } = structure;
  const generated = generateTracker(structure, {
    operationsBudget: operationsBudget ?? (gpu.info.software ? SOFTWARE_BUDGET : HARDWARE_BUDGET),
    hoistCoefficients: gpu.info.software,
    workgroupSize: WORKGROUP_SIZE,
    iterationsPerChart: ITERATIONS_PER_CHART,
  });
  const flat = table ? flattenStart(structure, table) : null;
  const constants = { COORDINATES: coordinates };
  const fixed = (shader: Shader, values: Readonly<Record<string, number>>): Promise<Kernel> =>
    gpu.createKernel(shader, { code: specialize(shader.code, values) });
  const tables = refineTables(structure);
  const [begin, start, track, advance, collect, refine] = await Promise.all([
    fixed(trackerBegin, { ...constants, VECTORS: generated.runningVectors }),
    flat ? fixed(startShaders[flat.kernel], flat.constants) : null,
    gpu.createKernel(generated.shader),
    fixed(trackerAdvance, { WORKGROUP_SIZE }),
    fixed(trackerCollect, { ...constants, SAVED: generated.runningVectors }),
    refined ? fixed(trackerRefine, tables.constants) : null,
  ]);
  const { structs } = generated.shader;
  return {
    begin,
    start,
    track,
    advance,
    collect,
    refine,
    refineTables: tables,
    all: [begin, track, advance, collect, ...(start ? [start] : []), ...(refine ? [refine] : [])],
    roundLayout: structs.Round!,
    countersSize: structs.Counters!.size,
    controlSize: structs.PathControl!.size,
    vectorsPerPath: generated.vectorsPerPath,
    operationsPerIteration: generated.operationsPerIteration,
    iterationsPerChart: ITERATIONS_PER_CHART,
    workgroupSize: WORKGROUP_SIZE,
    recordWords: RECORD_HEADER + 2 * coordinates,
    pointLength: 2 * coordinates,
    targetBytes: 16 * coefficientVectors(program.data, program.real),
    realTarget: program.real,
    startBytes: 16 * coefficientVectors(startCoefficientCount(structure), false),
    startTable: flat?.words ?? new Uint32Array(1),
    startValues: flat?.values ?? 1,
    systemTable: generated.systemTable,
    groupOrder: Uint32Array.from(
      groups.flatMap((group) => group.map((j, k) => (k + 1 === group.length ? j + GROUP_END : j))),
    ),
  };
}
