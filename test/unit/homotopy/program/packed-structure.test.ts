/** Believed afterwards: what a worker unpacks is what was packed, for every kind of homotopy. */
import { expect, it } from 'vitest';
import { cellStructure } from '../../../../src/homotopy/program/cell-homotopy.js';
import {
  coefficientHomotopies,
  type HomotopyStructure,
} from '../../../../src/homotopy/program/homotopy.js';
import {
  packStructure,
  unpackStructure,
} from '../../../../src/homotopy/program/packed-structure.js';
import { example } from '../examples.js';

const text = 'x^3*y - 2*x*y^2 + 1/3\n-x^2 + 5*x^2*y^3 - y';
const start = example(text);
const family = coefficientHomotopies(start.system, [[0, 1]], [[4], [5]], [0.6, 0.8])(start.system);
const kinds: Readonly<Record<string, HomotopyStructure>> = {
  'total degree': start.homotopy.structure,
  'linear product': example(text, 'lps').homotopy.structure,
  family: family.structure,
  cells: cellStructure(family.structure),
};

it.each(Object.entries(kinds))('%s', (_, structure) => {
  expect(unpackStructure(structuredClone(packStructure(structure)))).toEqual(structure);
});

it('has seen everything that is packed', () => {
  const programs = Object.values(kinds).map(({ program }) => program);
  const instructions = programs.flatMap((program) => program.instructions);
  const rules = programs.flatMap((program) => program.rules);
  expect(instructions.some(({ terms }) => terms.some(({ negative }) => negative))).toBe(true);
  expect(instructions.some(({ times, over }) => times !== over)).toBe(true);
  expect(new Set(rules.map(({ power }) => power)).size).toBeGreaterThan(1);
});
