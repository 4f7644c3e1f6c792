/** The tables that all reports show: heads and rows of text, once for Markdown and once for HTML. */
import type {
  BenchmarkResult,
  CallCounts,
  ComparisonRow,
  ContenderRecord,
  NumberRow,
  RatioRecord,
  Summary,
} from '../../generated/result.js';
import type { BaselineComparison } from './baseline.js';
import { adapterName } from './document.js';
import { milliseconds, percent, ratioText, significant } from './numbers.js';

/** First column to the left, the others to the right. */
export interface Table {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** A title, and the cell of a contender that was measured. */
type Column = readonly [string, (contender: ContenderRecord) => string];

/** Every contender of a comparison. */
export function comparisonTable(row: ComparisonRow): Table {
  const clocks = (['wall', 'cpu'] as const).filter((clock) =>
    row.ratios.some((ratio) => ratio.clock === clock),
  );
  const measured = row.contenders.filter(({ status }) => status === 'measured');
  const some = (key: keyof ContenderRecord): boolean =>
    measured.some((contender) => contender[key] !== undefined);
  const columns: Column[] = [
    ['', ({ name, executes }) => (executes === 'cpu' ? `${name} (CPU)` : name)],
    ['wall', ({ wallMs }) => (wallMs ? range(wallMs) : '')],
    ['CPU time', ({ cpuMs }) => (cpuMs ? range(cpuMs) : '')],
  ];
  if (some('gpuMs'))
    columns.push(['GPU time', ({ gpuMs }) => (gpuMs ? milliseconds(gpuMs.median) : '')]);
  columns.push([
    'first run',
    ({ firstMs }) => (firstMs === undefined ? '' : milliseconds(firstMs)),
  ]);
  if (some('fractionOfPeak'))
    columns.push([
      'of peak',
      ({ fractionOfPeak }) => (fractionOfPeak === undefined ? '' : percent(fractionOfPeak)),
    ]);
  for (const clock of clocks)
    columns.push([
      `${clock === 'cpu' ? 'CPU' : clock} ratio`,
      ({ name }) => {
        const ratio = row.ratios.find((entry) => entry.numerator === name && entry.clock === clock);
        return ratio ? ratioText(ratio) : '';
      },
    ]);
  if (row.ratios.some(({ aim }) => aim !== undefined))
    columns.push([
      'aim',
      ({ name }) => aimText(row.ratios.filter(({ numerator }) => numerator === name)),
    ]);
  if (some('calls')) columns.push(['calls', ({ calls }) => (calls ? callText(calls) : '')]);
  return {
    head: columns.map(([title]) => title),
    rows: row.contenders.map((contender) =>
      contender.status === 'measured'
        ? columns.map(([, text]) => text(contender))
        : [
            contender.name,
            `${contender.status}: ${contender.reason ?? ''}`,
            ...columns.slice(2).map(() => ''),
          ],
    ),
  };
}

/** What "calls" counts. */
export const CALLS_LEGEND =
  'dispatches / passes / submits / bind groups made / buffers made / readbacks';

function callText(calls: CallCounts): string {
  const { dispatches, passes, submits, bindGroups, buffers, readbacks } = calls;
  return [dispatches, passes, submits, bindGroups, buffers, readbacks]
    .map((count) => String(Math.round(10 * count) / 10))
    .join(' / ');
}

function aimText(ratios: readonly RatioRecord[]): string {
  for (const { aim, median } of ratios)
    if (aim !== undefined) return `${aim}x: ${median >= aim ? 'reached' : 'missed'}`;
  return '';
}

/** Numbers that are no comparison. */
export function numberTable(rows: readonly NumberRow[]): Table {
  return {
    head: ['', 'value', 'note'],
    rows: rows.map(({ title, value, unit, correct, note }) => [
      title,
      correct ? `${significant(value)} ${unit}` : 'wrong result',
      note ?? '',
    ]),
  };
}

export function baselineTable({ rows }: BaselineComparison): Table {
  const times = (ratio: number | null): string => (ratio === null ? '' : `${ratio.toFixed(2)}x`);
  return {
    head: ['', 'wall', 'CPU', 'verdict'],
    rows: rows.map(({ id, wall, cpu, verdict }) => [id, times(wall), times(cpu), verdict]),
  };
}

/** Machine, adapter, versions, options. */
export function environmentTable(document: BenchmarkResult): Table {
  const { machine, runtime, peers, options } = document;
  const software = runtime.adapter.software ? ' (software: a CPU computes everything)' : '';
  const timestamps =
    runtime.timestampsUnused ?? `in steps of ${String(runtime.timestampStepNs)} ns`;
  return {
    head: ['', ''],
    rows: [
      ['date', document.date],
      ['lps-webgpu', document.version],
      ['adapter', `${adapterName(document)}${software}`],
      ['runtime', runtime.version],
      ['flags', runtime.flags.filter((flag) => /webgpu|vulkan|angle/i.test(flag)).join(' ')],
      ['double-single arithmetic', runtime.precision],
      ['GPU timestamps', timestamps],
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

function range({ median, min, max }: Summary): string {
  return `${milliseconds(median)} [${significant(min)}, ${significant(max)}]`;
}
