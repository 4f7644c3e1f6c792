/** The files of a finished part, on their way from a worker to whoever collects them. */
import {
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { JobError } from '../errors.js';
import type { Shard } from '../parts.js';

/** Of src/cli/parts.ts and checkpoint.ts. */
const FILES = ['job.json', 'part.json', 'solve.paths'] as const;
/** Redis holds values of up to 512 MB. */
const MOST_BYTES = 500e6;

/** The folder of a part below that of its job. */
export function partFolder(folder: string, { index, of }: Shard): string {
  return join(folder, `part-${String(index).padStart(String(of).length, '0')}`);
}

/** All files in one buffer: a line of JSON with their lengths, then their bytes. @throws JobError when it is too long */
export function packFiles(folder: string): Buffer {
  const bodies = FILES.map((name) => readFileSync(join(folder, name)));
  const packed = Buffer.concat([
    Buffer.from(`${JSON.stringify(bodies.map(({ length }) => length))}\n`),
    ...bodies,
  ]);
  if (packed.length > MOST_BYTES) {
    throw new JobError(
      `a part of ${Math.round(packed.length / 1e6)} MB is too long for the queue: submit with more --parts, or with --folder`,
    );
  }
  return packed;
}

/** The other way round, in one step. @throws JobError when these are no files of a part */
export function unpackFiles(packed: Buffer, folder: string): void {
  const end = packed.indexOf(0x0a);
  let lengths: unknown;
  try {
    lengths = JSON.parse(packed.toString('utf8', 0, Math.max(0, end)));
  } catch {
    lengths = null;
  }
  if (!areLengths(lengths, packed.length - end - 1))
    throw new JobError('the queue holds something else than the files of a part: submit again');
  const beside = `${folder}.${process.pid}.part`;
  mkdirSync(beside, { recursive: true });
  let at = end + 1;
  lengths.forEach((length, k) => {
    writeFileSync(join(beside, FILES[k]!), packed.subarray(at, at + length));
    at += length;
  });
  put(beside, folder);
}

/** Copies the files into a folder, in one step; one that is there already stays as it is. */
export function deliverFiles(from: string, folder: string): void {
  mkdirSync(dirname(folder), { recursive: true });
  const beside = `${folder}.${process.pid}.part`;
  mkdirSync(beside, { recursive: true });
  for (const name of FILES) cpSync(join(from, name), join(beside, name));
  put(beside, folder);
}

function put(beside: string, folder: string): void {
  try {
    renameSync(beside, folder);
  } catch (error) {
    // Whoever was first has delivered the same.
    rmSync(beside, { recursive: true, force: true });
    if (!existsSync(folder)) throw error;
  }
}

function areLengths(value: unknown, total: number): value is number[] {
  return (
    Array.isArray(value) &&
    value.length === FILES.length &&
    value.every((each) => Number.isSafeInteger(each) && (each as number) >= 0) &&
    value.reduce((sum: number, each: number) => sum + each, 0) === total
  );
}
