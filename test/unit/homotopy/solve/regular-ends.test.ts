/**
 * Believed afterwards: streamed ends are passed on once each in full batches, collisions name every
 * path that shares its end, and both stores agree. The truth: points on a grid, counted by hand.
 */
import { describe, expect, it } from 'vitest';
import { atOnce } from '../../../../src/math/stepwise.js';
import { PointSet } from '../../../../src/homotopy/points/point-set.js';
import {
  KeptEnds,
  StreamedEnds,
  type EndPoint,
  type RegularEnds,
} from '../../../../src/homotopy/solve/regular-ends.js';
import { example, projective, randomNumbers } from '../examples.js';

const { homotopy } = example('x^2 - 1\ny^2 - 1\nz^2 - 1');
const { structure } = homotopy;

/** Point k of a grid; the projective coordinates come in random scales and phases. */
function end(id: number, k: number, random = randomNumbers(id + 1)): EndPoint {
  const affine = [k % 7, 0, Math.floor(k / 7) % 11, 1, Math.floor(k / 77) / 3, 0];
  const [re, im] = [random() + 2, random()];
  const point = projective(homotopy, affine);
  for (let j = 0; j < point.length; j += 2) {
    const [a, b] = [point[j]!, point[j + 1]!];
    point[j] = a * re - b * im;
    point[j + 1] = a * im + b * re;
  }
  return { id, point, pivotRatio: 0.1, winding: 1, loop: null };
}

function streamed() {
  const batches: number[][] = [];
  const ends = new StreamedEnds(structure, (batch) => batches.push(batch.map(({ id }) => id)));
  return { ends, batches };
}

describe('a set of points', () => {
  it('gives every new point a new index and every old one its own', () => {
    const set = new PointSet(structure);
    const count = 20_000;
    for (let k = 0; k < count; k++) expect(set.add(end(k, k).point, 1e-9)).toBe(k);
    expect(set.size).toBe(count);
    for (let k = 0; k < count; k += 97) {
      expect(set.add(end(k + 5, k).point, 1e-9)).toBe(k);
    }
    expect(set.size).toBe(count);
  });

  it('tells points apart by the tolerance', () => {
    const set = new PointSet(structure);
    const at = (x: number) => projective(homotopy, [x, 0.3, 1, -0.2, 0.5, 0]);
    expect(set.add(at(1), 1e-9)).toBe(0);
    expect(set.add(at(1 + 1e-11), 1e-9)).toBe(0);
    expect(set.add(at(1 + 1e-5), 1e-9)).toBe(1);
    // The wider tolerance of two points counts.
    expect(set.add(at(1 + 1e-5 + 1e-8), 1e-6)).toBe(1);
  });

  it('finds points on both sides of the border of a cell', () => {
    const set = new PointSet(structure);
    for (let k = 0; k < 3000; k++) {
      const x = 0.37 + k * 1e-4;
      const before = set.size;
      const index = set.add(projective(homotopy, [x, 0, 1, 0, 2, 0]), 1e-8);
      expect(index).toBe(before);
      expect(set.add(projective(homotopy, [x + 1e-10, 0, 1, 0, 2, 0]), 1e-8)).toBe(index);
    }
  });
});

describe('streamed ends', () => {
  it('are passed on in batches, once each, and the rest when flushed', () => {
    const { ends, batches } = streamed();
    const count = 5000;
    for (let id = 0; id < count; id++) ends.add(end(id, id));
    expect(batches.map((batch) => batch.length)).toEqual(new Array(39).fill(128));
    ends.flush();
    ends.flush();
    expect(batches.flat()).toEqual(Array.from({ length: count }, (_, id) => id));
    expect(ends.size).toBe(count);
    expect(ends.kept()).toEqual([]);
    expect(atOnce(ends.collisions(0))).toEqual([]);
  });

  it('a path that comes back after a retraction is counted, not passed on again', () => {
    const { ends, batches } = streamed();
    for (let id = 0; id < 10; id++) ends.add(end(id, id));
    ends.add(end(10, 4));
    expect(ends.size).toBe(11);
    expect(atOnce(ends.collisions(0)).sort((a, b) => a - b)).toEqual([4, 10]);
    expect(atOnce(ends.collisions(1))).toEqual([10]);
    ends.remove(new Set([4, 10]));
    expect(ends.size).toBe(9);
    ends.add(end(4, 4));
    ends.add(end(10, 123));
    expect(ends.size).toBe(11);
    expect(atOnce(ends.collisions(0))).toEqual([]);
    ends.flush();
    expect(batches.flat()).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  });

  it('when the first path is called back, the second one owns the point', () => {
    const { ends } = streamed();
    ends.add(end(1, 8));
    ends.add(end(2, 8));
    ends.add(end(3, 8));
    ends.remove(new Set([1]));
    expect(ends.size).toBe(2);
    expect(atOnce(ends.collisions(0))).toEqual([2, 3]);
    ends.add(end(1, 9));
    expect(ends.size).toBe(3);
    expect(atOnce(ends.collisions(1))).toEqual([3]);
  });
});

it('both stores agree on random arrivals and retractions', () => {
  const stores: RegularEnds[] = [new KeptEnds(structure, (point) => point), streamed().ends];
  const random = randomNumbers(5);
  const here = new Set<number>();
  for (let id = 0; id < 400; id++) {
    const k = Math.floor(150 * (random() + 1));
    const arrival = end(id, k);
    here.add(id);
    for (const store of stores) store.add(arrival);
    if (id % 20 === 19) {
      const gone = new Set([...here].filter(() => random() > 0.8));
      gone.forEach((each) => here.delete(each));
      for (const store of stores) store.remove(gone);
    }
  }
  const [kept, stream] = stores as [RegularEnds, RegularEnds];
  expect(stream.size).toBe(here.size);
  expect(kept.size).toBe(here.size);
  expect(atOnce(stream.collisions(0)).sort((a, b) => a - b)).toEqual(
    atOnce(kept.collisions(0)).sort((a, b) => a - b),
  );
  expect(atOnce(stream.collisions(1))).toHaveLength(atOnce(kept.collisions(1)).length);
});
