/**
 * The compiled kernels of one homotopy structure and what the host must know to feed them.
 */
import type { GpuDevice, Kernel, Shader, ShaderStruct } from '../../gpu/index.js';
import { nextTurn } from '../../math/stepwise.js';
import { RECORD_HEADER } from './status.js';
import { trackerAdvance } from '../../generated/shaders/tracker/advance.js';
import { trackerBegin } from '../../generated/shaders/tracker/begin.js';
import { trackerCollect } from '../../generated/shaders/tracker/collect.js';
import { trackerRefine } from '../../generated/shaders/tracker/refine.js';
import { trackerStartCells } from '../../generated/shaders/tracker/start-cells.js';
import { trackerStartProduct } from '../../generated/shaders/tracker/start-product.js';
import { trackerStartRoots } from '../../generated/shaders/tracker/start-roots.js';
import type { HomotopyStructure } from '../program/homotopy.js';
import { lanesFor } from './cooperative.js';
import {
  coefficientVectors,
  generateTracker,
  startCoefficientCount,
  type TrackerKernel,
} from './generate.js';
import { specialize } from './template.js';
import { refineTables, type RefineTables } from './program-tables.js';
import { flattenStart, type DeviceStartTable } from './start-tables.js';

/** SwiftShader: 4 to 256 within 10%, 32 spreads small jobs over the cores; a GPU's subgroup size. */
const WORKGROUP_SIZE = 32;
/** Points rarely drift far within a dozen steps: 4 iterations cost 20% more, 8 to 16 are equal within 10% (2026-11-23). */
const ITERATIONS_PER_CHART = 12;
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
  /** Of a path's status in its control, in bytes. */
  readonly statusOffset: number;
  readonly vectorsPerPath: number;
  readonly operationsPerIteration: number;
  readonly iterationsPerChart: number;
  readonly pathsPerWorkgroup: number;
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
  readonly system: Uint32Array<ArrayBuffer>;
}

const startShaders = {
  'tracker/start-roots': trackerStartRoots,
  'tracker/start-product': trackerStartProduct,
  'tracker/start-cells': trackerStartCells,
};

/** @throws GpuCompileError, RangeError for a structure the tracker cannot handle. */
export async function compileTracker(
  gpu: GpuDevice,
  structure: HomotopyStructure,
  table: DeviceStartTable | null,
  {
    refined,
    kernel,
    lanes,
  }: {
    readonly refined: boolean;
    readonly kernel: TrackerKernel;
    readonly lanes?: number | undefined;
  },
): Promise<TrackerKernels> {
  const { coordinates, program, groups } = structure;
  const generated = generateTracker(structure, {
    kernel,
    lanes: lanes ?? lanesFor(structure, gpu.info),
    hoistCoefficients: gpu.info.software,
    workgroupSize: WORKGROUP_SIZE,
    iterationsPerChart: ITERATIONS_PER_CHART,
  });
  // A page does something else between writing the code and handing it over: each takes it ten milliseconds.
  await nextTurn();
  const { pathsPerWorkgroup } = generated;
  const flat = table ? flattenStart(structure, table) : null;
  const constants = { COORDINATES: coordinates };
  const fixed = (shader: Shader, values: Readonly<Record<string, number>>): Promise<Kernel> =>
    gpu.createKernel(shader, { code: specialize(shader.code, values) });
  const tables = refineTables(structure);
  await nextTurn();
  const [begin, start, track, advance, collect, refine] = await Promise.all([
    fixed(trackerBegin, { ...constants, VECTORS: generated.runningVectors }),
    flat ? fixed(startShaders[flat.kernel], flat.constants) : null,
    gpu.createKernel(generated.shader),
    fixed(trackerAdvance, { PATHS_PER_WORKGROUP: pathsPerWorkgroup }),
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
    statusOffset: structs.PathControl!.members.status!.offset,
    vectorsPerPath: generated.vectorsPerPath,
    operationsPerIteration: generated.operationsPerIteration,
    iterationsPerChart: ITERATIONS_PER_CHART,
    pathsPerWorkgroup,
    recordWords: RECORD_HEADER + 2 * coordinates,
    pointLength: 2 * coordinates,
    targetBytes: 16 * coefficientVectors(program.data, program.real),
    realTarget: program.real,
    startBytes: 16 * coefficientVectors(startCoefficientCount(structure), false),
    startTable: flat?.words ?? new Uint32Array(1),
    startValues: flat?.values ?? 1,
    system: generated.system,
    groupOrder: Uint32Array.from(
      groups.flatMap((group) => group.map((j, k) => (k + 1 === group.length ? j + GROUP_END : j))),
    ),
  };
}
