/**
 * Feeds a device with steps: chunks of 40 ms, at most two of them in flight.
 *
 * Long enough that submits and readbacks cost nothing, short enough for progress, cancellation and
 * the two seconds after which some systems reset a driver. Two in flight, so that the device works
 * while the host reads the losses of the chunk before.
 */
import type { GpuDevice } from '../../gpu/index.js';
import type { Dispatch } from './operation.js';
import { setStepClock } from './step-clock.js';
import { CONTROL_WORDS, logBytes, type StepState } from './step-state.js';

/** What a chunk should take: an abort waits for those in flight, and for no more than 100 ms. */
const CHUNK_MS = 40;
/** A first measurement may be of a cold machine: chunks grow by this factor at most. */
const GROWTH = 4;
const IN_FLIGHT = 2;

/** The dispatches of one step of one batch size. */
export interface StepPlan {
  readonly batch: number;
  readonly dispatches: readonly Dispatch[];
}

/** Which steps to run on which samples of the epoch's order. */
export interface StepRange {
  readonly plan: StepPlan;
  readonly steps: number;
  /** Place of the first step's first sample, and one past the last place that counts. */
  readonly sample: number;
  readonly end: number;
}

/** What a chunk of steps left. */
export interface ChunkResult {
  /** Its first step, counted over the whole stream, and how many. */
  readonly start: number;
  readonly steps: number;
  /** [step][replica] (sum of losses, right predictions). */
  readonly log: Float32Array;
  /** Step at which each replica diverged, -1 while it trains. */
  readonly divergedAt: Int32Array;
}

export interface StepStreamHooks {
  /** Writes what the steps from `start` on need, before they are submitted. */
  readonly prepare?: (start: number, steps: number) => void;
  /** Steps that were taken before; default 0. */
  readonly first?: number;
  /** Asked after each submit: true makes `run` return with fewer steps submitted. */
  readonly isPaused?: () => boolean;
  /** Called in the order of the steps; true asks to run no further ones. */
  readonly onChunk: (result: ChunkResult) => boolean;
  readonly signal: AbortSignal | undefined;
}

interface PendingChunk {
  readonly plan: StepPlan;
  readonly start: number;
  readonly steps: number;
  readonly submittedAt: number;
  readonly copies: Promise<ArrayBuffer[]>;
}

export class StepStream {
  readonly #gpu: GpuDevice;
  readonly #state: StepState;
  readonly #hooks: StepStreamHooks;
  readonly #pending: PendingChunk[] = [];
  readonly #chunkSize = new Map<StepPlan, number>();
  #step: number;
  #completedAt = -Infinity;
  #stopped = false;

  constructor(gpu: GpuDevice, state: StepState, hooks: StepStreamHooks) {
    this.#gpu = gpu;
    this.#state = state;
    this.#hooks = hooks;
    this.#step = hooks.first ?? 0;
  }

  /** Whether no further steps run: it was cancelled, or `onChunk` asked for it. */
  get stopped(): boolean {
    return this.#stopped || (this.#hooks.signal?.aborted ?? false);
  }

  /**
   * Submits steps; the last ones may still be in flight on return (see `drain`).
   *
   * @returns how many: all of them, unless it was stopped or paused
   */
  async run({ plan, steps, sample, end }: StepRange): Promise<number> {
    let done = 0;
    while (done < steps && !this.stopped) {
      const { budget } = this.#gpu;
      while (this.#pending.length >= (budget.isBounded ? 1 : IN_FLIGHT)) await this.#complete();
      await budget.ready(this.#hooks.signal);
      if (this.stopped) break;
      const size = Math.min(steps - done, this.#chunkSize.get(plan) ?? 1);
      this.#submit(plan, size, sample + done * plan.batch, end);
      done += size;
      if (this.#hooks.isPaused?.()) break;
    }
    return done;
  }

  /** Waits for everything in flight. */
  async drain(): Promise<void> {
    while (this.#pending.length > 0) await this.#complete();
  }

  #submit(plan: StepPlan, steps: number, sample: number, end: number): void {
    const start = this.#step;
    setStepClock(this.#gpu, this.#state.clock, { start, sample, end });
    this.#hooks.prepare?.(start, steps);
    const encoder = this.#gpu.createEncoder('steps');
    encodeSteps(encoder, plan, steps);
    const copies = this.#gpu.submitAndRead(encoder, [
      { buffer: this.#state.log, size: logBytes(this.#state, steps) },
      { buffer: this.#state.control },
    ]);
    // It is awaited later; until then a failure is not unhandled.
    copies.catch(() => undefined);
    this.#pending.push({ plan, start, steps, submittedAt: performance.now(), copies });
    this.#step += steps;
  }

  async #complete(): Promise<void> {
    const { plan, start, steps, submittedAt, copies } = this.#pending[0]!;
    const [log, control] = await copies;
    this.#pending.shift();
    const now = performance.now();
    const elapsed = Math.max(now - Math.max(submittedAt, this.#completedAt), 1e-3);
    this.#completedAt = now;
    const fitting = Math.round((steps * this.#gpu.budget.pieceMs(CHUNK_MS)) / elapsed);
    const size = Math.max(1, Math.min(fitting, steps * GROWTH, this.#state.longestChunk));
    this.#chunkSize.set(plan, size);
    const words = new Uint32Array(control!);
    const divergedAt = Int32Array.from({ length: this.#state.replicas }, (_, replica) => {
      const [status, overflow] = words.subarray(replica * CONTROL_WORDS);
      // An overflow in the chunk's last update has not become a status yet.
      return (status! > 0 ? status! : overflow!) - 1;
    });
    if (this.#hooks.onChunk({ start, steps, log: new Float32Array(log!), divergedAt })) {
      this.#stopped = true;
    }
  }
}

/** Encodes `steps` steps as one pass. */
export function encodeSteps(
  encoder: GPUCommandEncoder,
  { dispatches }: StepPlan,
  steps: number,
): void {
  const pass = encoder.beginComputePass({ label: 'steps' });
  for (let step = 0; step < steps; step++) {
    for (const { kernel, bindings, size } of dispatches) kernel.encode(pass, bindings, size);
  }
  pass.end();
}
