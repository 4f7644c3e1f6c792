/**
 * Believed afterwards: results on disk are appended to, pinned to their definition, and survive a
 * process that dies while it writes. The truth: the files themselves.
 */
import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import {
  definitionDigest,
  openExperimentStore,
  readExperimentResults,
  writeExperimentReport,
} from '../../../src/cli/experiment-store.js';
import { diagnose } from '../../../src/cli/errors.js';
import { ExperimentError, findExperiment } from '../../../src/experiments/index.js';

const folder = mkdtempSync(join(tmpdir(), 'lps-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});
const experiment = findExperiment('deep-narrow');
const version = '9.9.9';

it('appends, drops a line that was cut off, and begins anew when told', () => {
  const out = join(folder, 'append');
  const store = openExperimentStore(out, experiment, { version });
  expect(store.results).toEqual([]);
  store.append([{ cell: 'one' }]);
  store.append([{ cell: 'two' }]);
  appendFileSync(store.path, '{"cell":"thr');
  const again = openExperimentStore(out, experiment, { version: '10.0.0' });
  expect(again.results).toEqual([{ cell: 'one' }, { cell: 'two' }]);
  again.append([{ cell: 'three' }]);
  expect(readExperimentResults(out, experiment)).toEqual([
    { cell: 'one' },
    { cell: 'two' },
    { cell: 'three' },
  ]);
  const [header] = readFileSync(store.path, 'utf8').split('\n');
  expect(JSON.parse(header!)).toEqual({
    schemaVersion: 1,
    experiment: 'deep-narrow',
    definition: definitionDigest(experiment),
    version,
  });
  expect(openExperimentStore(out, experiment, { version, fresh: true }).results).toEqual([]);
});

it('refuses results of another definition in one clear line', () => {
  const out = join(folder, 'changed');
  openExperimentStore(out, experiment, { version });
  const changed = { ...experiment, settings: { ...experiment.settings, steps: 1 } };
  const open = () => openExperimentStore(out, changed, { version });
  expect(open).toThrow(ExperimentError);
  expect(open).toThrow(/another definition.*--fresh/);
  try {
    open();
  } catch (error) {
    expect(diagnose(error)).toMatchObject({ exitCode: 2 });
  }
  expect(() => readExperimentResults(join(folder, 'nowhere'), experiment)).toThrow(/no results/);
});

it('marks reports that do not have all results', async () => {
  const out = join(folder, 'partial');
  const [report] = await writeExperimentReport(out, experiment, []);
  expect(readFileSync(report!, 'utf8')).toMatch(/^# Deep narrow.*\n\n\*\*Partial: 0 of \d+ cells/);
});
