/**
 * `node harness/run.mjs endgame-shares [SYSTEM...]`: the endgame on the GPU against that on the CPU, on the files of
 * test/data/systems that `lps verify` solves. Whether every path has the same end and the solutions are the same, which
 * share of the paths the GPU handed back, and what the CPU then made of these. Exit code 1 where ends differ.
 *
 *   --engines node,chromium,deno   where; default node
 *   --seeds 1-2   default 1
 *   --most N      leaves out starts of more than N paths
 *   --rows FILE   keeps the results there, a JSON line each, in place of those of the same engine, system and seed: what is
 *                 run in pieces makes one table
 *   --out FILE    the table as Markdown
 */
import { existsSync, readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { ExitCode, UsageError } from '../../src/cli/errors.js';
import { printLines, writeOutput } from '../../src/cli/output.js';
import { markdownTable } from '../../src/experiments/markdown.js';
import { gpuEndgameOf, GpuEndgame, DOUBLE_DOUBLE } from '../../src/homotopy/solve/path-journal.js';
import { CLASSES, REASONS } from '../../src/homotopy/track/jobs.js';
import { ENGINES, openEngine, type EngineName, type OpenEngine } from '../engines/open.js';
import * as lps from '../internals.js';
import { asTool, countFrom } from '../tool.js';
import { expectationOf, readSystemFile, systemNames, type SystemFile } from './expectations.js';
import { comparePointSets } from './point-sets.js';
import { parseSeeds } from './seeds.js';

/** Simple solutions are the same up to this, relative; the means of Cauchy loops have six digits. */
const SAME = 1e-8;
const SAME_MULTIPLE = 1e-5;
const MOST_SHOWN = 6;

interface Row {
  readonly engine: EngineName;
  /** The adapter there. */
  readonly adapter: string;
  readonly name: string;
  readonly seed: number;
  readonly paths: number;
  readonly handedBack: number;
  readonly notReached: number;
  /** What the CPU made of the paths that were handed back: how often each. */
  readonly reasons: Readonly<Record<string, number>>;
  readonly problems: readonly string[];
}

/** How a path ended, and who decided. */
interface PathEnd {
  readonly kind: string;
  readonly reason: string;
  readonly endgame: GpuEndgame;
}

interface Solved {
  readonly paths: number;
  readonly adapter: string;
  readonly ends: ReadonlyMap<number, PathEnd>;
  /** Re, im of all coordinates of each solution. */
  readonly simple: readonly number[][];
  readonly singular: readonly number[][];
}

export const main = asTool(async (words: string[]): Promise<ExitCode> => {
  const { values, positionals } = parseArgs({
    args: words,
    allowPositionals: true,
    options: {
      engines: { type: 'string', default: 'node' },
      seeds: { type: 'string', default: '1' },
      most: { type: 'string' },
      rows: { type: 'string' },
      out: { type: 'string' },
    },
  });
  const most = values.most === undefined ? Infinity : countFrom('--most', values.most);
  const names = systemNames(positionals.length > 0 ? positionals : null);
  const rows: Row[] = [];
  for (const engine of enginesFrom(values.engines)) {
    const open = await openEngine(engine);
    try {
      for (const name of names) {
        const file = readSystemFile(name);
        if (positionals.length === 0 && expectationOf(file).large) continue;
        if (Number(lps.chooseStart(lps.parseSystem(file)).paths) > most) continue;
        for (const seed of parseSeeds(values.seeds)) {
          const row = { engine, name, seed, ...(await compare(open, file, seed)) };
          rows.push(row);
          printLines([text(row), ...row.problems.map((problem) => `    ${problem}`)]);
          if (values.rows) await keepRow(values.rows, row);
        }
      }
    } finally {
      await open.close();
    }
  }
  printLines([summary(rows)]);
  if (values.out)
    await writeOutput(values.out, markdown(values.rows ? keptRows(values.rows) : rows));
  return rows.some(({ problems }) => problems.length > 0) ? ExitCode.failed : ExitCode.success;
});

function enginesFrom(value: string): readonly EngineName[] {
  return value.split(',').map((word) => {
    const engine = ENGINES.find((each) => each === word);
    if (!engine)
      throw new UsageError(`--engines ${value}: ${word} is none of ${ENGINES.join(', ')}`);
    return engine;
  });
}

function keptRows(file: string): readonly Row[] {
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, 'utf8').split('\n').filter(Boolean);
  return lines.map((line) => JSON.parse(line) as Row);
}

async function keepRow(file: string, row: Row): Promise<void> {
  const keyOf = ({ engine, name, seed }: Row) => `${ENGINES.indexOf(engine)} ${name} ${seed}`;
  const rows = [...keptRows(file).filter((each) => keyOf(each) !== keyOf(row)), row];
  rows.sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  await writeOutput(file, rows.map((each) => `${JSON.stringify(each)}\n`).join(''));
}

