/**
 * Believed afterwards: what practitioners get wrong with their own data, networks and options is refused with
 * exit code 2 and one line that names the place and what to do, before anything is trained. The truth is
 * the list.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it, vi } from 'vitest';
import { runCommandLine } from '../../src/cli/program.js';
import { writeSafetensors } from '../../src/network/safetensors.js';

// A process of its own for each would take longer than all of them here.
vi.mock('../../src/cli/interrupt.js', () => ({
  listenForInterrupts: () => undefined,
  abortOnInterrupt: () => new AbortController().signal,
}));
// Its file lies beside the bundle, not beside the source.
vi.mock('../../src/cli/package.js', () => ({ packageVersion: () => '0.0.0' }));

const folder = mkdtempSync(join(tmpdir(), 'lps-mistakes-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});
const at = (name: string): string => join(folder, name);
const write = (name: string, content: string | Uint8Array): void => {
  writeFileSync(at(name), content);
};
const rows = Array.from({ length: 20 }, (_, k) => `${k},${k % 3},${2 * k}`);
write('good.csv', ['a,b,y', ...rows].join('\n'));
write('words.csv', ['a,b,y', ...rows, 'red,1,2'].join('\n'));
write('ragged.csv', ['a,b,y', ...rows, '1,2,3,4'].join('\n'));
write('missing.csv', ['a,b,y', ...rows, '1,,3'].join('\n'));
write('twice.csv', ['a,a,y', ...rows].join('\n'));
write('empty.csv', '');
write('header.csv', 'a,b,y\n');
write('infinite.csv', ['a,b,y', ...rows, 'inf,1,2'].join('\n'));
write(
  'noise.bin',
  Uint8Array.from({ length: 64 }, (_, k) => (37 * k) % 256),
);
const npy = (descr: string, shape: string, bytes: number): Uint8Array => {
  const header = `{'descr': '${descr}', 'fortran_order': False, 'shape': (${shape}), }\n`;
  const start = [0x93, ...Buffer.from('NUMPY'), 1, 0, header.length, 0];
  return Buffer.concat([Buffer.from(start), Buffer.from(header), new Uint8Array(bytes)]);
};
write('complex.npy', npy('<c8', '4, 2', 64));
write('short.npy', npy('<f4', '4, 2', 8));
const tensor = { shape: [3, 2], data: new Float32Array(6) };
write(
  'bare.safetensors',
  writeSafetensors({ tensors: new Map([['layers.0.weight', tensor]]), metadata: {} }),
);

const train = (file: string, ...words: string[]): string[] => [
  ...['train', '--data', at(file), '--target', 'y', '--arch', '2-4-1', '--init', 'he'],
  ...words,
];
const digits = (...words: string[]): string[] => ['train', '--init', 'he', ...words];
const init = (...words: string[]): string[] => ['init', ...words, '--out', at('out.safetensors')];

const mistakes: readonly (readonly [mistake: string, words: string[], line: RegExp])[] = [
  ['no network', digits(), /required option '--arch <network>'/],
  ['a file that is not there', train('gone.csv'), /gone\.csv/],
  ['a misspelt data set', digits('--arch', '64-8-10', '--data', 'mnst'), /no data set "mnst"/],
  ['no target', ['train', '--data', at('good.csv'), '--arch', '2-4-1'], /--target/],
  ['a misspelt target', [...train('good.csv'), '--target', 'z'], /"z"/],
  ['a misspelt column', train('good.csv', '--x', 'a,c'), /"c"/],
  ['the target among the inputs', train('good.csv', '--x', 'a,y'), /"y" is both/],
  ['words among numbers', train('words.csv'), /line 22, column "a": "red"/],
  ['a row that is too long', train('ragged.csv'), /line 22/],
  ['a missing number', train('missing.csv'), /line 22/],
  ['an infinite number', train('infinite.csv'), /line 22, column "a": "inf"/],
  ['two columns of one name', train('twice.csv'), /"a"/],
  ['an empty file', train('empty.csv'), /empty/],
  ['a header alone', train('header.csv'), /0 rows below its header/],
  ['a file of something else', train('noise.bin'), /noise\.bin.*save it as CSV/],
  ['complex numbers', init('2-4-1', '--anchors', at('complex.npy')), /c8/],
  [
    'a file that ends early',
    init('2-4-1', '--anchors', at('short.npy')),
    /short\.npy" is truncated/,
  ],
  [
    'too many inputs for the data',
    train('good.csv', '--arch', '3-4-1'),
    /takes 3 .* begin it with 2/,
  ],
  [
    'outputs that do not fit',
    train('good.csv', '--arch', '2-4-5'),
    /5 outputs: end it with dense\(1\)/,
  ],
  ['fewer outputs than classes', digits('--arch', '64-8-9'), /9 outputs: end it with dense\(10\)/],
  ['an unknown layer', digits('--arch', '64-lstm(8)-10'), /lstm/],
  ['an unknown activation', digits('--arch', '64-8-10', '--activation', 'rleu'), /rleu/],
  ['an unknown initializer', digits('--arch', '64-8-10', '--init', 'kaiming'), /kaiming/],
  ['a regression loss for classes', digits('--arch', '64-8-10', '--loss', 'mse'), /mse/],
  ['a rate of 0', digits('--arch', '64-8-10', '--lr', '0'), /learningRate must be .* above 0/],
  ['a rate in words', digits('--arch', '64-8-10', '--lr', 'fast'), /fast/],
  ['no epochs', digits('--arch', '64-8-10', '--epochs', '0'), /--epochs/],
  ['all samples for validation', digits('--arch', '64-8-10', '--validation', '1'), /--validation/],
  ['half a revival', digits('--arch', '64-8-10', '--revive', '0.2'), /EVERY:SHARE/],
  ['images that are too small', init('8x8x1:lenet5(classes=10)'), /window of 5 x 5/],
  ['a network without classes', init('32x32x3:resnet18'), /resnet18 needs classes/],
  [
    'a deviation of 0',
    init('2-4-1', '--anchors', at('good.csv'), '--x', 'a,b', '--std', '1,0'),
    /above 0/,
  ],
  [
    'a template of another model',
    init('2-4-1', '--template', at('bare.safetensors')),
    /bias \[4\], such as layers\.0, the file has 0/,
  ],
  [
    'weights without a description',
    ['predict', at('bare.safetensors'), '--data', at('good.csv')],
    /name the network \(--network\)/,
  ],
  [
    'weights that are no weights',
    ['evaluate', at('good.csv'), '--data', at('good.csv')],
    /no safetensors file/,
  ],
];

it.each(mistakes)('%s', async (_mistake, words, line) => {
  let said = '';
  const take = (text: string | Uint8Array): boolean => {
    said += String(text);
    return true;
  };
  const error = vi.spyOn(process.stderr, 'write').mockImplementation(take);
  const out = vi.spyOn(process.stdout, 'write').mockImplementation(() => true);
  try {
    expect(await runCommandLine(words)).toBe(2);
    expect(said.trimEnd()).toMatch(/^error: [^\n]{10,600}$/);
    expect(said).toMatch(line);
    expect(out).not.toHaveBeenCalled();
  } finally {
    error.mockRestore();
    out.mockRestore();
  }
});
