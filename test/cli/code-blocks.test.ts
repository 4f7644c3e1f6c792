/**
 * Believed afterwards: every code block of README and guides runs as it stands, here or in the test that it names, or says
 * why it is not run; a printed session prints what it shows. The truth is the built library and command line.
 */
import { execFile } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';
import { codeBlocks, programOf } from '../helpers/code-blocks.js';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const run = promisify(execFile);
const folder = mkdtempSync(join(tmpdir(), 'lps-blocks-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  exports: Record<string, { default: string }>;
};
/** What the package's exports say. */
const importFrom = (specifier: string): string =>
  pathToFileURL(join(root, manifest.exports[specifier.replace('lps-webgpu', '.')]!.default)).href;

const pages = ['README.md', 'CONTRIBUTING.md'].concat(
  readdirSync(join(root, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
);
const all = pages.flatMap((page) =>
  codeBlocks(readFileSync(join(root, page), 'utf8')).map((block) => ({ page, ...block })),
);
/** `lps` as a program that can be given signals, and what packages install. */
const programs = join(folder, 'bin');
const tools = join(root, 'node_modules', '.bin');
mkdirSync(programs);
writeFileSync(
  join(programs, 'lps'),
  `#!/bin/sh\nexec ${process.execPath} ${join(root, 'dist', 'cli.js')} "$@"\n`,
  { mode: 0o755 },
);
const isProgram = (language: string): boolean => ['ts', 'js'].includes(language);
/** Without a language it is a drawing; a YAML file is another program's. */
const isRead = (language: string): boolean => ['', 'yaml'].includes(language);

it('a README of 140 lines at most', () => {
  expect(readFileSync(join(root, 'README.md'), 'utf8').trimEnd().split('\n').length).toBeLessThan(
    141,
  );
});

it('finds the blocks, and every reason names what is there', () => {
  expect(all.length).toBeGreaterThan(20);
  for (const { reason } of all)
    for (const [file] of (reason ?? '').matchAll(/(test|examples|harness)\/[\w./-]*\w/g))
      expect(existsSync(join(root, file)), file).toBe(true);
  // What a test runs it reads from the page.
  for (const { runBy, page } of all)
    if (runBy !== null)
      expect(readFileSync(join(root, runBy), 'utf8')).toContain(
        `blocksRunBy('${runBy}', '${page}')`,
      );
});

describe.each(pages.filter((page) => all.some((block) => block.page === page)))('%s', (page) => {
  const blocks = all.filter(
    (block) => block.page === page && block.reason === null && block.runBy === null,
  );
  const code = blocks.filter(({ language }) => isProgram(language));

  it.runIf(code.length > 0)('its programs run', async () => {
    const file = join(folder, `${page.replaceAll('/', '-')}.mjs`);
    // A device that stays open keeps a process alive.
    writeFileSync(file, `${programOf(code, importFrom)}process.exit(0);\n`);
    await run(process.execPath, [file], { cwd: folder });
  });

  it('its sessions print what they show, and nothing else is left out', async () => {
    for (const { language, code, before, line } of blocks) {
      if (isProgram(language) || isRead(language)) continue;
      expect(`${page}:${line} ${language} ${code.slice(0, 2)}`).toBe(`${page}:${line} console $ `);
      const { commands, shown } = sessionOf(code);
      const place = mkdtempSync(join(folder, 'session-'));
      mkdirSync(join(place, 'node_modules'));
      symlinkSync(root, join(place, 'node_modules', 'lps-webgpu'));
      const script = ['set -e', before, ...commands].join('\n');
      const { stdout, stderr } = await run('bash', ['-c', script], {
        cwd: place,
        env: { ...process.env, PATH: [programs, tools, process.env.PATH].join(delimiter) },
      });
      const printed = `${stderr}${stdout}`.split('\n');
      for (const wanted of shown) {
        // Adapters and times are others elsewhere; long lines are cut with "...".
        if (/^(adapter|time) /.test(wanted)) continue;
        const start = wanted.replace(/\.\.\.$/, '');
        expect(
          printed.some((text) => text.startsWith(start)),
          wanted,
        ).toBe(true);
      }
    }
  });
});

/** Commands of a printed session, and what it shows besides. "^C" presses it when the command before it keeps a checkpoint. */
function sessionOf(code: string): { commands: string[]; shown: string[] } {
  const commands: string[] = [];
  const shown: string[] = [];
  for (const line of code
    .trimEnd()
    .replaceAll(/\\\n\s*/g, '')
    .split('\n')) {
    if (line.startsWith('$ ')) commands.push(line.slice(2).replace('npm run -s lps --', 'lps'));
    else if (line === '^C')
      commands.push(
        `${commands.pop()} &`,
        'while kill -0 $! && ! test -e */job.json; do sleep 0.05; done',
        'kill -INT $! || true',
        'wait $! || test $? = 130',
      );
    else shown.push(line);
  }
  return { commands, shown };
}
