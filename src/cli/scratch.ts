/**
 * Tables that are larger than the memory should be: pages of rows, of which those that were used last are in memory, and
 * the others in a file without a name, in the temporary folder, which goes when the process ends.
 */
import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { enlarged, type Rows, type RowStorage } from '../math/rows.js';
import { reasonOf } from './output.js';

const PAGE_NUMBERS = 1 << 11;
/** Of each table, in memory: 16 MB. */
const PAGES = 1 << 10;

/** The tables of one job. */
export class Scratch {
  private readonly tables: FileRows[] = [];

  /**
   * @param note told once of each table that the disk does not take; it is then in memory
   * @param folder for the files; a system whose temporary folder is small has another in TMPDIR
   */
  constructor(
    private readonly note: (text: string) => void,
    private readonly folder = tmpdir(),
  ) {}

  readonly storage: RowStorage = (width) => {
    const table = new FileRows(width, this.folder, this.note);
    this.tables.push(table);
    return table;
  };

  /** Forgets all tables. */
  close(): void {
    for (const table of this.tables) table.close();
  }
}

class FileRows implements Rows {
  length = 0;
  private readonly perPage: number;
  /** In the order of their last use. */
  private readonly pages = new Map<number, Float64Array<ArrayBuffer>>();
  /** Pages that are in the file, 1 each. */
  private written = new Uint8Array(PAGES);
  private file: number | null = null;
  private isFull = false;

  constructor(
    private readonly width: number,
    private readonly folder: string,
    private readonly note: (text: string) => void,
  ) {
    this.perPage = Math.max(1, Math.floor(PAGE_NUMBERS / width));
  }

  append(row: ArrayLike<number>): number {
    const { width, perPage } = this;
    const index = this.length % perPage;
    const number = (this.length - index) / perPage;
    const page = index === 0 ? new Float64Array(perPage * width) : this.page(number);
    if (index === 0) this.keep(number, page);
    page.set(row, index * width);
    return this.length++;
  }

  row(index: number): Float64Array {
    const { width, perPage } = this;
    const place = index % perPage;
    return this.page((index - place) / perPage).subarray(place * width, (place + 1) * width);
  }

  close(): void {
    this.pages.clear();
    if (this.file !== null) closeSync(this.file);
    this.file = null;
  }

  private page(number: number): Float64Array<ArrayBuffer> {
    const known = this.pages.get(number);
    if (known) {
      this.pages.delete(number);
      this.pages.set(number, known);
      return known;
    }
    const page = new Float64Array(this.perPage * this.width);
    readSync(this.file!, page, 0, page.byteLength, number * page.byteLength);
    this.keep(number, page);
    return page;
  }

  /** Takes a page into memory, in the place of the one that was not used for the longest time. */
  private keep(number: number, page: Float64Array<ArrayBuffer>): void {
    this.pages.set(number, page);
    if (this.pages.size <= PAGES || this.isFull) return;
    const last = Math.floor(this.length / this.perPage);
    for (const [oldest, bytes] of this.pages) {
      // Rows are still added to the last one.
      if (oldest === last) continue;
      if (this.write(oldest, bytes)) this.pages.delete(oldest);
      return;
    }
  }

  private write(number: number, page: Float64Array<ArrayBuffer>): boolean {
    if (this.written[number] === 1) return true;
    try {
      this.file ??= openNameless(this.folder);
      for (let done = 0; done < page.byteLength;) {
        const at = number * page.byteLength + done;
        done += writeSync(this.file, page, done, page.byteLength - done, at);
      }
    } catch (error) {
      this.isFull = true;
      this.note(
        `what does not fit into "${this.folder}" stays in memory, where a large solve needs gigabytes: ${reasonOf(error)}`,
      );
      return false;
    }
    if (number >= this.written.length)
      this.written = enlarged(this.written, Math.max(number + 1, 2 * this.written.length));
    this.written[number] = 1;
    return true;
  }
}

/** A file that no kill leaves behind, where the system lets open files be removed. */
function openNameless(folder: string): number {
  const place = mkdtempSync(join(folder, 'lps-'));
  const file = openSync(join(place, 'rows'), 'w+', 0o600);
  try {
    rmSync(place, { recursive: true });
  } catch {
    process.once('exit', () => {
      rmSync(place, { recursive: true, force: true });
    });
  }
  return file;
}
