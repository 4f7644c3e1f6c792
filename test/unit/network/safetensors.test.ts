/**
 * Believed afterwards: files that we write are read by others, files that others write are read by
 * us, and no damaged file is taken for weights. The truth is jax-js's safetensors parser, which
 * also needs the data aligned, the example laid out byte by byte below from the format's
 * description, and IEEE 754's and bfloat16's own values.
 */
import { safetensors } from '@jax-js/loaders';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  readSafetensors,
  SafetensorsError,
  writeSafetensors,
} from '../../../src/network/safetensors.js';
import type { Weights } from '../../../src/network/weights.js';

/** A file of this header, its length field included, and data. */
function file(header: unknown, data: readonly number[] = [], headerLength?: bigint): Uint8Array {
  const json = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(headerLength ?? BigInt(json.length));
  return new Uint8Array(Buffer.concat([length, json, Buffer.from(data)]));
}

const f32 = (begin: number, end: number, shape: readonly number[]): unknown => ({
  dtype: 'F32',
  shape,
  data_offsets: [begin, end],
});

const weights: fc.Arbitrary<Weights> = fc
  .tuple(
    fc.uniqueArray(
      fc.tuple(
        fc.oneof(fc.constantFrom('layers.0.weight', '0', '__proto__', 'ü "x"\\'), fc.string()),
        fc.array(fc.integer({ min: 0, max: 5 }), { maxLength: 4 }),
      ),
      { selector: ([name]) => name, maxLength: 6 },
    ),
    fc.dictionary(fc.string(), fc.string(), { maxKeys: 3, noNullPrototype: true }),
    fc.infiniteStream(fc.float()),
  )
  .map(([list, metadata, numbers]) => ({
    tensors: new Map(
      list.map(([name, shape]) => {
        const length = shape.reduce((a, b) => a * b, 1);
        const data = Float32Array.from({ length }, () => numbers.next().value as number);
        return [name, { shape, data }] as const;
      }),
    ),
    metadata,
  }));

it('gives back what was written, with the signs of zeros, infinities and NaN', () => {
  fc.assert(
    fc.property(weights, (written) => {
      const read = readSafetensors(writeSafetensors(written));
      expect(read.metadata).toEqual(written.metadata);
      expect(new Set(read.tensors.keys())).toEqual(new Set(written.tensors.keys()));
      for (const [name, tensor] of written.tensors) expect(read.tensors.get(name)).toEqual(tensor);
    }),
    { seed: 41, numRuns: 200 },
  );
});

it('writes files that an independent reader reads', () => {
  fc.assert(
    fc.property(weights, (written) => {
      const read = safetensors.parse(writeSafetensors(written));
      expect(read.metadata ?? {}).toEqual(written.metadata);
      for (const [name, { shape, data }] of written.tensors) {
        // That reader keeps tensors in a plain object, where this name means something else.
        if (name === '__proto__') continue;
        expect(read.tensors[name]).toEqual({ dtype: 'F32', shape, data });
      }
    }),
    { seed: 42, numRuns: 200 },
  );
});

it('reads from the middle of a larger buffer', () => {
  const tensors = new Map([['a', { shape: [2], data: Float32Array.of(1.5, -2) }]]);
  const bytes = writeSafetensors({ tensors, metadata: {} });
  const larger = new Uint8Array(bytes.length + 3);
  larger.set(bytes, 3);
  expect(readSafetensors(larger.subarray(3)).tensors).toEqual(tensors);
});

