/**
 * Believed afterwards: documents go out in pieces that are JSON.stringify's text, files are replaced in one
 * step or not at all, and what cannot be written is told. The truth: JSON.stringify, the files themselves.
 */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, vi } from 'vitest';
import fc from 'fast-check';
import { JobError, UsageError } from '../../../src/cli/errors.js';
import {
  checkOutput,
  JsonList,
  jsonPieces,
  LineOutput,
  OutputError,
  ResultFiles,
  writeOutput,
} from '../../../src/cli/output.js';

const folder = mkdtempSync(join(tmpdir(), 'lps-output-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

describe('JSON in pieces', () => {
  it('is the text of JSON.stringify', () => {
    const document = fc.dictionary(fc.string(), fc.jsonValue());
    fc.assert(
      fc.property(document, (value) => {
        expect([...jsonPieces(value)].join('')).toBe(JSON.stringify(value));
      }),
      { numRuns: 200 },
    );
    const odd = { a: undefined, b: NaN, c: [undefined, 1], d: {}, e: new Date(0), f: () => 1 };
    expect([...jsonPieces(odd)].join('')).toBe(JSON.stringify(odd));
  });

  it('cuts long lists', () => {
    const long = { list: Array.from({ length: 5000 }, (_, k) => ({ k })), end: 1 };
    const pieces = [...jsonPieces(long)];
    expect(pieces.join('')).toBe(JSON.stringify(long));
    expect(Math.max(...pieces.map((piece) => piece.length))).toBeLessThan(20_000);
  });

  it('has lists that are not in memory as arrays', () => {
    const list = (length: number) => Array.from({ length }, (_, k) => ({ k }));
    for (const length of [0, 1, 1024, 2500]) {
      const document = { a: new JsonList(() => list(length).values()), b: 1 };
      expect([...jsonPieces(document)].join('')).toBe(JSON.stringify({ a: list(length), b: 1 }));
    }
  });
});

describe('files', () => {
  it('replace an old one, keep its mode, and leave nothing beside it', async () => {
    const path = join(folder, 'a', 'result.json');
    await writeOutput(path, 'old');
    writeFileSync(path, 'old', { mode: 0o600 });
    await writeOutput(path, ['new ', 'text']);
    expect(readFileSync(path, 'utf8')).toBe('new text');
    expect(statSync(path).mode & 0o777).toBe(0o644);
    expect(readdirSync(join(folder, 'a'))).toEqual(['result.json']);
  });

  it('stay as they were when the text ends in an error', async () => {
    const path = join(folder, 'kept.json');
    writeFileSync(path, 'old');
    function* broken(): Generator<string> {
      yield 'half of it';
      throw Object.assign(new Error('write'), { code: 'ENOSPC' });
    }
    await expect(writeOutput(path, broken())).rejects.toThrow(OutputError);
    await expect(writeOutput(path, broken())).rejects.toThrow(/no space is left on the device/);
    expect(readFileSync(path, 'utf8')).toBe('old');
    expect(readdirSync(folder).filter((name) => name.includes('.part'))).toEqual([]);
  });

  it('are refused before the work where they cannot be', () => {
    mkdirSync(join(folder, 'folder'));
    writeFileSync(join(folder, 'file'), '');
    expect(() => {
      checkOutput(join(folder, 'folder'));
    }).toThrow(UsageError);
    expect(() => {
      checkOutput(join(folder, 'file', 'below'));
    }).toThrow(/a part of its path is a file/);
    checkOutput(join(folder, 'new', 'result.json'));
    expect(readdirSync(join(folder, 'new'))).toEqual([]);
  });

  it('that are lost are named at the end, and bytes find a refuge', async () => {
    const files = new ResultFiles();
    await files.write(join(folder, 'good.json'), '{}');
    expect(files.isComplete).toBe(true);
    files.finish();
    await files.write(join(folder, 'file', 'x.json'), '{}');
    await files.write(join(folder, 'file', 'w.bin'), Uint8Array.of(1, 2));
    expect(files.isComplete).toBe(false);
    let message = '';
    try {
      files.finish();
    } catch (error) {
      expect(error).toBeInstanceOf(JobError);
      ({ message } = error as JobError);
    }
    const refuge = /it is in "([^"]+)"/.exec(message)![1]!;
    expect([...readFileSync(refuge)]).toEqual([1, 2]);
    rmSync(refuge);
    expect(message).toMatch(/x\.json/);
  });
});

describe('lines as they come', () => {
  it('replace an old file when all are there', async () => {
    const path = join(folder, 'lines.jsonl');
    writeFileSync(path, 'old');
    const output = await LineOutput.open(path);
    await output.write('1');
    await output.write('2');
    expect(readFileSync(path, 'utf8')).toBe('old');
    await output.finish();
    expect(readFileSync(path, 'utf8')).toBe('1\n2\n');
    expect(readdirSync(folder).filter((name) => name.startsWith('lines'))).toEqual(['lines.jsonl']);
  });

  it.runIf(existsSync('/dev/full'))('go to standard output when the disk is full', async () => {
    const output = await LineOutput.open('/dev/full');
    let told = '';
    const write = vi.spyOn(process.stdout, 'write').mockImplementation(((
      text: string,
      done: () => void,
    ) => {
      told += text;
      done();
      return true;
    }) as never);
    try {
      await output.write('1');
      await output.write('2');
    } finally {
      write.mockRestore();
    }
    expect(told).toBe('1\n2\n');
    await expect(output.finish()).rejects.toThrow(/no space.*went to standard output/);
  });
});
