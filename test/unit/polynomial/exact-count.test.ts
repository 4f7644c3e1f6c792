// Believed after it passes: the number of solutions modulo a prime, and the dimension, are right; limits are kept. Truth: counts recorded with the systems (Macaulay2 and numerical solvers), counts by construction (planted points, multiplicities, Bezout's theorem, determinants), all points of small spaces tried one by one, and BigInt for the arithmetic.
import fc from 'fast-check';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { Budget, BudgetExceeded } from '../../../src/polynomial/exact-count/budget.js';
import {
  COMPLEX_PRIMES,
  countModulo,
  countSolutions,
  REAL_PRIMES,
  reduceModulo,
  type ExactCount,
  type ModularSystem,
} from '../../../src/polynomial/exact-count/exact-count.js';
import {
  MAX_MONOMIAL_DEGREE,
  MonomialTable,
} from '../../../src/polynomial/exact-count/monomials.js';
import { PrimeField } from '../../../src/polynomial/exact-count/prime-field.js';
import { parseSystem } from '../../../src/polynomial/parse.js';

const RUNS = { numRuns: 200, seed: 20261127, endOnFailure: true };
const LIMITS = { milliseconds: 60_000 };
const LARGEST = 2147483647;

function count(text: string): Pick<ExactCount, 'dimension' | 'count'> {
  const { status, dimension, count: found } = countSolutions(parseSystem(text), LIMITS);
  expect(status).toBe('decided');
  return { dimension, count: found };
}

const finite = (solutions: number) => ({ dimension: 0, count: solutions });
const infinite = (dimension: number) => ({ dimension, count: null });
const NONE = { dimension: -1, count: 0 };

describe('prime field', () => {
  const primes = [2, 3, 5, 7, 251, 65537, 1073741827, ...REAL_PRIMES, ...COMPLEX_PRIMES];
  /** Two numbers of a field, the edges among them. */
  const elements = fc.constantFrom(...primes).chain((prime) => {
    const element = fc.oneof(
      fc.integer({ min: 0, max: prime - 1 }),
      fc
        .constantFrom(0, 1, 2, prime - 1, prime - 2, prime >> 1, prime - (prime >> 1))
        .map((value) => value % prime),
    );
    return fc.tuple(fc.constant(prime), element, element, element);
  });

  it('multiplies, subtracts multiples, inverts and raises like BigInt', () => {
    fc.assert(
      fc.property(elements, ([prime, a, b, c]) => {
        const field = new PrimeField(prime);
        const modulus = BigInt(prime);
        expect(field.multiply(a, b)).toBe(Number((BigInt(a) * BigInt(b)) % modulus));
        if (b > 0) {
          const difference = (((BigInt(a) - BigInt(b) * BigInt(c)) % modulus) + modulus) % modulus;
          // An odd and an even number of terms take different ways.
          for (const length of [1, 2, 3]) {
            const dense = new Int32Array(5).fill(a);
            const columns = Int32Array.of(1, 2, 4).subarray(0, length);
            field.subtractMultiple(dense, b, columns, new Int32Array(length).fill(c));
            const expected = new Int32Array(5).fill(a);
            columns.forEach((column) => {
              expected[column] = Number(difference);
            });
            expect(dense).toEqual(expected);
          }
          expect((BigInt(field.invert(b)) * BigInt(b)) % modulus).toBe(1n);
          expect(field.power(b, prime - 1)).toBe(1);
        }
        const row = Int32Array.of(a, c);
        field.scale(row, b);
        expect([...row]).toEqual([field.multiply(a, b), field.multiply(c, b)]);
      }),
      { ...RUNS, numRuns: 5000 },
    );
  });

  it('multiplies right where the rounded quotient is next to a whole number', () => {
    for (const prime of [LARGEST, 2147483629, 65537]) {
      const field = new PrimeField(prime);
      for (let a = 1; a < 2000; a += 1) {
        // Products just below, at and just above multiples of p, with quotients of all sizes.
        for (const b of [
          field.invert(a),
          prime - field.invert(a),
          Math.floor((prime * 1e-3) / a),
        ]) {
          const large = prime - a;
          for (const [x, y] of [
            [a, b],
            [large, b],
          ] as const) {
            expect(field.multiply(x, y)).toBe(Number((BigInt(x) * BigInt(y)) % BigInt(prime)));
          }
        }
      }
    }
  });

  it('reads whole numbers of any size and sign', () => {
    const field = new PrimeField(LARGEST);
    expect(field.fromInteger(-1n)).toBe(LARGEST - 1);
    expect(field.fromInteger(0n)).toBe(0);
    expect(field.fromInteger(BigInt(LARGEST) * 10n ** 40n + 17n)).toBe(17);
    expect(field.fromInteger(-BigInt(LARGEST) * 10n ** 40n)).toBe(0);
  });

  it('has primes, and an imaginary unit for every one that complex coefficients use', () => {
    for (const prime of [...REAL_PRIMES, ...COMPLEX_PRIMES]) {
      for (let divisor = 2; divisor * divisor <= prime; divisor += 1) {
        if (prime % divisor === 0) {
          expect.fail(`${prime} = ${divisor} * ${prime / divisor}`);
        }
      }
    }
    for (const prime of COMPLEX_PRIMES) {
      const unit = BigInt(new PrimeField(prime).imaginaryUnit() ?? 0);
      expect((unit * unit + 1n) % BigInt(prime)).toBe(0n);
    }
    expect(new PrimeField(LARGEST).imaginaryUnit()).toBeNull();
    expect(REAL_PRIMES[0]).toBe(LARGEST);
    expect(() => new PrimeField(2 ** 31)).toThrow(RangeError);
  });
});

