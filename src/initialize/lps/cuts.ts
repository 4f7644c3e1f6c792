/**
 * Steps 3 and 4 of `lps`: from the anchors' projections on a layer's directions to the layer's
 * scale and to the places where its units bend; and the last step, by which the theorem's claim
 * survives rounding: a unit whose largest pre-activation on the anchors is at rounding level, or
 * below 0, has its bias raised.
 *
 * A unit's hyperplane passes through a point between two anchors' features: the linear factor
 * (f*, 1) . (w, b) = 0 of the product structure, with data for coefficients.
 */
import { integerOf, openUniformOf, type DrawBlock } from '../random-address.js';

/** Pairs of anchors closer than this share of the deviation are drawn again. */
const SEPARATION = 0.1;
const ATTEMPTS = 20;
/** Blocks of random words set aside for each direction's attempts. */
export const CUT_BLOCKS = 32;

/** Where the two units of a pair bend: w f = lo and w f = hi. */
export interface Cuts {
  readonly lo: Float64Array;
  readonly hi: Float64Array;
}

/** The statistics of one direction's projections. */
interface Column {
  readonly variance: number;
  readonly lowest: number;
  readonly highest: number;
}

/** Projections whose deviation is below this share of their size do not differ in f32. */
const SMALLEST_SPREAD = 1e-6;

/**
 * Step 3: root of the mean over directions of the projections' population variances; 0 when they
 * do not differ beyond rounding.
 *
 * @param projections [anchor][direction]
 */
export function projectionScale(projections: Float64Array, directions: number): number {
  let sum = 0;
  for (let direction = 0; direction < directions; direction++) {
    sum += columnOf(projections, directions, direction).variance;
  }
  const spread = Math.sqrt(sum / directions);
  const squares = projections.reduce((total, value) => total + value * value, 0);
  const size = Math.sqrt(squares / projections.length);
  return spread > SMALLEST_SPREAD * size ? spread : 0;
}

/**
 * Step 4: for each direction a point between two anchors that differ, and the overlap around it.
 *
 * @param projections [anchor][direction], scaled
 * @param nonlinearity nu: 0 bends both units at the same point, 1 at the two anchors
 */
export function drawCuts(
  projections: Float64Array,
  directions: number,
  nonlinearity: number,
  draw: DrawBlock,
): Cuts {
  const count = projections.length / directions;
  const lo = new Float64Array(directions);
  const hi = new Float64Array(directions);
  for (let direction = 0; direction < directions; direction++) {
    const at = (anchor: number): number => projections[anchor * directions + direction]!;
    const { variance, lowest, highest } = columnOf(projections, directions, direction);
    const needed = SEPARATION * Math.sqrt(variance);
    let first = at(lowest);
    let second = at(highest);
    const [, , place] = draw(direction * CUT_BLOCKS);
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const [a, b] = draw(direction * CUT_BLOCKS + attempt);
      const one = integerOf(a, count);
      const other = integerOf(b, count - 1);
      const candidate = at(one);
      const partner = at(other < one ? other : other + 1);
      if (Math.abs(candidate - partner) > needed) {
        first = candidate;
        second = partner;
        break;
      }
    }
    const u = openUniformOf(place);
    const point = u * first + (1 - u) * second;
    lo[direction] = (1 - nonlinearity) * point + nonlinearity * Math.min(first, second);
    hi[direction] = (1 - nonlinearity) * point + nonlinearity * Math.max(first, second);
  }
  return { lo, hi };
}

/** Of an odd last pair, whether the second unit is the one to keep. */
export function keepsSecond(direction: number, draw: DrawBlock): boolean {
  return draw(direction * CUT_BLOCKS)[3] >>> 31 === 1;
}

function columnOf(projections: Float64Array, directions: number, direction: number): Column {
  const count = projections.length / directions;
  let mean = 0;
  let lowest = 0;
  let highest = 0;
  const at = (anchor: number): number => projections[anchor * directions + direction]!;
  for (let anchor = 0; anchor < count; anchor++) {
    mean += at(anchor) / count;
    if (at(anchor) < at(lowest)) lowest = anchor;
    if (at(anchor) > at(highest)) highest = anchor;
  }
  let variance = 0;
  for (let anchor = 0; anchor < count; anchor++) variance += (at(anchor) - mean) ** 2 / count;
  return { variance, lowest, highest };
}

/** Share of the scale that the largest pre-activation must reach. */
export const LIVE_MARGIN = 1e-6;

/**
 * Raises biases in place.
 *
 * @param units pre-activations without biases, [anchor][unit]
 * @param margin what each unit's largest pre-activation must reach
 */
export function keepAlive(units: Float64Array, bias: Float32Array, margin: number): void {
  bias.forEach((shift, unit) => {
    let highest = -Infinity;
    for (let row = unit; row < units.length; row += bias.length) {
      highest = Math.max(highest, units[row]!);
    }
    if (highest + shift < margin) bias[unit] = margin - highest;
  });
}
