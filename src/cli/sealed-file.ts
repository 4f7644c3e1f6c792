/**
 * Files that this program writes for itself to go on from: two lines of JSON, the first of which says what
 * they are and what the second's digest is. They are replaced in one step, so there is always a whole one.
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

/** @throws Error of the file system; the old file is then as it was */
export function writeSealed(path: string, { kind, version }: Seal, content: unknown): void {
  const body = JSON.stringify(content);
  const text = `${JSON.stringify({ kind, version, sha256: digestOf(body) })}\n${body}\n`;
  const part = `${path}.${process.pid}.part`;
  makeFolder(dirname(path));
  try {
    const file = openSync(part, 'w');
    try {
      writeFileSync(file, text);
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
export function readSealed(path: string, { kind, version }: Seal): unknown {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new UsageError(`cannot read "${path}": ${reasonOf(error)}`);
  }
  const [first = '', body = ''] = text.split('\n');
  const seal = parsed(first) as { kind?: unknown; version?: unknown; sha256?: unknown } | null;
  if (seal?.kind !== kind) throw new UsageError(`"${path}" is no ${kind} of this program`);
  if (seal.version !== version) {
    throw new UsageError(
      `"${path}" is of version ${String(seal.version)}, and this program reads ${version}: begin anew`,
    );
  }
  const content = parsed(body);
  if (seal.sha256 !== digestOf(body) || content === undefined)
    throw new UsageError(`"${path}" is damaged: its content does not have its digest; begin anew`);
  return content;
}

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
