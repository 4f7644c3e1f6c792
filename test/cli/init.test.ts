/**
 * Believed after it passes: `lps init` writes weights that an independent reader opens, reports its
 * layers, and `lps liveness` reports shares that its JSON and pictures agree on; bad usage is exit
 * code 2 and one line. The truth is what `lps init --help` says, the safetensors reader of
 * jax-js, and for the shares of He and RAI the published range (Lu et al. 2020, two units, ten layers).
 */
import { safetensors } from '@jax-js/loaders';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { InitializationReport, LivenessResult } from 'lps-webgpu';
import { readSafetensors, writeSafetensors } from '../../src/network/safetensors.js';
import { runCommand } from '../helpers/command.js';

let folder = '';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'lps-init-'));
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe('lps init', () => {
  it('writes weights and reports every layer', async () => {
    const file = join(folder, 'weights.safetensors');
    const words = ['init', '64-32-32-10', '--anchors', 'digits', '--out', file, '--json'];
    const { code, out } = await runCommand(words);
    expect(code).toBe(0);
    const { report } = JSON.parse(out) as { report: InitializationReport };
    expect(report).toMatchObject({ method: 'lps', anchorSource: 'data', deadUnits: 0 });
    expect(report.layers.map(({ label, fanIn, units }) => [label, fanIn, units])).toEqual([
      ['layers.0', 64, 32],
      ['layers.2', 32, 32],
      ['layers.4', 32, 10],
    ]);
    const { tensors } = safetensors.parse(readFileSync(file));
    expect(Object.fromEntries(Object.entries(tensors).map(([k, { shape }]) => [k, shape]))).toEqual(
      {
        'layers.0.weight': [32, 64],
        'layers.0.bias': [32],
        'layers.2.weight': [32, 32],
        'layers.2.bias': [32],
        'layers.4.weight': [10, 32],
        'layers.4.bias': [10],
      },
    );
  });

  it("gives weights a model's own names and order, on anchors as the model sees them", async () => {
    const images = Uint8Array.from({ length: 40 * 6 * 6 }, (_, k) => (k * k * 31) % 256);
    const header = "{'descr': '|u1', 'fortran_order': False, 'shape': (40, 1, 6, 6), }\n";
    const start = Buffer.from([0x93, ...Buffer.from('NUMPY'), 1, 0, header.length, 0]);
    writeFileSync(join(folder, 'x.npy'), Buffer.concat([start, Buffer.from(header), images]));
    // As PyTorch's files are: sorted by name, with a counter.
    const shapes = {
      ...{ 'bn.bias': [4], 'bn.num_batches_tracked': [], 'bn.running_mean': [4] },
      ...{ 'bn.running_var': [4], 'bn.weight': [4], 'conv.bias': [4], 'conv.weight': [4, 1, 3, 3] },
      ...{ 'fc1.bias': [5], 'fc1.weight': [5, 96], 'fc2.bias': [3], 'fc2.weight': [3, 5] },
    };
    const template = new Map(
      Object.entries(shapes).map(([name, shape]) => {
        const length = (shape as number[]).reduce((a, b) => a * b, 1);
        return [name, { shape, data: new Float32Array(length) }] as const;
      }),
    );
    const model = join(folder, 'model.safetensors');
    writeFileSync(model, writeSafetensors({ tensors: template, metadata: {} }));
    const out = join(folder, 'named.safetensors');
    const words = ['6x6x1:conv(4,3,padding=(1,0))-bn-relu-flatten-5-3', '--anchors'];
    const scaling = ['--mean', '0.5', '--std', '0.25', '--template', model, '--out', out, '--json'];
    const made = await runCommand(['init', ...words, join(folder, 'x.npy'), ...scaling]);
    expect(made.code, made.err).toBe(0);
    const { inputs, report } = JSON.parse(made.out) as {
      inputs: unknown;
      report: InitializationReport;
    };
    expect(inputs).toEqual({ shape: [6, 6, 1], mean: [127.5], deviation: [63.75] });
    expect(report.deadUnits).toBe(0);
    const { tensors } = readSafetensors(readFileSync(out));
    expect([...tensors].map(([name, { shape }]) => [name, shape])).toEqual(Object.entries(shapes));
    expect([...tensors.get('bn.running_var')!.data]).toEqual([1, 1, 1, 1]);
    const wrong = ['init', words[0]!.replace('5-3', '6-3'), '--template', model, '--out', out];
    const refused = await runCommand(wrong);
    expect(refused.code).toBe(2);
    expect(refused.err).toMatch(/the network has 1 layers with weight \[6, 96\], bias \[6\]/);
  });

  it('refuses anchors that are all equal', async () => {
    const data = join(folder, 'equal.csv');
    writeFileSync(data, `x,y\n${'2,1\n'.repeat(40)}`);
    const out = join(folder, 'equal.safetensors');
    const words = ['1-4-1', '--anchors', data, '--target', 'y', '--out', out];
    const { code, err } = await runCommand(['init', ...words]);
    expect(code).toBe(2);
    expect(err).toContain('anchors are all equal');
  });
});

describe('lps liveness', () => {
  it('finds He dead, RAI sometimes, lps never', async () => {
    const out = join(folder, 'liveness');
    const words = [
      '--init',
      'he,rai,lps',
      '--widths',
      '2',
      '--depths',
      '10',
      '--out',
      out,
      '--json',
    ];
    const { code, out: text } = await runCommand(['liveness', '--networks', '1000', ...words]);
    expect(code).toBe(0);
    const { cells, partial } = JSON.parse(text) as LivenessResult;
    expect(partial).toBe(false);
    const [he, rai, lps] = cells as [
      LivenessResult['cells'][0],
      LivenessResult['cells'][0],
      LivenessResult['cells'][0],
    ];
    expect(he.bornDead.value).toBeGreaterThan(0.88);
    expect(he.bornDead.value).toBeLessThan(0.94);
    expect(he.bornDead.interval[1]).toBeLessThanOrEqual(he.bounds.upper + 0.002);
    expect(he.bornDead.interval[0]).toBeGreaterThanOrEqual(he.bounds.lower);
    expect(rai.bornDead.value).toBeGreaterThan(0.24);
    expect(rai.bornDead.value).toBeLessThan(0.31);
    expect(lps.bornDead.count).toBe(0);
    expect(lps.bornDead.of).toBe(1000);
    for (const picture of ['liveness-heatmap.svg', 'liveness-curves.svg'])
      expect(readFileSync(join(out, picture), 'utf8')).toMatch(/^<svg/);
    expect(JSON.parse(readFileSync(join(out, 'liveness.json'), 'utf8'))).toEqual(JSON.parse(text));
  });
});
