/**
 * Results on their way out: to standard output in pieces, and to files beside which they are written and
 * which they replace in one step, so that whatever goes wrong leaves what was there.
 */
import {
  accessSync,
  appendFileSync,
  closeSync,
  constants,
  openSync,
  realpathSync,
  rmSync,
  statSync,
  truncateSync,
} from 'node:fs';
import { open, rename, type FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { LpsError } from '../math/lps-error.js';
import { nextTurn } from '../math/stepwise.js';
import { JobError, UsageError } from './errors.js';
import { makeFolder } from './make-folder.js';
import { printable } from './printable.js';

/** A text as a whole or piece by piece: one string holds 512 MB at most. */
export type Content = string | Uint8Array | Iterable<string>;

/** A file could not be written; what was there before is as it was. */
export class OutputError extends LpsError {
  override readonly name = 'OutputError';
  override readonly kind = 'failed';
}

/** Items of a list that become text at once. */
const ITEMS = 1024;
/** Characters that are written at once. */
const PIECE = 1 << 18;
const ON_STANDARD_OUTPUT = 'the result went to standard output';
const REASONS: Readonly<Record<string, string>> = {
  ENOSPC: 'no space is left on the device',
  EDQUOT: 'the quota is used up',
  EROFS: 'the file system is read-only',
  EACCES: 'you may not write there',
  EPERM: 'you may not write there',
  EISDIR: 'it is a folder',
  ENOTDIR: 'a part of its path is a file',
};

/** A list that is not in memory: JSON has it as an array. */
export class JsonList<Item> implements Iterable<Item> {
  constructor(private readonly items: () => Iterator<Item>) {}

  [Symbol.iterator](): Iterator<Item> {
    return this.items();
  }
}

/** What JSON.stringify gives for a document, long lists in parts. */
export function* jsonPieces(value: unknown): Generator<string, void, undefined> {
  if (value instanceof JsonList || (Array.isArray(value) && value.length > ITEMS)) {
    let before = '[';
    for (const items of inParts(value as Iterable<unknown>)) {
      yield `${before}${JSON.stringify(items).slice(1, -1)}`;
      before = ',';
    }
    yield before === '[' ? '[]' : ']';
    return;
  }
  if (!isPlainObject(value)) {
    yield JSON.stringify(value);
    return;
  }
  const fields = Object.entries(value).filter(
    ([, field]) => field !== undefined && typeof field !== 'function',
  );
  let before = '{';
  for (const [name, field] of fields) {
    yield `${before}${JSON.stringify(name)}:`;
    yield* jsonPieces(field);
    before = ',';
  }
  yield fields.length === 0 ? '{}' : '}';
}

function* inParts<Item>(items: Iterable<Item>): Generator<Item[], void, undefined> {
  let part: Item[] = [];
  for (const item of items) {
    part.push(item);
    if (part.length < ITEMS) continue;
    yield part;
    part = [];
  }
  if (part.length > 0) yield part;
}

/** A document as a file has it: one line. */
export function* jsonLine(value: unknown): Generator<string, void, undefined> {
  yield* jsonPieces(value);
  yield '\n';
}

/** A document a line. */
export function* jsonLines(values: Iterable<unknown>): Generator<string, void, undefined> {
  for (const value of values) yield `${JSON.stringify(value)}\n`;
}

/** Writes one JSON document to standard output. */
export async function printJson(value: unknown): Promise<void> {
  const { stdout } = process;
  for (const piece of joined(jsonLine(value))) {
    // A reader that has gone wants no more.
    if (stdout.destroyed || stdout.errored) return;
    // Errors are told elsewhere (streams.ts), and come as a call, too.
    await new Promise((resolve) => stdout.write(piece, resolve));
    await nextTurn();
  }
}

/** Writes lines to standard output, without control characters. */
export function printLines(lines: readonly string[]): void {
  process.stdout.write(printable(lines.map((line) => `${line}\n`).join('')));
}

/**
 * Asked before work whose results are to be drawn: the chart library is an optional peer of the package.
 *
 * @throws UsageError when it is not installed
 */
export function checkCharts(): void {
  try {
    import.meta.resolve('echarts/core');
  } catch {
    throw new UsageError(
      'pictures need the package echarts, which is not installed: run npm install echarts',
    );
  }
}

/**
 * Finds out whether results can go to a place, before they are computed; makes the folders above it.
 *
 * @throws UsageError when they cannot
 */
export function checkOutput(path: string | undefined): void {
  if (path === undefined) return;
  try {
    makeFolder(dirname(path));
    const known = statSync(path, { throwIfNoEntry: false });
    if (known?.isDirectory()) throw new UsageError(`cannot write "${path}": it is a folder`);
    if (known) accessSync(path, constants.W_OK);
    if (known && !known.isFile()) return;
    // Root may write anywhere, says access; a file system that is read-only still refuses.
    const probe = partOf(path);
    closeSync(openSync(probe, 'w'));
    rmSync(probe);
  } catch (error) {
    if (error instanceof UsageError) throw error;
    // A disk that is full now may not be when there is something to write.
    if (!isFull(error)) throw new UsageError(`cannot write "${path}": ${reasonOf(error)}`);
  }
}

/**
 * Writes a file and the folders above it: beside its place, then there in one step. A device or a pipe is
 * written to as it is.
 *
 * @throws OutputError when that cannot be done; the old file is then as it was
 */
export async function writeOutput(path: string, content: Content): Promise<void> {
  let part: string | null = null;
  try {
    makeFolder(dirname(path));
    const { place, mode, ...beside } = placeOf(path);
    ({ part } = beside);
    if (part !== null) parts.add(part);
    const file = await open(part ?? place, 'w', mode);
    try {
      await writeAll(file, content);
      if (part !== null) await file.sync();
    } finally {
      await file.close();
    }
    if (part !== null) await rename(part, place);
  } catch (error) {
    if (part !== null) rmSync(part, { force: true });
    throw new OutputError(`cannot write "${path}": ${reasonOf(error)}`);
  } finally {
    if (part !== null) parts.delete(part);
  }
}

/**
 * The files of one result. One that cannot be written does not keep the others from being written; the
 * result then goes to standard output (`isComplete` says so), and the command ends with exit code 1.
 */
export class ResultFiles {
  /** Why, by the file. */
  private readonly lost = new Map<string, string>();
  /** Files to which nothing is added any more, so that no line is missing in the middle. */
  private readonly cut = new Set<string>();

  /** Whether everything is where it should be so far. */
  get isComplete(): boolean {
    return this.lost.size === 0;
  }

  /** Writes a file; bytes, which standard output cannot take, go to the temporary folder if need be. */
  async write(path: string, content: Content): Promise<void> {
    try {
      await writeOutput(path, content);
      // It may have been lost before.
      this.lost.delete(path);
    } catch (error) {
      if (!(error instanceof OutputError)) throw error;
      const refuge =
        content instanceof Uint8Array ? await writeToRefuge(basename(path), content) : null;
      const where = refuge === null ? '' : `; it is in "${refuge}"`;
      this.lost.set(path, `${error.message}${where}`);
    }
  }

  /** Adds whole lines to a file that is there. After a failure the file has those that it had before. */
  append(path: string, lines: string): void {
    if (this.cut.has(path)) return;
    const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
    try {
      appendFileSync(path, lines);
    } catch (error) {
      this.cut.add(path);
      this.lost.set(path, `cannot write "${path}": ${reasonOf(error)}`);
      try {
        truncateSync(path, size);
      } catch {
        // A torso at the end of lines is told by the end of line that it lacks.
      }
    }
  }

  /** @throws JobError naming every file that could not be written */
  finish(): void {
    if (this.isComplete) return;
    throw new JobError(`${[...this.lost.values()].join('; ')}; ${ON_STANDARD_OUTPUT}`);
  }
}

/**
 * Lines as they come, perhaps for hours: into a file beside its place until all are there, or on standard output. What a
 * full disk does not take goes to standard output, with what it took before. A process that is killed leaves them beside.
 */
export class LineOutput {
  private readonly part: string | null = null;
  private readonly file: FileHandle | null = null;
  private reason: string | null = null;

  private constructor(
    private readonly path: string | undefined,
    open: { readonly part: string | null; readonly file: FileHandle } | null,
  ) {
    if (open) ({ part: this.part, file: this.file } = open);
  }

  /** @param path undefined for standard output. @throws OutputError */
  static async open(path: string | undefined): Promise<LineOutput> {
    if (path === undefined) return new LineOutput(path, null);
    try {
      makeFolder(dirname(path));
      const { place, part, mode } = placeOf(path);
      const file = await open(part ?? place, part === null ? 'w' : 'w+', mode);
      return new LineOutput(place, { part, file });
    } catch (error) {
      throw new OutputError(`cannot write "${path}": ${reasonOf(error)}`);
    }
  }

  /** @throws OutputError when standard output does not take it */
  async write(line: string): Promise<void> {
    const text = `${line}\n`;
    if (this.file === null || this.reason !== null) {
      await print(text);
      return;
    }
    try {
      await this.file.writeFile(text);
    } catch (error) {
      this.reason = reasonOf(error);
      if (this.part !== null) await this.printPart();
      await print(text);
    }
  }

  /**
   * Puts the file in its place.
   *
   * @throws JobError when it could not be written
   */
  async finish(): Promise<void> {
    const { path, part, file } = this;
    if (path === undefined || file === null) return;
    if (this.reason === null && part !== null) {
      try {
        await file.sync();
        await rename(part, path);
      } catch (error) {
        this.reason = reasonOf(error);
        await this.printPart();
      }
    }
    await file.close();
    if (this.reason === null) return;
    if (part !== null) rmSync(part, { force: true });
    throw new JobError(`cannot write "${path}": ${this.reason}; ${ON_STANDARD_OUTPUT}`);
  }

  /** The whole lines that the file has. */
  private async printPart(): Promise<void> {
    const bytes = Buffer.alloc(PIECE);
    let rest = Buffer.alloc(0);
    for (let at = 0, read = 1; read > 0; at += read) {
      ({ bytesRead: read } = await this.file!.read(bytes, 0, bytes.length, at));
      const text = Buffer.concat([rest, bytes.subarray(0, read)]);
      const end = text.lastIndexOf(0x0a) + 1;
      if (end > 0) await print(text.subarray(0, end));
      rest = text.subarray(end);
    }
  }
}

function print(text: string | Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    process.stdout.write(text, (error) => {
      if (error) reject(new OutputError(`cannot write the result: ${reasonOf(error)}`));
      else resolve();
    });
  });
}

