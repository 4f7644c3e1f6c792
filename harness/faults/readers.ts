/**
 * Every reader with something that it reads, and ways to spoil that: whatever comes in, a reader gives a value or an
 * LpsError that says what is wrong.
 */
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import Fraction from 'fraction.js';
import { decodeText } from '../../src/data/read-file.js';
import { readCellTable } from '../../src/data/dataset-file.js';
import { readCifar } from '../../src/data/cifar.js';
import { gunzip } from '../../src/data/gzip.js';
import { readIdxDataset } from '../../src/data/idx.js';
import { readNpy, readNpz, writeNpy } from '../../src/data/npy.js';
import { readCsvDataset } from '../../src/data/table-dataset.js';
import { readTable } from '../../src/data/table.js';
import { parseResults } from '../../src/experiments/results-file.js';
import { parsePartition, parseStructure } from '../../src/homotopy/start/notation.js';
import { LpsError } from '../../src/math/lps-error.js';
import { decodeBase, encodeBase } from '../../src/minima/solved-family.js';
import { networkFamily } from '../../src/minima/network-family.js';
import { parseLayers } from '../../src/network/architecture.js';
import { describeModel, readModel } from '../../src/network/model.js';
import { networkFromJson } from '../../src/network/network.js';
import { activationFromNotation, networkFromNotation } from '../../src/network/notation.js';
import { readSafetensors, writeSafetensors } from '../../src/network/safetensors.js';
import { parseFamily } from '../../src/polynomial/family.js';
import { parseSystem } from '../../src/polynomial/parse.js';
import { verifyDocument } from '../../src/verify/verify-document.js';

export interface Reader {
  readonly name: string;
  /** Texts or bytes that it reads. */
  readonly seeds: readonly (string | Uint8Array<ArrayBuffer>)[];
  /** Reads; what it throws is judged. */
  readonly read: (input: never) => unknown;
}

const text = (
  name: string,
  seeds: readonly string[],
  read: (input: string) => unknown,
): Reader => ({ name, seeds, read });
const bytes = (
  name: string,
  seeds: readonly Uint8Array<ArrayBuffer>[],
  read: (input: Uint8Array<ArrayBuffer>) => unknown,
): Reader => ({ name, seeds, read });

/** JSON is read by JSON.parse before a reader has it. */
const json =
  (read: (value: unknown) => unknown) =>
  (input: string): unknown => {
    let value: unknown;
    try {
      value = JSON.parse(input);
    } catch {
      return null;
    }
    return read(value);
  };

const solved = JSON.stringify({
  system: { name: 's', variables: ['x'], degrees: [2], equations: ['x^2 - 2'] },
  start: { kind: 'total-degree', structure: [], groups: [['x']], paths: 2 },
  paths: { tracked: 2, regular: 2, singular: 0, atInfinity: 0, failed: 0, retracked: 0 },
  ...{ recovered: 0, partial: false, completeness: [] },
  exactCount: { status: 'equal', count: 2, distinct: 2, dimension: 0, prime: 2147483647 },
  counts: { distinct: 2, nonsingular: 2, real: 2 },
  solutions: [
    {
      ...{ coordinates: [[1.4142135623730951, 0]], residual: 1e-16, condition: 1, multiplicity: 1 },
      ...{ singular: false, real: true, certified: true, winding: 1, cluster: null },
    },
  ],
});
const layers = JSON.stringify({
  input: [8, 8, 1],
  layers: [
    { type: 'conv2d', filters: 4, kernel: 3 },
    { type: 'relu' },
    { type: 'flatten' },
    { type: 'dense', units: 10 },
  ],
});
/** x^2 as activation: the loss of one unit. */
const family = networkFamily(
  { layers: [1, 1, 1] },
  [0, 0, 1].map((value) => new Fraction(value)),
);
const description = JSON.stringify(
  describeModel(
    { tensors: new Map(), metadata: {} },
    {
      network: networkFromNotation('2-3-relu-1'),
      data: {
        ...{ shape: [2], count: 1, inputs: Float32Array.of(1, 2) },
        targets: { kind: 'values', values: Float32Array.of(3), width: 1 },
        normalization: { mean: [0, 0], deviation: [1, 1] },
      },
      loss: 'mse',
    },
  ).metadata,
);
const solvedFamily = JSON.stringify(
  encodeBase(
    family,
    {
      ...{ system: family.gradient, partial: false, solutions: [] },
      parameters: family.gradient.parameters.map(() => [1, 0] as const),
      start: { groups: [family.gradient.variables] },
    },
    { seed: 1, paths: 2, confirmedBy: [] },
  ),
);
const gzipped = Uint8Array.from(gzipSync('a file of text'));
const idx = (type: number, shape: readonly number[], body: number): Uint8Array<ArrayBuffer> =>
  Uint8Array.from([
    ...[0, 0, type, shape.length],
    ...shape.flatMap((size) => [0, 0, 0, size]),
    ...Array.from({ length: body }, (_, k) => k % 10),
  ]);

