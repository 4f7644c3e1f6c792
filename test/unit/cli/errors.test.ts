/**
 * Believed afterwards: every kind of error leads to the exit code of the contract, and bad input to
 * one line without a stack trace. The truth is the table in src/math/lps-error.ts.
 */
import { expect, it } from 'vitest';
import { diagnose, InterruptedError, JobError, UsageError } from '../../../src/cli/errors.js';
import {
  DeviceLostError,
  GpuLimitError,
  GpuOutOfMemoryError,
  GpuUnavailableError,
} from '../../../src/gpu/index.js';
import { TrackingLimitError } from '../../../src/homotopy/index.js';
import { LpsError, type ErrorKind } from '../../../src/math/lps-error.js';
import { parseSystem } from '../../../src/polynomial/index.js';

it.each<[ErrorKind, number]>([
  ['usage', 2],
  ['input', 2],
  ['limit', 2],
  ['io', 2],
  ['device', 2],
  ['aborted', 130],
  ['failed', 1],
  ['internal', 1],
])('exits for an error of the kind %s with %i', (kind, exitCode) => {
  class SomeError extends LpsError {
    override readonly kind = kind;
  }
  expect(diagnose(new SomeError('why')).exitCode).toBe(exitCode);
});

it.each([
  new UsageError('a\n  b'),
  new GpuUnavailableError(['node: none'], 'Install one.'),
  new GpuLimitError('the paths', 'maxBufferSize', 3e8, 2e8, 'use fewer'),
  new GpuOutOfMemoryError('the paths', 3e8, 'full'),
  new TrackingLimitError(2n ** 60n, 10n),
])('calls $name bad input', (error) => {
  const { exitCode, message } = diagnose(error);
  expect(exitCode).toBe(2);
  expect(message).toMatch(/^error: [^\n]+$/);
});

it('shows where a syntax error is', () => {
  let found: unknown;
  try {
    parseSystem('x^2 + @');
  } catch (error) {
    found = error;
  }
  const { exitCode, message } = diagnose(found);
  expect(exitCode).toBe(2);
  expect(message.split('\n').slice(1)).toEqual(['x^2 + @', '      ^']);
});

it('tells an interrupted job from a failed one, and a failed one from a bug', () => {
  expect(diagnose(new InterruptedError('stopped'))).toEqual({ exitCode: 130, message: 'stopped' });
  expect(diagnose(new JobError('no'))).toEqual({ exitCode: 1, message: 'error: no' });
  expect(diagnose(new DeviceLostError('unknown', '')).exitCode).toBe(1);
  const bug = diagnose(new TypeError('undefined is not a function'));
  expect(bug.exitCode).toBe(1);
  expect(bug.message).toContain('errors.test.ts');
});
