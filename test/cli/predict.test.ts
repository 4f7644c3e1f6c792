/**
 * Believed afterwards: a network that `lps train` wrote is used by `lps predict` and `lps evaluate` in the
 * data's own units, and its metadata alone are enough for others: a forward pass in f64 that is written
 * here, and PyTorch where it is installed, predict the same to 1e-5.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readSafetensors, writeSafetensors } from '../../src/network/safetensors.js';
import type { Weights } from '../../src/network/weights.js';
import { runCommand } from '../helpers/command.js';

let folder: string;
const at = (name: string): string => join(folder, name);

/** Rows far from 0, with a column of seconds since 1970, a word and values in hectopascals. */
const rows = Array.from({ length: 60 }, (_, k) => {
  const x = Math.sin(7 * k);
  const time = 1_700_000_000 + ((k * 37) % 60);
  return { x, time, kind: x > 0.3 ? 'warm' : x < -0.3 ? 'cold' : 'mild', p: 1013 + 5 * x - k / 60 };
});
const table = (wanted: readonly (keyof (typeof rows)[0])[]): string =>
  [wanted.join(','), ...rows.map((row) => wanted.map((name) => row[name]).join(','))].join('\n');

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'predict-'));
  writeFileSync(at('all.csv'), table(['kind', 'x', 'time', 'p']));
  writeFileSync(at('new.csv'), table(['time', 'x']));
  const common = ['--data', at('all.csv'), '--init', 'lps', '--epochs', '40', '--lr', '0.01'];
  const values = [...common, '--target', 'p', '--drop', 'kind', '--arch', '2-8-1'];
  const classes = [...common, '--target', 'kind', '--drop', 'p', '--arch', '2-8-3'];
  for (const [words, out] of [
    [values, 'values'],
    [classes, 'classes'],
  ] as const) {
    const { code, err } = await runCommand(['train', ...words, '--out', at(`${out}.safetensors`)]);
    expect(code, err).toBe(0);
  }
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

interface Statistics {
  readonly mean: readonly number[];
  readonly deviation: readonly number[];
  readonly columns: readonly string[];
  readonly classNames?: readonly string[];
}

/** Outputs from the file alone, in f64: 2-8-k with ReLU. */
function reference({ tensors, metadata }: Weights): { outputs: number[][]; targets: Statistics } {
  const inputs = JSON.parse(metadata.inputs!) as Statistics;
  const dense = (row: readonly number[], layer: string): number[] => {
    const { data, shape } = tensors.get(`${layer}.weight`)!;
    const bias = tensors.get(`${layer}.bias`)!.data;
    return [...bias].map((b, unit) =>
      row.reduce((sum, value, k) => sum + value * data[unit * shape[1]! + k]!, b),
    );
  };
  const outputs = rows.map((row) => {
    const scaled = inputs.columns.map(
      (name, k) => (row[name as 'x' | 'time'] - inputs.mean[k]!) / inputs.deviation[k]!,
    );
    const hidden = dense(scaled, 'layers.0').map((value) => Math.max(0, value));
    return dense(hidden, 'layers.2');
  });
  return { outputs, targets: JSON.parse(metadata.targets!) as Statistics };
}

const weightsOf = (name: string): Weights => readSafetensors(readFileSync(at(name)));

it('predicts values in their units, from columns in any order', async () => {
  const words = ['predict', at('values.safetensors'), '--data', at('new.csv')];
  const { out, code } = await runCommand(words);
  expect(code).toBe(0);
  const [header, ...lines] = out.trim().split('\n');
  expect(header).toBe('p');
  const { outputs, targets } = reference(weightsOf('values.safetensors'));
  outputs.forEach(([output], k) => {
    const wanted = targets.mean[0]! + targets.deviation[0]! * output!;
    expect(Math.abs(Number(lines[k]) - wanted)).toBeLessThan(1e-5 * Math.abs(wanted));
    expect(Math.abs(Number(lines[k]) - wanted) / targets.deviation[0]!).toBeLessThan(1e-5);
  });
});

it('takes an array as the columns in the order of training', async () => {
  const header = `{'descr': '<f8', 'fortran_order': False, 'shape': (60, 2), }\n`;
  const values = Float64Array.from(rows.flatMap(({ x, time }) => [x, time]));
  const start = [0x93, ...Buffer.from('NUMPY'), 1, 0, header.length, 0];
  const parts = [Buffer.from(start), Buffer.from(header), Buffer.from(values.buffer)];
  writeFileSync(at('rows.npy'), Buffer.concat(parts));
  const of = (data: string) =>
    runCommand(['predict', at('values.safetensors'), '--data', at(data)]);
  const array = await of('rows.npy');
  expect(array.code, array.err).toBe(0);
  expect(array.out).toBe((await of('new.csv')).out);
});

