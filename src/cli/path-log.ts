/**
 * A journal of paths as a file: a first line that says of which solve it is, then records that are only ever
 * appended, each with its length and checksum. A record that was cut off is dropped when the file is opened.
 */
import {
  closeSync,
  fdatasync,
  ftruncateSync,
  fstatSync,
  openSync,
  readSync,
  statSync,
  writeSync,
} from 'node:fs';
import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import type { PathJournal, PathRecord } from '../homotopy/index.js';
import { UsageError } from './errors.js';
import { reasonOf } from './output.js';

const VERSION = 1;
const KIND = 'lps paths';
/** Length of the body and its CRC-32. */
const FRAME = 8;
/** Round, paths, and lengths of points, loops and crossings. */
const HEAD = 5;
/** A longer record is none. */
const MOST_BYTES = 1 << 28;
/** Between two requests that what was written be on the disk: a killed process loses nothing by itself. */
const SYNC_MS = 1000;

/** The journal of one process: reads what is there, then appends. */
export class PathLog implements PathJournal {
  private file: number | null = null;
  /** Where the next record goes; -1 as long as what is there was not read to its end, and when nothing can be written. */
  private end = -1;
  private synced = performance.now();
  private isLost = false;

  /**
   * @param path of the file, which need not be there yet
   * @param onLost told once when nothing can be written any more; the solve goes on
   */
  constructor(
    readonly path: string,
    private readonly onLost: (reason: string) => void,
  ) {}

  *read(solve: string): Generator<PathRecord, void, undefined> {
    const digest = digestOf(solve);
    // A kill may have come between making the file and its first line.
    if (!statSync(this.path, { throwIfNoEntry: false })?.size) {
      this.begin(digest);
      return;
    }
    this.end = yield* recordsOf(this.path, digest);
  }

  write(record: PathRecord): void {
    if (this.end < 0) return;
    try {
      if (this.file === null) {
        this.file = openSync(this.path, 'r+');
        // What was cut off.
        ftruncateSync(this.file, this.end);
      }
      const bytes = encode(record);
      writeWhole(this.file, bytes, this.end);
      this.end += bytes.length;
      if (performance.now() - this.synced > SYNC_MS) {
        this.synced = Infinity;
        // A disk that is busy takes seconds, and nobody waits for it.
        fdatasync(this.file, (error) => {
          this.synced = performance.now();
          if (error) this.lose(error);
        });
      }
    } catch (error) {
      this.lose(error);
    }
  }

  private lose(error: unknown): void {
    this.end = -1;
    if (!this.isLost) this.onLost(reasonOf(error));
    this.isLost = true;
  }

  private begin(digest: string): void {
    const line = `${JSON.stringify({ kind: KIND, version: VERSION, solve: digest })}\n`;
    try {
      this.file = openSync(this.path, 'w');
      this.end = writeSync(this.file, line);
    } catch (error) {
      this.lose(error);
    }
  }
}

/** The journals of several processes, to be read together. */
export class PathLogs implements PathJournal {
  constructor(private readonly paths: readonly string[]) {}

  *read(solve: string): Generator<PathRecord, void, undefined> {
    for (const path of this.paths) yield* recordsOf(path, digestOf(solve));
  }

  /** What is done with all parts together is quickly done again. */
  write(): void {
    // Nothing is kept.
  }
}

/** The paths of the first round that a file holds. @throws UsageError when it is no such file */
export function* pathsIn(path: string): Generator<Uint32Array, void, undefined> {
  for (const { round, ids } of recordsOf(path, null)) if (round === 0) yield ids;
}

/** Of which solve a file is. @throws UsageError when it is no such file */
export function solveOf(path: string): string {
  const file = openToRead(path);
  try {
    return readFirstLine(file, path).solve;
  } finally {
    closeSync(file);
  }
}

/**
 * @param digest of the solve that it must be of; null for any
 * @returns where the last whole record ends
 * @throws UsageError for a file that is something else, or of another solve
 */
