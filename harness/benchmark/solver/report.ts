/** The benchmark's document: what it has, and how it reads as Markdown. */
import { markdownTable } from '../../../src/experiments/markdown.js';
import type { PeerVersion, Summary } from '../../generated/result.js';
import type { GpuInfo } from '../../internals.js';
import type { KernelRow } from './arithmetic.js';
import type { FamilyRow, FamilyRun } from './family.js';
import type { StreamingRow } from './memory.js';
import type { Clocks } from '../../clocks.js';
import type { PeerRow, TrackingRow } from './tracking.js';

export interface SolverDocument {
  readonly schemaVersion: 1;
  /** A day. */
  readonly date: string;
  readonly adapter: GpuInfo;
  readonly machine: {
    readonly processor: string;
    readonly cores: number;
    readonly node: string;
    readonly loadBefore: number;
    readonly loadAfter: number;
  };
  readonly peers: readonly PeerVersion[];
  readonly tracking: readonly TrackingRow[];
  readonly arithmetic: Arithmetic | null;
  readonly family: FamilyRow | null;
  readonly streaming: readonly StreamingRow[] | null;
}

export interface Arithmetic {
  readonly peak: Clocks;
  readonly kernels: readonly (KernelRow & { readonly name: string })[];
}

interface Aim {
  readonly tracking: number;
  readonly endToEnd: number;
}

/** Ratios that the project aims at, by peer: tracking and end to end. */
const AIMS: Readonly<Record<string, Aim>> = {
  'Macaulay2 track': { tracking: 5, endToEnd: 3 },
  'phc -p': { tracking: 30, endToEnd: 20 },
};

export function markdown(document: SolverDocument): string {
  const { adapter, date, machine, peers, tracking, arithmetic, family, streaming } = document;
  return [
    '# Benchmark of the solver',
    '',
    `\`npm run bench\` on ${date}: ${adapter.description} (${adapter.runtime}), ${machine.processor}, ${machine.cores} cores, load ${machine.loadBefore.toFixed(1)} before and ${machine.loadAfter.toFixed(1)} after. Peers: ${peers.map(({ name, version }) => `${name} (${version})`).join(', ') || 'none installed'}.`,
    '',
    ...(tracking.length > 0 ? trackingSection(tracking) : []),
    ...(arithmetic ? arithmeticSection(arithmetic) : []),
    ...(family ? familySection(family) : []),
    ...(streaming ? streamingSection(streaming) : []),
  ].join('\n');
}

function trackingSection(rows: readonly TrackingRow[]): string[] {
  const [{ peers, rounds }] = rows as [TrackingRow, ...TrackingRow[]];
  return [
    '## Paths per CPU second',
    '',
    `Total-degree starts, the same paths for all; medians of ${rounds.length} rounds [range]. *tracking* is path following to the last end (GPU, f64 endgame, paths tracked again), *end to end* the whole \`solve\`. Ratios are medians of paired rounds.`,
    '',
    markdownTable(
      [
        'system',
        'paths',
        'solutions',
        'tracking',
        'end to end',
        'paths/s by wall clock',
        'complete',
      ],
      rows.map((row) => [
        row.name,
        String(row.paths),
        String(row.solutions),
        range(row.ours.tracking),
        range(row.ours.endToEnd),
        range(row.ours.wall),
        row.complete ? 'yes' : `NO: ${row.problems[0]!}`,
      ]),
    ),
    '',
    ...peers.flatMap(({ name }, k) => [
      `### Against ${name}`,
      '',
      markdownTable(
        [
          'system',
          'its paths/CPU s',
          'its regular ends',
          'tracking ratio',
          'end to end ratio',
          'aim',
        ],
        rows.map((row) => {
          const peer = row.peers[k]!;
          const aim = AIMS[name];
          return [
            row.name,
            peer.rate ? range(peer.rate) : 'did not finish',
            peer.regular.join('/') + (peer.rate ? ` of ${row.solutions}` : ''),
            peer.tracking ? ratio(peer.tracking) : '',
            peer.endToEnd ? ratio(peer.endToEnd) : '',
            verdict(peer, aim),
          ];
        }),
      ),
      '',
    ]),
    '### Compilation',
    '',
    markdownTable(
      ['system', 'kernels', 'compile ms', 'of later seeds', 'first solve, CPU s'],
      rows.map(({ name, cold }) => [
        name,
        String(cold.kernels),
        cold.compileMs.toFixed(0),
        cold.compileMsOfAnotherSeed.toFixed(0),
        cold.cpuSeconds.toFixed(2),
      ]),
    ),
    '',
  ];
}

