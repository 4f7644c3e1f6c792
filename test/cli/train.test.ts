/**
 * Believed after it passes: `lps train` compares initializers as its help says, writes what it
 * promises, keeps what was done on Ctrl-C, and answers bad usage with exit code 2 and one line. The
 * truth is what `lps train --help` says; that the training itself is right is shown in
 * training.test.ts.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readSafetensors } from '../../src/network/safetensors.js';
import { runCommand } from '../helpers/command.js';

interface TrainDocument {
  readonly schemaVersion: number;
  readonly data: { readonly training: number; readonly validation: number; readonly test: number };
  readonly run: { readonly partial: boolean; readonly steps: number };
  readonly summary: { readonly init: string; readonly runs: number; readonly diverged: number }[];
  readonly runs: {
    readonly init: string;
    readonly seed: number;
    readonly status: { readonly state: string };
    readonly epochs: {
      readonly training: { readonly loss: number } | null;
      readonly validation: { readonly loss: number; readonly accuracy: number } | null;
      readonly layers: unknown[];
    }[];
    readonly test: { readonly loss: number; readonly accuracy: number };
    readonly stepLosses: number[];
    readonly file: string | null;
  }[];
}

const digits = ['train', '--data', 'digits', '--arch', '64-16-10'];
let folder = '';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'lps-train-'));
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const parse = (text: string): TrainDocument => JSON.parse(text) as TrainDocument;

describe('lps train', () => {
  it('compares initializers over seeds and writes weights, document and picture', async () => {
    const out = join(folder, 'digits');
    const words = ['--init', 'he,xavier', '--seeds', '2', '--epochs', '8', '--seed', '5'];
    const rate = ['--lr', '0.01'];
    const { code, out: text } = await runCommand([...digits, ...words, ...rate, '--out', out]);
    expect(code).toBe(0);
    expect(text).toMatch(/^init +runs +train loss +train % +validation loss/m);
    expect(text).toMatch(/^he +2 +0\.\d+ ± 0\.\d+/m);
    expect(text).toMatch(/^xavier +2 /m);
    expect(readdirSync(out).sort()).toEqual([
      'curves.svg',
      'he-seed5.safetensors',
      'he-seed6.safetensors',
      'train.json',
      'xavier-seed5.safetensors',
      'xavier-seed6.safetensors',
    ]);
    expect(readFileSync(join(out, 'curves.svg'), 'utf8')).toMatch(/^<svg[\s\S]*64-16-10 on digits/);
    const document = parse(readFileSync(join(out, 'train.json'), 'utf8'));
    expect(document.schemaVersion).toBe(1);
    expect(document.data.training + document.data.validation + document.data.test).toBe(1797);
    expect(document.runs).toHaveLength(4);
    for (const run of document.runs) {
      expect(run.status).toEqual({ state: 'finished' });
      expect(run.epochs).toHaveLength(9);
      expect(run.stepLosses).toHaveLength(document.run.steps);
      expect(run.epochs.at(-1)!.layers).toHaveLength(2);
      // Ten classes; a linear model reaches well over 90%.
      expect(run.test.accuracy).toBeGreaterThan(0.85);
      const weights = readSafetensors(readFileSync(run.file!));
      expect(weights.tensors.get('layers.0.weight')!.shape).toEqual([16, 64]);
      expect(weights.metadata.method).toBe(run.init);
    }

    // Training goes on from there.
    const more = await runCommand([
      ...digits,
      ...['--init', 'he', '--weights', join(out, 'he-seed5.safetensors')],
      ...['--epochs', '1', '--seed', '5', '--json', ...rate],
    ]);
    const [fresh, continued] = parse(more.out).runs;
    expect(continued!.init).toBe('he-seed5');
    expect(continued!.epochs[0]!.validation).toEqual(document.runs[0]!.epochs.at(-1)!.validation);
    expect(continued!.epochs[1]!.training!.loss).toBeLessThan(fresh!.epochs[1]!.training!.loss);
  });

  it('prints one JSON document and writes the best weights to a file', async () => {
    const file = join(folder, 'below', 'best.safetensors');
    const words = ['--init', 'xavier', '--epochs', '1', '--optimizer', 'sgd', '--momentum', '0.9'];
    const more = ['--schedule', 'cosine', '--warmup', '5', '--clip', '1', '--out', file];
    const { code, out } = await runCommand([...digits, ...words, ...more, '--json']);
    expect(code).toBe(0);
    const document = parse(out);
    expect(document).toMatchObject({
      settings: {
        loss: 'softmax-cross-entropy',
        optimizer: { type: 'sgd', learningRate: 0.1, momentum: 0.9 },
        schedule: { type: 'cosine', warmup: 5 },
        clip: 1,
      },
      summary: [{ init: 'xavier', runs: 1, diverged: 0 }],
    });
    expect(readSafetensors(readFileSync(file)).tensors.size).toBe(4);
  });

  it('says when there is nothing to learn', async () => {
    const csv = join(folder, 'same.csv');
    writeFileSync(csv, 'a,kind\n1,cat\n1,cat\n1,cat\n');
    const words = ['train', '--data', csv, '--target', 'kind', '--arch', '1-2-1', '--init', 'he'];
    const { code, err } = await runCommand([...words, '--epochs', '1', '--test', '0']);
    expect(code).toBe(0);
    expect(err).toMatch(/note: all training samples have the same inputs: there is nothing to/);
    expect(err).toMatch(/note: all training samples have the same target: there is nothing to/);
  });

  it('leaves probabilities as they are, and names a column and a class that say nothing', async () => {
    const csv = join(folder, 'odds.csv');
    const rows = Array.from({ length: 20 }, (_, k) => `${k},7,${k < 10 ? 0 : 1},${2 * (k % 2)}`);
    writeFileSync(csv, ['a,same,p,kind', ...rows].join('\n'));
    const words = ['train', '--data', csv, '--init', 'he', '--test', '0', '--validation', '0'];
    const odds = await runCommand([
      ...[...words, '--target', 'p', '--x', 'a', '--arch', '1-8-1', '--epochs', '100'],
      ...['--loss', 'binary-cross-entropy', '--lr', '0.1', '--json'],
    ]);
    expect(odds.code, odds.err).toBe(0);
    const [run] = parse(odds.out).runs;
    expect(run!.epochs.at(-1)!.training!.loss).toBeLessThan(0.1);
    const kinds = await runCommand([
      ...[...words, '--target', 'kind', '--classes', '--drop', 'p', '--arch', '2-4-3'],
      ...['--epochs', '1'],
    ]);
    expect(kinds.err).toContain('note: all training samples have the same input same');
    expect(kinds.err).toContain('note: no training sample has the class 1');
  });

  it('shrinks the batch and leaves out parts for which there are too few rows, and says so', async () => {
    const csv = join(folder, 'few.csv');
    writeFileSync(csv, 'a,b,t\n1,2,3\n2,3,4\n3,4,5\n');
    const words = ['train', '--data', csv, '--target', 't', '--arch', '2-4-bn-1', '--init', 'he'];
    const { code, err, out } = await runCommand([...words, '--epochs', '2', '--test', '0']);
    expect(code).toBe(0);
    expect(err).toMatch(/note: no validation samples, there are too few rows/);
    expect(err).toMatch(/note: a batch of 3, of all 3 training samples/);
    expect(out).toMatch(/few .*: 3 training samples, mse/);
    const left = await runCommand([...words, '--epochs', '2', '--test', '0', '--batch', '2']);
    expect(left.err).toMatch(/note: each epoch leaves out one sample/);
  });

  it('trains on values from a CSV file', async () => {
    const csv = join(folder, 'line.csv');
    const rows = Array.from({ length: 60 }, (_, k) => `${k},${k % 7},${2 * k - (k % 7)}`);
    writeFileSync(csv, ['a,b,t', ...rows, ''].join('\n'));
    const { code, out } = await runCommand([
      ...['train', '--data', csv, '--target', 't', '--arch', '2-8-1', '--init', 'xavier'],
      ...['--epochs', '60', '--batch', '8', '--lr', '0.01', '--json'],
    ]);
    expect(code).toBe(0);
    const [run] = parse(out).runs;
    expect(run!.test.accuracy).toBeNull();
    // Of standardised targets: 1 would be the mean.
    expect(run!.test.loss).toBeLessThan(0.1);
  });

  it('trains on centred inputs and writes a network for the inputs as they are', async () => {
    const csv = join(folder, 'far.csv');
    const file = join(folder, 'far.safetensors');
    // 1,000 and more deviations from 0.
    const rows = Array.from({ length: 60 }, (_, k) => `${3000 + (k % 7)},${Math.sin(k)},${k % 7}`);
    writeFileSync(csv, ['a,b,t', ...rows, ''].join('\n'));
    const trained = await runCommand([
      ...['train', '--data', csv, '--target', 't', '--arch', '2-8-1', '--raw', '--centre'],
      ...['--epochs', '40', '--batch', '8', '--lr', '0.01', '--test', '0', '--validation', '0'],
      ...['--init', 'lps', '--out', file, '--json'],
    ]);
    expect(trained.code).toBe(0);
    const evaluated = await runCommand(['evaluate', file, '--data', csv, '--json']);
    expect(evaluated.code).toBe(0);
    const { loss } = JSON.parse(evaluated.out) as { loss: number };
    // The loss that the last epoch saw fall, and far below the target's variance, 4.
    expect(loss).toBeLessThan(parse(trained.out).runs[0]!.epochs.at(-1)!.training!.loss);
    expect(loss).toBeLessThan(0.4);
  });

  it('keeps what was done on Ctrl-C', async () => {
    let asked = false;
    const { code, out, err } = await runCommand(
      [...digits, '--init', 'he', '--epochs', '100000', '--json'],
      {
        onError: (text, kill) => {
          if (asked || !/epoch \d+ of 100000/.test(text)) return;
          asked = true;
          kill('SIGINT');
        },
      },
    );
    expect(code).toBe(130);
    expect(err).toMatch(/stopping/);
    const { run, runs } = parse(out);
    expect(run.partial).toBe(true);
    expect(runs[0]!.status).toEqual({ state: 'cancelled' });
    expect(runs[0]!.stepLosses).toHaveLength(run.steps);
    expect(run.steps).toBeGreaterThan(0);
  });

  it('fails when every run diverges', async () => {
    const words = ['--init', 'he', '--optimizer', 'sgd', '--lr', '1e30', '--epochs', '2'];
    const { code, out, err } = await runCommand([...digits, ...words]);
    expect(code).toBe(1);
    expect(out).toMatch(/he with seed 1 diverged at step \d+/);
    expect(err).toMatch(/error: every run diverged: use a lower --lr/);
  });

  // Other mistakes: mistakes.test.ts.
  it('refuses a rate of 0', async () => {
    const { code, out, err } = await runCommand([...digits, '--lr', '0']);
    expect(err).toMatch(/learningRate must be finite and above 0/);
    expect(code).toBe(2);
    expect(out).toBe('');
    expect(err).not.toMatch(/\n\s+at /);
  });
});
