/**
 * What is done off the calling thread, as messages, and the place where it is done: in a worker, or in
 * slices in the calling thread where there are no workers.
 */
import { atOnce, type Stepwise } from '../../math/stepwise.js';
import {
  countModuloStepwise,
  type CountLimits,
  type ExactCount,
  type ModularSystem,
} from '../../polynomial/exact-count/exact-count.js';
import {
  polyhedralPlan,
  searchStart,
  type CellSearch,
  type PolyhedralPlan,
  type StartPlan,
  type StartSearch,
} from '../start/index.js';
import { unpackStructure } from '../program/packed-structure.js';
import { F64Engine } from './engine.js';
import type {
  EngineSetup,
  FollowJob,
  OutcomeBatch,
  PackedSetup,
  PolyhedralBatch,
  PolyhedralJob,
} from './jobs.js';

/** One piece of work. */
export type Work =
  | { readonly kind: 'follow'; readonly key: number; readonly job: FollowJob }
  | { readonly kind: 'polyhedral'; readonly key: number; readonly job: PolyhedralJob }
  | { readonly kind: 'count'; readonly system: ModularSystem; readonly limits: CountLimits }
  | { readonly kind: 'search'; readonly search: StartSearch }
  | { readonly kind: 'cells'; readonly search: CellSearch }
  | { readonly kind: 'finish'; readonly key: number; readonly ends: EndBatch }
  | { readonly kind: 'share'; readonly key: number; readonly number: number };

/** Nonsingular ends of paths. */
export interface EndBatch {
  /** 2N projective coordinates each. */
  readonly points: Float64Array;
  readonly pivotRatios: Float64Array;
}

/** Makes solutions of ends; what they are is the business of a floor above. */
export interface EndFinisher {
  finish(ends: EndBatch): Stepwise<object>;
}

/** Does a task share by share; the same. */
export interface ShareMaker {
  /** @param number of the share */
  share(number: number): Stepwise<object>;
}

/** What floors above have a thread do, from the setups that the pool was given. */
export interface Crafts {
  /** @param engine the setup of its structure */
  makeFinisher(setup: unknown, engine: EngineSetup): EndFinisher;
  makeShareMaker(setup: unknown): ShareMaker;
}

/** What the pool sends to a worker. */
export type WorkerRequest =
  | { readonly kind: 'load'; readonly key: number; readonly setup: PackedSetup }
  | {
      readonly kind: 'load finisher';
      readonly key: number;
      readonly engine: number;
      readonly setup: unknown;
    }
  | { readonly kind: 'load share maker'; readonly key: number; readonly setup: unknown }
  | { readonly kind: 'unload'; readonly key: number }
  | { readonly kind: 'work'; readonly ticket: number; readonly work: Work };

/** What a worker sends back. */
export type WorkerReply =
  | { readonly ticket: number; readonly result: WorkResult }
  | { readonly ticket: number; readonly error: string };

export type WorkResult =
  | OutcomeBatch
  | PolyhedralBatch
  | ExactCount
  | StartPlan
  | PolyhedralPlan
  | object
  | null
  | undefined;

/** The engines of one thread, one per structure, and what else is loaded. */
export class Workshop {
  private readonly engines = new Map<number, F64Engine>();
  private readonly setups = new Map<number, EngineSetup>();
  private readonly finishers = new Map<number, EndFinisher>();
  private readonly shareMakers = new Map<number, ShareMaker>();

  constructor(private readonly crafts: Crafts) {}

  /** Makes an engine for the paths of a structure. */
  load(key: number, packed: PackedSetup): void {
    const setup = { ...packed, structure: unpackStructure(packed.structure) };
    this.engines.set(key, new F64Engine(setup));
    this.setups.set(key, setup);
  }

  /** @param engine the key of its structure, which is loaded */
  loadFinisher(key: number, engine: number, setup: unknown): void {
    this.finishers.set(key, this.crafts.makeFinisher(setup, this.setups.get(engine)!));
  }

  loadShareMaker(key: number, setup: unknown): void {
    this.shareMakers.set(key, this.crafts.makeShareMaker(setup));
  }

  unload(key: number): void {
    this.engines.delete(key);
    this.setups.delete(key);
    this.finishers.delete(key);
    this.shareMakers.delete(key);
  }

  /** Two pieces of work on one structure must not be done at the same time: they share an engine. */
  perform(work: Work): Stepwise<WorkResult> {
    switch (work.kind) {
      case 'follow':
        return this.engines.get(work.key)!.follow(work.job);
      case 'polyhedral':
        return this.engines.get(work.key)!.followPolyhedral(work.job);
      case 'count':
        return countModuloStepwise(work.system, work.limits);
      case 'search':
        return searchStart(work.search);
      case 'cells':
        return polyhedralPlan(work.search);
      case 'finish':
        return this.finishers.get(work.key)!.finish(work.ends);
      case 'share':
        return this.shareMakers.get(work.key)!.share(work.number);
    }
  }

  performAtOnce(work: Work): WorkResult {
    return atOnce(this.perform(work));
  }
}
