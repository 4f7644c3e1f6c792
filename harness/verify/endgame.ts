/**
 * `node harness/run.mjs endgame-shares [SYSTEM...]`: the endgame on the GPU against that on the CPU, on the files of
 * test/data/systems that `lps verify` solves. Whether every path has the same end and the solutions are the same, which
 * share of the paths the GPU handed back, and what the CPU then made of these. Exit code 1 where ends differ.
 *
 *   --seeds 1-2   default 1
 *   --most N      leaves out starts of more than N paths
 *   --out FILE    the table as Markdown
 */
import { parseArgs } from 'node:util';
import { ExitCode } from '../../src/cli/errors.js';
import { printLines, writeOutput } from '../../src/cli/output.js';
import { markdownTable } from '../../src/experiments/markdown.js';
import { gpuEndgameOf, GpuEndgame, DOUBLE_DOUBLE } from '../../src/homotopy/solve/path-journal.js';
import { CLASSES, REASONS } from '../../src/homotopy/track/jobs.js';
import * as lps from '../internals.js';
import { asTool, countFrom } from '../tool.js';
import { expectationOf, readSystemFile, systemNames } from './expectations.js';
import { comparePointSets, flatten } from './point-sets.js';
import { parseSeeds } from './seeds.js';

/** Simple solutions are the same up to this, relative; the means of Cauchy loops have six digits. */
const SAME = 1e-8;
const SAME_MULTIPLE = 1e-5;
const MOST_SHOWN = 6;

interface Row {
  readonly name: string;
  readonly seed: number;
  readonly paths: number;
  readonly handedBack: number;
  readonly notReached: number;
  /** What the CPU made of the paths that were handed back: how often each. */
  readonly reasons: ReadonlyMap<string, number>;
  readonly problems: readonly string[];
}

/** How a path ended, and who decided. */
interface PathEnd {
  readonly kind: string;
  readonly reason: string;
  readonly endgame: GpuEndgame;
}

export const main = asTool(async (words: string[]): Promise<ExitCode> => {
  const { values, positionals } = parseArgs({
    args: words,
    allowPositionals: true,
    options: {
      seeds: { type: 'string', default: '1' },
      most: { type: 'string' },
      out: { type: 'string' },
    },
  });
  const most = values.most === undefined ? Infinity : countFrom('--most', values.most);
  const names = systemNames(positionals.length > 0 ? positionals : null);
  const gpu = await lps.openGpu();
  const rows: Row[] = [];
  try {
    for (const name of names) {
      const file = readSystemFile(name);
      if (positionals.length === 0 && expectationOf(file).large) continue;
      const system = lps.parseSystem(file);
      if (Number(lps.chooseStart(system).paths) > most) continue;
      for (const seed of parseSeeds(values.seeds)) {
        const row = await compare(gpu, name, system, seed);
        rows.push(row);
        printLines([text(row), ...row.problems.map((problem) => `    ${problem}`)]);
      }
    }
    const table = markdown(
      rows,
      gpu.info,
      words.filter((word) => word !== '--out' && word !== values.out),
    );
    if (values.out) await writeOutput(values.out, table);
    printLines([summary(rows)]);
    return rows.some(({ problems }) => problems.length > 0) ? ExitCode.failed : ExitCode.success;
  } finally {
    gpu.close();
  }
});