describe('monomials', () => {
  const exponents = fc.integer({ min: 1, max: 9 }).chain((variables) => {
    const one = fc.array(
      fc.oneof(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 0, max: 1000 })),
      { minLength: variables, maxLength: variables },
    );
    return fc.tuple(one, one);
  });

  it('multiply, divide and compare like their exponents', () => {
    fc.assert(
      fc.property(exponents, ([x, y]) => {
        const table = new MonomialTable(
          x.length,
          new Budget({ milliseconds: 60_000, megabytes: 10 }),
        );
        const [a, b] = [table.fromExponents(x), table.fromExponents(y)];
        expect([...table.exponents(a)]).toEqual(x);
        expect(table.fromExponents(x)).toBe(a);
        const product = table.products(a, Int32Array.of(b))[0]!;
        expect([...table.exponents(product)]).toEqual(x.map((each, k) => each + y[k]!));
        expect(table.products(b, Int32Array.of(a))[0]).toBe(product);
        expect(table.quotient(product, a)).toBe(b);
        expect(table.divides(a, product) && table.divides(b, product)).toBe(true);
        expect(table.divides(a, b)).toBe(x.every((each, k) => each <= y[k]!));
        const common = table.leastCommonMultiple(a, b);
        expect([...table.exponents(common)]).toEqual(x.map((each, k) => Math.max(each, y[k]!)));
        expect(table.coprime(a, b)).toBe(common === product);
        // Degree first; then the last exponent that differs is the smaller one in the larger.
        const degree = (of: number[]) => of.reduce((sum, each) => sum + each, 0);
        const last = x.findLastIndex((each, k) => each !== y[k]);
        const expected = degree(x) - degree(y) || (last < 0 ? 0 : y[last]! - x[last]!);
        expect(Math.sign(table.compare(a, b))).toBe(Math.sign(expected));
      }),
      RUNS,
    );
  });

  it('keep their numbers while the table grows', () => {
    const table = new MonomialTable(3, new Budget({ milliseconds: 60_000, megabytes: 100 }));
    const all = Array.from({ length: 20_000 }, (_, i) => [i % 7, (i * 31) % 100, i]);
    const numbers = all.map((each) => table.fromExponents(each));
    expect(new Set(numbers).size).toBe(all.length);
    expect(all.map((each) => table.fromExponents(each))).toEqual(numbers);
  });

  it('refuse a degree that could overflow', () => {
    const table = new MonomialTable(2, new Budget({ milliseconds: 60_000, megabytes: 10 }));
    const highest = table.fromExponents([MAX_MONOMIAL_DEGREE - 1, 1]);
    const last = table.fromExponents([0, 1]);
    expect(table.exponent(highest, 0)).toBe(MAX_MONOMIAL_DEGREE - 1);
    expect(() => table.products(highest, Int32Array.of(last))).toThrow(BudgetExceeded);
  });
});

