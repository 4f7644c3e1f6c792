/**
 * PHCpack's `phc -p` and Macaulay2's `track`, each a process per run, timed by its own CPU clock round path tracking
 * alone (reading, start system and, for Macaulay2, start-up stay out).
 *
 * Both are optional: `apt-get install phcpack macaulay2`.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as lps from '../../internals.js';
import { macaulayScript, phcStart, type PeerStart } from './start-system.js';

/**
 * Threads of its BLAS and garbage collector spin while they wait and count as CPU time: katsura-8 takes 8 to 43 CPU
 * seconds with them on a busy machine, 0.35 without.
 */
const oneThread = { OPENBLAS_NUM_THREADS: '1', OMP_NUM_THREADS: '1', GC_MARKERS: '1' };

/** Answers to the prompts of `phc -p` with gamma; default settings otherwise. */
const phcAnswers = ([re, im]: PeerStart['gamma']): string =>
  ['n', 'start', 'a', re, im, '0', '0', '0', ''].join('\n');

/** One run: CPU seconds of path tracking, paths, and how many ended regularly. */
export interface PeerRun {
  readonly seconds: number;
  readonly paths: number;
  readonly regular: number;
}

export interface Peer {
  readonly name: string;
  /** Undefined when it is not installed. */
  version(): string | undefined;
  /** Null when it took longer than the limit. */
  run(system: lps.PolynomialSystem, start: PeerStart, limitMs: number): PeerRun | null;
}

export const peers: readonly Peer[] = [
  {
    name: 'phc -p',
    version: () => /PHCv?\S*|v\d\S*/.exec(output('phc', ['--version']))?.[0],
    run(system, start, limitMs) {
      return inFolder((folder) => {
        writeFileSync(join(folder, 'target'), lps.formatSystem(system, 'phc'));
        writeFileSync(join(folder, 'start'), phcStart(system, start));
        const { error } = spawnSync('phc', ['-p', 'target', 'result'], {
          cwd: folder,
          input: phcAnswers(start.gamma),
          timeout: limitMs,
        });
        if (error) return null;
        return readPhcResult(readFileSync(join(folder, 'result'), 'latin1'));
      });
    },
  },
  {
    name: 'Macaulay2 track',
    version: () => output('M2', ['--version']).trim() || undefined,
    run(system, start, limitMs) {
      return inFolder((folder) => {
        const script = macaulayScript(system, lps.formatSystem(system, 'text'), start);
        writeFileSync(join(folder, 'track.m2'), script);
        const { stdout, error } = spawnSync('M2', ['--script', 'track.m2'], {
          cwd: folder,
          encoding: 'utf8',
          env: { ...process.env, ...oneThread },
          timeout: limitMs,
        });
        if (error) return null;
        return readMacaulayResult(stdout);
      });
    },
  },
];

/**
 * CPU seconds and counts from the output file of `phc -p`.
 *
 * @throws Error when the file has no timing or no counts: the run broke off
 */
export function readPhcResult(text: string): PeerRun {
  const timing =
    /TIMING INFORMATION for continuation[\s\S]*?User time in seconds was\s+(\S+)[\s\S]*?System CPU time in seconds was\s+(\S+)/.exec(
      text,
    );
  const paths = /A list of (\d+) solutions has been refined/.exec(text);
  const regular = /Number of regular solutions\s*:\s*(\d+)/.exec(text);
  if (!timing || !paths || !regular) throw new Error('phc -p ended without timing or counts');
  return {
    seconds: Number(timing[1]) + Number(timing[2]),
    paths: Number(paths[1]),
    regular: Number(regular[1]),
  };
}

/** @throws Error when the script did not come to its end */
export function readMacaulayResult(text: string): PeerRun {
  const match = /^RESULT (\S+) (\d+) (\d+)/m.exec(text);
  if (!match) throw new Error('Macaulay2 ended without a result');
  // Macaulay2 writes .25 for 0.25.
  return { seconds: Number(match[1]), paths: Number(match[2]), regular: Number(match[3]) };
}

/** Standard output of a command, '' when it is not installed. */
function output(command: string, parameters: readonly string[]): string {
  const { stdout, error } = spawnSync(command, parameters, { encoding: 'utf8' });
  return error ? '' : stdout;
}

function inFolder<Result>(job: (folder: string) => Result): Result {
  const folder = mkdtempSync(join(tmpdir(), 'lps-benchmark-'));
  try {
    return job(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
