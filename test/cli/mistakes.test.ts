/**
 * Believed afterwards: what practitioners get wrong with their own data, networks, systems and options is refused with
 * exit code 2 and one line that names the place and what to do, before anything is trained or tracked, with nothing on
 * standard output. The truth is the list. That a process of its own does the same, usage.test.ts shows.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, vi } from 'vitest';
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
for (const [name, cell] of Object.entries({
  comma: '"1,5"',
  thousands: '"1.000,5"',
  money: '$5',
  unit: '5 mm',
  truth: 'True',
  percent: '5%',
  date: '2024-01-01',
}))
  write(
    `${name}.csv`,
    ['a,b,y', ...rows.map((row) => `${cell},${row}`.replace(/,\d+,/, ','))].join('\n'),
  );
write('labels.csv', ['a,b,y', ...rows.map((_, k) => `${k},${k * k},${(k % 3) + 1}`)].join('\n'));
write('signs.csv', ['a,b,y', ...rows.map((_, k) => `${k},${k * k},${2 * (k % 2) - 1}`)].join('\n'));
write('data.csv', 'x,t,same\n-1,0.5,1\n0.5,-0.25,1\n1,1,1\n');
write('wide.csv', ['x,t', ...rows.map((_, k) => `${k},${(k * k) % 7}`)].join('\n'));
write('hole.csv', 'x,t\n-1,0.5\n0.5,\n');
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
write(
  'nan.safetensors',
  writeSafetensors({
    tensors: new Map([
      ['layers.0.weight', { shape: [1, 3], data: Float32Array.of(1, NaN, 2) }],
      ['layers.0.bias', { shape: [1], data: Float32Array.of(0) }],
    ]),
    metadata: {},
  }),
);

const train = (file: string, ...words: string[]): string[] => [
  ...['train', '--data', at(file), '--target', 'y', '--arch', '2-4-1', '--init', 'he'],
  ...words,
];
const digits = (...words: string[]): string[] => ['train', '--init', 'he', ...words];
const init = (...words: string[]): string[] => ['init', ...words, '--out', at('out.safetensors')];
const liveness = (...words: string[]): string[] => ['liveness', ...words, '--out', folder];

const mistakes: readonly (readonly [mistake: string, words: string[], line: RegExp])[] = [
  ['no network', digits(), /required option '--arch <network>'/],
  ['a file that is not there', train('gone.csv'), /gone\.csv/],
  ['a misspelt data set', digits('--arch', '64-8-10', '--data', 'mnst'), /no data set "mnst"/],
  ['no target', ['train', '--data', at('good.csv'), '--arch', '2-4-1'], /--target/],
  ['a misspelt target', [...train('good.csv'), '--target', 'z'], /"z"/],
  ['a misspelt column', train('good.csv', '--x', 'a,c'), /"c"/],
  ['the target among the inputs', train('good.csv', '--x', 'a,y'), /"y" is both/],
  ['words among numbers', train('words.csv'), /line 22, column "a": "red"/],
  ['a decimal comma', train('comma.csv'), /line 2, column "a": "1,5".*write a decimal point/],
  ['thousands', train('thousands.csv'), /"1\.000,5".*no separator of thousands/],
  ['money', train('money.csv'), /"\$5".*write the number alone/],
  ['a unit', train('unit.csv'), /"5 mm".*write the number alone/],
  ['true and false', train('truth.csv'), /"True".*write 1 and 0/],
  ['a percentage', train('percent.csv'), /"5%".*write 0\.05/],
  ['dates', train('date.csv'), /"2024-01-01".*leave it out \(--drop\)/],
  ['whole numbers for more outputs', train('labels.csv', '--arch', '2-4-3'), /\(--classes\)/],
  [
    'classes from 1',
    train('labels.csv', '--arch', '2-4-3', '--classes'),
    /4 classes, the network has 3 outputs: .* number the classes from 0/,
  ],
  ['negative classes', train('signs.csv', '--classes'), /label -1 is .* number the classes from 0/],
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
  [
    'a regression loss for classes',
    digits('--arch', '64-8-10', '--loss', 'mse'),
    /"mse" needs rows of numbers/,
  ],
  ['a rate of 0', digits('--arch', '64-8-10', '--lr', '0'), /learningRate must be .* above 0/],
  ['a rate in words', digits('--arch', '64-8-10', '--lr', 'fast'), /fast/],
  ['no epochs', digits('--arch', '64-8-10', '--epochs', '0'), /--epochs/],
  ['all samples for validation', digits('--arch', '64-8-10', '--validation', '1'), /--validation/],
  [
    'batch normalisation of one value',
    digits('--arch', '64-bn-10', '--batch', '1'),
    /layers\.0 \(batch-norm\) gets one value per channel from a batch of 1/,
  ],
  [
    'momentum for Adam',
    digits('--arch', '64-10', '--momentum', '0.9'),
    /--momentum is for sgd and rmsprop/,
  ],
  ['an unknown schedule', digits('--arch', '64-10', '--schedule', 'step'), /step:EVERY:FACTOR/],
  [
    'a centre of standardised inputs',
    digits('--arch', '64-10', '--centre'),
    /--centre goes with --raw/,
  ],
  [
    'weights that are not there',
    digits('--arch', '64-10', '--weights', 'nowhere.safetensors'),
    /cannot read "nowhere/,
  ],
  ['no units', init('64-0-10'), /units must be a positive integer/],
  [
    'an initializer that is none',
    init('64-10', '--method', 'hee'),
    /unknown initialization method "hee"/,
  ],
  ['anchors for another network', init('63-10', '--anchors', 'digits'), /takes 63/],
  [
    'more parameters than fit a binding, by a method with kernels alone',
    init('224x224x3:vgg11(classes=10)', '--method', 'idinit'),
    /the 128807306 parameters of this network .*: use narrower dense layers, or smaller images/,
  ],
  ['anchors of no data set', init('64-10', '--anchors', 'nowhere'), /no data set "nowhere"/],
  ['a nonlinearity of 2', init('64-10', '--nonlinearity', '2'), /nonlinearity/],
  ['a search without data', init('64-10', '--method', 'lps-tracked'), /data/],
  ['networks from nothing', liveness('--init', 'hee'), /unknown initialization method "hee"/],
  ['networks that are too wide', liveness('--widths', '33'), /at most 32 units/],
  ['networks without layers', liveness('--depths', '0'), /whole numbers of at least 1/],
  ['as many networks as there are', liveness('--networks', 'many'), /whole number/],
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
    'weights of a training that diverged',
    ['predict', at('nan.safetensors'), '--data', at('good.csv'), '--network', '3-1'],
    /layers\.0\.weight holds NaN.*lower --lr/,
  ],
  ['a scaling of no anchors', init('2-4-1', '--mean', '1,2'), /--mean says how anchors/],
  [
    'weights that are no weights',
    ['evaluate', at('good.csv'), '--data', at('good.csv')],
    /no safetensors file/,
  ],
];

/** What a command says that must be refused with nothing on standard output. */
async function refusal(words: readonly string[]): Promise<string> {
  let said = '';
  const take = (text: string | Uint8Array): boolean => {
    said += String(text);
    return true;
  };
  const error = vi.spyOn(process.stderr, 'write').mockImplementation(take);
  const out = vi.spyOn(process.stdout, 'write').mockImplementation(() => true);
  try {
    expect(await runCommandLine(words)).toBe(2);
    expect(out).not.toHaveBeenCalled();
  } finally {
    error.mockRestore();
    out.mockRestore();
  }
  return said.trimEnd();
}