async function compare(
  gpu: lps.GpuDevice,
  name: string,
  system: lps.PolynomialSystem,
  seed: number,
): Promise<Row> {
  const cpu = await solveWith(gpu, system, seed, 'cpu');
  const own = await solveWith(gpu, system, seed, 'gpu');
  const problems: string[] = [];
  const others = [...own.ends].filter(([id, { kind }]) => cpu.ends.get(id)?.kind !== kind);
  for (const [id, { kind, reason }] of others.slice(0, MOST_SHOWN)) {
    const there = cpu.ends.get(id);
    problems.push(`path ${id}: ${kind} (${reason}), on the CPU ${there?.kind} (${there?.reason})`);
  }
  if (others.length > MOST_SHOWN) problems.push(`${others.length} paths in all end otherwise`);
  for (const isSingular of [false, true]) {
    const [there, here] = [cpu, own].map(({ result }) =>
      result.solutions.filter(({ singular }) => singular === isSingular).map(flatten),
    );
    const { missing, surplus } = comparePointSets(there!, here!, isSingular ? SAME_MULTIPLE : SAME);
    if (missing + surplus > 0)
      problems.push(
        `${missing} ${isSingular ? 'singular' : 'simple'} solutions missing, ${surplus} others`,
      );
  }
  const reasons = new Map<string, number>();
  let [handedBack, notReached] = [0, 0];
  for (const { endgame, kind, reason } of own.ends.values()) {
    if (endgame === GpuEndgame.notReached) notReached++;
    if (endgame !== GpuEndgame.handedBack) continue;
    handedBack++;
    const what = `${kind}: ${reason}`;
    reasons.set(what, (reasons.get(what) ?? 0) + 1);
  }
  const paths = own.result.paths.tracked;
  return { name, seed, paths, handedBack, notReached, reasons, problems };
}

async function solveWith(
  gpu: lps.GpuDevice,
  system: lps.PolynomialSystem,
  seed: number,
  endgame: 'cpu' | 'gpu',
): Promise<{ result: lps.SolveResult; ends: Map<number, PathEnd> }> {
  const ends = new Map<number, PathEnd>();
  const journal: lps.PathJournal = {
    read: () => [],
    write: ({ ids, classes, reasons, flags }) => {
      ids.forEach((id, k) => {
        const precisely = flags[k]! & DOUBLE_DOUBLE ? ' in double-double' : '';
        ends.set(id, {
          kind: CLASSES[classes[k]!]!,
          reason: `${REASONS[reasons[k]!]!}${precisely}`,
          // Of paths that were followed again what the first time was.
          endgame: ends.get(id)?.endgame ?? gpuEndgameOf(flags[k]!),
        });
      });
    },
  };
  const options = { precision: 'gpu', seed, countMilliseconds: 0, endgame, journal } as const;
  return { result: await lps.solve(gpu, system, options), ends };
}

function text({ name, seed, paths, handedBack, notReached, reasons }: Row): string {
  const shares = [...reasons]
    .sort((a, b) => b[1] - a[1])
    .map(([what, count]) => `${count} ${what}`);
  return `${name} ${seed}: ${handedBack} of ${paths} handed back (${percent(handedBack, paths)}), ${notReached} not reached${shares.length > 0 ? `; ${shares.join(', ')}` : ''}`;
}

function percent(part: number, whole: number): string {
  return `${((100 * part) / whole).toFixed(1)}%`;
}

function summary(rows: readonly Row[]): string {
  const sum = (pick: (row: Row) => number) => rows.reduce((all, row) => all + pick(row), 0);
  const paths = sum((row) => row.paths);
  const back = sum((row) => row.handedBack);
  const within = rows.filter((row) => row.handedBack <= 0.02 * row.paths).length;
  return `${back} of ${paths} paths handed back (${percent(back, paths)}), at most 2% in ${within} of ${rows.length} runs; other ends in ${rows.filter(({ problems }) => problems.length > 0).length}`;
}

function markdown(
  rows: readonly Row[],
  { description, runtime }: lps.GpuInfo,
  words: readonly string[],
): string {
  return [
    '# The endgame on the GPU',
    '',
    `\`${['node harness/run.mjs endgame-shares', ...words].join(' ')}\` on ${new Date().toISOString().slice(0, 10)}, ${description} (${runtime}): ${summary(rows)}.`,
    '',
    'Every path is compared with the same path whose endgame the CPU played: its class, and the solutions. Last, what the CPU made of the paths that were handed back.',
    '',
    markdownTable(
      [
        'system',
        'seed',
        'paths',
        'handed back',
        'share',
        'other ends',
        'made of those handed back',
      ],
      rows.map(({ name, seed, paths, handedBack, reasons, problems }) => [
        name,
        String(seed),
        String(paths),
        String(handedBack),
        percent(handedBack, paths),
        String(problems.length),
        [...reasons].map(([what, count]) => `${count} ${what}`).join(', '),
      ]),
    ),
    '',
  ].join('\n');
}
