/**
 * Believed afterwards: the benchmark tables of docs/results/README.md are those of the committed result, which matches
 * its schema. The truth: docs/results/benchmark.json.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Ajv } from 'ajv';
import { expect, it } from 'vitest';
import {
  BEGIN,
  END,
  normalized,
  readmeTables,
  withTables,
} from '../../../harness/benchmark/readme-tables.js';
import { readDocument } from '../../../harness/benchmark/result/document.js';
import { resultDocument } from './result-fixture.js';

const path = (name: string): string => fileURLToPath(new URL(`../../../${name}`, import.meta.url));

it('the committed result matches its schema', () => {
  const schema = JSON.parse(
    readFileSync(path('harness/benchmark/schema/result-2.schema.json'), 'utf8'),
  ) as object;
  const validate = new Ajv({ allowUnionTypes: true }).compile(schema);
  const document = readDocument(path('docs/results/benchmark.json'), 'committed result');
  expect(validate(document), JSON.stringify(validate.errors)).toBe(true);
});

it('the page of results shows its numbers', () => {
  const readme = readFileSync(path('docs/results/README.md'), 'utf8');
  const document = readDocument(path('docs/results/benchmark.json'), 'committed result');
  expect(normalized(readme)).toBe(normalized(withTables(readme, readmeTables(document))));
});

it('tables have ratios by the claimed clock, and say which are uncertain', () => {
  const tables = readmeTables(resultDocument());
  expect(tables).toContain('| 64 x 64 times 64 x 64 | 8.00 ms | 5.0x |');
  expect(tables).toContain('| open the GPU | 68.0 ms |');
  expect(withTables(`a\n${BEGIN}\nold\n${END}\nz`, 'new')).toBe(`a\n${BEGIN}\n\nnew\n\n${END}\nz`);
  expect(() => withTables('no marks', 'new')).toThrow(/needs the lines/);
});