it('predicts classes with probabilities, and scores them', async () => {
  const file = at('classes.safetensors');
  const { out } = await runCommand(['predict', file, '--data', at('new.csv')]);
  const [header, ...lines] = out.trim().split('\n');
  expect(header).toBe('class,p(cold),p(mild),p(warm)');
  const { outputs } = reference(weightsOf('classes.safetensors'));
  const names = ['cold', 'mild', 'warm'];
  const predicted = outputs.map((row, k) => {
    const exponentials = row.map(Math.exp);
    const sum = exponentials.reduce((a, b) => a + b);
    const [name, ...shares] = lines[k]!.split(',');
    shares.forEach((share, j) => {
      expect(Math.abs(Number(share) - exponentials[j]! / sum)).toBeLessThan(1e-5);
    });
    expect(name).toBe(names[row.indexOf(Math.max(...row))]);
    return name;
  });
  const chart = at('confusion.svg');
  const words = ['evaluate', file, '--data', at('all.csv'), '--json', '--chart', chart];
  const score = await runCommand(words);
  const { accuracy, confusion, samples } = JSON.parse(score.out) as {
    accuracy: number;
    samples: number;
    confusion: number[][];
  };
  const right = rows.filter(({ kind }, k) => kind === predicted[k]).length;
  expect({ accuracy, samples }).toEqual({ accuracy: right / 60, samples: 60 });
  expect(confusion).toEqual(
    names.map((kind) =>
      names.map(
        (other) => rows.filter((row, k) => row.kind === kind && predicted[k] === other).length,
      ),
    ),
  );
  // Every number of the table, and the names of the classes on both axes, stand in the picture.
  const texts = textsOf(readFileSync(chart, 'utf8'));
  const numbers = confusion.flat().filter((value) => value > 0);
  expect(texts).toEqual(expect.arrayContaining([...names, ...numbers.map(String), 'predicted']));
  expect(texts.filter((text) => text === 'mild')).toHaveLength(2);
  expect(texts.join(' ')).toContain(`${right} of 60 samples right`);
});

it('draws predicted against true values in their units', async () => {
  const chart = at('values.svg');
  const words = ['evaluate', at('values.safetensors'), '--data', at('all.csv')];
  const { out, code, err } = await runCommand([...words, '--chart', chart]);
  expect(code, err).toBe(0);
  const [, error] = /error +([\d.]+) \(root mean square of p\)/.exec(out)!;
  const texts = textsOf(readFileSync(chart, 'utf8'));
  expect(texts).toContain(`p: root mean square error ${Number(Number(error).toPrecision(3))}`);
  expect(texts.filter((text) => /^1,?0[012]\d$/.test(text)).length).toBeGreaterThan(2);
  const wrong = await runCommand([...words, '--chart', at('values.png')]);
  expect(wrong.code).toBe(2);
  expect(wrong.err).toMatch(/^error: --chart draws SVG: give a file that ends in \.svg/);
});

/** What a picture says. */
function textsOf(svg: string): string[] {
  return [...svg.matchAll(/<text[^>]*>([^<]*)</g)].map(([, text]) => text!);
}

it('takes a file of another program with a named network and statistics', async () => {
  const { tensors, metadata } = weightsOf('values.safetensors');
  const { mean, deviation } = JSON.parse(metadata.inputs!) as Statistics;
  const renamed = [...tensors].map(([name, tensor]) => [name.replace('layers.', 'net.'), tensor]);
  const foreign = { tensors: new Map(renamed as [string, never][]), metadata: {} };
  writeFileSync(at('torch.safetensors'), writeSafetensors(foreign));
  const words = ['predict', at('torch.safetensors'), '--data', at('all.csv'), '--x', 'x,time'];
  const { out } = await runCommand([
    ...[...words, '--network', '2-8-1', '--mean', mean.join(','), '--std', deviation.join(',')],
  ]);
  const { outputs } = reference(weightsOf('values.safetensors'));
  const lines = out.trim().split('\n').slice(1);
  outputs.forEach(([output], k) => expect(Math.abs(Number(lines[k]) - output!)).toBeLessThan(1e-5));
  const without = await runCommand(words);
  expect(without.code).toBe(2);
  expect(without.err).toMatch(/does not say what network .* name the network \(--network\)/);
});

const python = '/usr/bin/python3';
const hasTorch = (() => {
  try {
    execFileSync(python, ['-c', 'import torch'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();

it.skipIf(!hasTorch)(
  'is what PyTorch predicts from the metadata (docs/load_weights.py)',
  async () => {
    const script = fileURLToPath(new URL('../../docs/load_weights.py', import.meta.url));
    const save = `import numpy,sys; numpy.save(sys.argv[1], numpy.loadtxt(sys.argv[2], delimiter=',', skiprows=1)[:, ::-1])`;
    execFileSync(python, ['-c', save, at('new.npy'), at('new.csv')]);
    for (const name of ['values.safetensors', 'classes.safetensors']) {
      const { out } = await runCommand(['predict', at(name), '--data', at('new.csv'), '--json']);
      const { predictions } = JSON.parse(out) as {
        predictions: { values?: number[]; probabilities?: number[] }[];
      };
      const said = execFileSync(python, [script, at(name), at('new.npy')]).toString();
      expect(said).toMatch(/dead ReLU units: \{'1': \d+\}/);
      const theirs = said.trim().split('\n').slice(-60);
      predictions.forEach(({ values, probabilities }, k) => {
        (values ?? probabilities)!.forEach((value, j) => {
          const other = Number(theirs[k]!.split(',')[j]);
          expect(Math.abs(value - other)).toBeLessThan(1e-5 * Math.max(1, Math.abs(value)));
        });
      });
    }
  },
);
