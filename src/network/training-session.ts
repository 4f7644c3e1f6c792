/**
 * A training: epochs of shuffled batches, all replicas side by side in the same dispatches.
 *
 * Every replica sees the same batches, and nothing of one reaches another, so a replica's result
 * is bit for bit what it would be alone; one that diverges is stopped and leaves the others be.
 */
import { unlessAborted } from '../math/stepwise.js';
import type { Weights } from './weights.js';
import type { Dataset } from '../data/dataset.js';
import type { DeviceLostError, GpuDevice } from '../gpu/index.js';
import { createEvaluator, scoreOf, type Evaluator } from './evaluator.js';
import { StepStream, type ChunkResult } from './gpu/step-stream.js';
import { createLayerProbe, type LayerProbe } from './layer-probe.js';
import type { LayerRecord } from './layer-statistics.js';
import type { Network } from './network.js';
import { scheduleFactor, type Schedule } from './schedule.js';
import { shuffledOrder } from './shuffle.js';
import { createTrainer, writeSchedule, type Trainer, type TrainerOptions } from './trainer.js';
import { checkState, type TrainingCheckpoint, type TrainingState } from './training-state.js';
import type {
  EpochRecord,
  ReplicaStatus,
  Score,
  TrainingRun,
  TrainProgress,
} from './training-run.js';

/** What is done to the weights now and then in a training. */
export interface Intervention {
  /** Steps from one to the next; the last one of an epoch counts, too. */
  readonly every: number;
  /**
   * Called for every replica that still trains.
   *
   * @param step steps done
   * @returns new weights, or null to leave them
   */
  change(weights: Weights, replica: number, step: number): Weights | null;
}

export interface TrainOptions extends TrainerOptions {
  /** Times that every sample is seen. */
  readonly epochs: number;
  /** Default constant. */
  readonly schedule?: Schedule;
  /** Scored before the first epoch and after each. */
  readonly validation?: Dataset;
  /**
   * Samples of the training data on which layers are measured before the first epoch and after
   * each; 0 or absent for none.
   */
  readonly layerProbe?: number;
  /** Of the shuffling and of dropout. Default 1. */
  readonly seed?: number;
  /** Changes weights between steps; the optimiser's state stays. */
  readonly intervention?: Intervention;
  /** Ends the training after at most two chunks of steps, with what was done. */
  readonly signal?: AbortSignal;
  /** Keeps what the training goes on from, whatever stops it. */
  readonly checkpoint?: TrainingCheckpoint;
  readonly onProgress?: (progress: TrainProgress) => void;
}

/** `train`'s options as they were checked. */
type CheckedOptions = TrainOptions & { readonly schedule: Schedule };

/** The same with the state that a lost device is survived by. */
interface SafeOptions extends CheckedOptions {
  readonly checkpoint: TrainingCheckpoint & {
    /** Whether the caller wants the states before the first step and after the last, too. */
    readonly keepsEnds: boolean;
  };
}

/** Between two states that a loss of the device goes back to. */
const KEEP_MS = 10_000;
/** Losses without a state in between: a device that is lost so often is of no use. */
const MOST_LOSSES = 5;

/**
 * Trains; when the device is lost, on one opened in its place, from the last state that was read back.
 *
 * @throws what `train` throws
 */
export async function runTraining(
  gpu: GpuDevice,
  net: Network,
  options: CheckedOptions,
): Promise<TrainingRun> {
  const { checkpoint, signal } = options;
  let state = checkpoint?.resume;
  let kept = performance.now();
  let [losses, inARow] = [0, 0];
  const isDue = (): boolean => checkpoint?.isDue() ?? performance.now() - kept > KEEP_MS;
  const keep = (next: TrainingState): void => {
    state = next;
    kept = performance.now();
    inARow = 0;
    checkpoint?.keep(next);
  };
  let device: GpuDevice | null = gpu.current;
  for (;;) {
    try {
      const run = await trainOn(device, net, {
        ...options,
        checkpoint: { ...(state && { resume: state }), isDue, keep, keepsEnds: !!checkpoint },
      });
      return { ...run, deviceLosses: losses };
    } catch (error) {
      const loss: DeviceLostError | undefined = await device.lossBehind(error);
      if (!loss || loss.reason === 'closed' || ++inARow > MOST_LOSSES) throw loss ?? error;
      const opened: GpuDevice | null = await unlessAborted(device.replace(), signal);
      // The app's own device is the app's to replace.
      if (!opened) throw loss;
      device = opened.current;
      losses++;
    }
  }
}

/** What one device gives. */
type OneRun = Omit<TrainingRun, 'deviceLosses'>;

