/**
 * Believed afterwards: arrays (.npy, .npz, IDX), JSON lines and folders of images become the data set that
 * they hold, in every layout, and what is wrong with one is said with its name. The truth is bytes put
 * together by hand after the formats' definitions.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { deflateRawSync, gzipSync } from 'node:zlib';
import { encode } from 'fast-png';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadDataset, type LoadDatasetOptions } from '../../../src/data/dataset-file.js';
import { readNpy, writeNpy } from '../../../src/data/npy.js';
import { LpsError } from '../../../src/math/lps-error.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'own-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

function put(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
  return path;
}

/** An .npy file, version 1. */
function npy(descr: string, shape: string, values: ArrayBufferView, fortran = 'False'): Buffer {
  const type = descr.startsWith('[') ? descr : `'${descr}'`;
  const header = `{'descr': ${type}, 'fortran_order': ${fortran}, 'shape': (${shape}), }\n`;
  const start = Buffer.from([0x93, ...Buffer.from('NUMPY'), 1, 0, header.length, 0]);
  const { buffer, byteOffset, byteLength } = values;
  return Buffer.concat([start, Buffer.from(header), Buffer.from(buffer, byteOffset, byteLength)]);
}

/** A ZIP archive of files, the first stored, the others deflated. */
function zip(files: Readonly<Record<string, Uint8Array>>): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  Object.entries(files).forEach(([name, content], index) => {
    const packed = index === 0 ? Buffer.from(content) : deflateRawSync(content);
    const shared = Buffer.alloc(26);
    shared.writeUInt16LE(index === 0 ? 0 : 8, 4);
    shared.writeUInt32LE(packed.length, 14);
    shared.writeUInt32LE(content.length, 18);
    shared.writeUInt16LE(name.length, 22);
    const local = Buffer.concat([Buffer.from('PK\x03\x04'), shared, Buffer.from(name), packed]);
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE(offset, 10);
    directory.push(
      Buffer.concat([Buffer.from('PK\x01\x02\x14\x00'), shared, rest, Buffer.from(name)]),
    );
    parts.push(local);
    offset += local.length;
  });
  const central = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(directory.length, 8);
  end.writeUInt16LE(directory.length, 10);
  end.writeUInt32LE(central.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...parts, central, end]);
}

const load = async (path: string, options: LoadDatasetOptions = {}) =>
  (await loadDataset(path, options)).train;

describe('.npy', () => {
  it.each<[string, string, ArrayBufferView]>([
    ['<f4', 'f32', Float32Array.of(1.5, -2, 3, 4, 5, 6)],
    ['<f8', 'f64', Float64Array.of(1.5, -2, 3, 4, 5, 6)],
    ['<i2', 'i16', Int16Array.of(1, -2, 3, 4, 5, 6)],
    ['<i8', 'i64', BigInt64Array.of(1n, -2n, 3n, 4n, 5n, 6n)],
    ['|u1', 'u8', Uint8Array.of(1, 2, 3, 4, 5, 6)],
    ['|b1', 'bool', Uint8Array.of(1, 0, 1, 0, 0, 1)],
  ])('reads %s', (descr, _name, values) => {
    const { shape, data } = readNpy(npy(descr, '2, 3', values));
    expect(shape).toEqual([2, 3]);
    expect([...data]).toEqual([...(values as unknown as Iterable<number>)].map(Number));
  });
  it('reads the other byte order, and Fortran order', () => {
    const swapped = Buffer.from(Float32Array.of(1, 2, 3).buffer).swap32();
    expect([...readNpy(npy('>f4', '3,', swapped)).data]).toEqual([1, 2, 3]);
    const columns = npy('<f4', '2, 3', Float32Array.of(1, 4, 2, 5, 3, 6), 'True');
    expect([...readNpy(columns).data]).toEqual([1, 2, 3, 4, 5, 6]);
  });
  it('writes what it reads', () => {
    const { shape, data } = readNpy(writeNpy(Float32Array.of(1, 2, 3, 0.5), [2, 2]));
    expect({ shape, data }).toEqual({ shape: [2, 2], data: Float32Array.of(1, 2, 3, 0.5) });
  });
  it.each<[string, Uint8Array, RegExp]>([
    [
      'a structured type',
      npy("[('a', '<f4'), ('b', '<i4')]", '1,', new Uint8Array(8)),
      /type \[\('a', '<f4'\), \('b', '<i4'\)\]; float32/,
    ],
    ['complex', npy('<c8', '1,', new Uint8Array(8)), /type '<c8'; float32, .*astype/],
    ['half', npy('<f2', '1,', new Uint8Array(2)), /type '<f2'/],
    ['words', npy('<U5', '1,', new Uint8Array(20)), /type '<U5'.*numpy\.unique/],
    ['short', npy('<f4', '3,', new Uint8Array(8)), /is truncated: its shape \[3\]/],
    ['long', npy('<f4', '1,', new Uint8Array(8)), /is too long/],
    ['other', Buffer.from('x,y\n'), /is no \.npy file/],
  ])('refuses %s', (_name, bytes, message) => {
    expect(() => readNpy(bytes, 'x.npy')).toThrow(message);
    expect(() => readNpy(bytes, 'x.npy')).toThrow(LpsError);
  });
});

