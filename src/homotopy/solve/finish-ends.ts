/**
 * Ends by the million to solutions: refining, condition numbers and proofs take longer than tracking, so
 * they are the workers' work too.
 */
import { Grace } from '../../math/grace.js';
import type { Items, RowStorage } from '../../math/rows.js';
import { inSlices, type Stepwise } from '../../math/stepwise.js';
import type { Units } from '../../polynomial/scaling.js';
import type { NumericSystem } from '../../polynomial/system.js';
import type * as certify from '../certify/index.js';
import type { Homotopy } from '../program/homotopy.js';
import type { EngineSetup } from '../track/jobs.js';
import type { WorkerPool } from '../track/pool.js';
import type { EndBatch, EndFinisher } from '../track/workshop.js';
import { SolutionFinisher, type Certification } from './finish.js';
import { pathOf, type EndPoint } from './regular-ends.js';
import { setCluster, SolutionTable, widthOf } from './solution-table.js';

/** What makes a finisher, in any thread. */
export interface FinisherSetup {
  readonly system: NumericSystem;
  readonly homotopy: Homotopy;
  readonly units: Units;
  readonly engine: EngineSetup;
  readonly certify: boolean;
}

/** What a worker that has the structure needs besides. */
type PostedSetup = Omit<FinisherSetup, 'homotopy' | 'engine'> & {
  readonly homotopy: Omit<Homotopy, 'structure'>;
};

/**
 * Fewer ends than these are finished in the calling thread: where workers are there, because messages to them cost more than
 * the work; where they would have to be started, because each takes 200 ms of CPU for that and compiles everything again
 * (noon-7, whose paths end on the GPU: 90 us a path outside kernels, 58 without workers). Proofs are more work.
 */
const INLINE = { ends: 160, proofs: 48 };
const INLINE_BEFORE_A_START = { ends: 8192, proofs: 2048 };
/** Ends per message to a worker. */
const CHUNK = 64;
/** Messages on their way: bounds memory. */
const BACKLOG = 16;
/** Ends at a time in the calling thread after an abort. */
const FEW = 4;

/** What proves solutions, and that they are different: loaded where it is asked for. */
export type Proofs = typeof certify;

export interface FinishOptions {
  /** Where solutions are kept. Default: in memory. */
  readonly storage?: RowStorage | undefined;
  readonly onProgress?: (done: number) => void;
}

/** @param certification null where it is not loaded; the setup says whether it is asked for */
export function makeFinisher(
  { system, homotopy, units, engine, certify }: FinisherSetup,
  certification: Certification | null,
) {
  // What is made of a structure is kept with the object that all its solves share.
  const { compiled, structure } = engine;
  const shared = { ...homotopy, structure };
  return new SolutionFinisher(system, shared, units, compiled, certify ? certification : null);
}

/** What a worker does with what `EndWorks` posts: it is `Workshop`'s. */
export function makeEndFinisher(
  setup: unknown,
  engine: EngineSetup,
  certification: Certification,
): EndFinisher {
  const { homotopy, ...rest } = setup as PostedSetup;
  const { structure } = engine;
  const finisher = makeFinisher(
    { ...rest, engine, homotopy: { ...homotopy, structure } },
    certification,
  );
  return { finish: (ends) => finishBatch(finisher, rest, ends) };
}

/** Solutions as threads exchange them. */
interface FinishedBatch {
  readonly count: number;
  /** Of a `SolutionTable`. */
  readonly rows: Float64Array;
  /** Four numbers per unknown; NaN where nothing was proved. */
  readonly boxes: Float64Array | null;
}

function* finishBatch(
  finisher: SolutionFinisher,
  { system: { variables }, certify }: Pick<FinisherSetup, 'system' | 'certify'>,
  { points, pivotRatios }: EndBatch,
): Stepwise<FinishedBatch> {
  const count = pivotRatios.length;
  const length = points.length / count;
  const width = widthOf(variables.length);
  const rows = new Float64Array(count * width);
  const boxLength = 4 * variables.length;
  const boxes = certify ? new Float64Array(count * boxLength).fill(NaN) : null;
  for (let k = 0; k < count; k++) {
    const point = points.subarray(k * length, (k + 1) * length);
    const row = rows.subarray(k * width, (k + 1) * width);
    const box = finisher.finishInto(row, point, pivotRatios[k]!, NONSINGULAR);
    if (box) boxes!.set(box, k * boxLength);
    yield;
  }
  return { count, rows, boxes };
}

const NOTHING: FinishedBatch = { count: 0, rows: new Float64Array(), boxes: null };
const NONSINGULAR = { singular: false, winding: 1, paths: 1, cluster: null };

/** Nonsingular ends on their way to solutions, of one homotopy. */
export class EndWorks {
  private readonly posted: PostedSetup;

