/** A fully connected polynomial network on rows of data, by definition: forward pass, loss, back propagation. */

export interface PolynomialNetwork {
  /** Sizes from the inputs to the outputs. */
  readonly layers: readonly number[];
  /** Which layers have biases: all, none, or the last. */
  readonly bias: boolean | 'output';
  /** Coefficients of the activation, lowest power first. */
  readonly activation: readonly number[];
  readonly regularization: number;
  readonly inputs: readonly (readonly number[])[];
  readonly targets: readonly (readonly number[])[];
}

/** Names of the tensors in a state dictionary, in the order of the unknowns, with their shapes. */
export function tensorsOf({ layers, bias }: Pick<PolynomialNetwork, 'layers' | 'bias'>): {
  name: string;
  rows: number;
  columns: number | null;
}[] {
  const last = layers.length - 2;
  return layers.slice(1).flatMap((rows, layer) => {
    // Every layer but the last is followed by its activation, which counts as a layer.
    const name = `layers.${2 * layer}`;
    const weight = { name: `${name}.weight`, rows, columns: layers[layer]! };
    const hasBias = bias === true || (bias === 'output' && layer === last);
    return hasBias ? [weight, { name: `${name}.bias`, rows, columns: null }] : [weight];
  });
}

/** J = 1/(2S) sum |y - t|^2 + (lambda/2) |theta|^2 and its gradient. */
export function lossAndGradient(
  network: PolynomialNetwork,
  theta: readonly number[],
): { loss: number; gradient: number[] } {
  const { inputs, targets, regularization } = network;
  const layers = splitUnknowns(network, theta);
  const gradient = theta.map(() => 0);
  let squares = 0;
  inputs.forEach((row, sample) => {
    const features: number[][] = [[...row]];
    const sums: number[][] = [];
    layers.forEach(({ weights, biases }, l) => {
      const sum = weights.map((weight, i) =>
        weight.reduce((total, w, j) => total + w * features[l]![j]!, biases?.[i] ?? 0),
      );
      sums.push(sum);
      features.push(
        l === layers.length - 1 ? sum : sum.map((z) => polynomial(network.activation, z)),
      );
    });
    let back = features.at(-1)!.map((output, k) => output - targets[sample]![k]!);
    squares += back.reduce((total, residual) => total + residual * residual, 0);
    for (let l = layers.length - 1; l >= 0; l--) {
      const { weights, biases, first, firstBias } = layers[l]!;
      const below = features[l]!;
      back.forEach((share, i) => {
        below.forEach((feature, j) => (gradient[first + i * below.length + j]! += share * feature));
        if (biases) gradient[firstBias + i]! += share;
      });
      if (l === 0) break;
      const slopes = derivative(network.activation);
      back = below.map(
        (_, j) =>
          polynomial(slopes, sums[l - 1]![j]!) *
          weights.reduce((total, weight, i) => total + weight[j]! * back[i]!, 0),
      );
    }
  });
  const norm = theta.reduce((total, entry) => total + entry * entry, 0);
  return {
    loss: squares / (2 * inputs.length) + (regularization / 2) * norm,
    gradient: gradient.map((entry, k) => entry / inputs.length + regularization * theta[k]!),
  };
}

/** J with any activation, forwards only. */
export function lossOf(
  network: PolynomialNetwork,
  theta: readonly number[],
  activation: (z: number) => number,
): number {
  const layers = splitUnknowns(network, theta);
  const squares = network.inputs.reduce((total, row, sample) => {
    const outputs = layers.reduce<readonly number[]>((features, { weights, biases }, l) => {
      const sums = weights.map((weight, i) =>
        weight.reduce((sum, w, j) => sum + w * features[j]!, biases?.[i] ?? 0),
      );
      return l === layers.length - 1 ? sums : sums.map(activation);
    }, row);
    return outputs.reduce(
      (sum, output, k) => sum + (output - network.targets[sample]![k]!) ** 2,
      total,
    );
  }, 0);
  const norm = theta.reduce((total, entry) => total + entry * entry, 0);
  return squares / (2 * network.inputs.length) + (network.regularization / 2) * norm;
}

interface Layer {
  readonly weights: readonly (readonly number[])[];
  readonly biases: readonly number[] | null;
  /** Places of the first weight and the first bias among the unknowns. */
  readonly first: number;
  readonly firstBias: number;
}

function splitUnknowns(network: PolynomialNetwork, theta: readonly number[]): Layer[] {
  const layers: Layer[] = [];
  let next = 0;
  for (const { rows, columns } of tensorsOf(network)) {
    if (columns === null) {
      const layer = layers.pop()!;
      layers.push({ ...layer, biases: theta.slice(next, next + rows), firstBias: next });
      next += rows;
    } else {
      const first = next;
      const weights = Array.from({ length: rows }, (_, i) =>
        theta.slice(first + i * columns, first + (i + 1) * columns),
      );
      layers.push({ weights, biases: null, first, firstBias: NaN });
      next += rows * columns;
    }
  }
  return layers;
}

function polynomial(coefficients: readonly number[], z: number): number {
  return coefficients.reduceRight((value, coefficient) => value * z + coefficient, 0);
}

function derivative(coefficients: readonly number[]): number[] {
  return coefficients.slice(1).map((coefficient, power) => coefficient * (power + 1));
}
