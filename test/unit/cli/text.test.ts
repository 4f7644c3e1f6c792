/**
 * Believed afterwards: numbers and tables read as people expect, and the two sides of every rounding
 * boundary are right. The truth is written out by hand.
 */
import { expect, it } from 'vitest';
import { complex, count, duration, plural, significant } from '../../../src/cli/numbers.js';
import { textTable } from '../../../src/cli/text-table.js';

it.each([
  [0, '0'],
  [0.5, '0.5'],
  [-1.23456789012, '-1.2345679'],
  [99999999, '99999999'],
  [100000000, '1e+8'],
  [0.0001, '0.0001'],
  [0.00009999, '9.999e-5'],
])('writes %d with eight digits', (value, text) => {
  expect(significant(value)).toBe(text);
});

it.each<[[number, number], string]>([
  [[1.5, -2], '1.5 - 2 i'],
  [[1.5, 1e-9], '1.5'],
  [[1e-12, 3], '3 i'],
  [[0, -1], '-1 i'],
  [[1e9, 5], '1e+9'],
  [[0, 0], '0'],
])('writes the complex number %j', (value, text) => {
  expect(complex(value)).toBe(text);
});

it.each([
  [999.4, '999 ms'],
  [1000, '1.0 s'],
  [59_400, '59 s'],
  [60_000, '1 min 0 s'],
  [185_000, '3 min 5 s'],
])('writes %d milliseconds', (milliseconds, text) => {
  expect(duration(milliseconds)).toBe(text);
});

it('groups thousands and knows one from many', () => {
  expect(count(12225)).toBe('12,225');
  expect(plural(1, 'path')).toBe('1 path');
  expect(plural(12225, 'path')).toBe('12,225 paths');
});

it('aligns numbers right and words left', () => {
  const lines = textTable(
    [{ title: 'n' }, { title: 'kind', align: 'left' }],
    [
      ['1', 'real'],
      ['10', 'complex'],
    ],
  );
  expect(lines).toEqual([' n  kind', '--  -------', ' 1  real', '10  complex']);
});