async function writeToRefuge(name: string, content: Uint8Array): Promise<string | null> {
  const refuge = join(tmpdir(), `lps-${process.pid}-${name}`);
  try {
    await writeOutput(refuge, content);
    return refuge;
  } catch {
    return null;
  }
}

async function writeAll(file: FileHandle, content: Content): Promise<void> {
  if (typeof content === 'string' || content instanceof Uint8Array) {
    await file.writeFile(content);
    return;
  }
  for (const piece of joined(content)) await file.writeFile(piece);
}

/** The same text in pieces of a size that is worth a call. */
function* joined(pieces: Iterable<string>): Generator<string, void, undefined> {
  let text = '';
  for (const piece of pieces) {
    text += piece;
    if (text.length < PIECE) continue;
    yield text;
    text = '';
  }
  if (text !== '') yield text;
}

/** Files that are being written; what is left when the process ends in the middle is of no use. */
const parts = new Set<string>();
process.on('exit', () => {
  for (const part of parts) rmSync(part, { force: true });
});

/** Where a file is, and where it is written first; a device or a pipe is written to as it is. */
function placeOf(path: string) {
  const known = statSync(path, { throwIfNoEntry: false });
  if (known && !known.isFile()) return { place: path, part: null, mode: known.mode };
  const place = known ? realpathSync(path) : path;
  return { place, part: partOf(place), mode: known?.mode };
}

function partOf(path: string): string {
  return `${path}.${process.pid}.part`;
}

/** Not typed arrays, dates and other objects of a class, which JSON.stringify knows better. */
function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return (
    typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype
  );
}

function isFull(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENOSPC' || code === 'EDQUOT';
}

/** What is wrong with a place, for people. */
export function reasonOf(error: unknown): string {
  const { code = '', message } = error as NodeJS.ErrnoException;
  return REASONS[code] ?? message;
}
