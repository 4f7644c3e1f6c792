/**
 * Believed afterwards: the exact count agrees, differs or says why it cannot tell; a difference is asked
 * again of other primes; a thread that fails costs the count and nothing else; nothing is counted
 * twice. The truth: systems whose solutions are counted by hand, and a pool that counts its calls.
 */
import { describe, expect, it } from 'vitest';
import {
  ExactCounter,
  type ExactComparison,
} from '../../../../src/homotopy/solve/exact-comparison.js';
import type { WorkerPool } from '../../../../src/homotopy/track/pool.js';
import {
  countModulo,
  REAL_PRIMES,
  type CountLimits,
  type ExactCount,
  type ModularSystem,
} from '../../../../src/polynomial/exact-count/exact-count.js';
import { parseSystem } from '../../../../src/polynomial/parse.js';
import type { PolynomialSystem } from '../../../../src/polynomial/system.js';

const [P, SECOND, THIRD] = REAL_PRIMES as [number, number, number];

/** A thread of its own that is none: it answers `reply`, and remembers what it was asked. */
class FakePool {
  readonly asked: { readonly prime: number; readonly limits: CountLimits }[] = [];
  constructor(
    private readonly reply: (system: ModularSystem, limits: CountLimits) => Promise<ExactCount>,
  ) {}

  count(system: ModularSystem, limits: CountLimits): Promise<ExactCount> {
    this.asked.push({ prime: system.prime, limits });
    return this.reply(system, limits);
  }

  asPool(): WorkerPool {
    return this as unknown as WorkerPool;
  }
}

const unused = () =>
  new FakePool(() => Promise.reject(new Error('this count needs no thread of its own')));

async function compare(
  text: string,
  found: number,
  pool = unused(),
  milliseconds = 1000,
): Promise<ExactComparison> {
  return new ExactCounter(parseSystem(text), pool.asPool(), milliseconds).compare(simple(found));
}

/** Cyclic-7: half a second, far more than the 15 ms that the calling thread has. */
function longSystem(): PolynomialSystem {
  const names = Array.from({ length: 7 }, (_, k) => `z${k}`);
  const sums = names
    .slice(1)
    .map((_, d) =>
      names
        .map((_, k) => Array.from({ length: d + 1 }, (_, j) => names[(k + j) % 7]).join('*'))
        .join(' + '),
    );
  return parseSystem([...sums, `${names.join('*')} - 1`].join('\n'));
}

const outOfTime = (prime: number): ExactCount => ({
  status: 'out of time',
  dimension: null,
  count: null,
  distinct: null,
  nonsingular: null,
  prime,
});

const counted = (count: number, prime: number): ExactCount => ({
  ...outOfTime(prime),
  status: 'decided',
  dimension: 0,
  count,
});

/** So many solutions, all of them nonsingular. */
function simple(found: number) {
  return { withMultiplicity: found, nonsingular: found };
}

describe('the status', () => {
  it.each<[string, number, ExactComparison['status'], number, number | null]>([
    ['x^2 - 2', 2, 'equal', 0, 2],
    ['x^2 - 2', 1, 'different', 0, 2],
    ['x^2 - 2', 3, 'different', 0, 2],
    ['(x - 1)^3*(x + 2)\ny^2', 8, 'equal', 0, 8],
    ['x*y - 1\nx + y - 1', 2, 'equal', 0, 2],
    ['(x - i)*(x - 2)\ny - x^2', 2, 'equal', 0, 2],
    ['x + y - 1\nx + y - 2', 0, 'equal', -1, 0],
    ['x + y - 1\nx + y - 2', 1, 'different', -1, 0],
    ['x*y\nx*(y - 1)*x', 0, 'positive-dimensional', 1, null],
    ['x*y\nx*(y - 1)*x', 7, 'positive-dimensional', 1, null],
  ])('of %j with %i solutions found is %s', async (text, found, status, dimension, count) => {
    const comparison = await compare(text, found);
    expect(comparison).toMatchObject({ status, dimension, count });
    expect(comparison.prime).toBeGreaterThan(2 ** 30);
  });

  it('is "no suitable prime" when every prime divides a denominator', async () => {
    const product = REAL_PRIMES.map(String).join('*');
    const comparison = await compare(`x - 1/(${product})`, 1);
    expect(comparison).toEqual({
      status: 'no suitable prime',
      dimension: null,
      count: null,
      distinct: null,
      nonsingular: null,
      prime: null,
    });
  });

  it('passes by a prime that divides a denominator', async () => {
    expect(await compare(`x^2 - 1/${P}`, 2)).toMatchObject({ status: 'equal', prime: SECOND });
  });
});

