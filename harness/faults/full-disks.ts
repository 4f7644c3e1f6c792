/**
 * `node harness/run.mjs full-disks`: every --out of the command line on a disk that is full (a small file system of its own, by
 * `unshare` and `mount` of Linux). The old file must stay as it was, the result go to standard output, and the command end with
 * exit code 1 and one line that says why.
 *
 *   --only NAMES   of the cases below, default all
 */
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ExitCode, JobError, UsageError } from '../../src/cli/errors.js';
import { asTool, chosenBy, note } from '../tool.js';
import { fileWriter } from './jobs.js';
import { program, runLps } from './processes.js';

interface Case {
  readonly name: string;
  readonly words: readonly string[];
  /** The file that is there before, in the full file system. */
  readonly old: string;
}

/** Exit codes of the script, beside those of the command. */
const NO_MOUNT = 98;
const OLD_CHANGED = 97;
/** Mounts a file system at $1, puts an old file at $2 and fills the rest, then runs what follows. */
const ON_A_FULL_DISK = `
  place=$1; old=$2; shift 2
  mount -t tmpfs -o size=8k full "$place" || exit ${NO_MOUNT}
  mkdir -p "$(dirname "$old")" && echo old > "$old"
  cat /dev/zero > "$place/filler" 2> /dev/null
  "$@"
  code=$?
  [ "$(cat "$old")" = old ] || exit ${OLD_CHANGED}
  exit $code`;

export const main = asTool(run);

async function run(words: string[]): Promise<ExitCode> {
  const { values } = parseArgs({ args: words, options: { only: { type: 'string' } } });
  if (process.platform !== 'linux')
    throw new UsageError('small file systems are made on Linux only');
  const folder = mkdtempSync(join(tmpdir(), 'lps-full-'));
  try {
    const wrong: string[] = [];
    for (const each of chosenBy(values.only, await makeCases(folder), 'case')) {
      const { name } = each;
      const fault = await tryOnFullDisk(each, folder);
      note(`${name}: ${fault ?? 'the old file is there, the result on standard output'}`);
      if (fault !== null) wrong.push(`${name}: ${fault}`);
    }
    if (wrong.length > 0) throw new JobError(`${wrong.length} full disks: ${wrong[0]!}`);
    return ExitCode.success;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function makeCases(folder: string): Promise<Case[]> {
  const file = fileWriter(folder);
  const place = placeIn(folder);
  mkdirSync(place);
  const circle = file('circle.txt', ['x^2 + y^2 - 4', 'x*y - 1']);
  const conic = file('conic.txt', ['x^2 + y^2 - a', 'x*y - b*x + c']);
  const targets = file('targets.json', ['[[1, 2, 3], [2, 3, 4]]']);
  const samples = file('samples.csv', ['a,t', '0,0', '1,1.1', '2,-0.4', '3,0.3', '4,1.8', '5,0.5']);
  const moments = file('moments.csv', [
    'M_1,M_2,M_3,M_4,Q_1_0,Q_1_1,Q_1_2,T,lambda',
    '0,1,0,2,0,0.5,0.1,1,0.01',
    '0,1,0.1,2,0,0.4,0.1,1,0.01',
  ]);
  const data = ['--data', samples, '--x', 'a', '--y', 't'];
  const training = ['train', '--data', 'digits', '--arch', '64-16-10', '--epochs', '1'];
  const weights = join(folder, 'weights.safetensors');
  const { code, err } = await runLps([...training, '--out', weights], { folder });
  if (code !== 0) throw new JobError(`the training for "lps predict" fails: ${err}`);
  const family = ['family', conic, '--parameters', 'a,b,c'];
  const cells = ['--widths', '2', '--depths', '3', '--networks', '1000'];
  const cases: readonly (readonly [
    name: string,
    words: readonly string[],
    out: string,
    old?: string,
  ])[] = [
    ['solve', ['solve', circle], 'result.json'],
    ['solve-csv', ['solve', circle], 'result.csv'],
    ['solve-jsonl', ['solve', circle], 'result.jsonl'],
    ['family', family, 'solved.json'],
    ['family-targets', [...family, '--targets', targets], 'members.json'],
    ['minima', ['minima', ...data, '--arch', '1-1-1'], 'minima.json'],
    ['minima-exact', ['minima', ...data, '--arch', '1-2-1', '--exact'], 'minima.json'],
    ['train', training, 'weights.safetensors'],
    ['train-folder', training, 'training', 'training/train.json'],
    ['init', ['init', '64-32-10'], 'weights.safetensors'],
    ['predict', ['predict', weights, '--data', 'digits'], 'classes.csv'],
    ['predict-npy', ['predict', weights, '--data', 'digits'], 'classes.npy'],
    ['convert', ['convert', circle, '--to', 'julia'], 'circle.jl'],
    ['stream', ['stream', moments, '--arch', '1-1-1'], 'minima.jsonl'],
    ['liveness', ['liveness', ...cells], 'liveness', 'liveness/liveness.json'],
    ['experiment', ['experiment', 'digits'], 'experiment', 'experiment/digits.json'],
    [
      'bench',
      ['bench', 'matmul', '--quick', '--runtime', 'node', '--no-peers'],
      'bench',
      'bench/benchmark.md',
    ],
  ];
  return cases.map(([name, words, out, old = out]) => ({
    name,
    words: [...words, '--out', join(place, out)],
    old: join(place, old),
  }));
}

function placeIn(folder: string): string {
  return join(folder, 'full');
}

/** @returns what is wrong, or null */
async function tryOnFullDisk({ words, old }: Case, folder: string): Promise<string | null> {
  const lps = [process.execPath, program, ...words];
  const child = spawn(
    'unshare',
    ['--map-root-user', '--mount', 'sh', '-c', ON_A_FULL_DISK, 'sh', placeIn(folder), old, ...lps],
    { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let [out, err] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  if (code === NO_MOUNT) throw new UsageError(`no file system can be mounted here: ${err}`);
  if (code === OLD_CHANGED) return 'the old file is not as it was';
  if (code !== ExitCode.failed) return `exit code ${code}: ${err.slice(-300)}`;
  if (out === '') return 'there is nothing on standard output';
  const errors = err.split('\n').filter((line) => /^error: |^ +at /.test(line));
  return errors.length === 1 && errors[0]!.includes('no space is left')
    ? null
    : `standard error is ${err.slice(-300)}`;
}
