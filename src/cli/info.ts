/** `lps info`: what this machine offers and whether its arithmetic can be trusted. */
import type { Command } from 'commander';
import { GpuUnavailableError, openGpu, type GpuInfo, type PrecisionVerdict } from '../gpu/index.js';
import type { TrackerCosts } from '../homotopy/gpu/index.js';
import { addCommonOptions, type CommonOptions } from './common-options.js';
import { ExitCode } from './errors.js';
import { count, duration, magnitude } from './numbers.js';
import { findRuntimes, type Runtimes } from './runtimes.js';
import { printJson, printLines } from './output.js';

/** The limits that bound a batch of paths or a kernel; all at WebGPU's defaults. */
const LIMITS = [
  'maxStorageBufferBindingSize',
  'maxBufferSize',
  'maxStorageBuffersPerShaderStage',
  'maxComputeWorkgroupStorageSize',
  'maxComputeInvocationsPerWorkgroup',
  'maxComputeWorkgroupsPerDimension',
] as const;

interface AdapterReport extends GpuInfo {
  readonly preference: 'hardware' | 'software';
  readonly timestamps: boolean;
  readonly limits: Readonly<Record<(typeof LIMITS)[number], number>>;
  readonly precision: PrecisionVerdict;
  /** The cost model of path tracking, and what `lps solve` chooses by it. */
  readonly tracker: TrackerCosts;
}

interface InfoReport {
  readonly schemaVersion: 1;
  readonly runtimes: Runtimes;
  /** The adapter of the preference asked for comes first; every command uses that one. */
  readonly adapters: readonly AdapterReport[];
}

/** Adds the command; `done` receives the exit code. */
export function addInfoCommand(program: Command, done: (code: ExitCode) => void): void {
  const command = program
    .command('info')
    .summary('show runtimes, adapters, limits and the precision self-test')
    .description(
      'Shows the runtimes, the WebGPU adapters, the limits that matter, the verdict of the precision self-test on each adapter, and by how many paths "lps solve" chooses between f64 alone and the kernels there (--precision and --tracker choose otherwise).',
    );
  addCommonOptions(command)
    .addHelpText('after', '\nExamples:\n  $ lps info\n  $ lps info --json --adapter software')
    .action(async (options: CommonOptions) => {
      done(await runInfo(options));
    });
}

async function runInfo(options: CommonOptions): Promise<ExitCode> {
  const other = options.adapter === 'hardware' ? 'software' : 'hardware';
  const first = await report(options.adapter);
  const second = await report(other).catch((error: unknown) => {
    if (error instanceof GpuUnavailableError) return null;
    throw error;
  });
  const isSame =
    second === null || (first.description === second.description && first.vendor === second.vendor);
  const info: InfoReport = {
    schemaVersion: 1,
    runtimes: await findRuntimes(),
    adapters: isSame ? [first] : [first, second],
  };
  if (options.json) await printJson(info);
  else printLines(describe(info));
  return info.adapters[0]!.precision.passed ? ExitCode.success : ExitCode.failed;
}

async function report(preference: 'hardware' | 'software'): Promise<AdapterReport> {
  const { trackerCosts } = await import('../homotopy/gpu/index.js');
  const gpu = await openGpu({ prefer: preference });
  try {
    return {
      preference,
      ...gpu.info,
      timestamps: gpu.hasTimestamps,
      limits: Object.fromEntries(
        LIMITS.map((name) => [name, gpu.limits[name]]),
      ) as AdapterReport['limits'],
      precision: gpu.precision,
      tracker: trackerCosts(gpu.info),
    };
  } finally {
    gpu.close();
  }
}

function describe({ runtimes: { node, browser, deno }, adapters }: InfoReport): string[] {
  return [
    `runtime    Node ${node.version} with Dawn (webgpu ${node.dawn}), ${node.platform}, ${node.threads} threads, ${(node.memoryBytes / 2 ** 30).toFixed(1)} GiB`,
    `browser    ${browser === null ? 'none known; "npm run setup" looks for one' : `${browser.version}, adapter ${browser.adapter}${browser.software ? ' (software)' : ''}, ${browser.path}`}`,
    `deno       ${deno === null ? 'none' : deno.version}`,
    ...adapters.flatMap((adapter, place) => [
      '',
      `adapter    ${adapter.description || 'unnamed'}${adapter.software ? ' (software)' : ''}${place === 0 ? ', the one that is used' : `, used with --adapter ${adapter.preference}`}`,
      `vendor     ${adapter.vendor || 'unknown'} ${adapter.architecture}`.trimEnd(),
      `timestamps ${adapter.timestamps ? 'yes' : 'no'}`,
      ...LIMITS.map(
        (name, k) =>
          `${k === 0 ? 'limits' : ''}`.padEnd(11) + `${name} ${count(adapter.limits[name])}`,
      ),
      ...describePrecision(adapter.precision),
      ...describeTracker(adapter.tracker),
    ]),
  ];
}

function describePrecision(verdict: PrecisionVerdict): string[] {
  const { mode, passed, cases, totalMs } = verdict;
  const modes = (['plain', 'barrier', 'integer'] as const).flatMap((name) => {
    const errors = verdict[name];
    return errors === undefined
      ? []
      : [
          `${name} ${errors.passed ? 'passed' : 'FAILED'} (largest error ${magnitude(errors.maxRelativeError)})`,
        ];
  });
  return [
    `self-test  double-single arithmetic: ${passed ? `passed, kernels use "${mode}"` : 'FAILED in every form: results of the GPU stage are confirmed in f64 only'}`,
    `           ${modes.join(', ')}; ${count(cases)} cases, ${duration(totalMs)}`,
  ];
}

/** What auto does, by size of a system. */
function describeTracker({ budget, mostUnknowns, choices }: TrackerCosts): string[] {
  return [
    `tracker    up to ${mostUnknowns} unknowns; straight-line code up to ${count(budget)} operations of a Newton iteration`,
    ...choices.map(({ operations, fewestPaths, cooperativeUpTo }) => {
      const stage =
        fewestPaths === null ? 'f64 alone' : `on the GPU from ${count(fewestPaths)} paths`;
      const kernel =
        cooperativeUpTo === null
          ? ', cooperative kernel'
          : cooperativeUpTo >= fewestPaths!
            ? `, cooperative kernel up to ${count(cooperativeUpTo)}`
            : '';
      return `           ${count(operations)} operations: ${stage}${fewestPaths === null ? '' : kernel}`;
    }),
  ];
}