function verdict({ tracking, endToEnd }: PeerRow, aim: Aim | undefined): string {
  if (!aim || !tracking || !endToEnd) return '';
  const reached = tracking.median >= aim.tracking && endToEnd.median >= aim.endToEnd;
  return `${aim.tracking} and ${aim.endToEnd}: ${reached ? 'reached' : 'MISSED'}`;
}

function arithmeticSection({ peak, kernels }: Arithmetic): string[] {
  return [
    '## Arithmetic',
    '',
    `Measured f32 peak (multiply-add loop): ${giga(peak.wall)} GFLOP/s by wall clock, ${giga(peak.cpu)} per CPU second. The tracking kernel alone, on copies of the paths:`,
    '',
    markdownTable(
      [
        'system',
        'GFLOP/s wall',
        'of peak',
        'GFLOP per CPU s',
        'of peak',
        'us/path wall',
        'us/path CPU',
        'iterations/path',
        'bytes/path',
        '100,000 paths',
      ],
      kernels.map((kernel) => [
        kernel.name,
        giga(kernel.wall),
        percent(kernel.wall / peak.wall),
        giga(kernel.cpu),
        percent(kernel.cpu / peak.cpu),
        kernel.microsecondsPerPath.wall.toFixed(1),
        kernel.microsecondsPerPath.cpu.toFixed(1),
        kernel.iterationsPerPath.toFixed(1),
        String(kernel.bytesPerPath),
        `${((kernel.stateBytesPerPath * 1e5) / 2 ** 20).toFixed(0)} MiB of state`,
      ]),
    ),
    '',
  ];
}

function familySection(family: FamilyRow): string[] {
  const row = (what: string, { wall, cpu, paths }: FamilyRun): string[] => [
    what,
    String(paths),
    wall.toFixed(2),
    cpu.toFixed(2),
  ];
  return [
    '## A family of networks',
    '',
    `1-2-1, relu of degree 2, diabetes bmi -> progression: ${family.solutions} solutions, ${family.sameSolutions ? 'the same from the family' : 'NOT THE SAME from the family'}; ${family.speedup.wall.toFixed(1)} times faster by wall clock, ${family.speedup.cpu.toFixed(1)} times by CPU.`,
    '',
    markdownTable(
      ['run', 'paths', 'wall s', 'CPU s'],
      [
        row('all linear-product paths', family.full),
        row('from a general member, first time', family.firstMember),
        row('from a general member, later', family.member),
        row('all ten columns in one call', family.tenMembers),
      ],
    ),
    '',
  ];
}

function streamingSection(runs: readonly StreamingRow[]): string[] {
  return [
    '## Memory of streamed jobs',
    '',
    markdownTable(
      [
        'independent quadratics',
        'paths',
        'found',
        'undecided',
        'largest resident MiB',
        'grown by MiB',
        'wall s',
        'CPU s',
      ],
      runs.map((run) => [
        String(run.quadratics),
        String(run.paths),
        String(run.found),
        String(run.failed),
        mebi(run.residentLargest),
        mebi(run.residentLargest - run.residentBefore),
        run.wall.toFixed(1),
        run.cpu.toFixed(1),
      ]),
    ),
    '',
  ];
}

function rounded(value: number): string {
  return value >= 100 ? Math.round(value).toLocaleString('en') : value.toFixed(1);
}

function range({ median, min, max }: Summary): string {
  return `${rounded(median)} [${rounded(min)}, ${rounded(max)}]`;
}

function ratio({ median, min, max }: Summary): string {
  return `${median.toFixed(1)} [${min.toFixed(1)}, ${max.toFixed(1)}]`;
}

function giga(value: number): string {
  return (value / 1e9).toFixed(2);
}

function percent(share: number): string {
  return `${(100 * share).toFixed(0)}%`;
}

function mebi(bytes: number): string {
  return (bytes / 2 ** 20).toFixed(0);
}
