// Believed after it passes: start solutions are counted exactly and numbered without gaps. Truth: trying every choice on random structures, PHCpack's counts of its own structures, derangement numbers, and the multihomogeneous numbers of network systems (docs/initializer.md).
import { describe, expect, it } from 'vitest';
import {
  countStartSolutions,
  createStartTable,
  flattenStartTable,
  rank,
  unrank,
} from '../../../../src/homotopy/start/index.js';
import type { ProductStructure, StartPlan } from '../../../../src/homotopy/start/index.js';
import { allChoices, randomStructure, referenceSystems } from './examples.js';

function planOf(structure: ProductStructure, paths: bigint): StartPlan {
  return {
    kind: 'lps',
    structure,
    groups: [structure.map((_, variable) => variable)],
    paths,
    univariate: false,
  };
}

/** Reads a choice from the flat words the way a kernel does: u32 only, linear search. */
function walk(words: Uint32Array, n: number, nodeOffset: number, edgeOffset: number, id: number) {
  const choice = new Array<number>(n).fill(0);
  let node = 0;
  for (let level = 0; level < n; level++) {
    let edge = words[nodeOffset + node]!;
    const end = words[nodeOffset + node + 1]!;
    while (edge + 1 < end && words[edgeOffset + 3 * (edge + 1) + 2]! <= id) edge++;
    choice[words[level]!] = words[edgeOffset + 3 * edge + 1]!;
    id -= words[edgeOffset + 3 * edge + 2]!;
    node = words[edgeOffset + 3 * edge]!;
  }
  return choice;
}

describe('countStartSolutions', () => {
  it('equals the number of choices with distinct representatives on 150 random structures', () => {
    for (let seed = 0; seed < 150; seed++) {
      const structure = randomStructure(seed, 2 + (seed % 5));
      expect(countStartSolutions(structure), `seed ${seed}`).toBe(
        BigInt(allChoices(structure).length),
      );
    }
  });

  it.each(referenceSystems().filter(({ phcStructure }) => phcStructure))(
    "equals PHCpack's count of its structure of $name",
    ({ phcStructure, phcCount }) => {
      expect(countStartSolutions(phcStructure!)).toBe(BigInt(phcCount!));
    },
  );

  it('counts beyond 2^53', () => {
    const all = Array.from({ length: 30 }, (_, variable) => variable);
    const cubics = all.map(() => [all, all, all]);
    expect(countStartSolutions(cubics)).toBe(3n ** 30n);
    // Two blocks of 15: choose which equations take a factor of the first.
    const [left, right] = [all.slice(0, 15), all.slice(15)];
    const blocks = all.map(() => [left, left, left, right, right, right]);
    expect(countStartSolutions(blocks)).toBe(3n ** 30n * 155117520n);
  });

  it('handles more variables than bits when many are interchangeable', () => {
    const n = 60;
    const x = Array.from({ length: n }, (_, variable) => variable);
    const eigenvalues: ProductStructure = [...x.map(() => [x, [n]]), [x]];
    expect(countStartSolutions(eigenvalues)).toBe(60n);
  });

  it('refuses more kinds of variables than bits', () => {
    const separate = Array.from({ length: 32 }, (_, variable) => [[variable], [variable]]);
    expect(() => countStartSolutions(separate)).toThrow(/32 kinds of variables/);
  });

  it('is zero when the equations cannot have distinct representatives', () => {
    expect(countStartSolutions([[[0], [0]], [[0]]])).toBe(0n);
  });

  // Degrees of the stationarity equations in the groups (layers): the table of docs/initializer.md.
  it.each([
    { dims: [1, 1, 1], degree: 2, paths: 113n },
    { dims: [1, 1, 1], degree: 3, paths: 277n },
    { dims: [1, 1, 1], degree: 4, paths: 513n },
    { dims: [2, 1, 1], degree: 2, paths: 639n },
    { dims: [1, 2, 1], degree: 2, paths: 12225n },
    { dims: [2, 2, 1], degree: 2, paths: 323649n },
    { dims: [1, 3, 1], degree: 2, paths: 1359153n },
    { dims: [1, 1, 1, 1], degree: 2, paths: 119665n },
  ])('counts $paths paths for network $dims with activation degree $degree', (example) => {
    const layers = example.dims.length - 1;
    const own = Array.from({ length: layers }, (_, l) => example.degree ** (layers - 1 - l));
    const groups: number[][] = [];
    const rows: number[][] = [];
    for (let layer = 0; layer < layers; layer++) {
      const [inputs, outputs] = [example.dims[layer]!, example.dims[layer + 1]!];
      const last = layer === layers - 1;
      const group: number[] = [];
      for (let k = 0; k < (inputs + 1) * outputs; k++) {
        const bias = k >= inputs * outputs;
        group.push(rows.length);
        rows.push(
          own.map((d, m) => {
            if (m === layer) return last ? 1 : 2 * d - 1;
            return last && bias ? d : 2 * d;
          }),
        );
      }
      groups.push(group);
    }
    const structure = rows.map((row) =>
      row.flatMap((degree, m) => new Array<number[]>(degree).fill(groups[m]!)),
    );
    expect(countStartSolutions(structure)).toBe(example.paths);
  });
});

