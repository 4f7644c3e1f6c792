/** Result documents made by hand. */

import type { BenchmarkResult } from '../../../harness/generated/result.js';

/** Tests spoil documents; the schema's own types are read-only. */
type Mutable<Value> = Value extends object
  ? { -readonly [Key in keyof Value]: Mutable<Value[Key]> }
  : Value;

type FixtureDocument = Mutable<BenchmarkResult>;
type FixtureRow = FixtureDocument['suites'][number]['rows'][number];
type FixtureComparison = Extract<FixtureRow, { kind: 'comparison' }>;
type FixtureContender = FixtureComparison['contenders'][number];

const constant = (value: number) => ({ median: value, min: value, max: value, count: 2 });

/** A contender whose every sample took as long; null for one that does not run. */
export function contender(
  name: string,
  times: { readonly wallMs: number; readonly cpuMs: number } | null,
): FixtureContender {
  const role = name === 'lps-webgpu' ? 'ours' : 'peer';
  if (!times)
    return {
      name,
      role,
      executes: 'gpu',
      status: 'failed',
      reason: 'it does not run',
      samples: [],
      wallMs: null,
      cpuMs: null,
    };
  return {
    name,
    role,
    executes: 'gpu',
    status: 'measured',
    agreement: { error: 1e-8, tolerance: 1e-6, against: 'f64' },
    firstMs: 100,
    samples: [0, 1].map((round) => ({ round, repetitions: 3, ...times })),
    wallMs: constant(times.wallMs),
    cpuMs: constant(times.cpuMs),
  };
}

/** A comparison with two rounds, the probe at so many operations a second. */
export function comparisonRow(
  id: string,
  contenders: FixtureContender[],
  operations: number,
  ratios: FixtureComparison['ratios'] = [],
): FixtureComparison {
  return {
    kind: 'comparison',
    id,
    title: '64 x 64 times 64 x 64',
    contenders,
    ratios,
    probes: [0, 1].map((round) => ({
      round,
      operations,
      operationsPerCpuSecond: operations,
      bytes: 1e9,
    })),
  };
}

const example = (): FixtureRow[] => [
  comparisonRow(
    'matmul/64',
    [
      contender('lps-webgpu', { wallMs: 4, cpuMs: 8 }),
      contender('tfjs webgpu', { wallMs: 20, cpuMs: 40 }),
      contender('gpu.js webgl2', null),
    ],
    1e9,
    (['wall', 'cpu'] as const).map((clock) => ({
      numerator: 'tfjs webgpu',
      denominator: 'lps-webgpu',
      clock,
      median: 5,
      min: 5,
      max: 5,
      low: 5,
      high: 5,
      pairs: 2,
      claimed: clock === 'cpu',
      aim: 6,
    })),
  ),
  {
    kind: 'number',
    id: 'startup/open',
    title: 'open the GPU',
    value: 68,
    unit: 'ms',
    better: 'smaller',
    correct: true,
    note: 'CPU time 70 ms',
  },
];

/** A whole document on a software adapter. */
export function resultDocument(rows: FixtureRow[] = example()): FixtureDocument {
  return {
    schemaVersion: 2,
    kind: 'lps-bench',
    version: '0.1.0',
    date: '2026-11-23T20:00:00.000Z',
    options: {
      suites: ['matmul'],
      seed: 1,
      repeat: 2,
      filter: [],
      peers: true,
      adapter: 'hardware',
      quick: false,
      fault: null,
      runtime: 'browser',
    },
    machine: {
      processor: 'any',
      cores: 2,
      memoryBytes: 2 ** 34,
      platform: 'linux x64',
      node: 'v20.20.2',
      loadBefore: 1,
      loadAfter: 2,
    },
    runtime: {
      name: 'browser',
      version: 'Chrome/147',
      adapter: {
        runtime: 'browser',
        vendor: 'google',
        architecture: 'swiftshader',
        description: '',
        software: true,
      },
      precision: 'plain',
      timestampStepNs: 1,
      timestampsUnused: null,
      flags: ['--enable-unsafe-webgpu'],
    },
    peers: [{ name: 'tfjs', version: '4.22.0' }],
    suites: [
      {
        name: 'matmul',
        status: 'complete',
        attempts: 1,
        errors: [],
        seconds: 3,
        rows,
      },
    ],
  };
}