describe('systems with recorded counts', () => {
  interface Recorded {
    finiteSolutions: { gbDimension: number | null; withMultiplicity: number | null };
  }
  const folder = new URL('../../data/systems/', import.meta.url);
  /** Counts that were recorded wrong or not at all. */
  const corrected = new Map([
    ['cassou.json', 16],
    ['i1.json', 66],
    ['comb3000.json', 16],
    ['tangents1.json', 24],
    ['cyclic6.json', 156],
    ['katsura8.json', 256],
    ['eco9.json', 128],
    ['noon5.json', 233],
    ['reimer5.json', 144],
  ]);
  const known = readdirSync(folder)
    .filter((file) => file.endsWith('.json'))
    .map((file) => {
      const text = readFileSync(new URL(file, folder), 'utf8');
      const { gbDimension, withMultiplicity } = (JSON.parse(text) as Recorded).finiteSolutions;
      const right = corrected.get(file);
      const expected =
        right !== undefined
          ? finite(right)
          : gbDimension === null
            ? null
            : { dimension: gbDimension, count: withMultiplicity };
      return { file, text, expected };
    })
    .filter(({ expected }) => expected !== null);

  it('are many', () => {
    expect(known.length).toBeGreaterThanOrEqual(60);
  });

  it.each(known)('$file', ({ text, expected }) => {
    expect(count(text)).toEqual(expected);
  });
});

