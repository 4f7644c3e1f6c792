/** `lps stream`: the minima of one network for many data sets, each a row of moments; one JSON line for each. */
import type { Command } from 'commander';
import { loadCells } from '../data/dataset-file.js';
import { selectColumns } from '../data/index.js';
import { stateDictionary } from '../network/architecture.js';
import type { FamilyPoint } from '../minima/moments.js';
import type { NetworkFamily } from '../minima/network-family.js';
import { streamMinima, type StreamedMinima } from '../minima/stream-minima.js';
import { countPoints } from '../minima/critical-points.js';
import { addCommonOptions, type CommonOptions } from './common-options.js';
import type { ExitCode } from './errors.js';
import { findBaseSet } from './family-store.js';
import { addNetworkOptions, familyOf, type NetworkOptions } from './network-options.js';
import { checkOutput, LineOutput } from './output.js';
import { runSession, type Session } from './session.js';

interface StreamOptions extends CommonOptions, NetworkOptions {
  readonly out?: string;
}

/** Column of the mean square of the targets. */
const SQUARE = 'T';

const EXAMPLES = `
A row of the file is a data set: its columns are the moments of inputs and targets that the loss of the
network needs, and lambda. For one input x and one target t and an activation of degree 2 these are M_1 to
M_4, the means of x to x^4, Q_1_0 to Q_1_2, the means of t, t x and t x^2, T, the mean of t^2, and lambda.
A file without them is answered with their names.

One network with one hidden layer and all biases, with as many units as "lps minima" takes without a
solved family. A data set takes as many paths as there are critical points up to copies. A line of the
result has its minima by loss, one of each set of copies:

  {"row":1,"minima":[{"loss":...,"copies":2,"parameters":{...}}],"realCriticalPoints":41,
   "solutions":465,"eulerSum":1,"paths":249,"failed":0,"warnings":[]}

Examples:
  $ lps stream moments.csv --arch 1-2-1 > minima.jsonl
  $ lps stream moments.jsonl.gz --arch 1-1-1 --activation tanh --degree 3 --out minima.jsonl`;

/** Adds the command; `done` receives the exit code. */
export function addStreamCommand(program: Command, done: (code: ExitCode) => void): void {
  const command = program
    .command('stream')
    .summary('the minima of a small network for many data sets, given by their moments')
    .description(
      'Finds every minimum of one small polynomial network for each row of a table of moments, and writes one JSON line for each.',
    )
    .argument('<file>', 'CSV or TSV with a header line, or JSON lines; also .gz');
  addNetworkOptions(command).option('--out <file>', 'write there (default: standard output)');
  addCommonOptions(command)
    .addHelpText('after', EXAMPLES)
    .action(async (file: string, options: StreamOptions) => {
      done(await run(file, options));
    });
}

async function run(file: string, options: StreamOptions): Promise<ExitCode> {
  checkOutput(options.out);
  const family = familyOf(options);
  const table = selectColumns(await loadCells(file), {
    x: family.parameters.map(({ name }) => name),
    y: [SQUARE],
    minimumRows: 1,
  });
  const points = table.inputs.map((parameters, row): FamilyPoint => ({
    parameters,
    meanSquareTarget: table.targets[row]![0]!,
  }));
  return runSession(options, (session) => writeAll(session, family, points, options));
}

async function writeAll(
  { gpu, signal, terminal }: Session,
  family: NetworkFamily,
  points: readonly FamilyPoint[],
  { seed, out }: StreamOptions,
): Promise<void> {
  const output = await LineOutput.open(out);
  const begin = performance.now();
  let [done, doubtful] = [0, 0];
  try {
    for await (const minima of streamMinima(gpu, family, points, { seed, findBaseSet, signal })) {
      await output.write(JSON.stringify(lineOf(family, minima)));
      done++;
      if (minima.failed > 0 || minima.warnings.length > 0) doubtful++;
      terminal.status(() => {
        const rate = (1000 * done) / (performance.now() - begin);
        return `${done} of ${points.length} data sets, ${rate.toPrecision(3)} a second`;
      });
    }
  } finally {
    await output.finish();
  }
  terminal.clear();
  if (doubtful > 0) terminal.note(`${doubtful} of ${done} lines have warnings or failed paths`);
}

function lineOf(family: NetworkFamily, result: StreamedMinima): object {
  const { index, points, minima, eulerSum, solutions, paths, failed, warnings } = result;
  return {
    row: index + 1,
    minima: minima.map((place) => {
      const { loss, copies, unknowns } = points[place]!;
      return { loss, copies, parameters: stateDictionary(family.layout, unknowns) };
    }),
    realCriticalPoints: countPoints(points),
    solutions,
    eulerSum,
    paths,
    failed,
    warnings,
  };
}
