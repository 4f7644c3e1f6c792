// Believed after it passes: the counter-based generator is Philox4x32-10 and its streams are reproducible. Truth: the known-answer vectors of Random123 (Salmon et al. 2011), and the moments of the distributions.
import { describe, expect, it } from 'vitest';
import { philox4x32, randomStream } from '../../../src/math/random.js';

describe('philox4x32', () => {
  it.each([
    {
      counter: [0, 0, 0, 0],
      key: [0, 0],
      words: [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8],
    },
    {
      counter: [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff],
      key: [0xffffffff, 0xffffffff],
      words: [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd],
    },
    {
      counter: [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
      key: [0xa4093822, 0x299f31d0],
      words: [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1],
    },
  ] as const)('gives the known answer for counter $counter', ({ counter, key, words }) => {
    expect(philox4x32(counter, key)).toEqual(words);
  });
});

describe('randomStream', () => {
  it('starts with the words of its address', () => {
    const seed = 0x1_2345_6789;
    const stream = randomStream(seed, 7, 9);
    const first = philox4x32([0, 0, 7, 9], [0x2345_6789, 1]);
    const second = philox4x32([1, 0, 7, 9], [0x2345_6789, 1]);
    expect(Array.from({ length: 8 }, () => stream.word())).toEqual([...first, ...second]);
  });

  it('has the moments of its distributions', () => {
    const count = 40000;
    const uniform = randomStream(1, 0);
    const normal = randomStream(1, 1);
    let uniformSum = 0;
    let normalSum = 0;
    let normalSquares = 0;
    for (let index = 0; index < count; index++) {
      const u = uniform.uniform();
      expect(u >= 0 && u < 1 && Math.fround(u) === u).toBe(true);
      uniformSum += u;
      const z = normal.normal();
      normalSum += z;
      normalSquares += z * z;
    }
    // Five standard errors of each estimate.
    expect(Math.abs(uniformSum / count - 0.5)).toBeLessThan(5 / Math.sqrt(12 * count));
    expect(Math.abs(normalSum / count)).toBeLessThan(5 / Math.sqrt(count));
    expect(Math.abs(normalSquares / count - 1)).toBeLessThan(5 * Math.sqrt(2 / count));
  });

  it('draws every integer of a range and only those', () => {
    const stream = randomStream(3);
    const seen = new Set(Array.from({ length: 500 }, () => stream.integer(7)));
    expect([...seen].sort()).toEqual([0, 1, 2, 3, 4, 5, 6]);
  });

  it('draws points of modulus 1', () => {
    const stream = randomStream(2 ** 53 - 1);
    for (let index = 0; index < 100; index++) {
      expect(Math.abs(Math.hypot(...stream.unitCircle()) - 1)).toBeLessThan(4e-16);
    }
  });

  it.each([-1, 0.5, 2 ** 53, NaN])('refuses seed %s', (seed) => {
    expect(() => randomStream(seed)).toThrow(/seed must be an integer/);
  });

  it('refuses a stream number beyond u32', () => {
    expect(() => randomStream(1, 2 ** 32)).toThrow(/stream number/);
  });
});