it.each(mistakes)('%s', async (_mistake, words, line) => {
  const said = await refusal(words);
  expect(said).toMatch(/^error: [^\n]{10,600}$/);
  expect(said).toMatch(line);
});

const manyPaths = Array.from({ length: 20 }, (_, k) => `x${k}^8 - 2`).join('\n');
/** The start of this system has four paths. */
const small = 'x*y - 1\nx^2 + y^2 - 3';

describe('lps solve', () => {
  it.each<[string, string, string[], RegExp]>([
    ['not square', 'x^2 + y', [], /1 equation in 2 unknowns/],
    ['unknown symbol', '{"variables":["x"],"equations":["x+q"]}', [], /"q"/],
    ['no variables', '1 - 1', [], /no unknowns/],
    ['zero equation', 'x - x', [], /equation 1 .*0 = 0/],
    ['constant equation', 'x^2 - 1\n5', [], /equation 2 .*constant/],
    ['empty equation', 'x - 1;;', [], /equation 2 .*empty/],
    ['empty input', '', [], /no equations/],
    ['NaN coefficient', 'nan*x - 1', [], /column 1: "nan" is not a finite coefficient/],
    ['infinite coefficient', 'inf*x - 1', [], /"inf" is not a finite coefficient/],
    ['coefficient above 1e300', '2e300*x - 1', [], /coefficient outside .* 1e300/],
    ['degree above 64', 'x^65 - 1', [], /degree 65 is above the limit of 64/],
    ['division by zero', 'x^2/(2 - 2) - 1', [], /column 6: division by zero/],
    ['fractional exponent', 'x^0.5 - 1', [], /fractional exponent/],
    ['syntax', 'x^2 + @', [], /line 1, column 7/],
    ['broken JSON', '{"equations": [', [], /broken JSON/],
    [
      'structure that does not support',
      small,
      ['--structure', '{x}{y}; {x}{x}'],
      /equation 2 .*y\^2/,
    ],
    ['partition with a stranger', small, ['--partition', '{x}{q}'], /"q"/],
    ['structure and partition', small, ['--structure', '{x}', '--partition', '{x}'], /not both/],
    ['count above 2^53', manyPaths, [], /1152921504606846976 paths/],
    ['more paths than allowed', small, ['--max-paths', '1'], /paths, more than the 1 /],
    ['a bad seed', small, ['--seed', '-3'], /--seed/],
    ['a bad choice', small, ['--start', 'fast'], /--start/],
    ['an unknown option', small, ['--fast'], /--fast/],
  ])('refuses: %s', async (_, text, options, message) => {
    write('system', text);
    const said = await refusal(['solve', at('system'), '--json', ...options]);
    expect(said).toMatch(message);
    // One line; syntax errors add the line in question and a caret.
    const [first, ...rest] = said.split('\n');
    expect(first).toMatch(/^error: /);
    expect(rest.length === 0 || /^ *\^$/.test(rest.at(-1)!)).toBe(true);
    expect(said).not.toMatch(/ at .*:\d+:\d+/);
  });
});

