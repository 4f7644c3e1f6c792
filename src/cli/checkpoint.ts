/**
 * A folder that a job leaves so that it can go on: what was asked for, with the content of the files that it
 * read, and how its paths have ended so far.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { UsageError } from './errors.js';
import { lock } from './file-lock.js';
import { makeFolder } from './make-folder.js';
import { reasonOf } from './output.js';
import { PathLog } from './path-log.js';
import { readSealed, writeSealed } from './sealed-file.js';

/** A command as it was given, without what only concerns its output. */
export interface StoredJob {
  readonly command: string;
  /** Of the command line, after the name of the command. */
  readonly words: readonly string[];
  readonly options: Readonly<Record<string, unknown>>;
  /** Texts that it read, by the names that it was given. */
  readonly inputs: Readonly<Record<string, string>>;
}

const SEAL = { kind: 'checkpoint of lps', version: 1 };

export class Checkpoint {
  private constructor(
    readonly folder: string,
    /** Whether somebody has been at work here before. */
    readonly isOld: boolean,
  ) {}

  /**
   * Opens or begins a checkpoint, for this process alone.
   *
   * @throws UsageError when it is of another job, damaged, or in use
   */
  static open(folder: string, job: StoredJob): Checkpoint {
    makeFolderOf(folder);
    lock(join(folder, 'job'));
    const path = join(folder, JOB);
    const isOld = existsSync(path);
    if (!isOld) begin(path, job);
    else if (JSON.stringify(readStoredJob(folder)) !== JSON.stringify(job)) {
      throw new UsageError(
        `"${folder}" is the checkpoint of another job: go on with that by "lps resume ${folder}", or choose another folder`,
      );
    }
    return new Checkpoint(folder, isOld);
  }

  /**
   * The journal of one solve of the job.
   *
   * @param note told when nothing can be written any more
   */
  pathLog(name: string, note: (text: string) => void): PathLog {
    return new PathLog(pathLogOf(this.folder, name), (reason) => {
      note(`the checkpoint "${this.folder}" cannot be written any more: ${reason}`);
    });
  }
}

const JOB = 'job.json';

/** Where the journal of a solve lies. */
export function pathLogOf(folder: string, name: string): string {
  return join(folder, `${name}.paths`);
}

/** @throws UsageError when the folder is no checkpoint, or damaged */
export function readStoredJob(folder: string): StoredJob {
  if (!existsSync(join(folder, JOB)))
    throw new UsageError(`"${folder}" is no checkpoint: it has no ${JOB}`);
  return readSealed(join(folder, JOB), SEAL) as StoredJob;
}

function begin(path: string, job: StoredJob): void {
  try {
    writeSealed(path, SEAL, job);
  } catch (error) {
    throw new UsageError(`cannot write "${path}": ${reasonOf(error)}`);
  }
}

function makeFolderOf(folder: string): void {
  try {
    makeFolder(folder);
  } catch (error) {
    throw new UsageError(`cannot make the folder "${folder}": ${(error as Error).message}`);
  }
}
