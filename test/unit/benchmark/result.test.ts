/**
 * Believed afterwards: a result document matches its schema, baselines catch what became slower and
 * nothing else, and every report says the document's numbers. The truth: documents made by hand,
 * numbers worked out by hand, the schema checked by Ajv.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { afterAll, describe, expect, it } from 'vitest';
import { compareWithBaseline } from '../../../harness/benchmark/result/baseline.js';
import { readDocument } from '../../../harness/benchmark/result/document.js';
import { githubAction } from '../../../harness/benchmark/result/github-action.js';
import { historyEntry, readHistory } from '../../../harness/benchmark/result/history.js';
import { html } from '../../../harness/benchmark/result/html.js';
import { markdown } from '../../../harness/benchmark/result/markdown.js';
import { significant } from '../../../harness/benchmark/result/numbers.js';
import { textReport } from '../../../harness/benchmark/result/text.js';
import { comparisonRow, contender, resultDocument } from './result-fixture.js';

const schema = JSON.parse(
  readFileSync(
    new URL('../../../harness/benchmark/schema/result-2.schema.json', import.meta.url),
    'utf8',
  ),
) as object;
const validate = new Ajv({ allErrors: true, allowUnionTypes: true }).compile(schema);
const folder = mkdtempSync(join(tmpdir(), 'lps-result-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const firstContender = (document: ReturnType<typeof resultDocument>) => {
  const row = document.suites[0]!.rows[0]!;
  if (row.kind !== 'comparison') throw new Error('the fixture begins with a comparison');
  return row.contenders[0]!;
};

describe('the schema', () => {
  it('accepts a document with every kind of row', () => {
    expect(validate(resultDocument()), JSON.stringify(validate.errors)).toBe(true);
  });

  it.each<[string, (document: ReturnType<typeof resultDocument>) => void]>([
    [
      'another version',
      (document) => {
        Object.assign(document, { schemaVersion: 1 });
      },
    ],
    ['an unknown field', (document) => Object.assign(document, { surprise: 1 })],
    ['times of a wrong result', (document) => (firstContender(document).status = 'wrong')],
    ['measured without samples', (document) => (firstContender(document).samples = [])],
    ['a negative time', (document) => (firstContender(document).samples[0]!.wallMs = -1)],
  ])('refuses %s', (_, spoil) => {
    const document = resultDocument();
    spoil(document);
    expect(validate(document)).toBe(false);
  });
});

describe('reading a result', () => {
  const write = (text: string): string => {
    const path = join(folder, 'read.json');
    writeFileSync(path, text);
    return path;
  };

  it('gives the document back', () => {
    const document = resultDocument();
    expect(readDocument(write(JSON.stringify(document)), 'baseline')).toEqual(document);
  });

  it.each([
    ['no JSON', '{', /baseline ".*read.json" is not JSON/],
    ['an earlier version', '{"schemaVersion":1}', /has schemaVersion 1, and this program reads 2/],
    ['something else', '{"schemaVersion":2}', /is not a result of "lps bench"/],
  ])('refuses %s', (_, text, message) => {
    expect(() => void readDocument(write(text), 'baseline')).toThrow(message);
  });

  it('names a file that is not there', () => {
    expect(() => void readDocument(join(folder, 'none.json'), 'baseline')).toThrow(
      /cannot read the baseline/,
    );
  });
});

describe('baselines', () => {
  /** Ours takes `wallMs` and `cpuMs` while the probe does `operations` a second. */
  const run = (wallMs: number, cpuMs: number, operations = 1e9) =>
    resultDocument([
      comparisonRow('matmul/64', [contender('lps-webgpu', { wallMs, cpuMs })], operations),
    ]);
  const verdict = (now: ReturnType<typeof run>, before: ReturnType<typeof run>) =>
    compareWithBaseline(now, before, 1.2).rows[0]!.verdict;

  it.each([
    ['equal', run(10, 10), 'same'],
    ['just below the limit', run(11.9, 11.9), 'same'],
    ['just above the limit', run(12.1, 12.1), 'slower'],
    ['slower by the wall clock alone: a neighbour', run(30, 10), 'same'],
    ['twice as long while the machine was half as fast', run(20, 20, 0.5e9), 'same'],
    ['as long while the machine was twice as fast', run(10, 10, 2e9), 'slower'],
    ['half as long', run(5, 5), 'faster'],
  ])('%s', (_, now, expected) => {
    expect(verdict(now, run(10, 10))).toBe(expected);
  });

  it('says what is new and what is gone', () => {
    const wrong = resultDocument([
      comparisonRow('matmul/64', [contender('lps-webgpu', null)], 1e9),
      comparisonRow('matmul/65', [contender('lps-webgpu', { wallMs: 1, cpuMs: 1 })], 1e9),
    ]);
    expect(compareWithBaseline(wrong, run(10, 10), 1.2).rows).toMatchObject([
      { id: 'matmul/64', verdict: 'missing' },
      { id: 'matmul/65', verdict: 'new' },
    ]);
  });
});

describe('reports', () => {
  const document = resultDocument();

  it('write numbers with three digits', () => {
    expect([0, 0.00123, 0.5, 12.345, 1234.5, 12345678, 0.0000123].map(significant)).toEqual([
      '0',
      '0.00123',
      '0.500',
      '12.3',
      '1,235',
      '1.23e+7',
      '1.23e-5',
    ]);
  });

  it.each([
    ['Markdown', (): string => markdown(document, null)],
    [
      'HTML',
      async (): Promise<string> => (await html(document, null, [])).replaceAll(/<[^>]*>/g, ' '),
    ],
    ['text', (): string => textReport(document, null).join('\n')],
  ])('%s has every median, and the reason of every failure', async (_, render) => {
    const text = await render();
    // Ours 4 ms, the peer 20 ms: 5 times; the number row; who failed.
    for (const part of ['4.00 ms', '20.0 ms', '5.00x', '68.0', 'it does not run']) {
      expect(text).toContain(part);
    }
  });

  it('HTML carries the raw data and cannot be broken out of', async () => {
    const dangerous = resultDocument();
    dangerous.suites[0]!.errors.push('</script><b id="x">');
    const page = await html(dangerous, null, []);
    expect(page).not.toContain('</script><b');
    const raw = /<script type="application\/json" id="result">(.*)<\/script>/.exec(page)![1]!;
    expect(JSON.parse(raw)).toEqual(dangerous);
    expect(page).not.toMatch(/(src|href)="(?!data:)/);
  });

  it('github-action-benchmark gets CPU times of a software adapter', () => {
    expect(githubAction(document)).toEqual([
      {
        name: 'matmul/64',
        unit: 'CPU ms',
        value: 8,
        range: '8 - 8',
        extra: '64 x 64 times 64 x 64',
      },
      { name: 'startup/open', unit: 'ms', value: 68, extra: 'open the GPU' },
    ]);
  });

  it('history keeps a line per run and passes over a torn one', async () => {
    const path = join(folder, 'history.jsonl');
    writeFileSync(path, `${JSON.stringify(historyEntry(document))}\n{"date":"20`);
    const entries = readHistory(path);
    expect(entries).toHaveLength(1);
    const entry = entries[0]!;
    expect(entry.rows['matmul/64']).toEqual({ wallMs: 4, cpuMs: 8, ratios: { 'tfjs webgpu': 5 } });
    const page = await html(document, null, [entry, entry]);
    expect(page.match(/<svg/g)).toHaveLength(2);
  });
});