async function trainOn(gpu: GpuDevice, net: Network, options: SafeOptions): Promise<OneRun> {
  const started = performance.now();
  const preparing = prepare(gpu, net, options);
  const prepared = await unlessAborted(preparing, options.signal);
  const compileMs = performance.now() - started;
  if (prepared === null) {
    // What is being compiled cannot be stopped; it is freed when it is there.
    preparing.then(closeAll, () => undefined);
    return notBegun([options.weights].flat(), options.checkpoint.resume, compileMs);
  }
  try {
    const { checkpoint } = options;
    if (checkpoint.resume) await goBack(prepared.trainer, options, checkpoint.resume);
    return await new TrainingSession(gpu, options, prepared).run(compileMs);
  } finally {
    closeAll(prepared);
  }
}

interface Prepared {
  readonly trainer: Trainer;
  readonly evaluator: Evaluator | null;
  readonly probe: LayerProbe | null;
}

/** Compiles and uploads everything. */
async function prepare(gpu: GpuDevice, net: Network, options: TrainOptions): Promise<Prepared> {
  const { data, loss, validation, layerProbe = 0 } = options;
  let [evaluator, probe]: [Evaluator | null, LayerProbe | null] = [null, null];
  // A training that goes on may have replicas that diverged.
  const isResumed = options.checkpoint?.resume !== undefined;
  const trainer = await createTrainer(gpu, net, options, { isResumed });
  try {
    const { parameters, replicas, batchSize: batch } = trainer;
    const shared = { loss, parameters, replicas, batch };
    if (validation) evaluator = await createEvaluator(gpu, net, { data: validation, ...shared });
    if (layerProbe > 0)
      probe = await createLayerProbe(gpu, net, { data, samples: layerProbe, ...shared });
    return { trainer, evaluator, probe };
  } catch (error) {
    closeAll({ trainer, evaluator, probe });
    throw error;
  }
}

async function goBack(
  trainer: Trainer,
  { epochs }: TrainOptions,
  state: TrainingState,
): Promise<void> {
  const steps = epochs * stepsPerEpoch(trainer);
  checkState(state, await trainer.readState(), trainer.replicas, steps);
  trainer.writeState(state);
}

function stepsPerEpoch({ epochSamples, batchSize }: Trainer): number {
  return Math.ceil(epochSamples / batchSize);
}

function closeAll({ trainer, evaluator, probe }: Prepared): void {
  probe?.close();
  evaluator?.close();
  trainer.close();
}

/** A training that was stopped before its first step, or the first since it went on. */
function notBegun(
  weights: readonly Weights[],
  before: TrainingState | undefined,
  compileMs: number,
): OneRun {
  return {
    replicas: weights.map((own, k) => ({
      status: { state: 'cancelled' },
      weights: own,
      stepLosses: before?.stepLosses[k] ?? new Float64Array(),
      epochs: before?.epochs[k] ?? [],
    })),
    partial: true,
    steps: before?.step ?? 0,
    samplesPerSecond: 0,
    compileMs,
    trainingMs: 0,
    evaluationMs: 0,
    leftOut: 0,
  };
}

/** The state of one training while it runs. */
class TrainingSession {
  readonly #options: SafeOptions;
  readonly #trainer: Trainer;
  readonly #evaluator: Evaluator | null;
  readonly #probe: LayerProbe | null;
  readonly #stream: StepStream;
  readonly #stepsPerEpoch: number;
  readonly #totalSteps: number;
  readonly #stepLosses: number[][];
  readonly #records: EpochRecord[][];
  /** Of the running epoch. */
  readonly #sums: { loss: number; right: number }[];
  #divergedAt: Int32Array;
  #latestLosses: number[];
  #epoch = 0;
  #steps: number;
  #samples: number;
  /** Of an earlier run. */
  readonly #samplesBefore: number;
  #trainingMs = 0;
  #evaluationMs = 0;
  #epochStarted = 0;
  /** Whether the signal ended something before it was done. */
  #interrupted = false;