describe('counts by construction', () => {
  it('counts multiplicities', () => {
    expect(count('(x-10)^12')).toEqual(finite(12));
    expect(count('x^2+y^2\n y-x')).toEqual(finite(2));
    expect(count('x^2\n y^3\n z^4 - x*y')).toEqual(finite(24));
    expect(count('(x-1)^2*(x+2)\n (y-x)^3*(y-5)')).toEqual(finite(12));
    expect(count('x^64 - 2')).toEqual(finite(64));
    // Three concurrent lines' pencil: two conics that touch in one point fourfold.
    expect(count('y*1 - x^2\n y - x^2 - y^2')).toEqual(finite(4));
  });

  it('finds planted points only', () => {
    // x is one of 1 .. 6 and y the value of a polynomial there.
    const product = [1, 2, 3, 4, 5, 6].map((root) => `(x-${root})`).join('*');
    expect(count(`${product}\n y - (x^5 - 3*x^2 + 7)`)).toEqual(finite(6));
    // The points of a 3 x 4 grid on a circle through four of them.
    expect(count('(x-1)*(x-2)*(x-3)\n (y - 1)*(y - 2)*(y - x) ')).toEqual(finite(9));
    // Finite roots that are far apart in size.
    expect(count('1e9*x*y-z\n x+z-1e-6\n y+z-2e-6')).toEqual(finite(2));
  });

  it('says that there is no solution', () => {
    expect(count('x + y - 1\n x + y - 2')).toEqual(NONE);
    expect(count('x*y - 1\n x*y^2 - y + 1')).toEqual(NONE);
    expect(count('x^2 + y^2 + z^2 - 1\n x + y + z\n 2*x + 2*y + 2*z - 1')).toEqual(NONE);
  });

  it('finds the dimension of what is infinite', () => {
    // hc408
    const curve =
      'x^3*s^15 + x*y*s + y^3 + s^12\n x^2*s^9 + x*y^2 + y*s^3\n x^2*y*s^5 + x*s^8 + y^2';
    expect(count(curve)).toEqual(infinite(1));
    expect(count('x*y\n x*y')).toEqual(infinite(1));
    expect(count('x*(y-1)\n x*(z-2)\n x*(x+y+z)')).toEqual(infinite(2));
    expect(count('x*y - z*w\n x*y - z*w\n 2*x*y - 2*z*w\n x*y - z*w')).toEqual(infinite(3));
    // A plane, a line and a point: the largest counts.
    expect(count('x*(x-1)*(x-2)\n x*(x-1)*y\n x*(y-2)*(z-1)*(x-1)')).toEqual(infinite(2));
    // The twisted cubic, and two planes in four dimensions.
    expect(count('a*d - b*c\n b^2 - a*c\n c^2 - b*d\n a - 1')).toEqual(infinite(1));
    expect(count('x*u\n x*v\n y*u\n y*v')).toEqual(infinite(2));
    const many = Array.from({ length: 12 }, (_, k) => `x${2 * k}*x${2 * k + 1}`);
    expect(count([...many, ...many].join('\n'))).toEqual(infinite(12));
  });

  it('counts what is nonsingular beside what is infinite', () => {
    const nonsingular = (text: string) => countSolutions(parseSystem(text), LIMITS).nonsingular;
    // Six points, and a line through two of them; one of four is double.
    const line = '(x + y - 3)';
    expect(nonsingular(`(x^2-1)*${line}\n (y-1)*(y-2)*(y-8)*${line}`)).toBe(5);
    expect(nonsingular(`(x^2-1)*${line}\n (y-2)*(y-5)^2*${line}`)).toBe(1);
    expect(nonsingular('x*y\n x*(y - 1)*x')).toBe(0);
    // Four points in space beside a plane and a line.
    expect(nonsingular('z*(x^2-2)\n z*(y^2-y*x-5)\n z*(z-1)*(x-9)')).toBe(4);
    // More equations than unknowns are not counted.
    expect(nonsingular('x*y\n x*y\n x*(y-1)')).toBeNull();
    expect(nonsingular('x*y - 1\n x + y')).toBeNull();
  });

  // Truth: the degree of (I : det J^infinity) over GF(32003), by Macaulay2 1.21 (2026-11-28).
  it.each([
    ['systems/cohn3', 131],
    ['systems/cyclic4', 0],
    ['systems/redcyc6', 26],
    ['systems/redcyc7', 132],
    ['cases/hc408', 54],
  ])('counts the nonsingular solutions of %s', (name, expected) => {
    const text = readFileSync(new URL(`../../data/${name}.json`, import.meta.url), 'utf8');
    const { dimension, nonsingular } = countSolutions(parseSystem(text), LIMITS);
    expect({ dimension, nonsingular }).toEqual({ dimension: 1, nonsingular: expected });
  });

  it('agrees with Bezout for dense random equations', () => {
    for (const degrees of [
      [2, 3],
      [4, 5],
      [2, 2, 3],
      [3, 3, 3],
      [2, 2, 2, 2, 2],
    ]) {
      const bezout = degrees.reduce((product, degree) => product * degree);
      const { dimension, count: found } = countModulo(denseSystem(degrees, LARGEST), LIMITS);
      expect({ dimension, count: found }).toEqual(finite(bezout));
    }
  });

  it('agrees with determinants for binomials, far beyond degree 255', () => {
    // x^a = c for the rows a of a matrix has |det| solutions when every unknown has to be nonzero.
    expect(count('x^60*y^4 - 2\n y^61*z^3 - 3\n x^2*z^62 - 5')).toEqual(
      finite(60 * 61 * 62 + 4 * 3 * 2),
    );
    expect(count('x^2*y^3*z - 2\n x*y*z^4 - 3\n x^5*y*z - 7')).toEqual(finite(47));
    const bases = 'x^40*y^24 - z\n z^7*y^9 - x\n x^3*y^5*z^11 - 1';
    expect(count(bases)).toEqual(
      finite(
        Math.abs(
          determinant([
            [40, 24, -1],
            [-1, 9, 7],
            [3, 5, 11],
          ]),
        ),
      ),
    );
  });

  it('counts more unknowns than a mask has bits', () => {
    const squares = Array.from({ length: 40 }, (_, k) => `x${k}^2 - x${(k + 1) % 40} - ${k}`);
    expect(count(squares.join('\n'))).toEqual(finite(2 ** 40));
    const chain = Array.from({ length: 40 }, (_, k) =>
      k < 39 ? `x${k + 1} - x${k} - 1` : 'x0^2-x39',
    );
    expect(count(chain.join('\n'))).toEqual(finite(2));
  });
});

