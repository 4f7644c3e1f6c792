/**
 * The same training step in jax-js: one jitted function for loss, gradients and update.
 *
 * Arrays are moved into the functions that take them; `.ref` keeps one for another use.
 */
import type { Array as JaxArray } from '@jax-js/jax';
import type { Layer } from '../../../../src/network/layer.js';
import type { Contender, Prepared } from '../compare.js';
import { ADAM, CHECKED_STEPS, lossAgreement, type TrainingProblem } from '../train-problem.js';

type Jax = typeof import('@jax-js/jax');
type Parameters = JaxArray[];

export function jaxTraining(problem: TrainingProblem, device: 'webgpu' | 'wasm'): Contender {
  return {
    name: `jax-js ${device}`,
    role: 'peer',
    executes: device === 'wasm' ? 'cpu' : 'gpu',
    async prepare(): Promise<Prepared> {
      const { useJax } = await import('./jax.js');
      const jax = await useJax(device);
      const { numpy: np } = jax;
      let parameters = parametersOf(jax, problem);
      let moments = [1, 2].map(() => parameters.map((array) => np.zeros(array.shape)));
      const batches = arraysOf(jax, problem);
      const step =
        problem.optimizer.type === 'sgd' ? sgdStep(jax, problem) : adamStep(jax, problem);
      const losses: number[] = [];
      let count = 0;
      const run = async (repetitions: number): Promise<void> => {
        jax.defaultDevice(device);
        let loss: JaxArray | null = null;
        for (let k = 0; k < repetitions; k++) {
          loss?.dispose();
          const { x, y } = batches[count++ % batches.length]!;
          [loss, parameters, moments] = step(parameters, moments, count, x, y);
          // Without this, lazy work piles up; it does not wait here.
          if (k < repetitions - 1) void jax.blockUntilReady(parameters);
        }
        const [value] = (await loss!.data()) as Float32Array;
        await jax.blockUntilReady(parameters);
        losses.push(value!);
      };
      return {
        run,
        async check() {
          while (losses.length < CHECKED_STEPS) await run(1);
          return lossAgreement(problem, [losses]);
        },
        close() {
          jax.tree.dispose([parameters, ...moments]);
          for (const { x, y } of batches) jax.tree.dispose([x, y]);
        },
      };
    },
  };
}

type Step = (
  parameters: Parameters,
  moments: Parameters[],
  count: number,
  x: JaxArray,
  y: JaxArray,
) => [JaxArray, Parameters, Parameters[]];

function sgdStep(jax: Jax, problem: TrainingProblem): Step {
  const { learningRate } = problem.optimizer;
  const lossOf = lossFunction(jax, problem);
  const jitted = jax.jit((parameters: Parameters, x: JaxArray, y: JaxArray) => {
    const kept = parameters.map((array) => array.ref);
    const [loss, gradients] = jax.valueAndGrad(lossOf)(parameters, x, y);
    return [loss, kept.map((array, k) => array.sub(gradients[k]!.mul(learningRate)))] as [
      JaxArray,
      Parameters,
    ];
  });
  return (parameters, moments, _, x, y) => {
    const [loss, next] = jitted(parameters, x.ref, y.ref);
    return [loss, next, moments];
  };
}

function adamStep(jax: Jax, problem: TrainingProblem): Step {
  const { numpy: np } = jax;
  const { learningRate } = problem.optimizer;
  const { beta1, beta2, epsilon } = ADAM;
  const lossOf = lossFunction(jax, problem);
  const jitted = jax.jit(
    (
      parameters: Parameters,
      first: Parameters,
      second: Parameters,
      corrections: JaxArray[],
      x: JaxArray,
      y: JaxArray,
    ) => {
      const kept = parameters.map((array) => array.ref);
      const [loss, gradients] = jax.valueAndGrad(lossOf)(parameters, x, y);
      const [one, two] = corrections as [JaxArray, JaxArray];
      const means = first.map((array, k) => array.mul(beta1).add(gradients[k]!.ref.mul(1 - beta1)));
      const squares = second.map((array, k) =>
        array.mul(beta2).add(np.square(gradients[k]!).mul(1 - beta2)),
      );
      const next = kept.map((array, k) =>
        array.sub(
          means[k]!.ref.mul(one.ref)
            .mul(learningRate)
            .div(np.sqrt(squares[k]!.ref.mul(two.ref)).add(epsilon)),
        ),
      );
      one.dispose();
      two.dispose();
      return [loss, next, means, squares] as [JaxArray, Parameters, Parameters, Parameters];
    },
  );
  return (parameters, [first, second], count, x, y) => {
    const corrections = [np.array(1 / (1 - beta1 ** count)), np.array(1 / (1 - beta2 ** count))];
    const [loss, next, means, squares] = jitted(
      parameters,
      first!,
      second!,
      corrections,
      x.ref,
      y.ref,
    );
    return [loss, next, [means, squares]];
  };
}

/** Mean cross-entropy of the network's output and one-hot rows. */
function lossFunction(jax: Jax, { network, batch }: TrainingProblem) {
  const { numpy: np, nn, lax } = jax;
  return (parameters: Parameters, x: JaxArray, y: JaxArray): JaxArray => {
    let value = x;
    let next = 0;
    network.layers.forEach((layer: Layer, index) => {
      const [weight, bias] = [parameters[next], parameters[next + 1]];
      if (layer.type === 'dense') {
        value = np.matmul(value, np.transpose(weight!)).add(bias!);
        next += 2;
      } else if (layer.type === 'conv2d') {
        value = lax.conv(value, weight!, [1, 1], 'VALID').add(bias!.reshape([layer.filters, 1, 1]));
        next += 2;
      } else if (layer.type === 'relu') {
        value = nn.relu(value);
      } else if (layer.type === 'max-pool2d') {
        value = lax.reduceWindow(value, (window) => np.max(window), [2, 2], [2, 2]);
      } else if (layer.type === 'flatten') {
        value = value.reshape([batch, network.shapes[index]!.output[0]!]);
      } else {
        throw new RangeError(`the benchmark's networks have no layer "${layer.type}"`);
      }
    });
    return nn
      .logSoftmax(value)
      .mul(y)
      .sum()
      .mul(-1 / batch);
  };
}

/** Weight and bias of every layer, in order; PyTorch's layout is jax-js's too. */
function parametersOf({ numpy: np }: Jax, { network, weights }: TrainingProblem): Parameters {
  return network.parameters.tensors.map(({ name }) => {
    const { shape, data } = weights[0]!.get(name)!;
    return np.array(Float32Array.from(data)).reshape([...shape]);
  });
}

function arraysOf(
  { numpy: np }: Jax,
  { batch, batches, entries, inputs, labels, classes, network }: TrainingProblem,
) {
  const [height, width, channels] = network.input;
  const shape = channels === undefined ? [batch, entries] : [batch, channels, height!, width!];
  return Array.from({ length: batches }, (_, k) => {
    const rows = inputs.slice(k * batch * entries, (k + 1) * batch * entries);
    const hot = new Float32Array(batch * classes);
    labels
      .subarray(k * batch, (k + 1) * batch)
      .forEach((label, row) => (hot[row * classes + label] = 1));
    return { x: np.array(rows).reshape(shape), y: np.array(hot).reshape([batch, classes]) };
  });
}