export const READERS: readonly Reader[] = [
  text(
    'system: text',
    ['x^2 + y^2 - 1\nx^2 - y', '(x - 1.5e-3)*(y + 2*I)^3; x/3 = y # end'],
    (input) => parseSystem(input, { format: 'text' }),
  ),
  text('system: recognised', ['2\nx^2 + y - 1;\nx*y - 2;', '{"equations": ["x^2 - 2"]}'], (input) =>
    parseSystem(input),
  ),
  text(
    'system: JSON',
    ['{"name":"n","variables":["x","y"],"equations":["x*y-1","x+y"]}'],
    (input) => parseSystem(input, { format: 'json' }),
  ),
  text('system: PHCpack', ['2 2\n x**2 + 1.5*y - i;\n x*y - 2;\n'], (input) =>
    parseSystem(input, { format: 'phc' }),
  ),
  text(
    'system: Julia',
    ['using HomotopyContinuation\n@var x y\nF = System([x^2 - 1, x*y - 2])'],
    (input) => parseSystem(input, { format: 'julia' }),
  ),
  text(
    'system: JSON values',
    ['{"variables":["x"],"equations":["x^2-2"]}'],
    json((value) => (typeof value === 'object' && value !== null ? parseSystem(value) : null)),
  ),
  text('family', ['x^2 + p*x + q/(p - 2)', 'a*x - b; b*y + x/a'], (input) =>
    parseFamily(input, { parameters: ['a', 'b', 'p', 'q'] }),
  ),
  text('product structure', ['{x}{x y}; {y}{x y}'], (input) =>
    parseStructure(input.replaceAll(';', '\n'), ['x', 'y']),
  ),
  text('partition', ['{x y}{z}'], (input) => parsePartition(input, ['x', 'y', 'z'])),
  text('table', ['a,b,c\n1,2,3\n4,5.5e-3,6\n', 'a;b\n"1";2\n3;4\n'], (input) =>
    readTable(input, { x: ['a'], y: ['b'] }),
  ),
  text('cells', ['a\tb\n1\t"x ""y"""\n', '{"a":1,"b":"x"}\n{"a":2,"b":"y"}\n'], (input) =>
    readCellTable(input, 'data'),
  ),
  text('labelled table', ['a,b,kind\n1,2,x\n3,4,y\n5,6,x\n'], (input) =>
    readCsvDataset(input, { name: 'data', target: 'kind' }),
  ),
  text('network: notation', ['8x8x1: conv(4,3)-relu-flatten-10', '64-32-relu-10'], (input) =>
    networkFromNotation(input),
  ),
  text('network: widths', ['1-2-1', '10-20-30-2'], (input) => parseLayers(input)),
  text('network: activation', ['relu', 'leaky-relu(0.1)', 'poly(1,2,0.5)'], (input) =>
    activationFromNotation(input),
  ),
  text(
    'network: JSON',
    [layers],
    json((value) => networkFromJson(value)),
  ),
  text(
    'description of a model',
    [description],
    json((value) =>
      // A file's metadata are an object, whatever else they are.
      readModel({
        tensors: new Map(),
        metadata: Object(value) as Readonly<Record<string, string>>,
      }),
    ),
  ),
  text(
    'results of solve',
    [solved, `[${solved}]`],
    json((value) => verifyDocument(value)),
  ),
  text('solved family', [solvedFamily], (input) => decodeBase(input, family, 'a family file')),
  text(
    'results of an experiment',
    ['{"schemaVersion":1,"definition":"e"}\n{"cell":"a","seed":1}\n'],
    (input) => parseResults(input, 'results'),
  ),
  bytes('text in UTF-8', [Uint8Array.from(Buffer.from('x^2 - \u00fc\n'))], (input) =>
    decodeText(input, 'a file'),
  ),
  bytes(
    'safetensors',
    [
      writeSafetensors({
        tensors: new Map([
          ['w', { shape: [2, 2], data: Float32Array.of(1, 2, 3, 4) }],
          ['b', { shape: [2], data: Float32Array.of(5, 6) }],
        ]),
        metadata: {},
      }),
    ],
    (input) => readSafetensors(input),
  ),
  bytes('npy', [writeNpy(Float32Array.of(1, 2, 3, 4, 5, 6), [2, 3])], (input) => readNpy(input)),
  bytes('npz', [Uint8Array.from(Buffer.from(emptyArchive(), 'base64'))], (input) => readNpz(input)),
  bytes('IDX', [idx(8, [2, 2, 2], 8)], (input) =>
    readIdxDataset(input, idx(8, [2], 2), { name: 'idx', classes: 10 }),
  ),
  bytes('CIFAR', [Uint8Array.from({ length: 2 * 3073 }, (_, k) => k % 10)], (input) =>
    readCifar([{ name: 'batch', bytes: input }], 'cifar-10'),
  ),
  bytes('gzip', [gzipped], (input) => gunzip(input, 'a file')),
];