describe('arrays as data sets', () => {
  it('takes rows and labels, and gives images our order from both layouts', async () => {
    const x = put('rows.npy', npy('<f4', '3, 2', Float32Array.of(1, 2, 3, 4, 5, 6)));
    const y = put('labels.npy', npy('<i8', '3,', BigInt64Array.of(0n, 2n, 1n)));
    const rows = await load(x, { labels: y });
    expect(rows.shape).toEqual([2]);
    expect(rows.targets).toMatchObject({ kind: 'class', classes: 3 });
    // One image of 1 x 2 pixels and 3 channels.
    const last = put('nhwc.npy', npy('|u1', '1, 1, 2, 3', Uint8Array.of(1, 2, 3, 4, 5, 6)));
    const first = put('nchw.npy', npy('|u1', '1, 3, 1, 2', Uint8Array.of(1, 4, 2, 5, 3, 6)));
    for (const [path, layout] of [
      [last, 'nhwc'],
      [first, 'nchw'],
    ] as const) {
      const image = await load(path, { layout, targets: 'optional' });
      expect(image.shape).toEqual([1, 2, 3]);
      expect([...image.inputs]).toEqual([1, 4, 2, 5, 3, 6]);
    }
  });
  it('takes an archive with training and test arrays', async () => {
    const archive = zip({
      'x_train.npy': npy('<f4', '2, 1', Float32Array.of(1, 2)),
      'y_train.npy': npy('<f4', '2,', Float32Array.of(3, 4)),
      'x_test.npy': npy('<f4', '1, 1', Float32Array.of(5)),
      'y_test.npy': npy('<f4', '1,', Float32Array.of(6)),
    });
    const { train, test } = await loadDataset(put('data.npz', archive));
    expect([...train.inputs, ...test!.inputs]).toEqual([1, 2, 5]);
    expect(train.targets).toMatchObject({ kind: 'values', width: 1 });
  });
  it('takes IDX by content, with the labels beside it, packed or not', async () => {
    const images = Uint8Array.of(0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2, 9, 8, 7, 6);
    const labels = Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 2, 1, 0);
    const path = put('mine-images-idx3-ubyte.gz', gzipSync(images));
    put('mine-labels-idx1-ubyte.gz', gzipSync(labels));
    const data = await load(path);
    expect(data.shape).toEqual([1, 2, 1]);
    expect(data.targets).toMatchObject({ kind: 'class', labels: Uint32Array.of(1, 0) });
  });
  it.each<[string, () => string, LoadDatasetOptions, RegExp]>([
    ['no labels', () => put('x.npy', npy('<f4', '2, 1', new Float32Array(2))), {}, /--labels/],
    [
      'other count',
      () => put('x.npy', npy('<f4', '2, 1', new Float32Array(2))),
      { labels: 'three' },
      /has 2 samples, .*three\.npy.? 3; they do not belong together/,
    ],
    [
      'a table option',
      () => put('x.npy', npy('<f4', '2, 1', new Float32Array(2))),
      { target: 'y' },
      /--target does not go with an array/,
    ],
    [
      'archive without x',
      () => put('odd.npz', zip({ 'a.npy': npy('<f4', '1,', new Float32Array(1)) })),
      {},
      /has no array x; it has a: name the inputs \(--x\)/,
    ],
    [
      'a spreadsheet',
      () => put('book.xlsx', zip({ 'xl/workbook.xml': Buffer.from('<x/>') })),
      {},
      /ZIP archive with xl\/workbook\.xml in it, .* save a spreadsheet as CSV/,
    ],
    [
      'tests of another shape',
      () =>
        put(
          'shapes.npz',
          zip({
            'x_train.npy': npy('<f4', '2, 2', new Float32Array(4)),
            'y_train.npy': npy('<f4', '2,', new Float32Array(2)),
            'x_test.npy': npy('<f4', '1, 3', new Float32Array(3)),
            'y_test.npy': npy('<f4', '1,', new Float32Array(1)),
          }),
        ),
      {},
      /samples of \[2\] with \[1\] values for training and samples of \[3\]/,
    ],
    [
      'tests of another class',
      () =>
        put(
          'classes.npz',
          zip({
            'x_train.npy': npy('<f4', '2, 1', new Float32Array(2)),
            'y_train.npy': npy('|u1', '2,', Uint8Array.of(0, 1)),
            'x_test.npy': npy('<f4', '1, 1', new Float32Array(1)),
            'y_test.npy': npy('|u1', '1,', Uint8Array.of(2)),
          }),
        ),
      {},
      /label of test sample 0 is 2, those of the training samples go to 1/,
    ],
    [
      'images of either layout',
      () => put('either.npy', npy('|u1', '2, 8, 8, 3', new Uint8Array(384))),
      { targets: 'optional' },
      /may be images of 3 channels or of 8: say which \(--layout/,
    ],
    [
      'samples without a dimension of features',
      () => put('flat.npy', npy('<f4', '3,', new Float32Array(3))),
      { targets: 'optional' },
      /reshape\(-1, 1\)/,
    ],
    ['damaged archive', () => put('bad.npz', Buffer.from('PK\x03\x04 and nothing')), {}, /damaged/],
  ])('refuses %s', async (_name, make, options, message) => {
    const three = put('three.npy', npy('<f4', '3,', new Float32Array(3)));
    const given = options.labels === undefined ? options : { ...options, labels: three };
    await expect(load(make(), given)).rejects.toThrow(message);
  });
});