it('reads the types that weights come in', () => {
  const data = [
    // F64 -0.1; F32 1; F16 1.5, -2, 2^-24, 65504, infinity; BF16 1, -3.140625; I64 -7
    ...[0x9a, 0x99, 0x99, 0x99, 0x99, 0x99, 0xb9, 0xbf],
    ...[0x00, 0x00, 0x80, 0x3f],
    ...[0x00, 0x3e, 0x00, 0xc0, 0x01, 0x00, 0xff, 0x7b, 0x00, 0x7c],
    ...[0x80, 0x3f, 0x49, 0xc0],
    ...[0xf9, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
  ];
  const read = readSafetensors(
    file(
      {
        __metadata__: { format: 'pt' },
        double: { dtype: 'F64', shape: [1, 1], data_offsets: [0, 8] },
        single: { dtype: 'F32', shape: [], data_offsets: [8, 12] },
        half: { dtype: 'F16', shape: [5], data_offsets: [12, 22] },
        brain: { dtype: 'BF16', shape: [2], data_offsets: [22, 26] },
        counter: { dtype: 'I64', shape: [], data_offsets: [26, 34] },
        empty: { dtype: 'F32', shape: [0, 3], data_offsets: [34, 34] },
      },
      data,
    ),
  );
  expect(read.metadata).toEqual({ format: 'pt' });
  const numbers = Object.fromEntries(
    [...read.tensors].map(([name, tensor]) => [name, [...tensor.data]]),
  );
  expect(numbers).toEqual({
    double: [Math.fround(-0.1)],
    single: [1],
    half: [1.5, -2, 2 ** -24, 65504, Infinity],
    brain: [1, -3.140625],
    counter: [-7],
    empty: [],
  });
  expect(read.tensors.get('empty')!.shape).toEqual([0, 3]);
});

describe('damaged files', () => {
  const eight = [0, 0, 0, 0, 0, 0, 0, 0];
  const cases: [string, Uint8Array, RegExp][] = [
    ['nothing', new Uint8Array(0), /truncated: 0 bytes/],
    ['seven bytes', new Uint8Array(7), /truncated: 7 bytes/],
    ['header beyond the end', file('{}', [], 3n), /truncated: its header takes 3 bytes, 2 bytes/],
    ['huge header', file('{}', [], 2n ** 63n), /at most 100000000 are read/],
    ['not JSON', file('{"a":'), /header is not JSON/],
    ['not UTF-8', new Uint8Array([1, 0, 0, 0, 0, 0, 0, 0, 0xff]), /header is not JSON/],
    ['an array', file([]), /not a JSON object/],
    ['null', file('null'), /not a JSON object/],
    ['an entry that is a number', file({ a: 4 }), /a is not described by a JSON object/],
    [
      'no type',
      file({ a: { shape: [2], data_offsets: [0, 8] } }, eight),
      /a has the type undefined/,
    ],
    [
      'a type that is no weight',
      file({ a: { dtype: 'BOOL', shape: [8], data_offsets: [0, 8] } }, eight),
      /a has the type "BOOL"; F32, F64, F16, BF16, I64 can be read/,
    ],
    ['a negative size', file({ a: f32(0, 8, [-2]) }, eight), /a has the shape \[-2\]/],
    ['a fractional size', file({ a: f32(0, 8, [0.5, 4]) }, eight), /a has the shape \[0\.5,4\]/],
    ['a shape that overflows', file({ a: f32(0, 8, [2 ** 30, 2 ** 30]) }, eight), /a takes bytes/],
    ['a backward range', file({ a: f32(8, 0, [2]) }, eight), /a has the byte range \[8,0\]/],
    [
      'one offset',
      file({ a: { dtype: 'F32', shape: [2], data_offsets: [0] } }, eight),
      /byte range/,
    ],
    [
      'a range that disagrees with its shape',
      file({ a: f32(0, 8, [3]) }, eight),
      /a takes bytes 0 to 8, its shape \[3\] of F32 needs 12 bytes/,
    ],
    [
      'overlapping ranges',
      file({ a: f32(0, 8, [2]), b: f32(4, 12, [2]) }, [...eight, 0, 0, 0, 0]),
      /b begins at byte 4, inside a/,
    ],
    [
      'a gap',
      file({ a: f32(0, 4, [1]), b: f32(8, 12, [1]) }, [...eight, 0, 0, 0, 0]),
      /bytes 4 to 8 before b belong to no tensor/,
    ],
    [
      'missing data',
      file({ a: f32(0, 12, [3]) }, eight),
      /truncated: its tensors take 12 bytes, 8/,
    ],
    ['data left over', file({ a: f32(0, 4, [1]) }, eight), /4 bytes at its end/],
    ['metadata that is no map', file({ __metadata__: 'x' }), /__metadata__ is not a JSON object/],
    ['metadata that is no text', file({ __metadata__: { seed: 3 } }), /"seed" is 3; a string/],
  ];
  it.each(cases)('%s', (_name, bytes, message) => {
    expect(() => readSafetensors(bytes, 'w.safetensors')).toThrow(SafetensorsError);
    expect(() => readSafetensors(bytes, 'w.safetensors')).toThrow(message);
    expect(() => readSafetensors(bytes, 'w.safetensors')).toThrow(/^w\.safetensors: /);
  });

  it('is refused wherever a good file is cut off', () => {
    const bytes = writeSafetensors({
      tensors: new Map([['a', { shape: [3], data: Float32Array.of(1, 2, 3) }]]),
      metadata: { seed: '5' },
    });
    for (let length = 0; length < bytes.length; length++) {
      expect(() => readSafetensors(bytes.subarray(0, length))).toThrow(SafetensorsError);
    }
  });

  it('is refused by name, never by a crash, when any byte of the header changes', () => {
    const bytes = writeSafetensors({
      tensors: new Map([['a', { shape: [1], data: Float32Array.of(1) }]]),
      metadata: {},
    });
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: bytes.length - 5 }),
        fc.integer({ min: 0, max: 255 }),
        (place, value) => {
          const changed = bytes.slice();
          changed[place] = value;
          try {
            readSafetensors(changed);
          } catch (error) {
            expect(error).toBeInstanceOf(SafetensorsError);
          }
        },
      ),
      { seed: 43, numRuns: 2000 },
    );
  });
});

it('does not write tensors that no reader would take', () => {
  const write = (name: string, shape: readonly number[]): unknown =>
    writeSafetensors({
      tensors: new Map([[name, { shape, data: new Float32Array(2) }]]),
      metadata: {},
    });
  expect(() => write('a', [3])).toThrow(/a has 2 numbers, its shape \[3\] needs 3/);
  expect(() => write('__metadata__', [2])).toThrow(SafetensorsError);
});