describe('different solutions', () => {
  const distinct = (text: string) => {
    const { count: all, distinct: different } = countSolutions(parseSystem(text), {
      ...LIMITS,
      distinct: true,
    });
    return [all, different];
  };

  it('are counted once each', () => {
    expect(distinct('(x-10)^12')).toEqual([12, 1]);
    expect(distinct('(x-1)^2*(x-1001/1000)^3*(x+3)^5')).toEqual([10, 3]);
    expect(distinct('x^2\n y^3\n z^4 - x*y')).toEqual([24, 1]);
    expect(distinct('(x-1)^2*(x+2)\n (y-x)^3*(y-5)')).toEqual([12, 4]);
    expect(distinct('x^64 - 2')).toEqual([64, 64]);
    expect(distinct('x^2+y^2-1\n (x-y)^2')).toEqual([4, 2]);
    expect(distinct('x^2 + 2*i*x - 1')).toEqual([2, 1]);
    expect(distinct('x + y - 1\n x + y - 2')).toEqual([0, 0]);
  });

  it('of the files are as many as Macaulay2 says: the degree of the radical', () => {
    const folder = new URL('../../data/systems/', import.meta.url);
    const multiple: string[] = [];
    for (const name of readdirSync(folder).filter((each) => each.endsWith('.json'))) {
      const text = readFileSync(new URL(name, folder), 'utf8');
      const { finiteSolutions } = JSON.parse(text) as {
        finiteSolutions: { withMultiplicity: number | null; distinctExact: number | null };
      };
      const { withMultiplicity, distinctExact } = finiteSolutions;
      if (distinctExact === null) continue;
      expect(distinct(text), name).toEqual([withMultiplicity, distinctExact]);
      if (withMultiplicity !== distinctExact) multiple.push(name);
    }
    expect(multiple).toEqual(['caprasse.json', 'redcyc5.json', 'rose.json', 'solotarev.json']);
  });

  it('of planted ones are those planted, also after a linear change of unknowns', () => {
    const factors = fc.array(
      fc.tuple(fc.integer({ min: -9, max: 9 }), fc.integer({ min: 1, max: 3 })),
      {
        minLength: 1,
        maxLength: 3,
      },
    );
    const unknown = (parts: readonly (readonly [number, number])[], form: string) =>
      parts.map(([root, power]) => `(${form} - (${root}))^${power}`).join('*');
    const roots = (parts: readonly (readonly [number, number])[]) =>
      new Set(parts.map(([root]) => root)).size;
    const degree = (parts: readonly (readonly [number, number])[]) =>
      parts.reduce((sum, [, power]) => sum + power, 0);
    fc.assert(
      fc.property(factors, factors, (a, b) => {
        const text = `${unknown(a, '2*x + y')}\n ${unknown(b, 'x - 3*y')}`;
        expect(distinct(text)).toEqual([degree(a) * degree(b), roots(a) * roots(b)]);
      }),
      { ...RUNS, numRuns: 50 },
    );
  });

  it('take memory of their own: where that runs out the count stays', () => {
    // A matrix of 1000 x 1000.
    const system = parseSystem('x^50 - 2\n y^20 - 3');
    const limits = { ...LIMITS, megabytes: 2, distinct: true };
    expect(countSolutions(system, limits)).toMatchObject({ count: 1000, distinct: null });
  });
});

describe('all points tried one by one', () => {
  it('agrees over small fields', () => {
    const cases = fc
      .constantFrom([2, 4], [3, 3], [5, 3], [7, 2], [13, 2])
      .chain(([prime = 2, variables = 2]) => {
        const term = fc.tuple(
          fc.integer({ min: 1, max: prime - 1 }),
          fc.array(fc.integer({ min: 0, max: 3 }), { minLength: variables, maxLength: variables }),
        );
        const polynomial = fc.array(term, { minLength: 1, maxLength: 4 });
        return fc.record({
          prime: fc.constant(prime),
          variables: fc.constant(variables),
          polynomials: fc.array(polynomial, { minLength: 1, maxLength: variables }),
        });
      });
    fc.assert(
      fc.property(cases, ({ prime, variables, polynomials }) => {
        // With x^p - x for every unknown the solutions are the points of the space, all simple.
        const bounds = Array.from({ length: variables }, (_, k) =>
          [prime, 1].map((exponent, which): [number, number[]] => [
            which === 0 ? 1 : prime - 1,
            Array.from({ length: variables }, (__, j) => (j === k ? exponent : 0)),
          ]),
        );
        let expected = 0;
        for (let index = 0; index < prime ** variables; index += 1) {
          const point = Array.from(
            { length: variables },
            (_, k) => Math.floor(index / prime ** k) % prime,
          );
          const isZero = polynomials.every(
            (terms) =>
              terms.reduce(
                (sum, [coefficient, exponents]) =>
                  sum + exponents.reduce((value, e, k) => value * point[k]! ** e, coefficient),
                0,
              ) %
                prime ===
              0,
          );
          expected += isZero ? 1 : 0;
        }
        const system = modular(prime, variables, [...polynomials, ...bounds]);
        expect(countModulo(system, LIMITS)).toEqual({
          dimension: expected === 0 ? -1 : 0,
          count: expected,
          prime,
          distinct: null,
          nonsingular: null,
          status: 'decided',
        });
      }),
      { ...RUNS, numRuns: 400 },
    );
  });
});

