/**
 * Believed afterwards: CIFAR's records become images in channel, row, column order with the right
 * label, and files that are no whole number of records are refused. The truth is the description of
 * the binary version on CIFAR's page, followed here record by record.
 */
import { expect, it } from 'vitest';
import { CIFAR10_CLASSES, readCifar } from '../../../src/data/cifar.js';
import { DatasetError } from '../../../src/data/dataset.js';

/** Red is the column, green the row, blue the sample's number. */
function record(labels: readonly number[], sample: number): number[] {
  const plane = (value: (row: number, column: number) => number): number[] =>
    Array.from({ length: 1024 }, (_, index) => value(Math.floor(index / 32), index % 32));
  return [
    ...labels,
    ...plane((_row, column) => column),
    ...plane((row) => row),
    ...plane(() => sample),
  ];
}

it('reads several files of CIFAR-10 one after another', () => {
  const data = readCifar(
    [
      { name: 'a.bin', bytes: Uint8Array.from([...record([7], 0), ...record([0], 1)]) },
      { name: 'b.bin', bytes: Uint8Array.from(record([9], 2)) },
    ],
    'cifar-10',
  );
  expect(data).toMatchObject({ name: 'cifar-10', shape: [32, 32, 3], count: 3 });
  expect(data.targets).toEqual({
    kind: 'class',
    labels: Uint8Array.of(7, 0, 9),
    classes: 10,
    classNames: CIFAR10_CLASSES,
  });
  const pixel = (sample: number, channel: number, row: number, column: number): number =>
    data.inputs[((sample * 3 + channel) * 32 + row) * 32 + column]!;
  for (let sample = 0; sample < 3; sample++) {
    expect([0, 1, 2].map((channel) => pixel(sample, channel, 5, 30))).toEqual([30, 5, sample]);
  }
  expect(data.normalization.deviation).toEqual(Float32Array.of(255, 255, 255));
});

it('takes the fine label of CIFAR-100, or the coarse one', () => {
  const files = [{ name: 'train.bin', bytes: Uint8Array.from(record([19, 99], 0)) }];
  expect(readCifar(files, 'cifar-100').targets).toEqual({
    kind: 'class',
    labels: Uint8Array.of(99),
    classes: 100,
  });
  expect(readCifar(files, 'cifar-100-coarse').targets).toMatchObject({
    labels: Uint8Array.of(19),
    classes: 20,
  });
});

it.each<[string, number[], RegExp]>([
  ['empty', [], /x\.bin is empty: cifar-10 needs records of 3073 bytes, the file has 0/],
  ['truncated', record([1], 0).slice(1), /x\.bin is truncated .* the file has 3072/],
  ['CIFAR-100', record([1, 1], 0), /not in the binary version/],
  [
    'label',
    [...record([9], 0), ...record([10], 1)],
    /x\.bin: the label of record 2 is 10; labels of cifar-10 go from 0 to 9/,
  ],
])('refuses a file: %s', (_name, values, message) => {
  const read = (): unknown =>
    readCifar([{ name: 'x.bin', bytes: Uint8Array.from(values) }], 'cifar-10');
  expect(read).toThrow(DatasetError);
  expect(read).toThrow(message);
});

it('refuses no file at all', () => {
  expect(() => readCifar([], 'cifar-10')).toThrow(/at least one file/);
});
