/** The result document's version, and reading one back. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { UsageError } from '../../../src/cli/errors.js';
import { violation } from '../../../src/cli/record-schema.js';
import { root } from '../../setup/paths.mjs';
import type { BenchmarkResult, ComparisonRow, ContenderRecord } from '../../generated/result.js';
import type { Row } from '../page/types.js';

/** Version 1 was the solver benchmark of 2026-11-23, in Node. */
export const SCHEMA_VERSION: BenchmarkResult['schemaVersion'] = 2;

/**
 * Reads a result file.
 *
 * @param what names it in messages
 * @throws UsageError when it is no result or of another version
 */
export function readDocument(path: string, what: string): BenchmarkResult {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new UsageError(`cannot read the ${what} "${path}": ${(error as Error).message}`);
  }
  let document: Partial<Record<keyof BenchmarkResult, unknown>> | null;
  try {
    document = JSON.parse(text) as typeof document;
  } catch (error) {
    throw new UsageError(`the ${what} "${path}" is not JSON: ${(error as Error).message}`);
  }
  const version = document?.schemaVersion;
  if (version !== SCHEMA_VERSION)
    throw new UsageError(
      `the ${what} "${path}" has schemaVersion ${String(version)}, and this program reads ${SCHEMA_VERSION}; make it anew with "lps bench --json FILE.json"`,
    );
  const schema = join(
    root,
    'harness',
    'benchmark',
    'schema',
    `result-${SCHEMA_VERSION}.schema.json`,
  );
  const wrong = violation(JSON.parse(readFileSync(schema, 'utf8')) as object, document);
  if (wrong !== null)
    throw new UsageError(
      `the ${what} "${path}" is not a result of "lps bench" (${wrong}); make it anew with "lps bench --json FILE.json"`,
    );
  return document as unknown as BenchmarkResult;
}

/** All rows of all suites. */
export function rowsOf(document: BenchmarkResult): Row[] {
  return document.suites.flatMap(({ rows }) => rows);
}

/** The rows that compare contenders. */
export function comparisonsOf(rows: readonly Row[]): ComparisonRow[] {
  return rows.filter((row) => row.kind === 'comparison');
}

/** Our own record in a comparison. */
export function oursOf(row: ComparisonRow): ContenderRecord | undefined {
  return row.contenders.find(({ role }) => role === 'ours');
}

/** The adapter's name. */
export function adapterName({ runtime }: Pick<BenchmarkResult, 'runtime'>): string {
  const { description, vendor, architecture } = runtime.adapter;
  return description || `${vendor} ${architecture}`;
}