describe('random sparse systems', () => {
  const variables = 4;
  const sparse = fc.array(
    fc.uniqueArray(
      fc.tuple(
        fc.integer({ min: 1, max: 1_000_000 }),
        fc.array(fc.integer({ min: 0, max: 2 }), { minLength: variables, maxLength: variables }),
      ),
      { minLength: 2, maxLength: 4, selector: ([, exponents]) => exponents.join() },
    ),
    { minLength: variables, maxLength: variables },
  );

  it('count alike for two primes, any order of the unknowns and of the equations', () => {
    const seen = new Map<number | null, number>();
    const orders = fc.shuffledSubarray([0, 1, 2, 3], { minLength: variables });
    fc.assert(
      fc.property(sparse, fc.boolean(), orders, (drawn, withPowers, order) => {
        // Powers of all unknowns make most systems finite, without them many are not.
        const equations = drawn.map((terms, k): [number, number[]][] => [
          ...terms,
          ...(withPowers
            ? [[1, [0, 1, 2, 3].map((j) => (j === k ? 5 : 0))] as [number, number[]]]
            : []),
        ]);
        const first = countModulo(modular(LARGEST, variables, equations), LIMITS);
        const second = countModulo(modular(2147483629, variables, equations), LIMITS);
        const permuted = order.map((index) =>
          equations[index]!.map(([coefficient, exponents]): [number, number[]] => [
            coefficient,
            order.map((k) => exponents[k]!),
          ]),
        );
        const third = countModulo(modular(LARGEST, variables, permuted), LIMITS);
        expect(first.status).toBe('decided');
        expect(second).toEqual({ ...first, prime: 2147483629 });
        expect(third).toEqual(first);
        seen.set(first.dimension, (seen.get(first.dimension) ?? 0) + 1);
      }),
      { ...RUNS, numRuns: 40 },
    );
    // Not all of one kind.
    expect(seen.get(0)).toBeGreaterThan(10);
    expect(seen.size).toBeGreaterThan(2);
  });
});

describe('coefficients', () => {
  it('are complex where a system is', () => {
    expect(count('x^2 + i')).toEqual(finite(2));
    // Of x = i and x = -i only the second has a y; any number but i would leave both.
    expect(count('x^2 + 1\n (x - i)*y - 1')).toEqual(finite(1));
    expect(count('x^2 + 1\n (x - 2)*y - 1')).toEqual(finite(2));
    expect(count('x^2 + (1/4)*1\n (x + i/2)*y - 1')).toEqual(finite(1));
    expect(count('x - (3/5 + 4/5*i)\n y^2 - (x - 3/5 - 4*i/5)')).toEqual(finite(2));
    const { prime } = countSolutions(parseSystem('x^2 + i'), LIMITS);
    expect(prime).toBe(COMPLEX_PRIMES[0]);
    expect(reduceModulo(parseSystem('x^2 + i'), LARGEST)).toBeNull();
  });

  it('are rational: no prime may divide a denominator', () => {
    const one = parseSystem(`x^2/${LARGEST} + x - 1`);
    expect(reduceModulo(one, LARGEST)).toBeNull();
    expect(countSolutions(one, LIMITS)).toEqual({
      ...finite(2),
      distinct: null,
      nonsingular: null,
      prime: REAL_PRIMES[1],
      status: 'decided',
    });
    expect(countSolutions(one, LIMITS, 1).prime).toBe(REAL_PRIMES[2]);
    const none = parseSystem(`x^2 + ${REAL_PRIMES.map((prime) => `x/${prime}`).join(' + ')} - 1`);
    expect(countSolutions(none, LIMITS)).toEqual({
      dimension: null,
      count: null,
      distinct: null,
      nonsingular: null,
      prime: null,
      status: 'no suitable prime',
    });
  });

  it('that vanish modulo the prime change its count, and another attempt tells', () => {
    const system = parseSystem(`${LARGEST}*x^2 + x - 1`);
    expect(reduceModulo(system, LARGEST)).toEqual({
      variables: 1,
      prime: LARGEST,
      polynomials: [
        { exponents: Uint8Array.of(1, 0), coefficients: Uint32Array.of(1, LARGEST - 1) },
      ],
    });
    expect(countSolutions(system, LIMITS).count).toBe(1);
    expect(countSolutions(system, LIMITS, 1).count).toBe(2);
    expect(countSolutions(system, LIMITS, REAL_PRIMES.length).status).toBe('no suitable prime');
    const gone = parseSystem(`${LARGEST}*x + ${LARGEST}*y\n x - y`);
    expect(countSolutions(gone, LIMITS)).toMatchObject(infinite(1));
  });
});