async function compare(
  engine: OpenEngine,
  file: SystemFile,
  seed: number,
): Promise<Omit<Row, 'engine' | 'name' | 'seed'>> {
  const cpu = await solveWith(engine, file, seed, 'cpu');
  const own = await solveWith(engine, file, seed, 'gpu');
  const problems: string[] = [];
  const others = [...own.ends].filter(([id, { kind }]) => cpu.ends.get(id)?.kind !== kind);
  for (const [id, { kind, reason }] of others.slice(0, MOST_SHOWN)) {
    const there = cpu.ends.get(id);
    problems.push(`path ${id}: ${kind} (${reason}), on the CPU ${there?.kind} (${there?.reason})`);
  }
  if (others.length > MOST_SHOWN) problems.push(`${others.length} paths in all end otherwise`);
  for (const kind of ['simple', 'singular'] as const) {
    const tolerance = kind === 'singular' ? SAME_MULTIPLE : SAME;
    const { missing, surplus } = comparePointSets(cpu[kind], own[kind], tolerance);
    if (missing + surplus > 0)
      problems.push(`${missing} ${kind} solutions missing, ${surplus} others`);
  }
  const reasons: Record<string, number> = {};
  let [handedBack, notReached] = [0, 0];
  for (const { endgame, kind, reason } of own.ends.values()) {
    if (endgame === GpuEndgame.notReached) notReached++;
    if (endgame !== GpuEndgame.handedBack) continue;
    handedBack++;
    const what = `${kind}: ${reason}`;
    reasons[what] = (reasons[what] ?? 0) + 1;
  }
  const { paths, adapter } = own;
  return { adapter, paths, handedBack, notReached, reasons, problems };
}

async function solveWith(
  engine: OpenEngine,
  file: SystemFile,
  seed: number,
  endgame: 'cpu' | 'gpu',
): Promise<Solved> {
  const { records, ...solved } = await engine.run(
    async (library, gpu, { file, seed, endgame }) => {
      const kept: number[][] = [];
      const journal: lps.PathJournal = {
        read: () => [],
        write: ({ ids, classes, reasons, flags }) => {
          ids.forEach((id, k) => kept.push([id, classes[k]!, reasons[k]!, flags[k]!]));
        },
      };
      const { paths, solutions } = await library.solve(gpu, library.parseSystem(file), {
        precision: 'gpu',
        seed,
        countMilliseconds: 0,
        endgame,
        journal,
      });
      const points = (isSingular: boolean) =>
        solutions
          .filter(({ singular }) => singular === isSingular)
          .map(({ coordinates }) => coordinates.flat());
      return {
        paths: paths.tracked,
        adapter: gpu.info.description || `${gpu.info.vendor} ${gpu.info.architecture}`,
        simple: points(false),
        singular: points(true),
        records: kept,
      };
    },
    { file, seed, endgame },
  );
  const ends = new Map<number, PathEnd>();
  for (const [id, kind, reason, flags] of records as [number, number, number, number][]) {
    const precisely = flags & DOUBLE_DOUBLE ? ' in double-double' : '';
    ends.set(id, {
      kind: CLASSES[kind]!,
      reason: `${REASONS[reason]!}${precisely}`,
      // Of paths that were followed again what the first time was.
      endgame: ends.get(id)?.endgame ?? gpuEndgameOf(flags),
    });
  }
  return { ...solved, ends };
}

function text({ engine, name, seed, paths, handedBack, notReached, reasons }: Row): string {
  const shares = Object.entries(reasons)
    .sort((a, b) => b[1] - a[1])
    .map(([what, count]) => `${count} ${what}`);
  return `${engine} ${name} ${seed}: ${handedBack} of ${paths} handed back (${percent(handedBack, paths)}), ${notReached} not reached${shares.length > 0 ? `; ${shares.join(', ')}` : ''}`;
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

function markdown(rows: readonly Row[]): string {
  return [
    '# The endgame on the GPU',
    '',
    `\`node harness/run.mjs endgame-shares\`, ${new Date().toISOString().slice(0, 10)}. Every path is compared with the same path whose endgame the CPU played: its class, and the solutions. A path that was not reached was lost in f32 before s = 0.1, and the CPU followed it from s = 1. Last, what the CPU made of the paths that were handed back.`,
    ...ENGINES.flatMap((engine) =>
      section(
        engine,
        rows.filter((row) => row.engine === engine),
      ),
    ),
    '',
  ].join('\n');
}

function section(engine: EngineName, rows: readonly Row[]): readonly string[] {
  if (rows.length === 0) return [];
  const others = rows.flatMap(({ name, problems }) =>
    problems.map((problem) => `* ${name}, ${problem}`),
  );
  return [
    '',
    `## ${engine}`,
    '',
    `${[...new Set(rows.map(({ adapter }) => adapter))].join(', ')}: ${summary(rows)}.`,
    ...(others.length > 0 ? ['', ...others] : []),
    '',
    markdownTable(
      [
        'system',
        'seed',
        'paths',
        'handed back',
        'share',
        'not reached',
        'other ends',
        'made of those handed back',
      ],
      rows.map(({ name, seed, paths, handedBack, notReached, reasons, problems }) => [
        name,
        String(seed),
        String(paths),
        String(handedBack),
        percent(handedBack, paths),
        String(notReached),
        String(problems.length),
        Object.entries(reasons)
          .map(([what, count]) => `${count} ${what}`)
          .join(', '),
      ]),
    ),
  ];
}
