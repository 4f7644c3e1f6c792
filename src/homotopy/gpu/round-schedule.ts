/**
 * How much to submit at once: long enough to hide the cost of a submit, short enough that a dispatch
 * does not hold the device (watchdogs, abort, other pages).
 */
import type { FrameBudget } from '../../gpu/index.js';

/** Milliseconds a submit, and so each of its dispatches, should stay below: an abort waits for what is in flight, and is to be heeded within 100. */
const SUBMIT_MS = 50;
/** f32 operations per millisecond assumed before anything was measured. */
const SOFTWARE_RATE = 2e6;
const HARDWARE_RATE = 1e8;
/** Iterations per dispatch: after more, idle lanes cost more than another round. */
const MOST_ITERATIONS = 36;
/** A typical path needs 30 to 90 iterations: enough rounds for all but stragglers in the first submit. */
const FIRST_ITERATIONS = 96;
const LATER_ITERATIONS = 160;
/** Shorter measurements are all overhead, unless submits are to be short. */
const MEASURABLE_MS = 5;

/** Of fewer at a time a submit is all overhead, whatever its bound. */
const FEWEST_PATHS = 1024;

/** What a kernel does with one path. */
export interface IterationCost {
  readonly operationsPerIteration: number;
  /** Iterations that it can do no fewer of in a dispatch. */
  readonly iterationsPerTurn: number;
}

export class RoundSchedule {
  private rate: number;
  /** Iterations of a submit in which no path stops, and what part of them the last one made. */
  private planned = Infinity;
  private part = 0;
  /** Milliseconds for each planned iteration of a batch's first submit: of all paths, whose lanes are full. */
  private firstCost = 0;
  private isFirst = false;
  private readonly submitMs: number;

  /** @param budget bounds dispatches and submits, where there is a bound */
  constructor(
    private readonly cost: IterationCost,
    software: boolean,
    budget?: FrameBudget,
  ) {
    this.submitMs = budget?.pieceMs(SUBMIT_MS) ?? SUBMIT_MS;
    this.rate = software ? SOFTWARE_RATE : HARDWARE_RATE;
  }

  /** Paths of which a turn is as short as it should be, as far as that makes sense. */
  get mostPaths(): number {
    const { operationsPerIteration, iterationsPerTurn } = this.cost;
    const each = (iterationsPerTurn * operationsPerIteration) / this.rate;
    return Math.max(FEWEST_PATHS, Math.floor(this.submitMs / each));
  }

  /**
   * Turns per dispatch and rounds per submit, and how many milliseconds that takes at least: half of what it takes
   * where as many paths stop as did in the last one, or in the first one of the batch before.
   */
  next(running: number, fresh: boolean): { turns: number; rounds: number; soonestMs: number } {
    const { operationsPerIteration, iterationsPerTurn } = this.cost;
    const turnMs = (running * iterationsPerTurn * operationsPerIteration) / this.rate;
    const mostTurns = Math.floor(MOST_ITERATIONS / iterationsPerTurn);
    const turns = Math.max(1, Math.min(mostTurns, Math.floor(this.submitMs / turnMs)));
    const wanted = Math.ceil(
      (fresh ? FIRST_ITERATIONS : LATER_ITERATIONS) / (turns * iterationsPerTurn),
    );
    const affordable = Math.max(1, Math.floor(this.submitMs / (turns * turnMs)));
    const rounds = Math.min(wanted, affordable);
    this.isFirst = fresh;
    this.planned = running * rounds * turns * iterationsPerTurn;
    const wholeMs = rounds * turns * turnMs;
    const expectedMs = fresh
      ? Math.min(this.firstCost * this.planned, wholeMs)
      : this.part * wholeMs;
    return { turns, rounds, soonestMs: 0.5 * expectedMs };
  }

  /** Feeds back one submit. */
  measured(iterations: number, milliseconds: number): void {
    this.part = iterations / this.planned;
    if (this.isFirst) this.firstCost = milliseconds / this.planned;
    const least = Math.min(MEASURABLE_MS, this.submitMs / 4);
    if (milliseconds < least || iterations === 0) return;
    const rate = (iterations * this.cost.operationsPerIteration) / milliseconds;
    this.rate = 0.5 * (this.rate + rate);
  }
}