describe('limits', () => {
  const large = parseSystem(
    readFileSync(new URL('../../data/systems/katsura10.json', import.meta.url), 'utf8'),
  );

  it.each([
    { milliseconds: 0 },
    { milliseconds: 1 },
    { milliseconds: 50 },
    { milliseconds: 300 },
    { milliseconds: 60_000, clockMilliseconds: 0 },
    { milliseconds: 60_000, clockMilliseconds: 20 },
  ])('stops after %o', (limits) => {
    expect(countSolutions(large, limits)).toEqual({
      dimension: null,
      count: null,
      distinct: null,
      nonsingular: null,
      prime: LARGEST,
      status: 'out of time',
    });
  });

  it('stops in time while it looks for the dimension', () => {
    // The fewest unknowns that meet 150 random pairs of 100: a hard covering problem.
    let state = 1;
    const next = () => (state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff) >> 8;
    const edges = Array.from({ length: 150 }, (_, edge) => [edge % 100, next() % 100]);
    const system = modular(
      LARGEST,
      100,
      edges.map((edge) => [[1, Array.from({ length: 100 }, (_, k) => (edge.includes(k) ? 1 : 0))]]),
    );
    expect(countModulo(system, { milliseconds: 200 }).status).toBe('out of time');
    expect(countModulo(system, { ...LIMITS, clockMilliseconds: 20 }).status).toBe('out of time');
  });

  it('stops when memory is used up', () => {
    const found = countSolutions(large, { ...LIMITS, megabytes: 4 });
    expect(found).toMatchObject({ dimension: null, count: null, status: 'out of memory' });
    expect(countSolutions(parseSystem('x^2 - 1'), { ...LIMITS, megabytes: 4 }).count).toBe(2);
  });

  it('takes what a worker is sent', () => {
    const sent = structuredClone(reduceModulo(parseSystem('x^2 - 3*y\n y^2 - 1/2*x'), LARGEST));
    expect(sent && countModulo(sent, LIMITS)).toMatchObject(finite(4));
  });
});

type Terms = readonly (readonly [number, readonly number[]])[];

function modular(prime: number, variables: number, polynomials: readonly Terms[]): ModularSystem {
  return {
    prime,
    variables,
    polynomials: polynomials.map((terms) => ({
      exponents: Uint8Array.from(terms.flatMap(([, exponents]) => exponents)),
      coefficients: Uint32Array.from(terms, ([coefficient]) => coefficient),
    })),
  };
}

/** Equations of the given degrees with all their terms. */
function denseSystem(degrees: readonly number[], prime: number): ModularSystem {
  let state = 7;
  const coefficient = () => {
    state = (state * 48271) % LARGEST;
    // The states are powers of one number: equations made of them would be multiples.
    return (state ^ (state >> 13)) % prime;
  };
  const variables = degrees.length;
  const upTo = (degree: number, count: number): number[][] =>
    count === 0
      ? [[]]
      : Array.from({ length: degree + 1 }, (_, first) =>
          upTo(degree - first, count - 1).map((rest) => [first, ...rest]),
        ).flat();
  return modular(
    prime,
    variables,
    degrees.map((degree) =>
      upTo(degree, variables).map((exponents): [number, number[]] => [coefficient(), exponents]),
    ),
  );
}

function determinant([[a, b, c], [d, e, f], [g, h, i]]: readonly [Row, Row, Row]): number {
  return a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g);
}
type Row = readonly [number, number, number];
