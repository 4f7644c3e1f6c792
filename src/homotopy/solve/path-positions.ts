/** Where paths are while the GPU follows them, for drawing. */
import type { RoundPoints } from '../gpu/index.js';
import { RECORD_HEADER } from '../gpu/status.js';
import type { HomotopyStructure } from '../program/homotopy.js';
import type { Units } from '../../polynomial/scaling.js';

/**
 * Points of paths between two rounds, in a buffer of the solver's device.
 *
 * Path k's unknown j is 2^unit z / z0, where z and z0 are the two f32 (re, im) at words
 * k * stride + unknowns[j].word and k * stride + unknowns[j].homogenizing. A path that has arrived stays
 * at its end; one that goes on in f64 stays where the GPU left it.
 */
export interface PathPositions extends RoundPoints {
  /** In the order of the system's variables. */
  readonly unknowns: readonly {
    readonly word: number;
    readonly homogenizing: number;
    readonly unit: number;
  }[];
}

/** What `onPaths` is given for what the tracker gives. */
export function pathPositions(
  { variables, groupOf }: HomotopyStructure,
  units: Units,
  points: RoundPoints,
): PathPositions {
  const word = (coordinate: number) => RECORD_HEADER + 2 * coordinate;
  return {
    ...points,
    unknowns: Array.from(units, (unit, j) => ({
      word: word(j),
      homogenizing: word(variables + groupOf[j]!),
      unit,
    })),
  };
}
