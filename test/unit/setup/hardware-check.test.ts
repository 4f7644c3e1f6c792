/**
 * Believed afterwards: the hardware check takes an adapter for hardware only where `lps info` says so. Truth: documents as
 * `lps info --json` writes them, and what is left of one when a driver ends the process.
 */
import { expect, it } from 'vitest';
import { adapterKind } from '../../../harness/hardware/check.js';

const info = (software: unknown) => JSON.stringify({ schemaVersion: 1, adapters: [{ software }] });

it.each([
  ['hardware', info(false)],
  ['software', info(true)],
  ['software', `set-up: a line before it\n${info(true)}\n`],
  [null, ''],
  [null, 'Segmentation fault (core dumped)'],
  [null, info(false).slice(0, -4)],
  [null, JSON.stringify({ adapters: [] })],
  [null, info('no')],
])('%s: %s', (kind, log) => {
  expect(adapterKind(log)).toBe(kind);
});
