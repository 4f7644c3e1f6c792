/**
 * `npm run check:hardware [-- --seconds 420] [--only info,verify] [--out FOLDER] [--allow-software] [--families FOLDER]`:
 * is everything right on this machine's GPU, and how fast is it?
 *
 * Runs the steps below one after another, each in a process of its own and bounded in time, all together within
 * --seconds. Writes into --out (default results/hardware): a log per step, what the steps measured as JSON,
 * summary.md and summary.json. On a software adapter it stops after `info` with exit code 3, because nothing after
 * that would mean anything; --allow-software goes on with small sizes, to try the check itself.
 *
 * Exit code: 0 when every step passed, 1 when one failed or ran out of time, or `info` names no adapter; 3 on a
 * software adapter.
 */
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { UsageError, ExitCode } from '../../src/cli/errors.js';
import { printLines } from '../../src/cli/output.js';
import { root } from '../setup/paths.mjs';
import { countFrom, asTool } from '../tool.js';

/** A step is left out when less than this is left. */
const SHORTEST_SECONDS = 5;
/** Between asking a step to end and killing it. */
const GRACE_MS = 5_000;
const SOFTWARE_EXIT = 3;

interface Step {
  readonly name: string;
  readonly seconds: number;
  readonly command: readonly string[];
  /** A machine without it is no worse for it. */
  readonly optional?: true;
  /** Not tried on a software adapter: hours. */
  readonly hardwareOnly?: true;
  /** Lines of its output that the summary shows. */
  readonly lines: number;
}

interface StepResult {
  readonly name: string;
  readonly status: 'passed' | 'failed' | 'out of time' | 'left out';
  readonly exitCode: number | null;
  readonly seconds: number;
  readonly tail: readonly string[];
}

interface Settings {
  readonly folder: string;
  readonly families: string | undefined;
  readonly small: boolean;
}

const node = (...words: string[]): string[] => [process.execPath, 'harness/run.mjs', ...words];

const MACHINE: Step = {
  name: 'machine',
  seconds: 20,
  lines: 12,
  optional: true,
  command: ['nvidia-smi'],
};
/** Whether the adapter is software decides what comes after it. */
const INFO: Step = {
  name: 'info',
  seconds: 90,
  lines: 1,
  command: node('lps', 'info', '--json'),
};

function measurementsOf({ folder, families, small }: Settings): Step[] {
  const json = (name: string): string => join(folder, `${name}.json`);
  const smallFlag = small ? ['--small'] : [];
  return [
    {
      name: 'verify',
      seconds: small ? 120 : 300,
      lines: 6,
      command: node(
        ...['lps', 'verify', '--json', json('verify')],
        ...(small ? ['--files', 'katsura4,noon3', '--seeds', '1'] : []),
      ),
    },
    {
      name: 'speed',
      seconds: 150,
      lines: 20,
      command: node('hardware-speed', ...smallFlag, '--json', json('speed')),
    },
    ...(families
      ? [
          {
            name: 'families',
            seconds: 200,
            lines: 16,
            command: node(
              ...['vision-families', families, '--seeds', '1'],
              ...['--targets', small ? '2' : '1000'],
            ),
          },
        ]
      : []),
    {
      name: 'torch',
      seconds: 70,
      lines: 1,
      optional: true,
      command: ['python3', 'harness/hardware/torch-times.py'],
    },
    {
      name: 'tracking',
      seconds: 120,
      lines: 30,
      command: node(
        ...['bench-solver', '--quick', '--json', json('tracking')],
        ...['--filter', small ? 'arithmetic/noon5' : 'tracking,arithmetic,family'],
      ),
    },
    {
      name: 'liveness',
      seconds: 60,
      lines: 6,
      command: node(
        ...['lps', 'liveness', '--init', 'he', '--widths', '4', '--depths', '10'],
        ...['--networks', small ? '10000' : '1000000', '--out', join(folder, 'liveness')],
      ),
    },
    {
      name: 'lenet',
      seconds: 90,
      lines: 8,
      hardwareOnly: true,
      command: node(
        ...['lps', 'train', '--data', 'digits', '--init', 'lps,he'],
        ...['--epochs', '10', '--seed', '1', '--arch'],
        'conv(6,3,padding=same)-relu-pool(2)-conv(16,3,padding=same)-relu-pool(2)-flatten-120-84-10',
        ...['--out', join(folder, 'lenet')],
      ),
    },
    {
      name: 'million paths',
      seconds: 150,
      lines: 8,
      hardwareOnly: true,
      command: node(
        ...['bench-solver', '--quick', '--million', '--filter', 'streaming'],
        ...['--json', json('million')],
      ),
    },
    {
      name: 'tests',
      seconds: 240,
      lines: 8,
      hardwareOnly: true,
      // Those of the browser and of Deno have engines of their own.
      command: [
        ...[process.execPath, 'node_modules/vitest/vitest.mjs', 'run', '--project', 'gpu'],
        ...['-t', '^(?!(.* )?(chromium|deno) )'],
      ],
    },
  ];
}

export const main = asTool(run);

