/**
 * Where the random numbers of an initialization come from: every number has an address, so that a
 * replica's weights depend on nothing but its seed and its number, and a GPU kernel draws the ones
 * that the host draws.
 *
 * The Philox counter is (block, replica, stream, substream): the stream says what a number is for,
 * the substream which tensor it belongs to. Of a matrix each row starts a new block, so that one
 * call gives the four entries of one vec4f of a padded row.
 */
import { philox4x32, type Words4 } from '../math/random.js';
import { ROW_ALIGNMENT } from '../network/parameters.js';

/** Which of the possible networks of a method: the same address gives the same weights. */
export interface ReplicaAddress {
  /** Integer in 0..2^53-1. */
  readonly seed: number;
  /** u32: tells apart many networks of one seed. */
  readonly replica: number;
}

/** What random numbers are for; "LPS" in the upper bytes keeps them apart from other streams. */
export const STREAMS = {
  weights: 0x4c505301,
  asymmetry: 0x4c505302,
  reflectors: 0x4c505303,
  mixingReflectors: 0x4c505304,
  cuts: 0x4c505305,
  patches: 0x4c505306,
  anchors: 0x4c505307,
  generic: 0x4c505308,
  rotation: 0x4c505309,
} as const;

/** The four words of one block. */
export type DrawBlock = (block: number) => Words4;

/**
 * Opens one stream of a replica.
 *
 * @param substream number of the tensor in the network's layout, with the group in the high half
 */
export function openStream(
  { seed, replica }: ReplicaAddress,
  stream: number,
  substream: number,
): DrawBlock {
  const key = [seed >>> 0, Math.floor(seed / 0x100000000)] as const;
  return (block) => philox4x32([block, replica, stream, substream], key);
}

/**
 * The words of row `row` of a matrix, one per column.
 *
 * @param blocksPerRow blocks that each row of the matrix takes
 */
export function rowWords(draw: DrawBlock, row: number, columns: number): number[] {
  const blocksPerRow = Math.ceil(columns / ROW_ALIGNMENT);
  const words = new Array<number>(columns);
  for (let block = 0; block < blocksPerRow; block++) {
    const [a, b, c, d] = draw(row * blocksPerRow + block);
    const column = ROW_ALIGNMENT * block;
    words[column] = a;
    words[column + 1] = b;
    words[column + 2] = c;
    words[column + 3] = d;
  }
  words.length = columns;
  return words;
}

/** Uniform integer in 0..bound-1: the high word of word times bound. */
export function integerOf(word: number, bound: number): number {
  return Math.floor((word * bound) / 0x100000000);
}

/** Uniform in (0, 1), an odd multiple of 2^-25: exact in f32, never an end. */
export function openUniformOf(word: number): number {
  return ((word >>> 9) * 2 + 1) * 2 ** -24;
}

/** Tensor and group in one substream. */
export function groupSubstream(tensor: number, group: number): number {
  return tensor + group * 0x10000;
}
