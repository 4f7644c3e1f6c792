/**
 * Believed afterwards: every path is in exactly one column of the books, a path that is followed again
 * leaves its old one, and what must start over is returned, not entered. The truth: outcomes written by hand.
 */
import { describe, expect, it } from 'vitest';
import { CLASSES, REASONS, type OutcomeBatch } from '../../../../src/homotopy/track/jobs.js';
import type { OutcomeReason, PathClass } from '../../../../src/homotopy/track/outcome.js';
import { PathLedger } from '../../../../src/homotopy/solve/ledger.js';
import { KeptEnds } from '../../../../src/homotopy/solve/regular-ends.js';
import { example } from '../examples.js';

const { structure } = example('x^2 - 1').homotopy;
const LENGTH = 2 * structure.coordinates;

interface End {
  readonly class: PathClass;
  readonly reason?: OutcomeReason;
  readonly at?: number;
  readonly doubtful?: boolean;
  readonly doubleDouble?: boolean;
}

function batchOf(ends: readonly End[]): OutcomeBatch {
  const count = ends.length;
  const points = new Float64Array(count * LENGTH);
  ends.forEach(({ at = 0 }, k) => points.set([at, 0, 1, 0], k * LENGTH));
  return {
    classes: Uint8Array.from(ends, (end) => CLASSES.indexOf(end.class)),
    reasons: Uint8Array.from(ends, (end) => REASONS.indexOf(end.reason ?? 'jump')),
    points,
    s: new Float64Array(count).fill(1e-3),
    winding: new Uint8Array(count).fill(1),
    pivotRatios: new Float64Array(count).fill(0.1),
    factorisations: new Uint32Array(count).fill(50),
    doubleDouble: Uint8Array.from(ends, (end) => (end.doubleDouble ? 1 : 0)),
    doubtful: Uint8Array.from(ends, (end) => (end.doubtful ? 1 : 0)),
    loopStarts: new Float64Array(count * LENGTH),
    loopSizes: new Float64Array(count),
    crossings: new Float64Array(count * LENGTH),
    crossed: new Uint8Array(count),
  };
}

function ledgerOf(ends: readonly End[], s = 1) {
  const ledger = new PathLedger(new KeptEnds(structure, (point) => point), structure.coordinates);
  const again = ledger.enter(
    ends.map((_, k) => 10 + k),
    batchOf(ends),
    { s: new Float64Array(ends.length).fill(s) },
  );
  return { ledger, again };
}

const ONE_OF_EACH: readonly End[] = [
  { class: 'regular', at: 1 },
  { class: 'singular', at: 2, doubleDouble: true },
  { class: 'atInfinity', reason: 'stable valuation' },
  { class: 'atInfinity', reason: 'weak valuation' },
  { class: 'atInfinity', reason: 'doubtful valuation' },
  { class: 'failed', reason: 'too many steps' },
];

describe('the books', () => {
  it('hold every path once', () => {
    const { ledger, again } = ledgerOf(ONE_OF_EACH);
    expect(again).toEqual([]);
    expect(ledger.counts()).toEqual({
      tracked: 6,
      regular: 1,
      singular: 1,
      atInfinity: 3,
      failed: 1,
      retracked: 0,
      doubleDouble: 1,
      weak: 2,
    });
    expect(ledger.infinite).toEqual([12, 13, 14]);
    expect(ledger.doubtful).toEqual([14]);
    expect([...ledger.failed.values()]).toEqual([{ id: 15, reason: 'too many steps', s: 1e-3 }]);
    expect([...ledger.singular.get(11)!.point]).toEqual([2, 0, 1, 0]);
  });

  it('forget paths that are to be followed again, from whichever column', () => {
    const { ledger } = ledgerOf(ONE_OF_EACH);
    ledger.retract([10, 11, 13, 14, 15]);
    expect(ledger.done).toBe(1);
    expect(ledger.infinite).toEqual([12]);
    expect(ledger.doubtful).toEqual([]);
    expect(ledger.counts()).toMatchObject({ tracked: 1, atInfinity: 1, failed: 0, weak: 0 });
  });

  it('a path that failed on the way from a hand-over starts over, it has not failed', () => {
    const failed: End[] = [{ class: 'regular' }, { class: 'failed', reason: 'did not start' }];
    const { ledger, again } = ledgerOf(failed, 0.1);
    expect(again).toEqual([1]);
    expect(ledger.counts()).toMatchObject({ tracked: 1, regular: 1, failed: 0 });
  });

  it('note ends that seemed to be at infinity and are not', () => {
    expect(ledgerOf([{ class: 'regular', doubtful: true }]).ledger.broughtBack).toBe(1);
    expect(ledgerOf([{ class: 'atInfinity', doubtful: true }]).ledger.broughtBack).toBe(0);
  });
});
