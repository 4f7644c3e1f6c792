/**
 * Believed afterwards: a table keeps every row, whether its pages are in memory, on the disk, or in memory because the
 * disk takes no more. The truth: rows that say their own number.
 */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { Scratch } from '../../../src/cli/scratch.js';
import { MemoryRows, type Rows } from '../../../src/math/rows.js';

const folder = mkdtempSync(join(tmpdir(), 'lps-scratch-test-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** Rows of 1,024 numbers: 2 a page, so that these are more pages than a table keeps in memory. */
const WIDTH = 1024;
const COUNT = 2500;

function fill(table: Rows): void {
  for (let k = 0; k < COUNT; k++) {
    const row = new Float64Array(WIDTH).fill(k);
    row[WIDTH - 1] = -k;
    const index = table.append(row);
    // Rows are read while others are added.
    if (k % 1000 === 999) expect([index, table.row(k - 900)[1]]).toEqual([k, k - 900]);
  }
}

function differing(table: Rows): number[] {
  // Every page again and again, in an order that is not that of the pages.
  return Array.from({ length: COUNT }, (_, k) => (k * 1237) % COUNT).filter((k) => {
    const row = table.row(k);
    return row.length !== WIDTH || row[0] !== k || row[WIDTH - 1] !== -k;
  });
}

describe('a table of rows', () => {
  it('keeps them in memory', () => {
    const table = new MemoryRows(WIDTH);
    fill(table);
    expect(table.length).toBe(COUNT);
    expect(differing(table)).toEqual([]);
  });

  it('keeps them on the disk, and leaves nothing there', () => {
    const full: string[] = [];
    const scratch = new Scratch((reason) => full.push(reason), folder);
    const table = scratch.storage(WIDTH);
    fill(table);
    expect(differing(table)).toEqual([]);
    expect(full).toEqual([]);
    scratch.close();
    expect(readdirSync(folder)).toEqual([]);
  });

  it('keeps them in memory where the disk takes none, and says so once', () => {
    const full: string[] = [];
    const table = new Scratch((reason) => full.push(reason), join(folder, 'none')).storage(WIDTH);
    fill(table);
    expect(differing(table)).toEqual([]);
    expect(full).toHaveLength(1);
  });
});
