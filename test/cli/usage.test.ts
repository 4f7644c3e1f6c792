/**
 * Believed afterwards: `lps` refuses every kind of bad input with exit code 2 and one line that names
 * the trouble, with nothing on standard output; its help is complete. The truth is the list of bad
 * inputs in the contract of the project.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { runCommand } from '../helpers/command.js';

const folder = mkdtempSync(join(tmpdir(), 'lps-usage-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});
writeFileSync(join(folder, 'data.csv'), 'x,t,same\n-1,0.5,1\n0.5,-0.25,1\n1,1,1\n');
writeFileSync(join(folder, 'hole.csv'), 'x,t\n-1,0.5\n0.5,\n');
writeFileSync(join(folder, 'binary.txt'), Buffer.from([0xff, 0xfe, 0x00]));

const manyPaths = Array.from({ length: 20 }, (_, k) => `x${k}^8 - 2`).join('\n');
/** The start of this system has four paths. */
const small = 'x*y - 1\nx^2 + y^2 - 3';

describe.concurrent('lps solve', () => {
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
  ])('refuses: %s', async (_, input, options, message) => {
    const { code, out, err } = await runCommand(['solve', '-', '--json', ...options], { input });
    expect(err).toMatch(message);
    expect(code).toBe(2);
    expect(out).toBe('');
    // One line; syntax errors add the line in question and a caret.
    const [first, ...rest] = err.trimEnd().split('\n');
    expect(first).toMatch(/^error: /);
    expect(rest.length === 0 || /^ *\^$/.test(rest.at(-1)!)).toBe(true);
    expect(err).not.toMatch(/ at .*:\d+:\d+/);
  });

  it.each<[string, string, RegExp]>([
    ['missing file', 'nowhere.txt', /cannot read "nowhere.txt": there is no such file/],
    ['folder', '.', /is a folder/],
    ['bytes that are no text', 'binary.txt', /not text in UTF-8/],
  ])('refuses: %s', async (_, file, message) => {
    const { code, out, err } = await runCommand(['solve', file], { folder });
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toMatch(message);
    expect(err.trimEnd()).not.toContain('\n');
  });

  it('says that there is no adapter when the GPU layer has none', async () => {
    // The package that provides WebGPU is made unloadable, as on a platform without it.
    const hook = `export const resolve = (name, context, next) => {
      if (name === 'webgpu') throw new Error('not for this platform');
      return next(name, context);
    };`;
    const url = `data:text/javascript,${encodeURIComponent(hook)}`;
    const register = `import { register } from 'node:module';\nregister(${JSON.stringify(url)});`;
    const file = join(folder, 'no-webgpu.mjs');
    writeFileSync(file, register);
    const { code, out, err } = await runCommand(['solve', '-', '--json'], {
      input: small,
      environment: { NODE_OPTIONS: `--import ${file}` },
    });
    expect(err).toMatch(/^error: no WebGPU device: .*not for this platform.*\n$/);
    expect({ code, out }).toEqual({ code: 2, out: '' });
  });
});

describe.concurrent('lps minima', () => {
  const network = ['--x', 'x', '--y', 't', '--arch', '1-1-1'];
  it.each<[string, string[], RegExp]>([
    ['missing data', ['--data', 'no.csv', ...network], /"no.csv": there is no such file/],
    [
      'unknown column',
      ['--data', 'data.csv', ...network, '--x', 'q'],
      /no column "q".* x, t, same/,
    ],
    ['empty cell', ['--data', 'hole.csv', ...network], /line 3/],
    ['constant column', ['--data', 'data.csv', ...network, '--x', 'same'], /"same" is constant/],
    ['malformed network', ['--data', 'data.csv', ...network, '--arch', '1x1'], /such as 1-2-1/],
    ['wrong inputs', ['--data', 'data.csv', ...network, '--arch', '2-1-1'], /2 inputs .* 1 input/],
    ['unknown activation', ['--data', 'data.csv', ...network, '--activation', 'step'], /"step"/],
    ['degree beyond', ['--data', 'data.csv', ...network, '--degree', '17'], /from 1 to 16/],
    ['negative lambda', ['--data', 'data.csv', ...network, '--regularization', '-1'], />= 0/],
    ['foreign family', ['--data', 'data.csv', ...network, '--from', 'data.csv'], /is not JSON/],
    ['two wishes', ['--data', 'data.csv', ...network, '--full', '--from', 'f'], /one of them/],
    ['no columns', ['--data', 'data.csv', '--arch', '1-1-1'], /--x/],
  ])('refuses: %s', async (_, words, message) => {
    const { code, out, err } = await runCommand(['minima', '--json', ...words], { folder });
    expect(err).toMatch(message);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err.trimEnd()).not.toContain('\n');
  });
});

describe.concurrent('help', () => {
  it.each(['info', 'solve', 'starts', 'minima', 'family', 'start'])(
    'explains %s',
    async (command) => {
      const { code, out, err } = await runCommand([command, '--help']);
      expect({ code, err }).toEqual({ code: 0, err: '' });
      for (const part of ['--json', '--seed', '--adapter', 'Examples:', `lps ${command}`]) {
        expect(out).toContain(part);
      }
    },
  );

  it('is what an incomplete or unknown command gets on standard error', async () => {
    const none = await runCommand([]);
    expect({ code: none.code, out: none.out }).toEqual({ code: 2, out: '' });
    expect(none.err).toContain('Usage: lps');
    const unknown = await runCommand(['solv']);
    expect({ code: unknown.code, out: unknown.out }).toEqual({ code: 2, out: '' });
    expect(unknown.err).toMatch(/unknown command 'solv'/);
  });
});

describe.concurrent('lps serve', () => {
  it('prints its address, and Ctrl-C ends it well', async () => {
    const { code, out } = await runCommand(['serve', '--port', '0'], {
      onError: (err, kill) => {
        if (err.includes('Ctrl-C')) kill('SIGINT');
      },
    });
    expect(code).toBe(0);
    expect(out).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/\n$/);
  });

  it('refuses a port that does not exist', async () => {
    const { code, out, err } = await runCommand(['serve', '--port', '70000']);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toMatch(/port 70000 does not exist: the last is 65535/);
  });
});