describe('JSON lines', () => {
  it('takes keys as columns', async () => {
    const path = put('t.jsonl', '{"a": 1.5, "k": "cat"}\n\n{"k": "dog", "a": 2}\n');
    const data = await load(path, { target: 'k' });
    expect([...data.inputs]).toEqual([1.5, 2]);
    expect(data.targets).toMatchObject({ kind: 'class', classNames: ['cat', 'dog'] });
  });
  it.each([
    ['{"a": 1, "y": 2}\n{"a": 1}\n', /line 2: the object has no "y"/],
    ['{"a": 1, "y": 2}\n{"a": 1, "y": 2, "b": 3}\n', /line 2: the object has the new key "b"/],
    ['{"a": 1, "y": 2}\n[1, 2]\n', /line 2: "\[1, 2\]" is no object/],
    ['{"a": [1], "y": 2}\n', /line 1, column "a": \[1\] is neither a number nor a word/],
    ['{"a": 1, "y": \n', /line 1: .* is not JSON/],
    ['{"a": null, "y": 2}\n', /line 1, column "a": the cell is empty/],
    ['{"a": 1, "a": 3, "y": "x\\": "}\n', /line 1: the object has a key twice/],
    ['[{"a": 1, "y": 2}]\n', /one JSON array; write one object a line/],
  ])('refuses %j', async (text, message) => {
    await expect(load(put('bad.jsonl', text), { target: 'y' })).rejects.toThrow(message);
  });
});