describe('path ids', () => {
  it('are a bijection to the choices, on the host and in the flat words', () => {
    for (let seed = 0; seed < 60; seed++) {
      const structure = randomStructure(seed, 2 + (seed % 4));
      const expected = allChoices(structure).map((choice) => choice.join());
      const table = createStartTable(planOf(structure, countStartSolutions(structure)));
      const flat = flattenStartTable(table);
      expect(table.paths).toBe(expected.length);
      const found: string[] = [];
      for (let id = 0; id < table.paths; id++) {
        const choice = unrank(table, id);
        expect(rank(table, choice)).toBe(id);
        const walked = walk(flat.words, structure.length, flat.nodeOffset, flat.edgeOffset, id);
        expect(walked).toEqual([...choice]);
        found.push(choice.join());
      }
      expect(found.sort()).toEqual(expected.sort());
    }
  });

  it('of a univariate start are a mixed-radix number', () => {
    const all = [0, 1, 2];
    const plan: StartPlan = {
      kind: 'total-degree',
      structure: [[all, all], [all, all, all], [all]],
      groups: [all],
      paths: 6n,
      univariate: true,
    };
    const table = createStartTable(plan);
    const choices = Array.from({ length: 6 }, (_, id) => [...unrank(table, id)]);
    expect(choices).toEqual([
      [0, 0, 0],
      [1, 0, 0],
      [0, 1, 0],
      [1, 1, 0],
      [0, 2, 0],
      [1, 2, 0],
    ]);
    choices.forEach((choice, id) => expect(rank(table, choice)).toBe(id));
    expect([...flattenStartTable(table).words]).toEqual([2, 3, 1]);
    expect(() => rank(table, [2, 0, 0])).toThrow(RangeError);
  });

  it('address 2^40 paths on the host and refuse them for u32', () => {
    const all = Array.from({ length: 40 }, (_, variable) => variable);
    const table = createStartTable(
      planOf(
        all.map(() => [all, all]),
        2n ** 40n,
      ),
    );
    const id = 987654321012;
    expect(rank(table, unrank(table, id))).toBe(id);
    expect(() => flattenStartTable(table)).toThrow(/1099511627776 paths/);
  });

  it('refuse ids and choices that do not exist', () => {
    const table = createStartTable(
      planOf(
        [
          [[0], [1]],
          [[0], [1]],
        ],
        2n,
      ),
    );
    expect(() => unrank(table, 2)).toThrow(RangeError);
    expect(() => unrank(table, -1)).toThrow(RangeError);
    expect(() => unrank(table, 0.5)).toThrow(RangeError);
    expect(() => rank(table, [0, 0])).toThrow(/no start solution/);
  });
});
