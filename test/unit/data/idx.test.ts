/**
 * Believed afterwards: IDX files of every type become their numbers, MNIST-like pairs become data
 * sets, gzip is taken off, and damaged files are refused by name and reason. The truth is Node's
 * Buffer, which writes the big-endian numbers and the header here, and Node's zlib.
 */
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DatasetError } from '../../../src/data/dataset.js';
import { gunzip } from '../../../src/data/gzip.js';
import { readIdx, readIdxDataset } from '../../../src/data/idx.js';

type Write = (buffer: Buffer, value: number, offset: number) => number;

/** Type byte, bytes of a number, how to write one, numbers to write. */
const types: readonly [number, number, Write, fc.Arbitrary<number>][] = [
  [0x08, 1, (b, v, o) => b.writeUInt8(v, o), fc.integer({ min: 0, max: 255 })],
  [0x09, 1, (b, v, o) => b.writeInt8(v, o), fc.integer({ min: -128, max: 127 })],
  [0x0b, 2, (b, v, o) => b.writeInt16BE(v, o), fc.integer({ min: -32768, max: 32767 })],
  [0x0c, 4, (b, v, o) => b.writeInt32BE(v, o), fc.integer()],
  [0x0d, 4, (b, v, o) => b.writeFloatBE(v, o), fc.float()],
  [0x0e, 8, (b, v, o) => b.writeDoubleBE(v, o), fc.double()],
];

function idx(type: number, shape: readonly number[], body: Buffer): Uint8Array {
  const header = Buffer.alloc(4 + 4 * shape.length);
  header.writeUInt8(type, 2);
  header.writeUInt8(shape.length, 3);
  shape.forEach((size, index) => header.writeUInt32BE(size, 4 + 4 * index));
  return new Uint8Array(Buffer.concat([header, body]));
}

const bytes = (shape: readonly number[], values: readonly number[]): Uint8Array =>
  idx(0x08, shape, Buffer.from(values));

it('reads every type and shape', () => {
  const files = fc.constantFrom(...types).chain(([type, size, write, number]) =>
    fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 1, maxLength: 4 }).chain((shape) => {
      const count = shape.reduce((a, b) => a * b, 1);
      return fc.array(number, { minLength: count, maxLength: count }).map((values) => {
        const body = Buffer.alloc(size * count);
        values.forEach((value, index) => write(body, value, index * size));
        return { file: idx(type, shape, body), shape, values };
      });
    }),
  );
  fc.assert(
    fc.property(files, ({ file, shape, values }) => {
      const read = readIdx(file);
      expect(read.shape).toEqual(shape);
      expect([...read.data]).toEqual(values);
    }),
    { seed: 51, numRuns: 300 },
  );
});

describe('pairs of images and labels', () => {
  const images = bytes([2, 2, 3], [0, 1, 2, 3, 4, 5, 250, 251, 252, 253, 254, 255]);
  const options = { name: 'pair', classes: 3, files: { images: 'I', labels: 'L' } };

  it('become a data set', () => {
    const data = readIdxDataset(images, bytes([2], [2, 0]), {
      ...options,
      classNames: ['a', 'b', 'c'],
    });
    expect(data).toEqual({
      name: 'pair',
      shape: [2, 3, 1],
      count: 2,
      inputs: Uint8Array.of(0, 1, 2, 3, 4, 5, 250, 251, 252, 253, 254, 255),
      targets: {
        kind: 'class',
        labels: Uint8Array.of(2, 0),
        classes: 3,
        classNames: ['a', 'b', 'c'],
      },
      normalization: { mean: Float32Array.of(0), deviation: Float32Array.of(255) },
    });
  });
  it('may count their labels from 1', () => {
    const { targets } = readIdxDataset(images, bytes([2], [3, 1]), { ...options, firstLabel: 1 });
    expect(targets).toMatchObject({ labels: Uint8Array.of(2, 0) });
  });
  it.each<[string, Uint8Array, Uint8Array, object, RegExp]>([
    [
      'label too large',
      images,
      bytes([2], [1, 3]),
      {},
      /the label of sample 1 is 3; labels go from 0 to 2/,
    ],
    [
      'label too small',
      images,
      bytes([2], [0, 1]),
      { firstLabel: 1 },
      /label of sample 0 is 0; labels go from 1/,
    ],
    ['other counts', images, bytes([3], [0, 1, 2]), {}, /I has 2 images, L 3 labels/],
    [
      'swapped files',
      bytes([2], [1, 2]),
      images,
      {},
      /I holds 2 numbers as Uint8Array; 3 dimensions of bytes/,
    ],
    [
      'images of floats',
      idx(0x0d, [1, 1, 1], Buffer.alloc(4)),
      bytes([1], [0]),
      {},
      /I holds 1 x 1 x 1 numbers as Float32Array/,
    ],
    ['no images', bytes([0, 2, 2], []), bytes([0], []), {}, /there are no samples/],
    [
      'names of other classes',
      images,
      bytes([2], [0, 1]),
      { classNames: ['a'] },
      /1 class names for 3 classes/,
    ],
  ])('%s', (_name, imageFile, labelFile, more, message) => {
    const read = (): unknown => readIdxDataset(imageFile, labelFile, { ...options, ...more });
    expect(read).toThrow(DatasetError);
    expect(read).toThrow(message);
  });
});

