/**
 * Believed afterwards: results on disk are appended to, pinned to their definition, and survive a
 * process that dies while it writes. The truth: the files themselves.
 */
import { spawnSync } from 'node:child_process';
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import {
  definitionDigest,
  openExperimentStore,
  readExperimentResults,
  writeExperimentReport,
} from '../../../src/cli/experiment-store.js';
import { diagnose } from '../../../src/cli/errors.js';
import { ResultFiles } from '../../../src/cli/output.js';
import { ExperimentError, findExperiment } from '../../../src/experiments/index.js';

const folder = mkdtempSync(join(tmpdir(), 'lps-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});
const experiment = findExperiment('deep-narrow');
const version = '9.9.9';
const resultOf = (cell: string) => ({
  cell,
  diverged: false,
  nmse: 0.5,
  range: 1,
  deadBefore: 0,
  deadAfter: 0.25,
});

it('appends, drops a line that was cut off, and begins anew when told', async () => {
  const out = join(folder, 'append');
  const store = await openExperimentStore(out, experiment, { version });
  expect(store.results).toEqual([]);
  const files = new ResultFiles();
  store.append([resultOf('one')], files);
  store.append([resultOf('two')], files);
  appendFileSync(store.path, '{"cell":"thr');
  const again = await openExperimentStore(out, experiment, { version: '10.0.0' });
  expect(again.results).toEqual([resultOf('one'), resultOf('two')]);
  again.append([resultOf('three')], files);
  expect(readExperimentResults(out, experiment)).toEqual([
    resultOf('one'),
    resultOf('two'),
    resultOf('three'),
  ]);
  const [header] = readFileSync(store.path, 'utf8').split('\n');
  expect(JSON.parse(header!)).toEqual({
    schemaVersion: 1,
    experiment: 'deep-narrow',
    definition: definitionDigest(experiment),
    version,
  });
  expect((await openExperimentStore(out, experiment, { version, fresh: true })).results).toEqual(
    [],
  );
});

it('refuses results of another definition in one clear line', async () => {
  const out = join(folder, 'changed');
  await openExperimentStore(out, experiment, { version });
  const changed = { ...experiment, settings: { ...experiment.settings, steps: 1 } };
  const error: unknown = await openExperimentStore(out, changed, { version }).catch(
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(ExperimentError);
  expect(diagnose(error).message).toMatch(/another definition.*--fresh/);
  expect(diagnose(error)).toMatchObject({ exitCode: 2 });
  expect(() => readExperimentResults(join(folder, 'nowhere'), experiment)).toThrow(/no results/);
});

it('marks reports that do not have all results', async () => {
  const out = join(folder, 'partial');
  const [report] = await writeExperimentReport(out, experiment, [], new ResultFiles());
  expect(readFileSync(report!, 'utf8')).toMatch(/^# Deep narrow.*\n\n\*\*Partial: 0 of \d+ cells/);
});

it('sets lines aside that are no results, and names them', async () => {
  const out = join(folder, 'rejected');
  const { path } = await openExperimentStore(out, experiment, { version });
  const wrong = [
    'null',
    '{"cell":"two"}',
    'no JSON',
    JSON.stringify({ ...resultOf('x'), nmse: '1' }),
  ];
  appendFileSync(path, [JSON.stringify(resultOf('one')), ...wrong, ''].join('\n'));
  expect(() => readExperimentResults(out, experiment)).toThrow(/line 3 of ".*" names no cell/);
  const store = await openExperimentStore(out, experiment, { version });
  expect(store.results).toEqual([resultOf('one')]);
  expect(store.notes).toEqual([
    expect.stringMatching(/4 lines .* set aside .*line 3 names no cell/),
  ]);
  const aside = readFileSync(join(out, 'deep-narrow.rejected.jsonl'), 'utf8');
  expect(aside).toBe(wrong.map((line) => `${line}\n`).join(''));
  expect(readExperimentResults(out, experiment)).toEqual([resultOf('one')]);
});

it('keeps out a second run while the first one lives', async () => {
  const out = join(folder, 'two-runs');
  const { path } = await openExperimentStore(join(folder, 'elsewhere'), experiment, { version });
  expect(path).toContain('elsewhere');
  mkdirSync(out);
  const place = join(out, 'deep-narrow.jsonl.lock');
  // Its parent lives as long as this process.
  writeFileSync(place, JSON.stringify({ process: process.ppid, machine: hostname() }));
  await expect(openExperimentStore(out, experiment, { version })).rejects.toThrow(
    /another run \(process \d+ on .*\) is at work/,
  );
  const dead = spawnSync(process.execPath, ['-e', '']).pid;
  writeFileSync(place, JSON.stringify({ process: dead, machine: hostname() }));
  expect((await openExperimentStore(out, experiment, { version })).results).toEqual([]);
});
