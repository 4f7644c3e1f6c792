/** `lps liveness`: the probability of a dying ReLU per initializer, width, depth and input dimension. */
import { join } from 'node:path';
import { InvalidArgumentError, type Command } from 'commander';
import { livenessCurves, livenessHeatMap } from '../charts/liveness-charts.js';
import { readMethod } from '../initialize/index.js';
import { measureLiveness, type LivenessCell, type LivenessResult } from '../liveness/index.js';
import {
  addCommonOptions,
  nameList,
  positiveInteger,
  type CommonOptions,
} from './common-options.js';
import type { ExitCode } from './errors.js';
import { count, duration, significant } from './numbers.js';
import {
  checkCharts,
  checkOutput,
  jsonLine,
  printJson,
  printLines,
  ResultFiles,
} from './output.js';
import { runSession } from './session.js';
import { describeAdapter } from './solve-output.js';
import { textTable } from './text-table.js';

interface LivenessCommandOptions extends CommonOptions {
  readonly init: readonly string[];
  readonly widths: readonly number[];
  readonly depths: readonly number[];
  readonly inputs: readonly number[];
  readonly networks: number;
  readonly points: number;
  readonly anchors: number;
  readonly out: string;
}

const EXAMPLES = `
A network is born dead when some hidden layer has no unit that is active on any probe input: it is
then constant there and cannot learn. Shares come with Wilson's 95% intervals, and beside them stand
the bounds of Lu, Shin, Su and Karniadakis (2020) where they apply.

Examples:
  $ lps liveness
  $ lps liveness --init he,rai,lps --widths 2,3,4,8 --depths 2,5,10,20,30 --networks 100000
  $ lps liveness --init he --widths 4 --depths 10 --networks 1000000 --json`;

/** Adds the command; `done` receives the exit code. */
export function addLivenessCommand(program: Command, done: (code: ExitCode) => void): void {
  const command = program
    .command('liveness')
    .summary('probability of dying ReLU per initializer, width and depth')
    .description(
      'Draws many small ReLU networks on the GPU and counts those that are born dead, their dead units, the inputs mapped to zero and the gradient ratio of the first and the last layer.',
    )
    .option('--init <names>', 'initializers, separated by commas', nameList, [
      'he',
      'orthogonal',
      'rai',
      'lps',
    ])
    .option('--widths <numbers>', 'units per hidden layer', integerList, [2, 3, 4, 8])
    .option('--depths <numbers>', 'hidden layers', integerList, [2, 5, 10, 20, 30])
    .option('--inputs <numbers>', 'input dimensions', integerList, [1])
    .option('--networks <number>', 'networks per cell of the grid', positiveInteger, 10_000)
    .option('--points <number>', 'probe inputs, of unit variance', positiveInteger, 257)
    .option(
      '--anchors <number>',
      'probe inputs shown to initializers that look at data',
      positiveInteger,
      64,
    )
    .option('--out <folder>', 'where the JSON document and the pictures go', 'out');
  addCommonOptions(command)
    .addHelpText('after', EXAMPLES)
    .action(async (options: LivenessCommandOptions) => {
      done(await runLiveness(options));
    });
}

async function runLiveness(options: LivenessCommandOptions): Promise<ExitCode> {
  const methods = options.init.map(readMethod);
  const specs = options.inputs.flatMap((input) =>
    options.widths.flatMap((width) => options.depths.map((depth) => ({ input, width, depth }))),
  );
  const paths = {
    document: join(options.out, 'liveness.json'),
    heatMap: join(options.out, 'liveness-heatmap.svg'),
    curves: join(options.out, 'liveness-curves.svg'),
  };
  checkOutput(paths.document);
  checkCharts();
  return runSession(options, async ({ gpu, terminal, signal }) => {
    const { info, precision } = gpu;
    const result = await measureLiveness(gpu, specs, {
      methods,
      networks: options.networks,
      points: options.points,
      anchors: options.anchors,
      seed: options.seed,
      signal,
      onProgress: ({ done, total, networksPerSecond, cell }) => {
        terminal.status(
          () =>
            `${cell.method} ${cell.input}-${cell.width}x${cell.depth}: ${count(done)} of ${count(total)} networks, ${count(Math.round(networksPerSecond))}/s, ${duration((1000 * (total - done)) / networksPerSecond)} left`,
        );
      },
    });
    terminal.clear();
    const document = { schemaVersion: 1, ...result, adapter: info, precision };
    const files = new ResultFiles();
    await files.write(paths.document, jsonLine(document));
    if (result.cells.length > 0) {
      await files.write(paths.heatMap, await livenessHeatMap(result));
      await files.write(paths.curves, await livenessCurves(result));
    }
    if (options.json || !files.isComplete) {
      await printJson(document);
      files.finish();
      return;
    }
    printLines([
      `adapter    ${describeAdapter({ adapter: info, precision })}`,
      '',
      ...describeCells(result),
      '',
      `${count(result.cells.length * options.networks)} networks in ${duration(result.totalMs)}${result.partial ? ' (stopped)' : ''}; written to ${Object.values(paths).join(', ')}`,
    ]);
  });
}

function describeCells({ cells }: LivenessResult): string[] {
  return textTable(
    [
      { title: 'init', align: 'left' },
      { title: 'inputs' },
      { title: 'width' },
      { title: 'depth' },
      { title: 'born dead %' },
      { title: '95% interval' },
      { title: 'theory %' },
      { title: 'dead units %' },
      { title: 'inputs to 0 %' },
      { title: 'gradient first/last' },
      { title: 'networks/s' },
    ],
    cells.map((cell) => [
      cell.method,
      `${cell.input}`,
      `${cell.width}`,
      `${cell.depth}`,
      percent(cell.bornDead.value),
      `${percent(cell.bornDead.interval[0])} - ${percent(cell.bornDead.interval[1])}`,
      describeBounds(cell),
      percent(cell.deadUnits.value),
      percent(cell.zeroInputs.value),
      cell.gradientRatio === null ? '-' : significant(cell.gradientRatio, 3),
      count(Math.round(cell.networksPerSecond)),
    ]),
  );
}

function describeBounds({ bounds: { lower, upper } }: LivenessCell): string {
  return lower === 0 && upper === 1 ? '-' : `${percent(lower)} - ${percent(upper)}`;
}

function percent(share: number): string {
  return (100 * share).toFixed(2);
}

function integerList(text: string): number[] {
  return text.split(',').map((part) => {
    const value = Number(part);
    if (!/^\s*\d+\s*$/.test(part) || !Number.isSafeInteger(value) || value < 1)
      throw new InvalidArgumentError('Give whole numbers of at least 1 separated by commas.');
    return value;
  });
}
