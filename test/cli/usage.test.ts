/**
 * Believed afterwards: the program `lps` refuses what it cannot read or run with exit code 2 and one line that names the
 * trouble, with nothing on standard output; its help is complete. The truth is what a shell sees. The list of all
 * mistakes is in mistakes.test.ts, which makes them without a process for each.
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
writeFileSync(join(folder, 'binary.txt'), Buffer.from([0xff, 0xfe, 0x00]));

/** The start of this system has four paths. */
const small = 'x*y - 1\nx^2 + y^2 - 3';

describe.concurrent('lps solve', () => {
  it('refuses a mistake in one line, which it shows with a caret', async () => {
    const { code, out, err } = await runCommand(['solve', '-', '--json'], { input: 'x^2 + @' });
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toMatch(/^error: [^\n]*line 1, column 7[^\n]*\n[^\n]*\n *\^\n$/);
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