describe('a difference', () => {
  // Modulo P this is x + 1, with one root.
  const unlucky = `${P}*x^2 + x + 1`;

  it('is asked of a second prime, which may agree', async () => {
    expect(await compare(unlucky, 2)).toMatchObject({ status: 'equal', count: 2, prime: SECOND });
  });

  it('is believed when three primes differ, and the last one is named', async () => {
    const three = await compare(`${P}*x^2 + x + 1`, 5);
    expect(three).toMatchObject({ status: 'different', count: 2, prime: THIRD });
  });

  it('is not asked again when the first prime agrees, were it unlucky or not', async () => {
    expect(await compare(unlucky, 1)).toMatchObject({ status: 'equal', count: 1, prime: P });
    expect(await compare('x^2 - 3', 2)).toMatchObject({ status: 'equal', count: 2, prime: P });
  });

  it('of an unlucky prime and a thread of its own costs one more call each', async () => {
    // What the thread says is made up: the first prime gives 1, the second 2, the third 3.
    const counts = new Map([P, SECOND, THIRD].map((prime, k) => [prime, k + 1]));
    const pool = new FakePool(({ prime }) => Promise.resolve(counted(counts.get(prime)!, prime)));
    const counter = new ExactCounter(longSystem(), pool.asPool(), 5000);
    expect(await counter.compare(simple(1))).toMatchObject({ status: 'equal', prime: P });
    expect(pool.asked.map(({ prime }) => prime)).toEqual([P]);
    expect(await counter.compare(simple(2))).toMatchObject({ status: 'equal', prime: SECOND });
    expect(pool.asked.map(({ prime }) => prime)).toEqual([P, SECOND]);
    expect(await counter.compare(simple(9))).toMatchObject({
      status: 'different',
      count: 3,
      prime: THIRD,
    });
    expect(pool.asked.map(({ prime }) => prime)).toEqual([P, SECOND, THIRD]);
    for (const { limits } of pool.asked)
      expect(limits).toEqual({ milliseconds: 5000, distinct: false });
  });

  it('keeps the first count when the others run out of time', async () => {
    const pool = new FakePool(({ prime }) =>
      Promise.resolve(prime === P ? counted(924, prime) : outOfTime(prime)),
    );
    const counter = new ExactCounter(longSystem(), pool.asPool(), 5000);
    expect(await counter.compare(simple(900))).toMatchObject({
      status: 'different',
      count: 924,
      prime: P,
    });
  });
});

describe('different solutions', () => {
  const compareDistinct = async (text: string, found: number, different: number) => {
    const counter = new ExactCounter(parseSystem(text), unused().asPool(), 5);
    return counter.compareDistinct(await counter.compare(simple(found)), different);
  };

  it('are as many as were found, or not', async () => {
    const close = '(x - 1)^2*(x - 1.001)*(x + 3)';
    expect(await compareDistinct(close, 4, 3)).toMatchObject({ status: 'equal', distinct: 3 });
    expect(await compareDistinct(close, 4, 2)).toMatchObject({ status: 'different', distinct: 3 });
    expect(await compareDistinct(close, 4, 4)).toMatchObject({ status: 'different', distinct: 3 });
  });

  it('that fall together modulo one prime are told apart by another', async () => {
    const together = `x^2*(x - ${P})`;
    expect(await compareDistinct(together, 3, 2)).toMatchObject({ status: 'equal', distinct: 2 });
  });

  it('too many to be counted in time leave the comparison as it was', async () => {
    const comparison = {
      dimension: 0,
      count: 924,
      distinct: null,
      nonsingular: null,
      prime: P,
      status: 'equal',
    } as const;
    const counter = new ExactCounter(longSystem(), unused().asPool(), 5);
    expect(await counter.compareDistinct(comparison, 900)).toEqual(comparison);
  });
});

