/**
 * Step 1 of `lps`: the directions of a layer's units, before their scale is known.
 *
 * Below a layer of mirrored units with an antithetic activation, f_2i - f_2i+1 carries t_i itself and
 * f_2i + f_2i+1 only |t_i|. Columns that are antisymmetric in a pair read t and nothing else, so that
 * the network is affine at first and its Jacobian a product of orthogonal matrices; a share s of
 * symmetric columns lets the bends through.
 */
import { atOnce, type Stepwise } from '../../math/stepwise.js';
import { groupSubstream, openStream, STREAMS, type ReplicaAddress } from '../random-address.js';
import {
  multiplyReflections,
  semiOrthogonalSteps,
  type MultiplyReflections,
} from '../semi-orthogonal.js';
import type { LayerPlan } from './layer-plan.js';

/**
 * The directions of one group.
 *
 * @returns [direction][fan in], f64
 */
export function drawDirections(
  plan: LayerPlan,
  address: ReplicaAddress,
  group: number,
): Float64Array {
  return atOnce(directionSteps(plan, address, group, multiplyReflections));
}

/** The same with other ways to make the matrices. */
export function* directionSteps(
  { layer, directions, fanIn, pairedColumns, mixing }: LayerPlan,
  address: ReplicaAddress,
  group: number,
  multiply: MultiplyReflections,
): Stepwise<Float64Array> {
  const substream = groupSubstream(layer.tensor, group);
  function* haar(stream: number, columns: number): Stepwise<Float64Array> {
    const draw = openStream(address, stream, substream);
    const matrix = yield* semiOrthogonalSteps(directions, columns, draw, multiply);
    // One column of a tall matrix has entries of every size; of a single input only signs are wanted.
    if (fanIn === 1) return Float64Array.from(matrix, (entry) => (entry < 0 ? -1 : 1));
    const scale = Math.sqrt(Math.max(1, directions / columns));
    return new Float64Array(matrix).map((entry) => scale * entry);
  }
  if (!pairedColumns) return yield* haar(STREAMS.reflectors, fanIn);

  const { channels, cells } = pairedColumns;
  const pairs = Math.floor(channels / 2);
  const columns = Math.ceil(channels / 2) * cells;
  const difference = yield* haar(STREAMS.reflectors, columns);
  const sum = yield* haar(STREAMS.mixingReflectors, columns);
  const differenceShare = Math.sqrt(1 - mixing);
  const sumShare = Math.sqrt(mixing);
  const result = new Float64Array(directions * fanIn);
  for (let row = 0; row < directions; row++) {
    for (let channel = 0; channel < channels; channel++) {
      for (let cell = 0; cell < cells; cell++) {
        const source = row * columns + Math.floor(channel / 2) * cells + cell;
        const sign = channel % 2 === 0 ? 1 : -1;
        result[row * fanIn + channel * cells + cell] =
          channel < 2 * pairs
            ? sign * differenceShare * difference[source]! + sumShare * sum[source]!
            : // Without a partner there is nothing to mix with: the sum could cancel it.
              difference[source]!;
      }
    }
  }
  return result;
}
