/** Jobs of every command that keeps a checkpoint, of a few seconds each, for everything that puts them under stress. */
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathsIn } from '../../src/cli/path-log.js';
import { StateFile } from '../../src/cli/state-file.js';

export interface Job {
  readonly name: string;
  /** Without --checkpoint and output options. */
  readonly words: readonly string[];
}

/** Writes files of some lines into a folder, and says where they are. */
export function fileWriter(folder: string): (name: string, lines: readonly string[]) => string {
  return (name, lines) => {
    const path = join(folder, name);
    writeFileSync(path, `${lines.join('\n')}\n`);
    return path;
  };
}

/** Writes the files that the jobs read into a folder. */
export function makeJobs(folder: string): Job[] {
  mkdirSync(folder, { recursive: true });
  const file = fileWriter(folder);
  const quadrics = file('quadrics.txt', coupledQuadrics(11));
  const conic = file('conic.txt', ['x^2 + y^2 - a', 'x*y - b*x + c']);
  const targets = file('targets.json', [
    JSON.stringify(Array.from({ length: 400 }, (_, k) => [k + 2, k / 7 + 1, 3 - k])),
  ]);
  const samples = file('samples.csv', [
    'a,t',
    ...Array.from({ length: 14 }, (_, k) => `${k},${Math.sin(2 * k) + k / 5}`),
  ]);
  const data = ['--data', samples, '--x', 'a', '--y', 't'];
  const digits = ['--data', 'digits', '--arch', '64-16-10', '--seeds', '2'];
  return [
    { name: 'solve', words: ['solve', quadrics, '--precision', 'f64'] },
    { name: 'solve-gpu', words: ['solve', quadrics, '--precision', 'gpu'] },
    { name: 'train', words: ['train', ...digits, '--epochs', '150', '--lr', '0.003'] },
    { name: 'minima', words: ['minima', ...data, '--arch', '1-1-1', '--full', '--degree', '4'] },
    { name: 'strata', words: ['minima', ...data, '--arch', '1-3-1'] },
    { name: 'exact', words: ['minima', ...data, '--arch', '1-3-1', '--exact'] },
    {
      name: 'liveness',
      words: [
        ...['liveness', '--init', 'he,orthogonal', '--widths', '4', '--depths', '5,10'],
        ...['--networks', '40000'],
      ],
    },
    {
      name: 'family',
      words: ['family', conic, '--parameters', 'a,b,c', '--targets', targets],
    },
    { name: 'digits', words: ['experiment', 'digits'] },
  ];
}

/** x_k^2 + 0.3 x_(k+1) = k + 2: 2^n solutions, no two of which are alike. */
export function coupledQuadrics(n: number): string[] {
  return Array.from({ length: n }, (_, k) => `x${k}^2 + 0.3*x${(k + 1) % n} - ${k + 2}`);
}

/**
 * How much of its work a checkpoint has: paths that have ended and steps of training; NaN for states that do not say how
 * far they are.
 */
export function workKept(checkpoint: string): number {
  return readdirSync(checkpoint)
    .map((name) => {
      const path = join(checkpoint, name);
      if (name.endsWith('.paths'))
        return [...pathsIn(path)].reduce((sum, ids) => sum + ids.length, 0);
      if (!name.endsWith('.state')) return 0;
      const state = new StateFile<{ readonly training?: { readonly step: number } }>(
        path,
        () => undefined,
      );
      return state.read()?.training?.step ?? NaN;
    })
    .reduce((sum, each) => sum + each, 0);
}

const TIMING = /^(timing|selfTest)$|(Ms|PerSecond|[sS]econds)$/;

/** A document without what differs from run to run of the same job. */
export function withoutTiming(text: string): string {
  return JSON.stringify(JSON.parse(text), (key, value: unknown) =>
    TIMING.test(key) ? undefined : value,
  );
}
