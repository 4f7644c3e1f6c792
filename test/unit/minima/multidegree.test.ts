// Believed after it passes: multidegrees and path counts of networks follow the table of docs/initializer.md. Truth: the tables below (counts confirmed by PHCpack's k-homogeneous Bezout numbers) and the degrees read off the independently expanded systems in test/data/networks.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  ArchitectureError,
  networkLayout,
  parseLayers,
  stateDictionary,
} from '../../../src/network/architecture.js';
import {
  countNetworkPaths,
  countTotalDegreePaths,
  stationarityMultidegrees,
} from '../../../src/minima/multidegree.js';

interface NetworkFile {
  variables: string[];
  groups: string[][];
  equations_terms: { c: string; e: number[] }[][];
  multidegrees_per_equation: number[][];
  total_degree_bezout: number;
  lps_count_layer_groups: number;
}

describe('with all biases', () => {
  it.each([
    ['1-1-1', 2, 4, 375, 113],
    ['1-1-1', 3, 4, 1372, 277],
    ['1-1-1', 4, 4, 3645, 513],
    ['2-1-1', 2, 5, 1875, 639],
    ['1-2-1', 2, 7, 46875, 12225],
    ['2-2-1', 2, 9, 1171875, 323649],
    ['1-3-1', 2, 10, 5859375, 1359153],
    ['1-1-1-1', 2, 6, 2599051, 119665],
  ])('%s, degree %i: %i unknowns, Bezout %i, LPS %i', (sizes, degree, unknowns, bezout, paths) => {
    const layout = networkLayout({ layers: sizes.split('-').map(Number) });
    expect(layout.variables.length).toBe(unknowns);
    expect(countTotalDegreePaths(layout, degree)).toBe(BigInt(bezout));
    expect(countNetworkPaths(layout, degree)).toBe(BigInt(paths));
  });
});

describe('with and without biases', () => {
  it.each([
    ['s0', '1-1-1', false, 2, 25, 11],
    ['s1', '1-1-1', true, 2, 375, 113],
    ['s2', '1-1-1', true, 2, 375, 113],
    ['s3', '1-1-1', true, 3, 1372, 277],
    ['s4', '1-2-1', 'output', 2, 1875, 257],
    ['s5', '1-2-1', false, 2, 625, 169],
    ['s6', '1-1-1-1', false, 2, 2197, 285],
    ['s7', '1-1-1-1', false, 2, 2197, 285],
    ['s8', '1-2-1', true, 2, 46875, 12225],
  ] as const)('%s', (_name, sizes, bias, degree, bezout, paths) => {
    const layout = networkLayout({ layers: sizes.split('-').map(Number), bias });
    expect(countTotalDegreePaths(layout, degree)).toBe(BigInt(bezout));
    expect(countNetworkPaths(layout, degree)).toBe(BigInt(paths));
  });
});

describe('against the shared systems', () => {
  it.each([
    ['s0_111_relu2_nobias', '1-1-1', false],
    ['s1_111_square', '1-1-1', true],
    ['s2_111_relu2', '1-1-1', true],
    ['s4_121_square_nobias', '1-2-1', 'output'],
    ['s6_1111_square_nobias', '1-1-1-1', false],
    ['s7_1111_relu2_nobias', '1-1-1-1', false],
    ['s8_121_relu2_full', '1-2-1', true],
  ] as const)('%s: names, groups and degrees, both stated and read off', (name, sizes, bias) => {
    const file = JSON.parse(
      readFileSync(new URL(`../../data/networks/${name}.json`, import.meta.url), 'utf8'),
    ) as NetworkFile;
    const layout = networkLayout({ layers: sizes.split('-').map(Number), bias });
    const degrees = stationarityMultidegrees(layout, 2);
    expect(layout.variables).toEqual(file.variables);
    expect(layout.groups.map((group) => group.map((k) => layout.variables[k]))).toEqual(
      file.groups,
    );
    expect(degrees).toEqual(file.multidegrees_per_equation);
    const readOff = file.equations_terms.map((terms) =>
      layout.groups.map((group) =>
        Math.max(...terms.map(({ e }) => group.reduce((sum, k) => sum + e[k]!, 0))),
      ),
    );
    expect(degrees).toEqual(readOff);
  });
});

it('tensors have the names and layouts of a PyTorch Sequential', () => {
  const layout = networkLayout({ layers: [2, 3, 1] });
  expect(layout.network.parameters.tensors.map(({ name, shape }) => [name, shape])).toEqual([
    ['layers.0.weight', [3, 2]],
    ['layers.0.bias', [3]],
    ['layers.2.weight', [1, 3]],
    ['layers.2.bias', [1]],
  ]);
  expect(
    stateDictionary(
      layout,
      Array.from({ length: 13 }, (_, k) => k),
    ),
  ).toEqual({
    'layers.0.weight': [
      [0, 1],
      [2, 3],
      [4, 5],
    ],
    'layers.0.bias': [6, 7, 8],
    'layers.2.weight': [[9, 10, 11]],
    'layers.2.bias': [12],
  });
  expect(networkLayout({ layers: [1, 10, 1] }).variables).toContain('w1_10_1');
});

it.each([[[]], [[1]], [[1, 0, 1]], [[1, 1.5, 1]], [[1, NaN]]])(
  'refuses the layers %j',
  (layers) => {
    expect(() => networkLayout({ layers })).toThrow(ArchitectureError);
  },
);

it('reads layer sizes from text', () => {
  expect(parseLayers('1-2-1')).toEqual([1, 2, 1]);
  expect(parseLayers(' 3 - 12 ')).toEqual([3, 12]);
  for (const text of ['', '1', '1-0-1', '1--1', '1-x', '1-2.5-1', '-1-1', '1e3-1']) {
    expect(() => parseLayers(text)).toThrow(ArchitectureError);
  }
});