describe('time', () => {
  it('that runs out in the calling thread is no thread’s business when there is no more of it', async () => {
    const pool = unused();
    const counter = new ExactCounter(longSystem(), pool.asPool(), 5);
    expect(await counter.compare(simple(924))).toMatchObject({
      status: 'out of time',
      dimension: null,
      count: null,
    });
    expect(pool.asked).toEqual([]);
  });

  it('that runs out in the thread is said', async () => {
    const pool = new FakePool(({ prime }) => Promise.resolve(outOfTime(prime)));
    const counter = new ExactCounter(longSystem(), pool.asPool(), 1000);
    expect(counter.isSettled).toBe(false);
    expect(await counter.compare(simple(924))).toMatchObject({
      status: 'out of time',
      count: null,
    });
    // Not decided: another prime would take as long.
    expect(pool.asked).toHaveLength(1);
    expect(counter.isSettled).toBe(true);
  });

  it('that ran out for one member of a family is not asked of a thread for another, unless it is given more', async () => {
    const pool = new FakePool(({ prime }) => Promise.resolve(outOfTime(prime)));
    const family = {};
    for (const milliseconds of [1000, 1000, 500, 2000]) {
      const system = longSystem();
      const counter = new ExactCounter(system, pool.asPool(), milliseconds, undefined, family);
      expect(await counter.compare(simple(924))).toMatchObject({
        status: 'out of time',
        count: null,
      });
    }
    expect(pool.asked.map(({ limits }) => limits.milliseconds)).toEqual([1000, 2000]);
  });

  it('is not spent in a thread on what the calling one decides', async () => {
    const pool = unused();
    const counter = new ExactCounter(parseSystem('x^2 - 5'), pool.asPool(), 1000);
    expect(await counter.compare(simple(2))).toMatchObject({ status: 'equal' });
    expect(pool.asked).toEqual([]);
  });

  it('enough in the thread gives the count of cyclic-7, 924', async () => {
    const pool = new FakePool((system) =>
      Promise.resolve(countModulo(system, { milliseconds: 60_000 })),
    );
    const counter = new ExactCounter(longSystem(), pool.asPool(), 1000);
    expect(await counter.compare(simple(924))).toMatchObject({
      status: 'equal',
      count: 924,
      prime: P,
    });
  });
});

describe('a thread that fails', () => {
  it.each([
    ['rejects', () => Promise.reject(new Error('stopped'))],
    [
      'throws',
      () => {
        throw new Error('the worker pool was closed');
      },
    ],
  ])('costs the count only: it %s', async (_, reply) => {
    const counter = new ExactCounter(longSystem(), new FakePool(reply).asPool(), 1000);
    expect(await counter.compare(simple(924))).toMatchObject({
      status: 'out of time',
      count: null,
    });
  });
});

describe('a count that was decided', () => {
  const decided = () => new FakePool(({ prime }) => Promise.resolve(counted(924, prime)));

  it('is not made again for the same system', async () => {
    const system = longSystem();
    const pool = decided();
    for (let seed = 0; seed < 3; seed++) {
      const counter = new ExactCounter(system, pool.asPool(), 1000);
      expect(await counter.compare(simple(924))).toMatchObject({ status: 'equal', count: 924 });
    }
    expect(pool.asked).toHaveLength(1);
    // Another object may be another system.
    const other = new ExactCounter(longSystem(), pool.asPool(), 1000);
    expect(await other.compare(simple(924))).toMatchObject({ status: 'equal' });
    expect(pool.asked).toHaveLength(2);
  });

  it('that was not decided is made again with more time, and is not waited for with as much', async () => {
    const system = longSystem();
    const slow = new FakePool(({ prime }) => Promise.resolve(outOfTime(prime)));
    await new ExactCounter(system, slow.asPool(), 1000).compare(simple(924));
    const same = new ExactCounter(system, unused().asPool(), 1000);
    expect(await same.compare(simple(924))).toMatchObject({ status: 'out of time' });
    const pool = decided();
    const counter = new ExactCounter(system, pool.asPool(), 1001);
    expect(await counter.compare(simple(924))).toMatchObject({ status: 'equal' });
    expect(pool.asked).toHaveLength(1);
  });

  it('that a thread did not make is made again', async () => {
    const system = longSystem();
    const broken = new FakePool(() => Promise.reject(new Error('the thread died')));
    await new ExactCounter(system, broken.asPool(), 1000).compare(simple(924));
    const pool = decided();
    const counter = new ExactCounter(system, pool.asPool(), 1000);
    expect(await counter.compare(simple(924))).toMatchObject({ status: 'equal' });
  });
});