describe('lps minima', () => {
  const network = ['--x', 'x', '--y', 't', '--arch', '1-1-1'];
  it.each<[string, string[], RegExp]>([
    ['missing data', ['--data', at('no.csv'), ...network], /no\.csv": there is no such file/],
    [
      'unknown column',
      ['--data', at('data.csv'), ...network, '--x', 'q'],
      /no column "q".* x, t, same/,
    ],
    ['empty cell', ['--data', at('hole.csv'), ...network], /line 3/],
    [
      'constant column',
      ['--data', at('data.csv'), ...network, '--x', 'same'],
      /"same" is constant/,
    ],
    ['malformed network', ['--data', at('data.csv'), ...network, '--arch', '1x1'], /such as 1-2-1/],
    [
      'wrong inputs',
      ['--data', at('data.csv'), ...network, '--arch', '2-1-1'],
      /2 inputs .* 1 input/,
    ],
    [
      'unknown activation',
      ['--data', at('data.csv'), ...network, '--activation', 'step'],
      /"step"/,
    ],
    ['degree beyond', ['--data', at('data.csv'), ...network, '--degree', '17'], /from 1 to 16/],
    ['negative lambda', ['--data', at('data.csv'), ...network, '--regularization', '-1'], />= 0/],
    [
      'foreign family',
      ['--data', at('data.csv'), ...network, '--from', at('data.csv')],
      /is not JSON/,
    ],
    [
      'more units than there are base sets for',
      ['--data', at('data.csv'), ...network, '--arch', '1-13-1'],
      /--arch 1-13-1 .*\d paths, more than the 10000000 of --max-paths; use --arch 1-12-1 or narrower.*--exact/,
    ],
    [
      'two hidden layers',
      ['--data', at('data.csv'), ...network, '--arch', '1-2-2-1'],
      /--arch 1-2-2-1 .* paths.*one hidden layer.*such as 1-2-1/,
    ],
    [
      'one distinct input',
      ['--data', at('data.csv'), ...network, '--x', 'same', '--raw'],
      /all 3 rows have the same --x same, 1: .*choose a column/,
    ],
    [
      'the same, enumerated',
      ['--data', at('data.csv'), ...network, '--x', 'same', '--raw', '--exact'],
      /all 3 rows have the same --x same, 1/,
    ],
    [
      'fewer rows than units, enumerated',
      ['--data', at('data.csv'), ...network, '--arch', '1-4-1', '--exact'],
      /3 different inputs \(in 3 rows\) are fewer than the 4 units.*at most 3 units/,
    ],
    [
      'no weight decay, enumerated',
      ['--data', at('data.csv'), ...network, '--exact', '--regularization', '0'],
      /lambda must be above 0, got 0.*such as 0\.01/,
    ],
    [
      'an activation that is not homogeneous, enumerated',
      ['--data', at('data.csv'), ...network, '--exact', '--activation', 'gelu'],
      /gelu is not positively homogeneous.*use --activation relu or leaky-relu/,
    ],
    [
      'inputs on a line, enumerated',
      ['--data', at('good.csv'), '--x', 'a,y', '--y', 'b', '--arch', '2-1-1', '--exact'],
      /lie on one line.*use one input/,
    ],
    [
      'too many states, enumerated',
      ['--data', at('wide.csv'), ...network, '--arch', '1-5-1', '--exact'],
      /combinations, about .* of one core; use at most 4 units/,
    ],
    [
      'a screening of nothing',
      ['--data', at('data.csv'), ...network, '--screening', 'gpu'],
      /--screening is for the enumeration.*give --exact, too/,
    ],
    ['two wishes', ['--data', at('data.csv'), ...network, '--full', '--from', 'f'], /one of them/],
    ['no columns', ['--data', at('data.csv'), '--arch', '1-1-1'], /--x/],
  ])('refuses: %s', async (_, words, message) => {
    const said = await refusal(['minima', '--json', ...words]);
    expect(said).toMatch(/^error: [^\n]+$/);
    expect(said).toMatch(message);
  });
});