async function run(words: string[]): Promise<ExitCode> {
  const { values: options } = parseArgs({
    args: words,
    options: {
      seconds: { type: 'string', default: '900' },
      only: { type: 'string' },
      out: { type: 'string', default: join('results', 'hardware') },
      'allow-software': { type: 'boolean', default: false },
      families: { type: 'string' },
    },
  });
  const folder = resolve(options.out);
  mkdirSync(folder, { recursive: true });
  const deadline = performance.now() + 1000 * countFrom('--seconds', options.seconds);
  const stepsOf = (small: boolean): Step[] =>
    measurementsOf({ folder, families: options.families, small });
  const names = [MACHINE, INFO, ...stepsOf(false)].map(({ name }) => name);
  const only = options.only?.split(',');
  const unknown = only?.find((name) => !names.includes(name));
  if (unknown !== undefined)
    throw new UsageError(`--only names "${unknown}"; the steps are ${names.join(', ')}`);
  const results: StepResult[] = [];
  const record = async (step: Step): Promise<StepResult> => {
    const result = await runStep(step, folder, deadline);
    results.push(result);
    printLines([describe(result), ...result.tail.map((line) => `    ${line}`)]);
    writeSummary(folder, results);
    return result;
  };
  await record(MACHINE);
  const found = await record(INFO);
  const log = logOf(folder, INFO.name);
  const kind = found.status === 'left out' ? null : adapterKind(readFileSync(log, 'utf8'));
  if (kind === null && !options['allow-software']) {
    printLines([
      `\`info\` does not say what the adapter is, see ${log}: nothing is measured on an unknown one. --allow-software goes on as on a software adapter.`,
    ]);
    return ExitCode.failed;
  }
  const software = kind !== 'hardware';
  if (software && !options['allow-software']) {
    printLines([
      'The adapter is software: nothing below would mean anything. --allow-software tries the check itself.',
    ]);
    return SOFTWARE_EXIT as ExitCode;
  }
  for (const step of stepsOf(software)) {
    if (only && !only.includes(step.name)) continue;
    if (software && step.hardwareOnly) continue;
    await record(step);
  }
  printLines([`summary: ${join(folder, 'summary.md')}`]);
  const isBad = ({ status }: StepResult): boolean =>
    status === 'failed' || status === 'out of time';
  return results.some(isBad) ? ExitCode.failed : ExitCode.success;
}

/** What the output of `lps info --json` says of the first adapter; null when it cannot be read. */
export function adapterKind(log: string): 'hardware' | 'software' | null {
  const line = log.split('\n').find((text) => text.startsWith('{'));
  try {
    const { adapters } = JSON.parse(line ?? '{}') as { adapters?: { software?: unknown }[] };
    const software = adapters?.[0]?.software;
    if (typeof software !== 'boolean') return null;
    return software ? 'software' : 'hardware';
  } catch {
    return null;
  }
}

const logOf = (folder: string, name: string): string =>
  join(folder, `${name.replaceAll(' ', '-')}.log`);

async function runStep(step: Step, folder: string, deadline: number): Promise<StepResult> {
  const { name, command } = step;
  const left = (deadline - performance.now()) / 1000;
  if (left < SHORTEST_SECONDS)
    return { name, status: 'left out', exitCode: null, seconds: 0, tail: ['no time left'] };
  const limit = Math.min(step.seconds, left);
  const begin = performance.now();
  const { exitCode, text, isLate } = await output(command, limit);
  const seconds = (performance.now() - begin) / 1000;
  writeFileSync(logOf(folder, name), text);
  const tail = text
    .trimEnd()
    .split('\n')
    .slice(-step.lines)
    .map((line) => line.slice(0, 400));
  const status = isLate
    ? 'out of time'
    : exitCode === 0
      ? 'passed'
      : step.optional
        ? 'left out'
        : 'failed';
  return { name, status, exitCode, seconds, tail };
}

/** Standard output and error of a process that is ended after so many seconds. */
function output(
  [file, ...words]: readonly string[],
  seconds: number,
): Promise<{ exitCode: number | null; text: string; isLate: boolean }> {
  return new Promise((done) => {
    const child = spawn(file!, words, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
    const parts: Buffer[] = [];
    let isLate = false;
    child.stdout.on('data', (part: Buffer) => parts.push(part));
    child.stderr.on('data', (part: Buffer) => parts.push(part));
    const end = setTimeout(() => {
      isLate = true;
      child.kill('SIGTERM');
    }, 1000 * seconds);
    const kill = setTimeout(() => child.kill('SIGKILL'), 1000 * seconds + GRACE_MS);
    const finish = (exitCode: number | null, more = ''): void => {
      clearTimeout(end);
      clearTimeout(kill);
      done({ exitCode, text: Buffer.concat(parts).toString() + more, isLate });
    };
    child.on('error', (error) => finish(null, `${file} could not be started: ${error.message}`));
    child.on('close', (exitCode) => finish(exitCode));
  });
}

function describe({ name, status, exitCode, seconds }: StepResult): string {
  const code = status === 'failed' ? ` with exit code ${exitCode}` : '';
  return `${status}${code}: ${name} (${seconds.toFixed(1)} s)`;
}

function writeSummary(folder: string, results: readonly StepResult[]): void {
  const machine = {
    date: new Date().toISOString(),
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
  };
  writeFileSync(join(folder, 'summary.json'), JSON.stringify({ machine, results }, null, 2));
  const sections = results.map(
    (result) =>
      `## ${result.name}\n\n${describe(result)}\n\n\`\`\`text\n${result.tail.join('\n')}\n\`\`\`\n`,
  );
  writeFileSync(
    join(folder, 'summary.md'),
    `# Hardware check\n\n${machine.date}, ${machine.cores} cores of ${machine.cpu}, ${machine.memoryGiB} GiB\n\n${sections.join('\n')}`,
  );
}
