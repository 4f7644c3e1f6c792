/** The result document's version, and reading one back. */
import { readFileSync } from 'node:fs';
import { BenchmarkUsageError } from '../host/guest-errors.mjs';

/** Version 1 was the solver benchmark of 2026-11-23, in Node. */
export const SCHEMA_VERSION = 2;

/**
 * Reads a result file.
 * @param {string} path
 * @param {string} what names it in messages
 * @throws {BenchmarkUsageError} when it is no result or of another version
 */
export function readDocument(path, what) {
  let text;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new BenchmarkUsageError(`cannot read the ${what} "${path}": ${error.message}`);
  }
  let document;
  try {
    document = JSON.parse(text);
  } catch (error) {
    throw new BenchmarkUsageError(`the ${what} "${path}" is not JSON: ${error.message}`);
  }
  const version = document?.schemaVersion;
  if (version !== SCHEMA_VERSION)
    throw new BenchmarkUsageError(
      `the ${what} "${path}" has schemaVersion ${version}, and this program reads ${SCHEMA_VERSION}; make it anew with "lps bench --json FILE.json"`,
    );
  if (document.kind !== 'lps-bench' || !Array.isArray(document.suites))
    throw new BenchmarkUsageError(`the ${what} "${path}" is not a result of "lps bench"`);
  return document;
}

/** All rows of all suites. */
export function rowsOf(document) {
  return document.suites.flatMap(({ rows }) => rows);
}

/** Our own record in a comparison. */
export function oursOf(row) {
  return row.contenders.find(({ role }) => role === 'ours');
}