describe('folders of images', () => {
  const png = (width: number, values: readonly number[], channels = 1): Uint8Array =>
    encode({
      width,
      height: values.length / (width * channels),
      channels,
      data: Uint8Array.from(values),
    });
  it('takes folders as classes, channel by channel', async () => {
    put('pets/cat/1.png', png(2, [1, 2, 3, 4, 5, 6], 3));
    put('pets/cat/2.png', png(2, [7, 7, 7, 7, 7, 7], 3));
    put('pets/dog/a.png', png(2, [1, 2, 3, 255, 4, 5, 6, 255], 4));
    put('pets/dog/b.png', png(2, [0, 0, 0, 0, 0, 0], 3));
    const data = await load(join(folder, 'pets'));
    expect(data).toMatchObject({ name: 'pets', shape: [1, 2, 3], count: 4 });
    expect([...data.inputs.subarray(0, 6)]).toEqual([1, 4, 2, 5, 3, 6]);
    expect([...data.inputs.subarray(12, 18)]).toEqual([1, 4, 2, 5, 3, 6]);
    expect(data.targets).toMatchObject({ classNames: ['cat', 'dog'] });
  });
  it('keeps train and test apart, and takes images without classes as inputs', async () => {
    for (const file of ['train/a/1.png', 'train/a/2.png', 'train/b/1.png', 'train/b/2.png'])
      put(`parts/${file}`, png(1, [1]));
    put('parts/test/b/1.png', png(1, [9]));
    const { train, test } = await loadDataset(join(folder, 'parts'));
    expect([train.count, test!.count]).toEqual([4, 1]);
    expect(test!.targets).toMatchObject({ labels: Uint32Array.of(1), classes: 2 });
    const flat = await load(join(folder, 'parts/train/a'), { targets: 'optional' });
    expect(flat.targets).toMatchObject({ width: 0 });
  });
  it.each<[string, Readonly<Record<string, string | Uint8Array>>, RegExp]>([
    ['one image', { 'a/1.png': png(1, [1]) }, /class folder ".*a" has one image; at least two/],
    [
      'sizes',
      { 'a/1.png': png(1, [1]), 'a/2.png': png(2, [1, 2]) },
      /2\.png" is of 2 x 1 pixels, grey, ".*1\.png" of 1 x 1 pixels, grey/,
    ],
    ['jpeg', { 'a/1.jpg': 'x', 'a/2.png': png(1, [1]) }, /1\.jpg" is no PNG image; convert/],
    ['damage', { 'a/1.png': 'x', 'a/2.png': png(1, [1]) }, /1\.png" is no PNG image, or damaged/],
    [
      'alpha',
      { 'a/1.png': png(1, [1, 128], 2), 'a/2.png': png(1, [1, 255], 2) },
      /1\.png" is transparent in places/,
    ],
    ['no classes', { '1.png': png(1, [1]), '2.png': png(1, [2]) }, /by folders: CLASS\/IMAGE/],
    [
      'tests of another size',
      {
        ...{ 'train/a/1.png': png(1, [1]), 'train/a/2.png': png(1, [1]) },
        'test/a/1.png': png(2, [1, 2]),
      },
      /samples of \[1, 1, 1\] with a class for training and samples of \[1, 2, 1\]/,
    ],
    ['loose file', { 'a/1.png': png(1, [1]), 'notes.txt': 'x' }, /has the file notes\.txt beside/],
  ])('refuses %s', async (name, files, message) => {
    for (const [file, content] of Object.entries(files)) put(`${name}/${file}`, content);
    await expect(load(join(folder, name))).rejects.toThrow(message);
  });
});
