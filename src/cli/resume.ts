/** `lps resume` and `lps merge`: jobs that were stopped or divided. */
import type { Command } from 'commander';
import { readStoredJob, type PlacedJob } from './checkpoint.js';
import { wholeNumber } from './common-options.js';
import { UsageError, type ExitCode } from './errors.js';
import { readParts } from './parts.js';
import { PathLogs } from './path-log.js';

/** How a result is shown: the options of the command that is resumed. */
interface OutputOptions {
  readonly json?: true;
  readonly out?: string;
  readonly real?: true;
  readonly show?: number;
  readonly picture?: string;
}

type Resume = (folder: string, job: PlacedJob, output: OutputOptions) => Promise<ExitCode>;

interface Resumable {
  readonly load: () => Promise<Resume>;
  /** What of the output options the command has. */
  readonly takes: readonly (keyof OutputOptions)[];
}

const COMMANDS: Readonly<Record<string, Resumable>> = {
  solve: {
    load: async () => (await import('./solve.js')).resumeSolve,
    takes: ['json', 'out', 'real', 'show'],
  },
  minima: {
    load: async () => (await import('./minima.js')).resumeMinima,
    takes: ['json', 'out', 'picture'],
  },
  family: {
    load: async () => (await import('./family.js')).resumeFamily,
    takes: ['json', 'out'],
  },
  train: {
    load: async () => (await import('./train.js')).resumeTrain,
    takes: ['json', 'out'],
  },
  liveness: {
    load: async () => (await import('./liveness.js')).resumeLiveness,
    takes: ['json', 'out'],
  },
  experiment: {
    load: async () => (await import('./experiment.js')).resumeExperiment,
    takes: ['json', 'out'],
  },
};

const RESUME_EXAMPLES = `
What was asked for, and the files that were read, are in the checkpoint; the result is that of a run that
nothing stopped. A job that is done gives its result again.

Examples:
  $ lps solve large.txt --checkpoint large
  $ lps resume large --json > solutions.json
  $ lps train --data cells.csv --target kind --arch 12-16-3 --epochs 5000 --checkpoint cells
  $ lps resume cells --out weights`;

const MERGE_EXAMPLES = `
The parts must be all parts of one job. The checks that need all paths are made here: coincidences of paths,
collisions, conjugates, the exact count.

Examples:
  $ for i in 1 2 3; do lps solve large.txt --shard $i/3 --out part-$i; done
  $ lps merge part-* --out solutions.json`;

export function addResumeCommand(program: Command, done: (code: ExitCode) => void): void {
  const command = program
    .command('resume')
    .summary('go on with a job that was stopped, from its checkpoint')
    .description('Goes on with a job from the folder that --checkpoint of the command named.')
    .argument('<folder>', 'the checkpoint, or a part of a job made with --shard');
  addOutputOptions(command)
    .option('--picture <file>', 'of minima: write an SVG of the fits')
    .addHelpText('after', RESUME_EXAMPLES)
    .action(async (folder: string, options: OutputOptions) => {
      const job = readStoredJob(folder);
      const known = Object.hasOwn(COMMANDS, job.command) ? COMMANDS[job.command] : undefined;
      if (!known) {
        throw new UsageError(
          `"${folder}" is a checkpoint of "lps ${job.command}", which this version does not resume`,
        );
      }
      const foreign = (Object.keys(options) as (keyof OutputOptions)[]).find(
        (name) => !known.takes.includes(name),
      );
      if (foreign !== undefined)
        throw new UsageError(`"lps ${job.command}" has no --${foreign}: leave it out`);
      done(await (await known.load())(folder, job, options));
    });
}

export function addMergeCommand(program: Command, done: (code: ExitCode) => void): void {
  const command = program
    .command('merge')
    .summary('one result of the parts of "lps solve --shard"')
    .description('Joins the parts of a solve that ran on several machines, and checks the whole.')
    .argument('<folders...>', 'the folders of all parts');
  addOutputOptions(command)
    .addHelpText('after', MERGE_EXAMPLES)
    .action(async (folders: readonly string[], options: OutputOptions) => {
      const { job, logs } = await readParts(folders);
      const { mergeSolve } = await import('./solve.js');
      done(await mergeSolve(job, new PathLogs(logs), options));
    });
}

function addOutputOptions(command: Command): Command {
  return command
    .option('--json', 'print the JSON document of the command on standard output')
    .option('--out <place>', 'write the result, as the command does')
    .option('--real', 'show only the real solutions')
    .option('--show <number>', 'solutions to show, at most', wholeNumber);
}