/** A zip archive of one stored array. */
function emptyArchive(): string {
  const name = Buffer.from('a.npy');
  const body = Buffer.from(writeNpy(Float32Array.of(1, 2), [2]));
  const local = Buffer.alloc(30);
  local.writeUInt32LE(0x04034b50, 0);
  local.writeUInt32LE(body.length, 18);
  local.writeUInt32LE(body.length, 22);
  local.writeUInt16LE(name.length, 26);
  const central = Buffer.alloc(46);
  central.writeUInt32LE(0x02014b50, 0);
  central.writeUInt32LE(body.length, 20);
  central.writeUInt32LE(body.length, 24);
  central.writeUInt16LE(name.length, 28);
  const end = Buffer.alloc(22);
  const at = local.length + name.length + body.length;
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(1, 8);
  end.writeUInt16LE(1, 10);
  end.writeUInt32LE(central.length + name.length, 12);
  end.writeUInt32LE(at, 16);
  return Buffer.concat([local, name, body, central, name, end]).toString('base64');
}

/** Pieces that have broken readers before. */
const PIECES = [
  ...[
    '',
    ' ',
    '\n',
    '\r\n',
    '\0',
    '\uFEFF',
    '\u202E',
    '"',
    "'",
    '#',
    '//',
    '\\',
    '%',
    '$',
    '<',
    '&',
  ],
  ...[
    '0',
    '-0',
    '1e00001',
    '1e999',
    '-1e-999',
    '0x10',
    '1_000',
    '9007199254740993',
    'NaN',
    'inf',
    'null',
  ],
  ...[
    '(',
    ')',
    '((((((((',
    '[',
    ']',
    '{',
    '}',
    '{}',
    ',',
    ';',
    ';;',
    '=',
    '==',
    '^',
    '**',
    '^^2',
    '/0',
    '..',
  ],
  ...['__proto__', 'constructor', 'toString', 'x', 'x^65', 'x^-1', 'i', 'I', 'im', 'true'],
];
const LONG = ['9', '(', 'x*', 'x+', '-', '"', 'a,', '\n', '\0'].map((piece) => piece.repeat(400));

/** Spoilt: pieces put in, cut out, doubled, exchanged; or nothing of the seed at all. */
function spoiltText(seeds: readonly string[]): fc.Arbitrary<string> {
  const piece = fc.oneof(
    { weight: 8, arbitrary: fc.constantFrom(...PIECES) },
    { weight: 1, arbitrary: fc.constantFrom(...LONG) },
    { weight: 3, arbitrary: fc.string({ unit: 'binary', maxLength: 8 }) },
  );
  const edit = fc.record({
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    cut: fc.integer({ min: 0, max: 12 }),
    put: piece,
  });
  const edited = fc
    .tuple(fc.constantFrom(...seeds), fc.array(edit, { minLength: 1, maxLength: 4 }))
    .map(([seed, edits]) =>
      edits.reduce((old, { at, cut, put }) => {
        const from = Math.floor(at * old.length);
        return old.slice(0, from) + put + old.slice(from + cut);
      }, seed),
    );
  return fc.oneof(
    { weight: 8, arbitrary: edited },
    { weight: 1, arbitrary: fc.array(piece, { maxLength: 12 }).map((all) => all.join('')) },
    { weight: 1, arbitrary: fc.json() },
  );
}

function spoiltBytes(seeds: readonly Uint8Array[]): fc.Arbitrary<Uint8Array<ArrayBuffer>> {
  const edit = fc.record({
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    cut: fc.integer({ min: 0, max: 6 }),
    put: fc.oneof(
      fc.uint8Array({ maxLength: 8 }),
      fc.constantFrom(Uint8Array.of(255, 255, 255, 255), Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 128)),
    ),
  });
  const edited = fc
    .tuple(fc.constantFrom(...seeds), fc.array(edit, { minLength: 1, maxLength: 4 }))
    .map(([seed, edits]) =>
      edits.reduce<Uint8Array<ArrayBuffer>>((old, { at, cut, put }) => {
        const from = Math.floor(at * old.length);
        return Uint8Array.from([...old.subarray(0, from), ...put, ...old.subarray(from + cut)]);
      }, Uint8Array.from(seed)),
    );
  const anything = fc.uint8Array({ maxLength: 64 }).map((all) => Uint8Array.from(all));
  return fc.oneof({ weight: 8, arbitrary: edited }, { weight: 1, arbitrary: anything });
}

/**
 * Reads spoilt inputs.
 *
 * @throws Error of fast-check with the smallest input whose error is none of ours
 */
export async function fuzzReader(
  { seeds, read }: Reader,
  runs: number,
  seed?: number,
): Promise<void> {
  const judge = async (input: unknown): Promise<void> => {
    try {
      await read(input as never);
    } catch (error) {
      if (!(error instanceof LpsError) || error.kind === 'internal') throw error;
    }
  };
  const isText = typeof seeds[0] === 'string';
  const spoilt: fc.Arbitrary<string | Uint8Array> = isText
    ? spoiltText(seeds as readonly string[])
    : spoiltBytes(seeds as readonly Uint8Array[]);
  await fc.assert(fc.asyncProperty(spoilt, judge), {
    numRuns: runs,
    ...(seed !== undefined && { seed }),
  });
}
