/** The tables that all reports show: heads and rows of text, once for Markdown and once for HTML. */
import { milliseconds, percent, ratioText, significant } from './numbers.mjs';

/** @typedef {{ head: string[], rows: string[][] }} Table  First column to the left, the others to the right. */

/** Every contender of a comparison. @returns {Table} */
export function comparisonTable(row) {
  const clocks = ['wall', 'cpu'].filter((clock) =>
    row.ratios.some((ratio) => ratio.clock === clock),
  );
  const measured = row.contenders.filter(({ status }) => status === 'measured');
  const some = (key) => measured.some((contender) => contender[key] !== undefined);
  const columns = [
    ['', ({ name, executes }) => (executes === 'cpu' ? `${name} (CPU)` : name)],
    ['wall', ({ wallMs }) => range(wallMs)],
    ['CPU time', ({ cpuMs }) => (cpuMs ? range(cpuMs) : '')],
    ...(some('gpuMs')
      ? [['GPU time', ({ gpuMs }) => (gpuMs ? milliseconds(gpuMs.median) : '')]]
      : []),
    ['first run', ({ firstMs }) => milliseconds(firstMs)],
    ...(some('fractionOfPeak')
      ? [
          [
            'of peak',
            ({ fractionOfPeak }) => (fractionOfPeak === undefined ? '' : percent(fractionOfPeak)),
          ],
        ]
      : []),
    ...clocks.map((clock) => [
      `${clock === 'cpu' ? 'CPU' : clock} ratio`,
      ({ name }) => {
        const ratio = row.ratios.find((entry) => entry.numerator === name && entry.clock === clock);
        return ratio ? ratioText(ratio) : '';
      },
    ]),
    ...(row.ratios.some(({ aim }) => aim !== undefined)
      ? [['aim', ({ name }) => aimText(row.ratios.filter(({ numerator }) => numerator === name))]]
      : []),
    ...(some('calls') ? [['calls', ({ calls }) => (calls ? callText(calls) : '')]] : []),
  ];
  return {
    head: columns.map(([title]) => title),
    rows: row.contenders.map((contender) =>
      contender.status === 'measured'
        ? columns.map(([, text]) => text(contender))
        : [
            contender.name,
            `${contender.status}: ${contender.reason}`,
            ...columns.slice(2).map(() => ''),
          ],
    ),
  };
}

/** What "calls" counts. */
export const CALLS_LEGEND =
  'dispatches / passes / submits / bind groups made / buffers made / readbacks';

function callText({ dispatches, passes, submits, bindGroups, buffers, readbacks }) {
  return [dispatches, passes, submits, bindGroups, buffers, readbacks]
    .map((count) => String(Math.round(10 * count) / 10))
    .join(' / ');
}

function aimText(ratios) {
  const aimed = ratios.find(({ aim }) => aim !== undefined);
  if (!aimed) return '';
  return `${aimed.aim}x: ${aimed.median >= aimed.aim ? 'reached' : 'missed'}`;
}

/** Numbers that are no comparison. @returns {Table} */
export function numberTable(rows) {
  return {
    head: ['', 'value', 'note'],
    rows: rows.map(({ title, value, unit, correct, note }) => [
      title,
      correct ? `${significant(value)} ${unit}` : 'wrong result',
      note ?? '',
    ]),
  };
}

/** @returns {Table} */
export function baselineTable({ rows }) {
  return {
    head: ['', 'wall', 'CPU', 'verdict'],
    rows: rows.map(({ id, wall, cpu, verdict }) => [
      id,
      wall === null ? '' : `${wall.toFixed(2)}x`,
      cpu === null ? '' : `${cpu.toFixed(2)}x`,
      verdict,
    ]),
  };
}

/** Machine, adapter, versions, options. @returns {Table} */
export function environmentTable(document) {
  const { machine, runtime, peers, options } = document;
  const { adapter } = runtime;
  const name = adapter.description || [adapter.vendor, adapter.architecture].join(' ');
  return {
    head: ['', ''],
    rows: [
      ['date', document.date],
      ['lps-webgpu', document.version],
      ['adapter', `${name}${adapter.software ? ' (software: a CPU computes everything)' : ''}`],
      ['runtime', runtime.version],
      ['flags', runtime.flags.filter((flag) => /webgpu|vulkan|angle/i.test(flag)).join(' ')],
      ['double-single arithmetic', runtime.precision],
      ['GPU timestamps', runtime.timestampsUnused ?? `in steps of ${runtime.timestampStepNs} ns`],
      [
        'machine',
        `${machine.processor}, ${machine.cores} cores, ${(machine.memoryBytes / 2 ** 30).toFixed(0)} GiB, ${machine.platform}`,
      ],
      ['load', `${machine.loadBefore.toFixed(1)} before, ${machine.loadAfter.toFixed(1)} after`],
      ['Node', machine.node],
      ['peers', peers.map((peer) => `${peer.name} ${peer.version}`).join(', ') || 'none'],
      ['seed', String(options.seed)],
      ['rounds at least', String(options.repeat)],
    ],
  };
}

function range({ median, min, max }) {
  return `${milliseconds(median)} [${significant(min)}, ${significant(max)}]`;
}
