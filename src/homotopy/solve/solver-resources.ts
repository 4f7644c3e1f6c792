/**
 * What a device keeps for the solver: worker threads, and compiled code per structure.
 *
 * Another seed, another parameter set or another data set of the same structure compiles nothing.
 */
import { CpuDevice, type Device, type GpuDevice } from '../../gpu/index.js';
import { inSlices } from '../../math/stepwise.js';
import type { EngineSetup } from '../track/jobs.js';
import { WorkerPool } from '../track/pool.js';
import type { DeviceStartTable, GpuTracker, TrackerKernel } from '../gpu/index.js';
import type { Homotopy, HomotopyStructure } from '../program/homotopy.js';
import type { StartStore } from './kept-starts.js';
import type { CellSearch, PolyhedralPlan, StartPlan, StartSearch } from '../start/index.js';
import type { TrackerChoice } from './solve-options.js';

export interface TrackerWish {
  /** Whether paths are taken to their ends on the GPU. */
  readonly endgame: boolean;
  readonly choice: TrackerChoice;
  /** How many there are to follow. */
  readonly paths: number;
}

export class SolverResources {
  readonly pool: WorkerPool;
  /** Keeps starts that took long to find, for other processes. */
  startStore: StartStore | null = null;
  private readonly setups = new Map<string, EngineSetup>();
  private readonly trackers = new Map<string, GpuTracker>();
  private readonly starts = new Searches<StartSearch, StartPlan | undefined>();
  private readonly cells = new Searches<CellSearch, PolyhedralPlan | null>();
  private readonly keys = new WeakMap<HomotopyStructure, string>();
  private readonly asked = new Map<string, number>();

  constructor(device: GpuDevice | CpuDevice) {
    this.pool = new WorkerPool(device.workers);
  }

  /** Compiled kernels for a structure; `table` null for given start points. */
  async tracker(
    gpu: GpuDevice,
    homotopy: Homotopy,
    table: DeviceStartTable | null,
    { endgame, choice, paths }: TrackerWish,
  ): Promise<GpuTracker> {
    const { structure } = homotopy;
    const stage = await import('../gpu/index.js');
    const kernel = await this.trackerKernel(gpu, homotopy, { endgame, choice, paths });
    const key = this.trackerKey(structure, kernel, endgame);
    let tracker = this.trackers.get(key);
    // Those of a device that was lost are of no use on the one in its place.
    if (tracker && tracker.gpu !== gpu) {
      this.trackers.delete(key);
      tracker.close();
      tracker = undefined;
    }
    if (!tracker) {
      tracker = await stage.GpuTracker.create(gpu, structure, table, { endgame, kernel });
      this.trackers.set(key, tracker);
      if (this.trackers.size > LARGEST_CACHE) {
        const [oldest, discarded] = this.trackers.entries().next().value!;
        this.trackers.delete(oldest);
        discarded.close();
      }
    }
    return tracker;
  }

  /** Which kernel `tracker` would be. */
  async trackerKernel(
    gpu: GpuDevice,
    { structure }: Homotopy,
    { endgame, choice, paths }: TrackerWish,
  ): Promise<TrackerKernel> {
    if (choice !== 'auto') return choice;
    // What has been compiled is the fastest.
    if (this.trackers.has(this.trackerKey(structure, 'straight-line', endgame)))
      return 'straight-line';
    const { chooseKernel } = await import('../gpu/index.js');
    return chooseKernel(structure, paths, gpu.info);
  }

  private trackerKey(
    structure: HomotopyStructure,
    kernel: TrackerKernel,
    endgame: boolean,
  ): string {
    return `${this.key(structure)} ${kernel}${endgame ? ' to the end' : ''}`;
  }

  /** Paths of a structure that were to be followed so far, with so many more. */
  pathsAskedFor(structure: HomotopyStructure, paths: number): number {
    const key = this.key(structure);
    const all = (this.asked.get(key) ?? 0) + paths;
    // The structure asked for last is the last to be forgotten.
    this.asked.delete(key);
    this.asked.set(key, all);
    if (this.asked.size > LARGEST_CACHE) this.asked.delete(this.asked.keys().next().value!);
    return all;
  }

