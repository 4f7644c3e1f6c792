/** Our training step as a contender: the trainer's own dispatches, one submit a step. */
import type { GpuDevice } from '../../../../src/gpu/index.js';
import { adam, sgd } from '../../../../src/network/optimizer.js';
import { createTrainer } from '../../../../src/network/trainer.js';
import type { WeightTensor } from '../../../../src/network/weights.js';
import { timePass } from '../../../time-pass.js';
import type { Contender, Prepared } from '../compare.js';
import { ADAM, CHECKED_STEPS, lossAgreement, type TrainingProblem } from '../train-problem.js';
import type { Fault } from '../types.js';

/** Floats of a step's entry in the log: sum of losses, right predictions. */
const LOG_FLOATS = 2;

export interface OurTrainingOptions {
  readonly name?: string;
  readonly fault: Fault['kind'] | null;
  readonly timed: boolean;
  /** Replicas one after another, each with a trainer of its own, instead of side by side. */
  readonly apart?: boolean;
}

export function ourTraining(
  gpu: GpuDevice,
  problem: TrainingProblem,
  { name = 'lps-webgpu', fault, timed, apart = false }: OurTrainingOptions,
): Contender {
  return {
    name,
    role: 'ours',
    executes: 'gpu',
    async prepare(): Promise<Prepared> {
      const groups = apart ? problem.weights.map((set) => [set]) : [problem.weights];
      const trainers: SteppedTrainer[] = [];
      for (const weights of groups)
        trainers.push(await openTrainer(gpu, problem, weights, fault === 'wrong'));
      const losses: number[][] = problem.weights.map(() => []);
      const run = async (repetitions: number): Promise<void> => {
        // Twice the steps, once the losses have been compared.
        const slow = fault === 'slow' && losses[0]!.length >= CHECKED_STEPS;
        const last: number[] = [];
        for (const trainer of trainers)
          last.push(...(await trainer.run(slow ? 2 * repetitions : repetitions)));
        last.forEach((loss, replica) => losses[replica]!.push(loss));
      };
      return {
        run,
        async check() {
          while (losses[0]!.length < CHECKED_STEPS) await run(1);
          return lossAgreement(problem, losses);
        },
        ...(timed && !apart ? { gpuMs: () => trainers[0]!.gpuMs() } : {}),
        close() {
          for (const trainer of trainers) trainer.close();
        },
      };
    },
  };
}

/** A trainer whose steps are counted. */
export interface SteppedTrainer {
  /** So many steps, one submit each; the last one's loss of every replica. */
  run(steps: number): Promise<number[]>;
  /** GPU milliseconds of a step. */
  gpuMs(): Promise<number>;
  close(): void;
}

export async function openTrainer(
  gpu: GpuDevice,
  problem: TrainingProblem,
  weights: readonly ReadonlyMap<string, WeightTensor>[],
  wrong = false,
): Promise<SteppedTrainer> {
  const { batch, batches, optimizer, inputs, labels, classes, network } = problem;
  const count = batch * batches;
  const rate = (wrong ? 2 : 1) * optimizer.learningRate;
  const trainer = await createTrainer(gpu, network, {
    data: {
      count,
      shape: network.input,
      inputs,
      normalization: unitNormalization(network.input.at(-1)!),
      targets: { kind: 'class', labels, classes },
    },
    weights: weights.map((tensors) => ({ tensors, metadata: {} })),
    loss: 'softmax-cross-entropy',
    optimizer: optimizer.type === 'sgd' ? sgd(rate) : adam(rate, ADAM),
    batchSize: batch,
  });
  trainer.setOrder(Uint32Array.from({ length: count }, (_, k) => k));
  let done = 0;
  const prepare = (): number => {
    // A chunk ends where the data do, and begins again with the first batch.
    const steps = batches - (done % batches);
    trainer.prepare({ start: done, sample: (done % batches) * batch, end: count, steps });
    return steps;
  };
  const logBytes = 4 * LOG_FLOATS * weights.length;
  return {
    async run(steps) {
      let left = 0;
      let entry = 0;
      for (let k = 0; k < steps; k++) {
        if (left === 0) {
          left = prepare();
          entry = 0;
        }
        const encoder = gpu.createEncoder('step');
        trainer.encodeSteps(encoder, 1);
        done++;
        left--;
        if (k < steps - 1) {
          gpu.submit(encoder);
          entry++;
          continue;
        }
        const [log] = await gpu.submitAndRead(encoder, [
          { buffer: trainer.state.log, offset: entry * logBytes, size: logBytes },
        ]);
        const floats = new Float32Array(log!);
        return weights.map((_, replica) => floats[LOG_FLOATS * replica]! / batch);
      }
      return [];
    },
    async gpuMs() {
      prepare();
      done++;
      return timePass(gpu, (pass) => {
        for (const { kernel, bindings, size } of trainer.full.dispatches)
          kernel.encode(pass, bindings, size);
      });
    },
    close() {
      trainer.close();
    },
  };
}

function unitNormalization(channels: number) {
  return {
    mean: Array.from({ length: channels }, () => 0),
    deviation: Array.from({ length: channels }, () => 1),
  };
}
