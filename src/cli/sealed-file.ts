/**
 * Files that this program writes for itself to go on from: a line of JSON that says what they are and what
 * digest the rest has, then that rest, JSON or bytes. They are replaced in one step, so there is always a whole one.
 */
import { createHash } from 'node:crypto';
import {
  closeSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { UsageError } from './errors.js';
import { makeFolder } from './make-folder.js';
import { reasonOf } from './output.js';

/** What is sealed: a name for the kind of content, and the version of its form. */
export interface Seal {
  readonly kind: string;
  readonly version: number;
}

const LONGEST_SEAL = 512;

/** @throws Error of the file system; the old file is then as it was */
export function writeSealed(path: string, seal: Seal, content: unknown): void {
  writeSealedBytes(path, seal, Buffer.from(`${JSON.stringify(content)}\n`));
}

/** The same for bytes of any kind. */
export function writeSealedBytes(path: string, { kind, version }: Seal, body: Uint8Array): void {
  const part = `${path}.${process.pid}.part`;
  makeFolder(dirname(path));
  try {
    const file = openSync(part, 'w');
    try {
      writeFileSync(file, `${JSON.stringify({ kind, version, sha256: digestOf(body) })}\n`);
      writeFileSync(file, body);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(part, path);
  } catch (error) {
    rmSync(part, { force: true });
    throw error;
  }
}

/** @throws UsageError when there is no such file, or it is of another kind or version, or damaged */
export function readSealed(path: string, seal: Seal): unknown {
  const content = parsed(readSealedBytes(path, seal).toString('utf8'));
  if (content === undefined) throw damaged(path);
  return content;
}

/** The same for bytes. @throws as `readSealed` */
export function readSealedBytes(path: string, { kind, version }: Seal): Buffer {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    throw new UsageError(`cannot read "${path}": ${reasonOf(error)}`);
  }
  const end = bytes.subarray(0, LONGEST_SEAL).indexOf(0x0a);
  const seal = parsed(bytes.toString('utf8', 0, Math.max(0, end))) as {
    kind?: unknown;
    version?: unknown;
    sha256?: unknown;
  } | null;
  if (seal?.kind !== kind) throw new UsageError(`"${path}" is no ${kind} of this program`);
  if (seal.version !== version) {
    throw new UsageError(
      `"${path}" is of version ${String(seal.version)}, and this program reads ${version}: begin anew`,
    );
  }
  const body = bytes.subarray(end + 1);
  if (seal.sha256 !== digestOf(body)) throw damaged(path);
  return body;
}

function damaged(path: string): UsageError {
  return new UsageError(`"${path}" is damaged: its content does not have its digest; begin anew`);
}

function digestOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
