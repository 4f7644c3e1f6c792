/**
 * Directions of the first layer from the anchors: the span of their h leading principal directions, turned
 * by a random rotation, so that units of a layer narrower than its input look where the data vary.
 *
 * Any basis of the span would do for the theorems, which ask for directions that separate two anchors.
 */
import { SingularValueDecomposition, Matrix } from 'ml-matrix';
import { groupSubstream, openStream, STREAMS, type ReplicaAddress } from '../random-address.js';
import { semiOrthogonal } from '../semi-orthogonal.js';
import { drawDirections } from './directions.js';
import type { LayerPlan } from './layer-plan.js';

/** Singular values below that share of the largest are rounding. */
const RANK_TOLERANCE = 1e-6;

/**
 * The directions of one group; those of drawDirections when there are as many as columns, whose span is
 * everything. Where the anchors span less than h dimensions, random directions fill up.
 *
 * @param features [anchor][fan in]
 * @returns [direction][fan in], f64
 */
export function principalDirections(
  plan: LayerPlan,
  features: Float64Array,
  address: ReplicaAddress,
  group: number,
): Float64Array {
  const { directions, fanIn, layer } = plan;
  const random = drawDirections(plan, address, group);
  if (directions >= fanIn) return random;
  const basis = orthonormalRows([
    ...leadingRows(features, fanIn, directions),
    ...rowsOf(random, fanIn),
  ]);
  const substream = groupSubstream(layer.tensor, group);
  const rotation = semiOrthogonal(
    directions,
    directions,
    openStream(address, STREAMS.rotation, substream),
  );
  const result = new Float64Array(directions * fanIn);
  for (let row = 0; row < directions; row++) {
    for (let k = 0; k < directions; k++) {
      const share = rotation[row * directions + k]!;
      for (let column = 0; column < fanIn; column++) {
        result[row * fanIn + column]! += share * basis[k]![column]!;
      }
    }
  }
  return result;
}

/** Principal directions of rows about their mean, at most `most`, those of the largest variance first. */
function leadingRows(features: Float64Array, fanIn: number, most: number): Float64Array[] {
  const count = features.length / fanIn;
  const means = new Float64Array(fanIn);
  features.forEach((value, index) => {
    means[index % fanIn]! += value / count;
  });
  const centred = Matrix.zeros(count, fanIn);
  features.forEach((value, index) => {
    const column = index % fanIn;
    centred.set(Math.floor(index / fanIn), column, value - means[column]!);
  });
  const { diagonal, rightSingularVectors } = new SingularValueDecomposition(centred, {
    autoTranspose: true,
    computeLeftSingularVectors: false,
  });
  const largest = diagonal[0] ?? 0;
  const rank = diagonal.filter((value) => value > RANK_TOLERANCE * largest).length;
  return Array.from({ length: Math.min(rank, most) }, (_, k) =>
    Float64Array.from(rightSingularVectors.getColumn(k)),
  );
}

function rowsOf(matrix: Float64Array, columns: number): Float64Array[] {
  return Array.from({ length: matrix.length / columns }, (_, row) =>
    matrix.slice(row * columns, (row + 1) * columns),
  );
}

/** Gram and Schmidt, each row twice; as many rows as half of them are. */
function orthonormalRows(rows: readonly Float64Array[]): Float64Array[] {
  const basis: Float64Array[] = [];
  for (const row of rows) {
    const rest = row.slice();
    for (let pass = 0; pass < 2; pass++) {
      for (const other of basis) {
        const product = rest.reduce((sum, entry, k) => sum + entry * other[k]!, 0);
        rest.forEach((entry, k) => (rest[k] = entry - product * other[k]!));
      }
    }
    const norm = Math.hypot(...rest);
    if (norm > RANK_TOLERANCE) basis.push(rest.map((entry) => entry / norm));
  }
  return basis;
}
