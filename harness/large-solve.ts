/**
 * `node harness/run.mjs large-solve`: a system of DEGREE^UNKNOWNS solutions through `lps solve`, in parts and as one, with the
 * largest memory of each process and the longest time for which it would not have heard Ctrl-C; every file is read back and
 * its solutions are compared with what is known of them.
 *
 *   --unknowns N   default 5
 *   --degree D     default 16: 1,048,576 solutions
 *   --parts N      also `--shard I/N` and `lps merge`, default 0: only one whole solve
 *   --whole        with --parts, the one whole solve, too
 *   --presses N    with --parts, also Ctrl-C at N moments spread over a merge, default 0
 *   --folder DIR   where everything is kept; the same folder again goes on
 *   --minutes M    ends what is at work after so long; another call goes on, default none
 *   --json FILE    where the figures go, too
 */
import { spawn } from 'node:child_process';
import {
  closeSync,
  createReadStream,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import type { Readable } from 'node:stream';
import { parseArgs } from 'node:util';
import { ExitCode, JobError, UsageError } from '../src/cli/errors.js';
import { writeOutput } from '../src/cli/output.js';
import type { Solution } from '../src/homotopy/index.js';
import { interruptLps, program, startLps } from './faults/processes.js';
import { asTool, countFrom, note } from './tool.js';

export const main = asTool(run);

/** What one process did. */
interface Step {
  readonly step: string;
  readonly seconds: number;
  /** Largest resident memory, MB. */
  readonly megabytes: number;
  /** Longest time, ms, in which the main thread came to nothing else. */
  readonly longestBlock: number;
}

/** A document that was read back. */
interface Checked {
  readonly file: string;
  readonly solutions: number;
  readonly certified: number;
  readonly largestResidual: number;
}

/** Ctrl-C in a merge. */
interface Stop {
  /** After so many seconds. */
  readonly moment: number;
  /** How often it was pressed. */
  readonly presses: number;
  /** Milliseconds from the last one to the end. */
  readonly milliseconds: number;
}

const LOOK_MS = 250;
/** Loaded into each process before anything else: tells at the end, through file 3, its longest block. */
const WATCH = `data:text/javascript,${encodeURIComponent(`
  import { writeSync } from 'node:fs';
  import { monitorEventLoopDelay } from 'node:perf_hooks';
  import { isMainThread } from 'node:worker_threads';
  if (isMainThread) {
    const delay = monitorEventLoopDelay({ resolution: 5 });
    delay.enable();
    process.on('exit', () => writeSync(3, String(Math.round(delay.max / 1e6))));
  }`)}`;
/** Of |x^d + 0.3 y - c|, whose terms are below c + 2. */
const LARGEST_RESIDUAL = 1e-11;

async function run(words: string[]): Promise<ExitCode> {
  const { values } = parseArgs({
    args: words,
    options: {
      unknowns: { type: 'string', default: '5' },
      degree: { type: 'string', default: '16' },
      parts: { type: 'string', default: '0' },
      whole: { type: 'boolean', default: false },
      presses: { type: 'string', default: '0' },
      folder: { type: 'string', default: 'out/large-solve' },
      minutes: { type: 'string' },
      json: { type: 'string' },
    },
  });
  if (process.platform !== 'linux')
    throw new UsageError('memory is read from /proc, which only Linux has');
  const unknowns = countFrom('--unknowns', values.unknowns);
  const degree = countFrom('--degree', values.degree);
  const parts = values.parts === '0' ? 0 : countFrom('--parts', values.parts);
  const presses = values.presses === '0' ? 0 : countFrom('--presses', values.presses);
  const folder = resolve(values.folder);
  const limit = values.minutes === undefined ? Infinity : 60_000 * Number(values.minutes);
  const begin = performance.now();
  if (!(limit > 0)) throw new UsageError(`--minutes is "${values.minutes!}"; give a number`);
  mkdirSync(folder, { recursive: true });
  const at = (name: string) => join(folder, name);
  const system = at('system.txt');
  writeFileSync(system, `${coupledPowers(unknowns, degree).join('\n')}\n`);

  const figures = at('figures.json');
  const steps: Step[] = existsSync(figures)
    ? (JSON.parse(readFileSync(figures, 'utf8')) as Step[])
    : [];
  const checked: Checked[] = [];
  const stops: Stop[] = [];
  const step = async (name: string, lps: readonly string[], out?: string): Promise<void> => {
    steps.push({
      step: name,
      ...(await measure(lps, out, Math.max(1, limit - (performance.now() - begin)))),
    });
    writeFileSync(figures, JSON.stringify(steps));
    const { seconds, megabytes, longestBlock } = steps.at(-1)!;
    note(`${name}: ${seconds} s, ${megabytes} MB, blocked for ${longestBlock} ms at most`);
  };
  const check = async (file: string): Promise<void> => {
    checked.push({ file, ...(await readBack(at(file), unknowns, degree)) });
    const { solutions, certified, largestResidual } = checked.at(-1)!;
    note(
      `${file}: ${solutions} solutions, each once, ${certified} certified, residuals up to ${largestResidual.toExponential(1)}`,
    );
  };
  const isDone = (name: string) => steps.some((each) => each.step === name);
  const computing = ['--precision', 'f64', '--show', '0'];
  /** A solve that may have begun, into a folder that says when it has ended. */
  const solveIn = async (name: string, words: readonly string[], rest: readonly string[] = []) => {
    const isBegun = existsSync(join(at(name), 'job.json'));
    await step(name, isBegun ? ['resume', at(name), ...rest] : [...words, ...rest]);
  };

  if (parts === 0 || values.whole) {
    if (!isDone('whole'))
      await solveIn(
        'whole',
        ['solve', system, ...computing, '--checkpoint', at('whole')],
        ['--out', at('whole.json')],
      );
    await check('whole.json');
    await step('whole --json', ['resume', at('whole'), '--json'], at('whole-json.json'));
    await check('whole-json.json');
  }
  if (parts > 0) {
    const folders = Array.from({ length: parts }, (_, k) => `part-${k + 1}`);
    for (const [k, name] of folders.entries()) {
      if (existsSync(join(at(name), 'part.json'))) continue;
      await solveIn(name, [
        'solve',
        system,
        ...computing,
        '--shard',
        `${k + 1}/${parts}`,
        '--out',
        at(name),
      ]);
    }
    if (!isDone('merge --out'))
      await step('merge --out', [
        'merge',
        ...folders.map(at),
        '--show',
        '0',
        '--out',
        at('merged.json'),
      ]);
    await check('merged.json');
    if (!isDone('merge --json'))
      await step('merge --json', ['merge', ...folders.map(at), '--json'], at('merged-json.json'));
    await check('merged-json.json');
    const { seconds } = steps.find((each) => each.step === 'merge --out')!;
    const words = ['merge', ...folders.map(at), '--show', '0', '--out', at('interrupted.json')];
    for (let k = 0; k < presses; k++)
      stops.push(await interruptMerge(words, (1000 * seconds * (k + Math.random())) / presses));
  }
  const text = JSON.stringify({ unknowns, degree, steps, checked, stops }, null, 1);
  if (values.json !== undefined) await writeOutput(values.json, `${text}\n`);
  process.stdout.write(`${text}\n`);
  return ExitCode.success;
}

/** @throws JobError unless it ends within a second, with exit code 130, or for good on the second Ctrl-C */
async function interruptMerge(words: readonly string[], moment: number): Promise<Stop> {
  const started = startLps(words, { folder: '.', ownGroup: true });
  const { ended, presses, milliseconds } = await interruptLps(started, moment);
  const stop = {
    moment: Math.round(moment / 100) / 10,
    presses,
    milliseconds: Math.round(milliseconds),
  };
  note(
    `Ctrl-C after ${stop.moment} s: ended by the ${presses === 1 ? 'first' : 'second'}, in ${stop.milliseconds} ms`,
  );
  if (ended?.code !== ExitCode.interrupted)
    throw new JobError(
      `Ctrl-C after ${stop.moment} s ends the merge with ${ended?.code ?? 'nothing'}`,
    );
  return stop;
}

/** x_k^d + 0.3 x_(k+1) = k + 2: d^n solutions, one near each choice of a d-th root of k + 2 for every k. */
function coupledPowers(n: number, degree: number): string[] {
  return Array.from({ length: n }, (_, k) => `x${k}^${degree} + 0.3*x${(k + 1) % n} - ${k + 2}`);
}

/** Runs `lps` and looks at its memory. */
async function measure(
  words: readonly string[],
  out: string | undefined,
  limit: number,
): Promise<Omit<Step, 'step'>> {
  const begin = performance.now();
  const file = out === undefined ? null : openSync(out, 'w');
  const child = spawn(process.execPath, ['--import', WATCH, program, ...words], {
    stdio: ['ignore', file ?? 'ignore', 'inherit', 'pipe'],
  });
  let told = '';
  (child.stdio[3] as Readable).setEncoding('utf8').on('data', (text: string) => (told += text));
  let megabytes = 0;
  const look = setInterval(() => {
    megabytes = Math.max(megabytes, peakOf(child.pid!));
  }, LOOK_MS);
  const stop = Number.isFinite(limit) ? setTimeout(() => child.kill('SIGINT'), limit) : undefined;
  const code = await new Promise<number | null>((end) => child.on('close', end));
  clearInterval(look);
  clearTimeout(stop);
  if (file !== null) closeSync(file);
  const seconds = Math.round((performance.now() - begin) / 100) / 10;
  if (code === ExitCode.interrupted)
    throw new JobError(`not done after ${seconds} s and ${megabytes} MB: call again to go on`);
  if (code !== 0) throw new JobError(`lps ${words.join(' ')} ends with ${code}`);
  return { seconds, megabytes, longestBlock: Number(told) };
}

/** Largest resident memory of a process so far, MB; 0 when it has ended. */
function peakOf(pid: number): number {
  try {
    const [, kilobytes] = /VmHWM:\s*(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    return Math.round(Number(kilobytes ?? 0) / 1024);
  } catch {
    return 0;
  }
}

/**
 * Reads a document that is longer than a string may be: piece by piece, all of which must be JSON.
 *
 * @throws JobError unless it has every solution, each once
 */
async function readBack(path: string, n: number, degree: number): Promise<Omit<Checked, 'file'>> {
  const begin = '"solutions":[';
  const between = '},{"coordinates":';
  const seen = new Uint8Array(degree ** n);
  let [solutions, certified, largestResidual] = [0, 0, 0];
  const take = (text: string): void => {
    const { coordinates, certified: isCertified } = JSON.parse(text) as Solution;
    largestResidual = Math.max(largestResidual, residualAt(coordinates, degree));
    const label = labelOf(coordinates, degree);
    if (seen[label] === 1) throw new JobError(`${path} has a solution twice: ${text}`);
    seen[label] = 1;
    solutions++;
    if (isCertified) certified++;
  };
  let [head, rest, isInside] = ['', '', false];
  for await (const chunk of createReadStream(path, 'utf8')) {
    rest += chunk as string;
    if (!isInside) {
      const at = rest.indexOf(begin);
      if (at < 0) continue;
      head = rest.slice(0, at + begin.length);
      rest = rest.slice(at + begin.length);
      isInside = true;
    }
    for (let end = rest.indexOf(between); end >= 0; end = rest.indexOf(between)) {
      take(rest.slice(0, end + 1));
      rest = rest.slice(end + 2);
    }
  }
  const end = rest.indexOf('}],"counts"') + 1;
  if (end > 0) take(rest.slice(0, end));
  const { counts } = JSON.parse(`${head}${rest.slice(end)}`) as { counts: { distinct: number } };
  const expected = degree ** n;
  if (solutions !== expected || counts.distinct !== expected)
    throw new JobError(
      `${path} has ${solutions} solutions and counts ${counts.distinct}: there are ${expected}`,
    );
  if (!(largestResidual <= LARGEST_RESIDUAL))
    throw new JobError(`${path} has a solution with a residual of ${largestResidual}`);
  return { solutions, certified, largestResidual };
}

/** Near which choice of roots a solution is. */
function labelOf(coordinates: Solution['coordinates'], degree: number): number {
  return coordinates.reduce((label, [re, im]) => {
    const turns = Math.round((Math.atan2(im, re) / (2 * Math.PI)) * degree);
    return label * degree + ((turns + degree) % degree);
  }, 0);
}

function residualAt(coordinates: Solution['coordinates'], degree: number): number {
  let largest = 0;
  coordinates.forEach(([re, im], k) => {
    let [a, b] = [1, 0];
    for (let power = 0; power < degree; power++) [a, b] = [a * re - b * im, a * im + b * re];
    const [nextRe, nextIm] = coordinates[(k + 1) % coordinates.length]!;
    largest = Math.max(largest, Math.hypot(a + 0.3 * nextRe - (k + 2), b + 0.3 * nextIm));
  });
  return largest;
}
