/**
 * The same training step in TensorFlow.js: fused dense and convolution layers, its own optimisers.
 *
 * Images there are row, column, channel, and weights [in][out]: both are rearranged once, and so
 * are the rows of the dense layer behind the flattening.
 */
import type { Scalar, Tensor, Tensor2D, Tensor4D, Variable } from '@tensorflow/tfjs-core';
import type { Layer } from '../../../../src/network/layer.js';
import type { Contender, Prepared } from '../compare.js';
import { ADAM, CHECKED_STEPS, lossAgreement, type TrainingProblem } from '../train-problem.js';

type Tf = typeof import('@tensorflow/tfjs-core');

export function tfjsTraining(problem: TrainingProblem, backend: 'webgpu' | 'wasm'): Contender {
  return {
    name: `tfjs ${backend}`,
    role: 'peer',
    executes: backend === 'wasm' ? 'cpu' : 'gpu',
    ...(backend === 'wasm' && problem.network.layers.some(({ type }) => type === 'conv2d')
      ? { skip: 'its WebAssembly backend has no gradient of convolutions (Conv2DBackpropFilter)' }
      : {}),
    async prepare(): Promise<Prepared> {
      const { useTfjs } = await import('./tfjs.js');
      const tf = await useTfjs(backend);
      const { learningRate } = problem.optimizer;
      const optimizer =
        problem.optimizer.type === 'sgd'
          ? tf.train.sgd(learningRate)
          : tf.train.adam(learningRate, ADAM.beta1, ADAM.beta2, ADAM.epsilon);
      const model = buildModel(tf, problem);
      const batches = tensorsOf(tf, problem);
      const losses: number[] = [];
      let step = 0;
      const run = async (repetitions: number): Promise<void> => {
        await useTfjs(backend);
        let loss: Scalar | null = null;
        for (let k = 0; k < repetitions; k++) {
          loss?.dispose();
          const { x, y } = batches[step++ % batches.length]!;
          loss = optimizer.minimize(
            () => tf.losses.softmaxCrossEntropy(y, model.forward(x)),
            true,
            model.variables,
          );
        }
        const [value] = await loss!.data();
        loss!.dispose();
        losses.push(value!);
      };
      return {
        run,
        async check() {
          while (losses.length < CHECKED_STEPS) await run(1);
          return lossAgreement(problem, [losses]);
        },
        close() {
          tf.dispose(model.variables);
          for (const { x, y } of batches) tf.dispose([x, y]);
          optimizer.dispose();
        },
      };
    },
  };
}

function tensorsOf(
  tf: Tf,
  { batch, batches, entries, inputs, labels, classes, network }: TrainingProblem,
) {
  return Array.from({ length: batches }, (_, k) => {
    const rows = inputs.slice(k * batch * entries, (k + 1) * batch * entries);
    const [height, width, channels] = network.input;
    if (channels !== undefined && channels !== 1)
      throw new RangeError('images of one channel only: more would have to be rearranged');
    return {
      x:
        channels === undefined
          ? tf.tensor2d(rows, [batch, entries])
          : tf.tensor4d(rows, [batch, height!, width!, channels]),
      y: tf.tidy(
        () =>
          tf.oneHot(
            tf.tensor1d(Int32Array.from(labels.subarray(k * batch, (k + 1) * batch)), 'int32'),
            classes,
          ) as Tensor2D,
      ),
    };
  });
}

/** Layers of the benchmark's networks, with the activation that follows fused in. */
function buildModel(tf: Tf, { network, weights }: TrainingProblem) {
  const variables: Variable[] = [];
  const variable = (tensor: Tensor): Variable => {
    const made = tf.variable(tensor);
    tensor.dispose();
    variables.push(made);
    return made;
  };
  const tensor = (name: string) => weights[0]!.get(name)!;
  const steps: ((x: Tensor) => Tensor)[] = [];
  // Height, width and channels in front of the flattening.
  let image: readonly number[] | null = null;
  network.layers.forEach((layer: Layer, index) => {
    const followed = network.layers[index + 1]?.type === 'relu' ? ('relu' as const) : undefined;
    const shape = network.shapes[index]!.output;
    if (layer.type === 'dense') {
      const weight = tensor(`layers.${index}.weight`);
      const [outputs, width] = weight.shape as [number, number];
      const source = image ? rearrangeColumns(weight.data, outputs, image) : weight.data;
      const kernel = variable(
        tf.tidy(() => tf.transpose(tf.tensor2d(Float32Array.from(source), [outputs, width]))),
      ) as Variable & Tensor2D;
      const bias = variable(tf.tensor1d(Float32Array.from(tensor(`layers.${index}.bias`).data)));
      image = null;
      steps.push((x) =>
        tf.fused.matMul({
          a: x,
          b: kernel,
          bias,
          ...(followed ? { activation: followed } : {}),
        }),
      );
    } else if (layer.type === 'conv2d') {
      const { shape: size, data } = tensor(`layers.${index}.weight`);
      const filter = variable(
        tf.tidy(() =>
          tf.transpose(
            tf.tensor4d(Float32Array.from(data), size as [number, number, number, number]),
            [2, 3, 1, 0],
          ),
        ),
      ) as Variable & Tensor4D;
      const bias = variable(tf.tensor1d(Float32Array.from(tensor(`layers.${index}.bias`).data)));
      steps.push((x) =>
        tf.fused.conv2d({
          x: x as Tensor4D,
          filter,
          strides: 1,
          pad: 'valid',
          bias,
          ...(followed ? { activation: followed } : {}),
        }),
      );
    } else if (layer.type === 'max-pool2d') {
      steps.push((x) => tf.maxPool(x as Tensor4D, [2, 2], [2, 2], 'valid'));
    } else if (layer.type === 'flatten') {
      image = network.shapes[index]!.input;
      steps.push((x) => tf.reshape(x, [x.shape[0], shape[0]!]));
    } else if (layer.type !== 'relu') {
      throw new RangeError(`the benchmark's networks have no layer "${layer.type}"`);
    }
  });
  return {
    variables,
    forward: (x: Tensor): Tensor => steps.reduce((value, step) => step(value), x),
  };
}

/** Columns in the order channel, row, column become row, column, channel. */
function rearrangeColumns(
  data: Float32Array,
  outputs: number,
  [height, width, channels]: readonly number[],
): Float32Array {
  const columns = height! * width! * channels!;
  const result = new Float32Array(data.length);
  for (let output = 0; output < outputs; output++)
    for (let channel = 0; channel < channels!; channel++)
      for (let place = 0; place < height! * width!; place++)
        result[output * columns + place * channels! + channel] =
          data[output * columns + channel * height! * width! + place]!;
  return result;
}
