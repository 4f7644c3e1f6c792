/**
 * `node harness/run.mjs interrupts`: Ctrl-C at random moments of long commands. Each must end within a second, with exit
 * code 130 and what it has found so far, or for good on a second Ctrl-C; no process may be left, and after the first one no
 * temporary file.
 *
 *   --moments N    of each command, default 30
 *   --only NAMES   of the commands below, default all
 *   --json FILE    where the counts go, too
 */
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { setTimeout as pause } from 'node:timers/promises';
import { ExitCode, JobError, UsageError } from '../../src/cli/errors.js';
import { writeOutput } from '../../src/cli/output.js';
import { asTool, chosenBy, countFrom, note } from '../tool.js';
import { coupledQuadrics, fileWriter, type Job } from './jobs.js';
import { interruptLps, startLps, type Started } from './processes.js';

interface Outcome {
  readonly command: string;
  readonly moments: number;
  /** Ended by the first Ctrl-C with a result, marked partial; without one, for there was nothing yet. */
  readonly partial: number;
  readonly nothingYet: number;
  /** Ended by the second. */
  readonly second: number;
  /** Milliseconds from the Ctrl-C that ended it to the end, at most. */
  readonly slowest: number;
  readonly wrong: readonly string[];
}

/** A command that no moment tried here finds at its end. */
interface LongCommand extends Job {
  /** Moments are from 0 to this, ms. */
  readonly latest: number;
}

/** What children of the process may take to go after it. */
const CHILDREN_MS = 1000;

export const main = asTool(run);

async function run(words: string[]): Promise<ExitCode> {
  const { values } = parseArgs({
    args: words,
    options: {
      moments: { type: 'string', default: '30' },
      only: { type: 'string' },
      json: { type: 'string' },
    },
  });
  if (process.platform !== 'linux')
    throw new UsageError('processes are looked for in /proc, which only Linux has');
  const moments = countFrom('--moments', values.moments);
  const folder = mkdtempSync(join(tmpdir(), 'lps-interrupt-'));
  try {
    const outcomes: Outcome[] = [];
    for (const command of chosenBy(values.only, longCommands(folder), 'command'))
      outcomes.push(await interruptOften(command, moments, folder));
    if (values.json !== undefined)
      await writeOutput(values.json, `${JSON.stringify(outcomes, null, 1)}\n`);
    const wrong = outcomes.flatMap((outcome) => outcome.wrong);
    if (wrong.length > 0) throw new JobError(`${wrong.length} stops are wrong: ${wrong[0]!}`);
    return ExitCode.success;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function longCommands(folder: string): LongCommand[] {
  const file = fileWriter(folder);
  const system = file('quadrics.txt', coupledQuadrics(20));
  const samples = file('samples.csv', [
    'a,t',
    ...Array.from({ length: 14 }, (_, k) => `${k},${Math.sin(2 * k) + k / 5}`),
  ]);
  const data = ['--data', samples, '--x', 'a', '--y', 't'];
  const digits = ['--data', 'digits', '--arch', '64-16-10', '--epochs', '100000'];
  const liveness = ['--init', 'he,lps', '--widths', '4', '--depths', '10'];
  return [
    { name: 'solve', words: ['solve', system, '--json'], latest: 6000 },
    {
      name: 'minima',
      words: ['minima', ...data, '--arch', '1-3-1', '--full', '--json'],
      latest: 5000,
    },
    { name: 'train', words: ['train', ...digits, '--json'], latest: 5000 },
    {
      name: 'liveness',
      words: ['liveness', ...liveness, '--networks', '50000000', '--json'],
      latest: 4000,
    },
    {
      name: 'init',
      words: [
        'init',
        '224x224x3:resnet18(classes=10)',
        '--out',
        join(folder, 'weights.safetensors'),
        '--json',
      ],
      latest: 5000,
    },
    {
      name: 'bench',
      words: ['bench', '--out', join(folder, 'results'), '--json'],
      latest: 8000,
    },
  ];
}

async function interruptOften(
  { name, words, latest }: LongCommand,
  moments: number,
  folder: string,
): Promise<Outcome> {
  let [partial, nothingYet, second, slowest] = [0, 0, 0, 0];
  const wrong: string[] = [];
  for (let k = 0; k < moments; k++) {
    const moment = latest * Math.random();
    const temporary = join(folder, 'temporary');
    mkdirSync(temporary);
    // A group of its own, as the shell gives it: Ctrl-C goes to all of it.
    const started = startLps(words, {
      folder,
      environment: { TMPDIR: temporary },
      ownGroup: true,
    });
    const { ended, presses, milliseconds } = await interruptLps(started, moment);
    const complain = (text: string): void => {
      wrong.push(`${name} after ${Math.round(moment)} ms: ${text}`);
      note(wrong.at(-1)!);
    };
    slowest = Math.max(slowest, milliseconds);
    if (ended === null) complain('goes on after the second Ctrl-C');
    // Before Node listens the system ends it.
    else if (ended.code !== ExitCode.interrupted && ended.signal !== 'SIGINT')
      complain(`ends with ${ended.code ?? ended.signal}: ${ended.err.slice(-300)}`);
    else if (presses === 2) second++;
    else if (ended.out === '') nothingYet++;
    else if (isPartial(ended.out)) partial++;
    else complain('gives a result that is not marked partial');
    await goneAfter(started, CHILDREN_MS);
    if (hasMembers(started.child.pid!)) {
      complain('leaves processes');
      process.kill(-started.child.pid!, 'SIGKILL');
    }
    const files = readdirSync(temporary);
    if (files.length > 0 && presses === 1)
      complain(`leaves ${files.join(', ')} in the temporary folder`);
    rmSync(temporary, { recursive: true, force: true });
  }
  note(
    `${name}: ${moments} moments, ${partial} ended with a partial result, ${nothingYet} before there was one, ${second} on the second Ctrl-C; ${Math.round(slowest)} ms at most`,
  );
  return {
    command: `lps ${words.map((word) => (word.startsWith(folder) ? basename(word) : word)).join(' ')}`,
    ...{ moments, partial, nothingYet, second, slowest: Math.round(slowest), wrong },
  };
}

async function goneAfter({ child }: Started, milliseconds: number): Promise<void> {
  for (const end = performance.now() + milliseconds; performance.now() < end; await pause(20))
    if (!hasMembers(child.pid!)) return;
}

/** Whether a process of the group is at work; one that has ended may still wait for whoever adopted it. */
function hasMembers(group: number): boolean {
  return readdirSync('/proc').some((name) => {
    try {
      const text = /^\d/.test(name) ? readFileSync(`/proc/${name}/stat`, 'utf8') : '';
      const [state, , member] = text.slice(text.lastIndexOf(')') + 2).split(' ');
      return Number(member) === group && state !== 'Z';
    } catch {
      // It has just gone.
      return false;
    }
  });
}

/** Of any command: the word is in some part of the document. */
function isPartial(text: string): boolean {
  let isMarked = false;
  JSON.parse(text, (key, value: unknown) => {
    if (key === 'partial' && value === true) isMarked = true;
    if (key === 'status' && value === 'interrupted') isMarked = true;
    return value;
  });
  return isMarked;
}