  /** Compiled f64 code for a structure. */
  async setup(homotopy: Homotopy): Promise<EngineSetup> {
    const key = this.key(homotopy.structure);
    let setup = this.setups.get(key);
    if (!setup) {
      const { compileKernels } = await import('../newton/kernels.js');
      setup = {
        structure: homotopy.structure,
        compiled: await compileKernels(homotopy.structure),
      };
      this.setups.set(key, setup);
      this.discardOld();
    }
    return setup;
  }

  /** The start that a search finds; what was searched once is known. @throws as `WorkerPool.searchStart` */
  searchStart(search: StartSearch, signal?: AbortSignal): Promise<StartPlan | undefined> {
    return this.starts.get(search, async (key) => {
      const { startStore: store } = this;
      if (!store) return this.pool.searchStart(search, signal);
      const { readLinear, writeLinear } = await import('./kept-starts.js');
      const kept = readLinear(await store.load(key));
      if (kept) return kept;
      const begin = performance.now();
      const plan = await this.pool.searchStart(search, signal);
      if (plan && performance.now() - begin > WORTH_KEEPING_MS)
        await store.save(key, writeLinear(plan));
      return plan;
    });
  }

  /** The same for mixed cells. @throws as `WorkerPool.polyhedralPlan` */
  polyhedralPlan(search: CellSearch, signal?: AbortSignal): Promise<PolyhedralPlan | null> {
    return this.cells.get(search, async () => {
      const { startStore: store } = this;
      if (!store) return this.pool.polyhedralPlan(search, signal);
      const { cellKey, readCells, writeCells } = await import('./kept-starts.js');
      const key = cellKey(search);
      const kept = readCells(await store.load(key));
      if (kept) {
        const { polyhedralPlanOf } = await import('../start/polyhedral/polyhedral-plan.js');
        const { exponents, groups, mostWork } = search;
        if (kept.work > mostWork) return null;
        return inSlices(polyhedralPlanOf(exponents, groups, kept), signal);
      }
      const begin = performance.now();
      const plan = await this.pool.polyhedralPlan(search, signal);
      if (plan && performance.now() - begin > WORTH_KEEPING_MS)
        await store.save(key, writeCells(plan));
      return plan;
    });
  }

  /** Structures that are equal share their code, whoever made them. */
  private key(structure: HomotopyStructure): string {
    let key = this.keys.get(structure);
    if (key === undefined) {
      key = JSON.stringify(structure);
      this.keys.set(structure, key);
    }
    return key;
  }

  close(): void {
    this.pool.close();
    for (const tracker of this.trackers.values()) tracker.close();
  }

  private discardOld(): void {
    for (const [key, setup] of this.setups) {
      if (this.setups.size <= LARGEST_CACHE) return;
      this.setups.delete(key);
      this.pool.forget(setup);
    }
  }
}

/** What was found for the searches asked for last; they are deterministic. */
class Searches<Search, Found> {
  private readonly found = new Map<string, Found>();

  async get(search: Search, run: (key: string) => Promise<Found>): Promise<Found> {
    const key = JSON.stringify(search, (_, value: unknown) => (value === Infinity ? 'all' : value));
    const known = this.found.get(key);
    if (known !== undefined || this.found.has(key)) return known as Found;
    const found = await run(key);
    this.found.set(key, found);
    if (this.found.size > LARGEST_CACHE) this.found.delete(this.found.keys().next().value!);
    return found;
  }
}

const LARGEST_CACHE = 32;
const WORTH_KEEPING_MS = 20;
const byDevice = new WeakMap<GpuDevice | CpuDevice, SolverResources>();
let withoutDevice: CpuDevice | undefined;

/** The resources of a device, made at first use and closed with it; all callers without a device share some. */
export function solverResources(device: Device): SolverResources {
  const owner = device ?? (withoutDevice ??= new CpuDevice());
  let resources = byDevice.get(owner);
  if (!resources) {
    resources = new SolverResources(owner);
    byDevice.set(owner, resources);
    owner.own(resources);
  }
  return resources;
}

/** Gives a device's solves a place for starts that took long to find. */
export function setStartStore(device: Device, store: StartStore): void {
  solverResources(device).startStore = store;
}