  constructor(gpu: GpuDevice, options: SafeOptions, { trainer, evaluator, probe }: Prepared) {
    this.#options = options;
    this.#trainer = trainer;
    this.#evaluator = evaluator;
    this.#probe = probe;
    this.#stepsPerEpoch = stepsPerEpoch(trainer);
    this.#totalSteps = options.epochs * this.#stepsPerEpoch;
    const { checkpoint } = options;
    const before = checkpoint.resume;
    const replicas = Array.from({ length: trainer.replicas });
    this.#steps = before?.step ?? 0;
    this.#samplesBefore = this.#samples = this.#samplesAfter(this.#steps);
    this.#stepLosses = replicas.map((_, k) => [...(before?.stepLosses[k] ?? [])]);
    this.#records = replicas.map((_, k) => [...(before?.epochs[k] ?? [])]);
    this.#sums = replicas.map((_, k) => ({ ...(before?.sums[k] ?? { loss: 0, right: 0 }) }));
    this.#latestLosses = replicas.map(() => NaN);
    this.#divergedAt = before?.divergedAt ?? new Int32Array(trainer.replicas).fill(-1);
    this.#stream = new StepStream(gpu, trainer.state, {
      first: this.#steps,
      isPaused: checkpoint.isDue,
      prepare: (start, steps) => {
        writeSchedule(gpu, trainer.state, options.optimizer, { start, steps }, (step) =>
          scheduleFactor(options.schedule, step, this.#totalSteps),
        );
      },
      onChunk: (chunk) => this.#takeChunk(chunk),
      signal: options.signal,
    });
  }

  async run(compileMs: number): Promise<OneRun> {
    const { epochs, seed = 1, data } = this.#options;
    const { checkpoint } = this.#options;
    this.#epoch = Math.floor(this.#steps / this.#stepsPerEpoch);
    if (!checkpoint.resume) {
      await this.#record(false);
      if (checkpoint.keepsEnds) await this.#keep();
    }
    const isOver = () => this.#stream.stopped || this.#divergedAt.every((step) => step >= 0);
    while (this.#epoch < epochs && !isOver()) {
      this.#trainer.setOrder(shuffledOrder(data.count, seed, this.#epoch));
      this.#epoch++;
      if (this.#steps === (this.#epoch - 1) * this.#stepsPerEpoch)
        for (const sum of this.#sums) Object.assign(sum, { loss: 0, right: 0 });
      this.#epochStarted = performance.now();
      await this.#runEpoch();
      this.#trainingMs += performance.now() - this.#epochStarted;
      if (this.#steps < this.#epoch * this.#stepsPerEpoch) break;
      await this.#record(true);
      // An epoch whose record an abort has cut short is recorded again.
      if (!this.#interrupted && checkpoint.isDue()) await this.#keep();
    }
    if (!this.#interrupted && checkpoint.keepsEnds) await this.#keep();
    this.#interrupted ||=
      this.#steps < this.#totalSteps && (this.#options.signal?.aborted ?? false);
    return this.#result(compileMs);
  }

  async #runEpoch(): Promise<void> {
    const { full, last, batchSize } = this.#trainer;
    const { epochSamples: count } = this.#trainer;
    const steps = Math.floor(count / batchSize);
    const before = (this.#epoch - 1) * this.#stepsPerEpoch;
    const every = this.#options.intervention?.every ?? Infinity;
    for (let done = this.#steps % this.#stepsPerEpoch; !this.#stream.stopped;) {
      const sample = done * batchSize;
      const most = Math.min(steps - done, every - ((before + done) % every));
      if (done < steps)
        done += await this.#stream.run({ plan: full, steps: most, sample, end: count });
      else if (last && done === steps)
        done += await this.#stream.run({ plan: last, steps: 1, sample, end: count });
      else break;
      if ((before + done) % every === 0) await this.#intervene(before + done);
      if (this.#options.checkpoint.isDue()) {
        await this.#stream.drain();
        await this.#keep();
      }
    }
    await this.#stream.drain();
  }

  /** Lets the intervention change the weights. */
  async #intervene(step: number): Promise<void> {
    await this.#stream.drain();
    if (this.#stream.stopped) return;
    const weights = await this.#trainer.readWeights();
    let isChanged = false;
    const changed = weights.map((own, replica) => {
      if (this.#divergedAt[replica]! >= 0) return own;
      const next = this.#options.intervention!.change(own, replica, step);
      isChanged ||= next !== null;
      return next ?? own;
    });
    if (isChanged) this.#trainer.writeWeights(changed);
  }

  /** Keeps the state; no step is in flight. */
  async #keep(): Promise<void> {
    const { checkpoint } = this.#options;
    const isRecorded =
      this.#steps % this.#stepsPerEpoch !== 0 ||
      this.#records.some((records) => records.at(-1)?.epoch === this.#steps / this.#stepsPerEpoch);
    // At the end of an epoch its record is part of the state.
    if (!isRecorded) return;
    checkpoint.keep({
      ...(await this.#trainer.readState()),
      step: this.#steps,
      stepLosses: this.#stepLosses.map((losses) => Float64Array.from(losses)),
      // What comes later is recorded in the lists that are here.
      epochs: this.#records.map((records) => [...records]),
      sums: this.#sums.map((sum) => ({ ...sum })),
      divergedAt: this.#divergedAt,
    });
  }

  /** Takes in what a chunk of steps logged; true when nobody trains any more. */
  #takeChunk({ start, steps, log, divergedAt }: ChunkResult): boolean {
    const { replicas, batchSize, last } = this.#trainer;
    this.#divergedAt = divergedAt;
    for (let replica = 0; replica < replicas; replica++) {
      let latest = 0;
      for (let k = 0; k < steps; k++) {
        const loss = log[2 * (k * replicas + replica)]!;
        const isLast = last !== null && (start + k + 1) % this.#stepsPerEpoch === 0;
        const mean = loss / (isLast ? last.batch : batchSize);
        this.#sums[replica]!.loss += loss;
        this.#sums[replica]!.right += log[2 * (k * replicas + replica) + 1]!;
        latest += mean / steps;
        if (divergedAt[replica]! < 0 || start + k < divergedAt[replica]!) {
          this.#stepLosses[replica]!.push(mean);
        }
      }
      this.#latestLosses[replica] = divergedAt[replica]! < 0 ? latest : NaN;
    }
    this.#steps += steps;
    this.#samples = this.#samplesAfter(this.#steps);
    this.#report('training');
    return divergedAt.every((step) => step >= 0);
  }

  #samplesAfter(steps: number): number {
    const { epochSamples: count } = this.#trainer;
    const epochs = Math.floor(steps / this.#stepsPerEpoch);
    return epochs * count + (steps % this.#stepsPerEpoch) * this.#trainer.batchSize;
  }

  /** Scores and measures all replicas at the end of an epoch, or before the first. */
  async #record(trained: boolean): Promise<void> {
    const { loss, signal } = this.#options;
    const { epochSamples } = this.#trainer;
    const started = performance.now();
    let validation: Score[] | null = null;
    let layers: LayerRecord[][] | null = null;
    if (signal?.aborted) {
      this.#interrupted = true;
    } else if (this.#evaluator || this.#probe) {
      this.#report('evaluating');
      validation = (await this.#evaluator?.score(signal)) ?? null;
      this.#interrupted ||= this.#evaluator !== null && validation === null;
      layers = (await this.#probe?.measure(trained)) ?? null;
      this.#evaluationMs += performance.now() - started;
    }
    for (const [replica, records] of this.#records.entries()) {
      if (this.#divergedAt[replica]! >= 0) continue;
      const { loss: sum, right } = this.#sums[replica]!;
      records.push({
        epoch: this.#epoch,
        training: trained ? scoreOf(loss, sum, right, epochSamples) : null,
        validation: validation?.[replica] ?? null,
        layers: layers?.[replica] ?? [],
      });
    }
  }

  #report(stage: TrainProgress['stage']): void {
    const { onProgress, epochs } = this.#options;
    if (!onProgress) return;
    const running = stage === 'training' ? performance.now() - this.#epochStarted : 0;
    const seconds = (this.#trainingMs + running) / 1000;
    const total = epochs * this.#trainer.epochSamples;
    const samplesPerSecond = seconds > 0 ? (this.#samples - this.#samplesBefore) / seconds : 0;
    onProgress({
      stage,
      epoch: this.#epoch,
      epochs,
      step: this.#steps,
      steps: this.#totalSteps,
      losses: [...this.#latestLosses],
      samplesPerSecond,
      secondsLeft: samplesPerSecond > 0 ? (total - this.#samples) / samplesPerSecond : Infinity,
    });
  }

  async #result(compileMs: number): Promise<OneRun> {
    const weights = await this.#trainer.readWeights();
    const status = (replica: number): ReplicaStatus => {
      const step = this.#divergedAt[replica]!;
      if (step >= 0) return { state: 'diverged', step };
      return { state: this.#interrupted ? 'cancelled' : 'finished' };
    };
    return {
      replicas: weights.map((own, replica) => ({
        status: status(replica),
        weights: own,
        stepLosses: Float64Array.from(this.#stepLosses[replica]!),
        epochs: this.#records[replica]!,
      })),
      partial: this.#interrupted,
      steps: this.#steps,
      leftOut: this.#options.data.count - this.#trainer.epochSamples,
      samplesPerSecond:
        this.#trainingMs > 0
          ? (1000 * (this.#samples - this.#samplesBefore)) / this.#trainingMs
          : 0,
      compileMs,
      trainingMs: this.#trainingMs,
      evaluationMs: this.#evaluationMs,
    };
  }
}
