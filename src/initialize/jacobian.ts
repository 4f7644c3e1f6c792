/**
 * How a network's layers stretch and shrink small changes of its input: singular values of each
 * affine layer's Jacobian at one probe. They say whether a signal, or a gradient, survives the depth.
 *
 * By central differences in f64 through the forward pass that is there already: piecewise linear
 * networks give the exact slopes but for cancellation (1e-12 / 1e-4), smooth ones to 1e-8.
 */
import { Matrix, SingularValueDecomposition } from 'ml-matrix';
import type { Stepwise } from '../math/stepwise.js';
import type { Network } from '../network/index.js';
import { inputFeatures, type Features } from '../network/host/features.js';
import { productsPerRow } from '../network/host/patches.js';
import { propagateSteps, type Propagation } from '../network/host/forward-pass.js';

/** Of the derivative of a layer's outputs, before any activation, by the network's input. */
export interface JacobianSpectrum {
  readonly largest: number;
  /** The smallest that is not 0. */
  readonly smallest: number;
  /** How many are not 0: mirrored units share theirs. */
  readonly rank: number;
}

const STEP = 1e-4;
/** Singular values below this share of the largest are rounding. */
const RANK_TOLERANCE = 1e-6;
/** Multiplications that a report may cost (a second, about), and entries of one Jacobian. */
const LARGEST_COST = 5e8;
const LARGEST_MATRIX = 2 ** 18;

/**
 * The spectra by layer label.
 *
 * @param probe one row of the network's input
 * @returns without layers whose Jacobian is too large; empty when the network is
 */
export function* jacobianSpectra(
  network: Network,
  probe: Float64Array,
  weightsOf: Propagation['weightsOf'],
): Stepwise<ReadonlyMap<string, JacobianSpectrum>> {
  const inputs = probe.length;
  const spectra = new Map<string, JacobianSpectrum>();
  // Batch normalisation would take the shifted copies of the probe for its batch.
  if (network.parameters.tensors.some(({ role }) => role === 'running-mean')) return spectra;
  if (2 * inputs * productsPerRow(network.affineLayers) > LARGEST_COST) return spectra;
  const rows = new Float64Array(2 * inputs * inputs);
  for (let row = 0; row < 2 * inputs; row++) {
    rows.set(probe, row * inputs);
    rows[row * inputs + (row >> 1)]! += row % 2 === 0 ? STEP : -STEP;
  }
  yield* propagateSteps(network, inputFeatures(network.input, rows, 2 * inputs), {
    weightsOf,
    observe: (label, layer, _input, output) => {
      const isAffine = layer.type === 'dense' || layer.type === 'conv2d';
      if (isAffine && output.entries * inputs <= LARGEST_MATRIX) {
        spectra.set(label, spectrumOf(output, inputs));
      }
    },
  });
  return spectra;
}

function spectrumOf({ entries, data }: Features, inputs: number): JacobianSpectrum {
  const jacobian = new Matrix(inputs, entries);
  for (let input = 0; input < inputs; input++) {
    for (let entry = 0; entry < entries; entry++) {
      const difference =
        data[2 * input * entries + entry]! - data[(2 * input + 1) * entries + entry]!;
      jacobian.set(input, entry, difference / (2 * STEP));
    }
  }
  const values = new SingularValueDecomposition(jacobian, {
    computeLeftSingularVectors: false,
    computeRightSingularVectors: false,
    autoTranspose: true,
  }).diagonal;
  const largest = Math.max(...values);
  const nonzero = values.filter((value) => value > RANK_TOLERANCE * largest);
  return { largest, smallest: nonzero.length > 0 ? Math.min(...nonzero) : 0, rank: nonzero.length };
}