describe('damaged files', () => {
  const good = bytes([2, 3], [1, 2, 3, 4, 5, 6]);
  it.each<[string, Uint8Array, RegExp]>([
    ['nothing', new Uint8Array(0), /^f is empty/],
    [
      'text',
      new Uint8Array(Buffer.from('1,2,3\n')),
      /^f is not an IDX file: it begins with 31 2c 32 2c/,
    ],
    ['gzip', new Uint8Array(gzipSync(good)), /begins with 1f 8b/],
    ['unknown type', idx(0x0a, [1], Buffer.alloc(1)), /begins with 00 00 0a 01/],
    ['no dimensions', idx(0x08, [], Buffer.alloc(1)), /begins with 00 00 08 00/],
    ['half a magic number', good.subarray(0, 2), /^f is not an IDX file/],
    ['half a header', good.subarray(0, 9), /truncated: its header takes 12 bytes, the file has 9/],
    [
      'a byte less',
      good.subarray(0, 17),
      /^f is truncated: its header says 2 x 3 numbers of 1 bytes, 18 bytes in all, the file has 17/,
    ],
    ['a byte more', new Uint8Array([...good, 7]), /^f is too long/],
    ['sizes beyond memory', idx(0x0e, [2 ** 32 - 1, 2 ** 32 - 1], Buffer.alloc(0)), /truncated/],
  ])('%s', (_name, file, message) => {
    expect(() => readIdx(file, 'f')).toThrow(DatasetError);
    expect(() => readIdx(file, 'f')).toThrow(message);
  });
});

describe('gzip', () => {
  it('is taken off', async () => {
    const plain = Uint8Array.from({ length: 100_000 }, (_, index) => (index * index) % 251);
    expect(await gunzip(new Uint8Array(gzipSync(plain)), 'f')).toEqual(plain);
  });
  it('is refused when it is none, cut off or damaged', async () => {
    const good = new Uint8Array(gzipSync(Buffer.from('some text that is long enough')));
    const damaged = good.slice();
    damaged[damaged.length - 6]! ^= 1;
    const cases: [Uint8Array<ArrayBuffer>, RegExp][] = [
      [new Uint8Array(0), /f is not a gzip file: it has 0 bytes/],
      [Uint8Array.of(0x50, 0x4b, 3, 4), /f is not a gzip file: it does not begin with 1f 8b/],
      [good.slice(0, 5), /damaged or truncated gzip/],
      [good.slice(0, -1), /damaged or truncated gzip/],
      [damaged, /damaged or truncated gzip/],
    ];
    for (const [file, message] of cases) {
      await expect(gunzip(file, 'f')).rejects.toThrow(message);
      await expect(gunzip(file, 'f')).rejects.toThrow(DatasetError);
    }
  });
});
