// Believed afterwards: nothing that a file says can drive a terminal, and ordinary text passes unchanged. Truth: the code points of ECMA-48 and of Unicode's direction marks.
import { expect, it } from 'vitest';
import { printable } from '../../../src/cli/printable.js';

it('shows control characters as codes', () => {
  expect(printable('\u001b[31mred\u001b]0;title\u0007')).toBe('\\x1b[31mred\\x1b]0;title\\x07');
  expect(printable('\u0000\u009b2J\r')).toBe('\\x00\\x9b2J\\x0d');
  expect(printable('abc\u202ecba\u2069')).toBe('abc\\u202ecba\\u2069');
});

it('leaves text, lines and tabs alone', () => {
  const text = 'x₁ = 1.5\t± 0.1\nλ é 中 🙂\n';
  expect(printable(text)).toBe(text);
});
