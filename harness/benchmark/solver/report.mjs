/** The benchmark's document as Markdown. */

/** Ratios that the project aims at, by peer: tracking and end to end. */
export const AIMS = {
  'Macaulay2 track': { tracking: 5, endToEnd: 3 },
  'phc -p': { tracking: 30, endToEnd: 20 },
};

/** The document as Markdown. */
export function markdown(document) {
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

function trackingSection(rows) {
  const peers = rows[0].peers.map(({ name }) => name);
  return [
    '## Paths per CPU second',
    '',
    `Total-degree starts, the same paths for all; medians of ${rows[0].rounds.length} rounds [range]. *tracking* is path following to the last end (GPU, f64 endgame, paths tracked again), *end to end* the whole \`solve\`. Ratios are medians of paired rounds.`,
    '',
    ...table(
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
        row.paths,
        row.solutions,
        range(row.ours.tracking),
        range(row.ours.endToEnd),
        range(row.ours.wall),
        row.complete ? 'yes' : `NO: ${row.problems[0]}`,
      ]),
    ),
    '',
    ...peers.flatMap((name, k) => [
      `### Against ${name}`,
      '',
      ...table(
        [
          'system',
          'its paths/CPU s',
          'its regular ends',
          'tracking ratio',
          'end to end ratio',
          'aim',
        ],
        rows.map((row) => {
          const peer = row.peers[k];
          const aim = AIMS[name];
          return [
            row.name,
            peer.rate ? range(peer.rate) : 'did not finish',
            peer.regular.join('/') + (peer.rate ? ` of ${row.solutions}` : ''),
            peer.tracking ? ratio(peer.tracking) : '',
            peer.endToEnd ? ratio(peer.endToEnd) : '',
            peer.rate ? verdict(peer, aim) : '',
          ];
        }),
      ),
      '',
    ]),
    '### Compilation',
    '',
    ...table(
      ['system', 'kernels', 'compile ms', 'of another seed', 'first solve, CPU s'],
      rows.map(({ name, cold }) => [
        name,
        cold.kernels,
        cold.compileMs.toFixed(0),
        cold.compileMsOfAnotherSeed.toFixed(0),
        cold.cpuSeconds.toFixed(2),
      ]),
    ),
    '',
  ];
}

function verdict(peer, aim) {
  const reached = peer.tracking.median >= aim.tracking && peer.endToEnd.median >= aim.endToEnd;
  return `${aim.tracking} and ${aim.endToEnd}: ${reached ? 'reached' : 'MISSED'}`;
}

function arithmeticSection({ peak, kernels }) {
  return [
    '## Arithmetic',
    '',
    `Measured f32 peak (multiply-add loop): ${giga(peak.wall)} GFLOP/s by wall clock, ${giga(peak.cpu)} per CPU second. The tracking kernel alone, on copies of the paths:`,
    '',
    ...table(
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
        kernel.tripsPerPath.toFixed(1),
        kernel.bytesPerPath,
        `${((kernel.stateBytesPerPath * 1e5) / 2 ** 20).toFixed(0)} MiB of state`,
      ]),
    ),
    '',
  ];
}

function familySection(family) {
  const row = (what, { wall, cpu, paths }) => [what, paths, wall.toFixed(2), cpu.toFixed(2)];
  return [
    '## A family of networks',
    '',
    `1-2-1, relu of degree 2, diabetes bmi -> progression: ${family.solutions} solutions, ${family.sameSolutions ? 'the same from the family' : 'NOT THE SAME from the family'}; ${family.speedup.wall.toFixed(1)} times faster by wall clock, ${family.speedup.cpu.toFixed(1)} times by CPU.`,
    '',
    ...table(
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

function streamingSection(runs) {
  return [
    '## Memory of streamed jobs',
    '',
    ...table(
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
        run.quadratics,
        run.paths,
        run.found,
        run.failed,
        mebi(run.residentLargest),
        mebi(run.residentLargest - run.residentBefore),
        run.wall.toFixed(1),
        run.cpu.toFixed(1),
      ]),
    ),
    '',
  ];
}

function table(titles, rows) {
  const line = (cells) => `| ${cells.join(' | ')} |`;
  return [line(titles), line(titles.map((_, k) => (k === 0 ? '---' : '---:'))), ...rows.map(line)];
}

const rounded = (value) =>
  value >= 100 ? Math.round(value).toLocaleString('en') : value.toFixed(1);
const range = ({ median, smallest, largest }) =>
  `${rounded(median)} [${rounded(smallest)}, ${rounded(largest)}]`;
const ratio = ({ median, smallest, largest }) =>
  `${median.toFixed(1)} [${smallest.toFixed(1)}, ${largest.toFixed(1)}]`;
const giga = (value) => (value / 1e9).toFixed(2);
const percent = (share) => `${(100 * share).toFixed(0)}%`;
const mebi = (bytes) => (bytes / 2 ** 20).toFixed(0);