function* recordsOf(path: string, digest: string | null): Generator<PathRecord, number, undefined> {
  const file = openToRead(path);
  try {
    const first = readFirstLine(file, path);
    if (digest !== null && first.solve !== digest) {
      throw new UsageError(
        `"${path}" holds paths of another solve: another system, start, seed or version of this program; begin anew in another folder`,
      );
    }
    let at = first.length;
    const { size } = fstatSync(file);
    const frame = Buffer.alloc(FRAME);
    while (at + FRAME <= size && readSync(file, frame, 0, FRAME, at) === FRAME) {
      const length = frame.readUInt32LE(0);
      if (length > MOST_BYTES || at + FRAME + length > size) break;
      const body = Buffer.from(new ArrayBuffer(length));
      readSync(file, body, 0, length, at + FRAME);
      const record = crc32(body) === frame.readUInt32LE(4) ? decode(body) : null;
      if (record === null) break;
      at += FRAME + length;
      yield record;
    }
    return at;
  } finally {
    closeSync(file);
  }
}

function openToRead(path: string): number {
  try {
    return openSync(path, 'r');
  } catch (error) {
    throw new UsageError(`cannot read "${path}": ${reasonOf(error)}`);
  }
}

function readFirstLine(file: number, path: string): { solve: string; length: number } {
  const start = Buffer.alloc(256);
  const read = readSync(file, start, 0, start.length, 0);
  const end = start.subarray(0, read).indexOf(0x0a);
  const text = start.toString('utf8', 0, Math.max(0, end));
  const value = firstLineOf(text);
  if (value?.kind !== KIND || typeof value.solve !== 'string')
    throw new UsageError(`"${path}" is no file of paths of this program`);
  if (value.version !== VERSION) {
    throw new UsageError(
      `"${path}" is of version ${String(value.version)}, and this program reads ${VERSION}: begin anew`,
    );
  }
  return { solve: value.solve, length: end + 1 };
}

function firstLineOf(
  text: string,
): { readonly kind?: unknown; readonly version?: unknown; readonly solve?: unknown } | null {
  try {
    return JSON.parse(text) as ReturnType<typeof firstLineOf>;
  } catch {
    return null;
  }
}

function digestOf(solve: string): string {
  return createHash('sha256').update(solve).digest('hex').slice(0, 32);
}

function encode(record: PathRecord): Buffer {
  const { round, ids, points, loops, crossings, s, pivotRatios } = record;
  const head = Uint32Array.of(round, ids.length, points.length, loops.length, crossings.length);
  const { classes, reasons, winding, restarts, flags } = record;
  // The widest numbers first, so that all lie where they can be read as such.
  const columns = [s, pivotRatios, points, loops, crossings, ids];
  const bytes = [classes, reasons, winding, restarts, flags];
  const body = Buffer.concat([
    Buffer.from(head.buffer),
    Buffer.alloc(4),
    ...[...columns, ...bytes].map(({ buffer, byteOffset, byteLength }) =>
      Buffer.from(buffer, byteOffset, byteLength),
    ),
  ]);
  const frame = Buffer.alloc(FRAME);
  frame.writeUInt32LE(body.length, 0);
  frame.writeUInt32LE(crc32(body), 4);
  return Buffer.concat([frame, body]);
}

/** Null for a body whose columns are not as long as it says. */
function decode(body: Buffer<ArrayBuffer>): PathRecord | null {
  const { buffer } = body;
  if (body.length < 4 * (HEAD + 1)) return null;
  const [round, count, points, loops, crossings] = new Uint32Array(buffer, 0, HEAD) as unknown as [
    number,
    number,
    number,
    number,
    number,
  ];
  const numbers = 2 * count + points + loops + crossings;
  if (body.length !== 4 * (HEAD + 1) + 8 * numbers + 9 * count) return null;
  let at = 4 * (HEAD + 1);
  const floats = (length: number): Float64Array => {
    const column = new Float64Array(buffer, at, length);
    at += 8 * length;
    return column;
  };
  const bytes = (): Uint8Array => {
    const column = new Uint8Array(buffer, at, count);
    at += count;
    return column;
  };
  const wide = {
    s: floats(count),
    pivotRatios: floats(count),
    points: floats(points),
    loops: floats(loops),
    crossings: floats(crossings),
  };
  const ids = new Uint32Array(buffer, at, count);
  at += 4 * count;
  return {
    round,
    ids,
    ...wide,
    classes: bytes(),
    reasons: bytes(),
    winding: bytes(),
    restarts: bytes(),
    flags: bytes(),
  };
}

function writeWhole(file: number, bytes: Buffer, at: number): void {
  for (let done = 0; done < bytes.length;)
    done += writeSync(file, bytes, done, bytes.length - done, at + done);
}