  /** @param finisher of the setup, for what is done in this thread. */
  constructor(
    private readonly pool: WorkerPool,
    private readonly setup: FinisherSetup,
    private readonly finisher: SolutionFinisher,
    private readonly certification: Proofs | null,
    private readonly signal: AbortSignal | undefined,
  ) {
    const { system, units, certify } = setup;
    const { structure: _, ...homotopy } = setup.homotopy;
    this.posted = { system, units, certify, homotopy };
  }

  /**
   * Nonsingular solutions, in the order of their ends; those whose boxes meet are not proved to be distinct, so
   * not certified. After an abort only those that are finished within a moment.
   *
   * @returns `paths`: of each the path that reached it, -1 where none did.
   */
  async finish(
    ends: Items<EndPoint>,
    { storage, onProgress }: FinishOptions = {},
  ): Promise<{ solutions: SolutionTable; paths: number[] }> {
    const solutions = new SolutionTable(this.setup.units.length, storage);
    /** Places in the list of ends, and the paths that reached them. */
    const places: number[] = [];
    const paths: number[] = [];
    const overlaps = this.certification && new this.certification.BoxOverlaps();
    const width = widthOf(this.setup.units.length);
    const take = (first: number, { count, rows, boxes }: FinishedBatch): void => {
      const boxLength = (boxes?.length ?? 0) / count;
      for (let k = 0; k < count; k++) {
        const end = ends.at(first + k)!;
        const row = rows.subarray(k * width, (k + 1) * width);
        if (end.cluster) setCluster(row, end.cluster);
        solutions.append(row);
        places.push(first + k);
        paths.push(pathOf(end));
        const box = boxes?.subarray(k * boxLength, (k + 1) * boxLength);
        overlaps?.add(box && !Number.isNaN(box[0]!) ? box : null);
      }
    };
    await this.finishAll(ends, take, onProgress);
    if (overlaps) {
      const boxOf = (index: number) => {
        const { point, pivotRatio } = ends.at(places[index]!)!;
        const row = new Float64Array(width);
        return this.finisher.finishInto(row, point, pivotRatio, NONSINGULAR)!;
      };
      for (const index of await inSlices(overlaps.meeting(boxOf))) solutions.doubt(index);
    }
    return { solutions, paths };
  }

  /** Frees the workers' finishers. */
  close(): void {
    this.pool.forget(this.posted);
  }

  /** @param take is given what is finished, in the order of the ends, and the place of the first. */
  private async finishAll(
    ends: Items<EndPoint>,
    take: (first: number, finished: FinishedBatch) => void,
    onProgress: ((done: number) => void) | undefined,
  ): Promise<void> {
    const grace = new Grace(this.signal, 'finishing');
    const isAborted = this.signal?.aborted ?? false;
    // Workers may have to be started first: an abort has no time for that.
    const few = this.pool.isComplete ? INLINE : INLINE_BEFORE_A_START;
    const isHere = ends.length < (this.setup.certify ? few.proofs : few.ends) || isAborted;
    const size = isAborted ? FEW : CHUNK;
    let done = 0;
    /** Chunks that wait for those before them, by their first ends. */
    const waiting = new Map<number, FinishedBatch>();
    let next = 0;
    const enter = (first: number, results: FinishedBatch): void => {
      waiting.set(first, results);
      for (let ready = waiting.get(next); ready; ready = waiting.get(next)) {
        take(next, ready);
        waiting.delete(next);
        next += size;
      }
    };
    const finishPart = async (first: number): Promise<void> => {
      const part = batchOf(ends, first, Math.min(size, ends.length - first));
      const here = () => inSlices(finishBatch(this.finisher, this.setup, part), grace.signal);
      try {
        const results = isHere
          ? await here()
          : await this.pool.finish<FinishedBatch>(
              this.setup.engine,
              this.posted,
              part,
              here,
              grace.signal,
            );
        enter(first, results);
        done += results.count;
        onProgress?.(done);
      } catch (error) {
        if (!grace.signal.aborted) throw error;
        enter(first, NOTHING);
      }
    };
    try {
      const pending = new Set<Promise<void>>();
      for (let first = 0; first < ends.length && !grace.isOver; first += size) {
        const promise: Promise<void> = finishPart(first).finally(() => pending.delete(promise));
        pending.add(promise);
        while (pending.size >= (isHere ? 1 : BACKLOG) || waiting.size >= BACKLOG)
          await Promise.race(pending);
      }
      await Promise.all(pending);
    } finally {
      grace.close();
    }
  }
}

function batchOf(ends: Items<EndPoint>, first: number, count: number): EndBatch {
  const length = ends.at(first)?.point.length ?? 0;
  const points = new Float64Array(count * length);
  const pivotRatios = new Float64Array(count);
  for (let k = 0; k < count; k++) {
    const { point, pivotRatio } = ends.at(first + k)!;
    points.set(point, k * length);
    pivotRatios[k] = pivotRatio;
  }
  return { points, pivotRatios };
}
