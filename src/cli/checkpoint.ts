/**
 * A folder that a job leaves so that it can go on: what was asked for, with the content of the files that it
 * read, and how its paths have ended or how far its stages have come.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { UsageError } from './errors.js';
import { lock } from './file-lock.js';
import { makeFolder } from './make-folder.js';
import { reasonOf } from './output.js';
import { PathLog } from './path-log.js';
import { readSealed, writeSealed } from './sealed-file.js';
import { StateFile } from './state-file.js';

/** A command as it was given, without what only concerns its output. */
export interface StoredJob {
  readonly command: string;
  /** Of the command line, after the name of the command. */
  readonly words: readonly string[];
  readonly options: Readonly<Record<string, unknown>>;
  /** Texts that it read, by the names that it was given. */
  readonly inputs: Readonly<Record<string, string>>;
}

/** Where paths of the command line begin. */
export interface PlacedJob extends StoredJob {
  readonly place: string;
}

/** The option that has a command keep a checkpoint. */
export interface CheckpointOptions {
  readonly checkpoint?: string;
}

/** Adds --checkpoint. */
export function addCheckpointOption(command: Command): Command {
  return command.option(
    '--checkpoint <folder>',
    'keep there how far it has come, so that "lps resume FOLDER" goes on whatever happens',
  );
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
    else if (!areSameJob(readStoredJob(folder), job)) {
      throw new UsageError(
        `"${folder}" is the checkpoint of another job: go on with that by "lps resume ${folder}", or choose another folder`,
      );
    }
    return new Checkpoint(folder, isOld);
  }

  /**
   * The same for a command: null without --checkpoint. A line says so when it goes on.
   *
   * @throws UsageError as `open`
   */
  static of(
    { checkpoint }: CheckpointOptions,
    job: StoredJob,
    note: (text: string) => void,
  ): Checkpoint | null {
    if (checkpoint === undefined) return null;
    const opened = Checkpoint.open(checkpoint, job);
    if (opened.isOld) note(`going on from ${checkpoint}`);
    return opened;
  }

  /**
   * The journal of one solve of the job.
   *
   * @param note told when nothing can be written any more
   */
  pathLog(name: string, note: (text: string) => void): PathLog {
    return new PathLog(pathLogOf(this.folder, name), this.lost(note));
  }

  /** What a stage of the job, which is not about paths, needs to go on. */
  state<State>(name: string, note: (text: string) => void): StateFile<State> {
    return new StateFile(join(this.folder, `${name}.state`), this.lost(note));
  }

  private lost(note: (text: string) => void): (reason: string) => void {
    return (reason) => {
      note(`the checkpoint "${this.folder}" cannot be written any more: ${reason}`);
    };
  }
}

const JOB = 'job.json';

/** Where the journal of a solve lies. */
export function pathLogOf(folder: string, name: string): string {
  return join(folder, `${name}.paths`);
}

/** Whether two commands ask for the same, wherever they were given. */
export function areSameJob(a: StoredJob, b: StoredJob): boolean {
  const text = ({ command, words, options, inputs }: StoredJob): string =>
    JSON.stringify([command, words, options, inputs]);
  return text(a) === text(b);
}

/** @throws UsageError when the folder is no checkpoint, or damaged */
export function readStoredJob(folder: string): PlacedJob {
  if (!existsSync(join(folder, JOB)))
    throw new UsageError(`"${folder}" is no checkpoint: it has no ${JOB}`);
  return readSealed(join(folder, JOB), SEAL) as PlacedJob;
}

function begin(path: string, job: StoredJob): void {
  try {
    writeSealed(path, SEAL, { ...job, place: process.cwd() } satisfies PlacedJob);
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
