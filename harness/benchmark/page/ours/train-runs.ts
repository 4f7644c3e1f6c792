/**
 * Whole training runs as a contender: `train` called once for all initial weights, or once for each
 * of them. What a user waits for: planning, upload, steps, scores and the weights at the end.
 */
import type { GpuDevice } from '../../../../src/gpu/index.js';
import { adam } from '../../../../src/network/optimizer.js';
import { train } from '../../../../src/network/train.js';
import type { Contender, Prepared } from '../compare.js';
import { ADAM, type TrainingProblem } from '../train-problem.js';

/** As many steps as a short run on a small data set has. */
const EPOCHS = 12;

export function ourRuns(
  gpu: GpuDevice,
  problem: TrainingProblem,
  { name, apart }: { readonly name: string; readonly apart: boolean },
): Contender {
  const { network, inputs, labels, classes, batch, batches, optimizer, weights } = problem;
  const all = weights.map((tensors) => ({ tensors, metadata: {} }));
  const entries = network.input.at(-1)!;
  /** Losses of every step, run by run. */
  const trainGroup = async (group: typeof all): Promise<Float64Array[]> => {
    const { replicas } = await train(gpu, network, {
      data: {
        count: batch * batches,
        shape: network.input,
        inputs,
        normalization: {
          mean: Array.from({ length: entries }, () => 0),
          deviation: Array.from({ length: entries }, () => 1),
        },
        targets: { kind: 'class', labels, classes },
      },
      weights: group,
      loss: 'softmax-cross-entropy',
      optimizer: adam(optimizer.learningRate, ADAM),
      batchSize: batch,
      epochs: EPOCHS,
    });
    return replicas.map(({ stepLosses }) => stepLosses);
  };
  const groups = apart ? all.map((set) => [set]) : [all];
  return {
    name,
    role: 'ours',
    executes: 'gpu',
    prepare(): Promise<Prepared> {
      return Promise.resolve({
        async run(repetitions) {
          for (let k = 0; k < repetitions; k++) for (const group of groups) await trainGroup(group);
        },
        async check() {
          const together = await trainGroup(all);
          const last = all.length - 1;
          const [alone] = await trainGroup([all[last]!]);
          const error = Math.max(
            ...alone!.map((loss, step) => Math.abs(loss - together[last]![step]!)),
          );
          return { error, tolerance: 0, against: 'the losses of the last run alone' };
        },
        close: () => undefined,
      });
    },
  };
}
