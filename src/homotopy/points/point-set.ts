/**
 * A set of projective points, millions of them, that keeps five numbers of each: enough to say
 * whether a new point is one of them.
 *
 * A hash table in typed arrays: points go by cells of their first invariant, and within a cell
 * all invariants decide.
 */
import { enlarged } from '../../math/rows.js';
import type { HomotopyStructure } from '../program/homotopy.js';
import { INVARIANTS, ProjectiveInvariants } from './projective-invariants.js';

/** Invariants, then the tolerance. */
const RECORD = INVARIANTS + 1;
/** Wider than any tolerance, so that a match lies in one of two cells. */
const CELL = 1e-5;
const FIRST_CAPACITY = 1024;

export class PointSet {
  /** Points so far; each is known by its index. */
  size = 0;
  private readonly invariants: ProjectiveInvariants;
  private records = new Float64Array(FIRST_CAPACITY * RECORD);
  /** First point of each slot and next one of each point, or -1. */
  private heads = new Int32Array(FIRST_CAPACITY).fill(-1);
  private next = new Int32Array(FIRST_CAPACITY);

  constructor(structure: HomotopyStructure) {
    this.invariants = new ProjectiveInvariants(structure);
  }

  /**
   * Adds a point unless it is there.
   *
   * @param point 2N projective coordinates.
   * @param tolerance largest difference of the invariants of one and the same point, < 1e-5.
   * @returns its index; equal to the former `size` when it is new.
   */
  add(point: Float64Array, tolerance: number): number {
    if (this.size === this.next.length) this.grow();
    const at = RECORD * this.size;
    this.invariants.compute(point, this.records, at);
    this.records[at + INVARIANTS] = tolerance;
    const first = this.records[at]!;
    const cells = new Set(
      [first - CELL / 2, first + CELL / 2].map((key) => Math.floor(key / CELL)),
    );
    for (const cell of cells) {
      for (let k = this.heads[this.slot(cell)]!; k >= 0; k = this.next[k]!) {
        if (this.isSame(k, at)) return k;
      }
    }
    this.insert(this.size);
    return this.size++;
  }

  private isSame(index: number, at: number): boolean {
    const { records } = this;
    const other = RECORD * index;
    const limit = Math.max(records[at + INVARIANTS]!, records[other + INVARIANTS]!);
    for (let w = 0; w < INVARIANTS; w++) {
      if (!(Math.abs(records[at + w]! - records[other + w]!) <= limit)) return false;
    }
    return true;
  }

  private insert(index: number): void {
    const slot = this.slot(Math.floor(this.records[RECORD * index]! / CELL));
    this.next[index] = this.heads[slot]!;
    this.heads[slot] = index;
  }

  /** Multiplicative hashing; the table's length is a power of two. */
  private slot(cell: number): number {
    return (Math.imul(cell | 0, 0x9e3779b1) >>> 7) & (this.heads.length - 1);
  }

  private grow(): void {
    const capacity = 2 * this.next.length;
    this.records = enlarged(this.records, capacity * RECORD);
    this.next = new Int32Array(capacity);
    this.heads = new Int32Array(capacity).fill(-1);
    for (let k = 0; k < this.size; k++) this.insert(k);
  }
}
