/** Parts of one solve that were computed apart, each a folder: what they must be to become one result. */
import { join } from 'node:path';
import { InvalidArgumentError } from 'commander';
import { shareOf, type SolveResult } from '../homotopy/index.js';
import { inSlices, type Stepwise } from '../math/stepwise.js';
import { areSameJob, pathLogOf, readStoredJob, type StoredJob } from './checkpoint.js';
import { UsageError } from './errors.js';
import { count, plural } from './numbers.js';
import { pathsIn, solveOf } from './path-log.js';
import { readSealed, writeSealed } from './sealed-file.js';

/** Machine `index`, from 1, of `of`. */
export interface Shard {
  readonly index: number;
  readonly of: number;
}

/** What a part says of itself when it has ended. */
export interface Part extends Shard {
  /** Paths of the whole solve. */
  readonly total: number;
  readonly paths: SolveResult['paths'];
  /** Not all of its paths were followed. */
  readonly partial: boolean;
}

/** A set of parts that belong together. */
export interface Parts {
  readonly job: StoredJob;
  /** Files of paths. */
  readonly logs: readonly string[];
}

const SEAL = { kind: 'part of a solve', version: 1 };
const MOST_PARTS = 100_000;

/** "3/8" on the command line. */
export function readShard(text: string): Shard {
  const [, index, of] = (/^(\d+)\/(\d+)$/.exec(text.trim()) ?? []).map(Number);
  if (!index || !of || index > of || of > MOST_PARTS) {
    throw new InvalidArgumentError(
      'Give I/N, such as 3/8: I from 1 to N, for the third of eight parts.',
    );
  }
  return { index, of };
}

/** Leaves word in the part's folder of what it holds. */
export function writePart(
  folder: string,
  shard: Shard,
  result: Pick<SolveResult, 'paths' | 'partial' | 'start'>,
): Part {
  const { paths, partial, start } = result;
  const part: Part = { ...shard, total: start.paths, paths, partial };
  // The stop may have come before the start was known.
  if (!partial) writeSealed(join(folder, PART), SEAL, part);
  return part;
}

const PART = 'part.json';

export function describePart({ index, of, total, paths, partial }: Part, folder: string): string[] {
  const { first, end } = shareOf(total, index, of);
  return [
    `part ${index} of ${of}: paths ${count(first)} to ${count(end - 1)} of ${count(total)}, ${plural(paths.tracked, 'path')} followed${partial ? '  PARTIAL' : ''}`,
    `${count(paths.regular)} regular, ${count(paths.singular)} singular, ${count(paths.atInfinity)} at infinity, ${count(paths.failed)} failed; in ${folder}`,
  ];
}

/**
 * Reads the parts in some folders, in slices: those of millions of paths take seconds.
 *
 * @throws UsageError naming the first that is missing, unfinished, of another job or given twice
 */
export async function readParts(folders: readonly string[]): Promise<Parts> {
  const parts = folders.map((folder) => {
    const job = readStoredJob(folder);
    const { shard, ...options } = job.options as { readonly shard?: Shard };
    if (!shard) throw new UsageError(`"${folder}" is no part: it was not made with --shard`);
    return { folder, shard, job: { ...job, options }, log: pathLogOf(folder, 'solve') };
  });
  const [first] = parts;
  if (!first) throw new UsageError('which parts? give the folders of all, such as part-*');
  const byIndex = new Map<number, string>();
  for (const { folder, shard, job } of parts) {
    if (shard.of !== first.shard.of) {
      throw new UsageError(
        `"${folder}" is one of ${shard.of} parts and "${first.folder}" one of ${first.shard.of}: give the parts of one division`,
      );
    }
    if (!areSameJob(job, first.job))
      throw new UsageError(`"${folder}" and "${first.folder}" are parts of different jobs`);
    const other = byIndex.get(shard.index);
    if (other !== undefined) {
      throw new UsageError(
        `"${folder}" and "${other}" are both part ${shard.index} of ${shard.of}: give one of them`,
      );
    }
    byIndex.set(shard.index, folder);
  }
  const missing = Array.from({ length: first.shard.of }, (_, k) => k + 1).filter(
    (index) => !byIndex.has(index),
  );
  if (missing.length > 0) {
    throw new UsageError(
      `${plural(missing.length, 'part')} of ${first.shard.of} missing: ${missing.slice(0, 5).join(', ')}${missing.length > 5 ? ', ...' : ''}`,
    );
  }
  for (const { folder, shard, log } of parts)
    await inSlices(checkPart(folder, shard, log, first.log));
  return { job: first.job, logs: parts.map(({ log }) => log) };
}

function* checkPart(folder: string, shard: Shard, log: string, firstLog: string): Stepwise<void> {
  let part: Part;
  try {
    part = readSealed(join(folder, PART), SEAL) as Part;
  } catch {
    throw new UsageError(`"${folder}" is not finished: "lps resume ${folder}" goes on with it`);
  }
  if (solveOf(log) !== solveOf(firstLog)) {
    throw new UsageError(
      `"${folder}" followed the paths of another start system than the first part: the same version of this program and the same kind of adapter must make all parts, or give --start`,
    );
  }
  const { first, end } = shareOf(part.total, shard.index, shard.of);
  const known = new Uint8Array(end - first);
  for (const ids of pathsIn(log)) {
    yield;
    for (const id of ids) {
      if (id < first || id >= end || known[id - first])
        throw new UsageError(`"${log}" holds path ${id} twice, or it is none of its own`);
      known[id - first] = 1;
    }
  }
  const lacking = known.reduce((count, each) => count + 1 - each, 0);
  if (lacking > 0) {
    throw new UsageError(
      `"${folder}" lacks ${plural(lacking, 'path')} that it should have: "lps resume ${folder}" follows them`,
    );
  }
}
