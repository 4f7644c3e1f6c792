/**
 * Believed afterwards: the GPU tracker finds the regular zeros of a system, each by one path, and hands
 * every other path over. Truth: verified counts of test/data/systems, closed forms, and an
 * independent f64 Newton method.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openGpu, type GpuDevice } from '../../src/gpu/index.js';
import {
  GpuTracker,
  TrackStatus,
  type TrackedBatch,
  type TrackerOptions,
  type TrackJob,
} from '../../src/homotopy/gpu/index.js';
import { coefficientHomotopies } from '../../src/homotopy/program/homotopy.js';
import { PathBatch } from '../../src/homotopy/gpu/path-batch.js';
import { startValues } from '../../src/homotopy/gpu/start-tables.js';
import { compileTracker } from '../../src/homotopy/gpu/tracker-kernels.js';
import { toNumeric } from '../../src/polynomial/numeric.js';
import { parseSystem } from '../../src/polynomial/parse.js';
import {
  affine,
  countDistinct,
  equations,
  makeCase,
  newtonDistance,
  polish,
  type Case,
} from './tracker-fixture.js';

let gpu: GpuDevice;
beforeAll(async () => {
  gpu = await openGpu();
});
afterAll(() => {
  gpu.close();
});

async function collect(tracker: GpuTracker, job: TrackJob): Promise<TrackedBatch[]> {
  const batches: TrackedBatch[] = [];
  for await (const batch of tracker.track(job)) batches.push(batch);
  return batches;
}

interface Ends {
  readonly arrivals: Float64Array[];
  readonly counts: readonly [arrived: number, handOver: number, failed: number];
}

/** Tracks all paths, or the first `count`; arrivals as affine points. */
async function trackAll(
  problem: Case,
  options: TrackerOptions = {},
  count = problem.table.paths,
): Promise<Ends> {
  const tracker = await GpuTracker.create(gpu, problem.homotopy.structure, problem.table, options);
  const batches = await collect(tracker, {
    homotopy: problem.homotopy,
    paths: { ids: { first: 0, count } },
  });
  tracker.close();
  const counts: [number, number, number] = [0, 0, 0];
  const arrivals: Float64Array[] = [];
  const length = 2 * problem.homotopy.structure.coordinates;
  for (const batch of batches) {
    batch.status.forEach((status, k) => {
      counts[status - TrackStatus.arrived]!++;
      if (status !== TrackStatus.arrived) return;
      arrivals.push(affine(problem.homotopy, batch.points.subarray(k * length, (k + 1) * length)));
    });
  }
  return { arrivals, counts };
}

describe('regular zeros', () => {
  // [system, start, verified number of isolated zeros, all regular]
  it.each([
    ['dense_n2_d3', 'total-degree', 9],
    ['dense_n4_d3', 'total-degree', 81],
    ['noon4', 'total-degree', 73],
    ['katsura6', 'total-degree', 64],
    ['cyclic5', 'total-degree', 70],
    ['cyclic5', 'lps', 70],
    ['eco6', 'lps', 16],
    ['rbpl', 'multihomogeneous', 40],
  ] as const)(
    '%s from a %s start: distinct arrivals, nearly all of %i',
    async (name, start, known) => {
      for (const seed of [1, 2]) {
        const problem = makeCase(equations(name), start, seed);
        const { arrivals, counts } = await trackAll(problem);
        expect(counts[0] + counts[1] + counts[2]).toBe(problem.table.paths);
        // f32 alone: the end point is within 1e-4, and a regular zero is near it.
        for (const point of arrivals)
          expect(newtonDistance(problem.system, point)).toBeLessThan(1e-4);
        const zeros = arrivals.map((point) => polish(problem.system, point));
        expect(zeros).not.toContain(null);
        expect(countDistinct(zeros as Float64Array[])).toBe(arrivals.length);
        expect(arrivals.length).toBeLessThanOrEqual(known);
        // What does not arrive goes to the f64 tier: slow, not lost.
        expect(arrivals.length).toBeGreaterThanOrEqual(0.6 * known);
        expect(counts[2]).toBeLessThanOrEqual(Math.ceil(0.03 * problem.table.paths));
      }
    },
  );

  it('gives double-single accuracy when it refines', async () => {
    for (const [name, start] of [
      ['noon4', 'total-degree'],
      ['eco6', 'lps'],
      ['rbpl', 'multihomogeneous'],
    ] as const) {
      const problem = makeCase(equations(name), start, 1);
      const plain = await trackAll(problem, { refine: false });
      const refined = await trackAll(problem, { refine: true });
      expect(refined.counts).toEqual(plain.counts);
      const error = (points: Float64Array[]) =>
        Math.max(...points.map((point) => newtonDistance(problem.system, point)));
      expect(error(refined.arrivals)).toBeLessThan(1e-11);
      // Otherwise the bound above would prove nothing.
      expect(error(plain.arrivals)).toBeGreaterThan(1e-8);
    }
  });
});

describe('start points', () => {
  it.each([
    ['noon4', 'total-degree'],
    ['cyclic5', 'lps'],
    ['eco6', 'lps'],
    ['rbpl', 'multihomogeneous'],
  ] as const)('are the zeros of G with their ids: %s from a %s start', async (name, start) => {
    const problem = makeCase(equations(name), start, 4);
    const { structure } = problem.homotopy;
    const kernels = await compileTracker(gpu, structure, problem.table, {
      refined: false,
      kernel: 'straight-line',
    });
    const paths = problem.table.paths;
    const batch = await PathBatch.create(gpu, kernels, { capacity: paths, members: 1 });
    gpu.write(
      batch.buffers.path_ids,
      Uint32Array.from({ length: paths }, (_, id) => id),
    );
    gpu.write(batch.buffers.start_values, startValues(problem.homotopy));
    // capacity and paths lead the round parameters; the rest does not matter here.
    gpu.write(batch.buffers.round, Uint32Array.of(paths, paths));
    const encoder = gpu.createEncoder('start');
    const pass = encoder.beginComputePass();
    batch.encode(pass, kernels.begin, [Math.ceil(paths / 64)]);
    batch.encode(pass, kernels.start!, [Math.ceil(paths / 64)]);
    pass.end();
    const [state] = await gpu.submitAndRead(encoder, [{ buffer: batch.buffers.state }]);
    batch.close();
    const vectors = new Float32Array(state!);
    const n = structure.variables;
    let largest = 0;
    for (let path = 0; path < paths; path++) {
      // f64: one linear system, or a root, per path.
      const expected = problem.start(path);
      const scale = Math.max(1, ...expected.map(Math.abs));
      for (let j = 0; j < structure.coordinates; j++) {
        const at = 2 * (j * paths + path);
        const re = j < n ? expected[2 * j]! : 1;
        const im = j < n ? expected[2 * j + 1]! : 0;
        largest = Math.max(largest, Math.hypot(vectors[at]! - re, vectors[at + 1]! - im) / scale);
      }
    }
    // f32 elimination of systems with condition numbers up to some hundreds.
    expect(largest).toBeLessThan(1e-3);
  });
});

describe('the cooperative kernel', () => {
  it.each([
    ['noon4', 'total-degree'],
    ['eco6', 'lps'],
  ] as const)('finds what straight-line code finds: %s from a %s start', async (name, start) => {
    const problem = makeCase(equations(name), start, 1);
    // Tables take a processor ten times as long as code does, and barriers still longer.
    const count = Math.min(problem.table.paths, 24);
    const { arrivals } = await trackAll(problem, { kernel: 'straight-line' }, count);
    expect(arrivals.length).toBeGreaterThan(0);
    const tables = await trackAll(problem, { kernel: 'cooperative' }, count);
    const zeros = [...arrivals, ...tables.arrivals].map((point) => polish(problem.system, point)!);
    expect(zeros).not.toContain(null);
    // Rounding differs (one pivots, the other does not), so a few paths may arrive in one and not in the other.
    const most = Math.max(arrivals.length, tables.arrivals.length);
    expect(countDistinct(zeros)).toBeLessThanOrEqual(most + 2);
    expect(Math.abs(arrivals.length - tables.arrivals.length)).toBeLessThanOrEqual(2);
  });
});

describe('hand-over', () => {
  it('gives points that lie on their paths', async () => {
    // H = s gamma G + (1 - s) F, evaluated as one polynomial system at the s of the hand-over.
    const problem = makeCase('x^2*y - 1\nx*y - 1', 'total-degree', 3);
    const { structure } = problem.homotopy;
    expect(structure.start.kind).toBe('univariate');
    const tracker = await GpuTracker.create(gpu, structure, problem.table);
    const [batch] = await collect(tracker, {
      homotopy: problem.homotopy,
      paths: { ids: { first: 0, count: 6 } },
    });
    tracker.close();
    // x = y = 1 is the only finite zero: five of six paths diverge.
    expect(
      Array.from(batch!.status).filter((status) => status === TrackStatus.arrived),
    ).toHaveLength(1);
    const { startCoefficients } = problem.homotopy;
    let checked = 0;
    batch!.status.forEach((status, k) => {
      if (status !== TrackStatus.handOver) return;
      checked++;
      const s = batch!.s[k]!;
      expect(s).toBeGreaterThan(0);
      expect(s).toBeLessThanOrEqual(Math.fround(0.1));
      const blended = {
        variables: problem.system.variables,
        equations: problem.system.equations.map((equation, i) => ({
          exponents: [
            ...equation.exponents,
            problem.system.variables.map((_, j) =>
              j === i ? problem.plan.structure[i]!.length : 0,
            ),
            problem.system.variables.map(() => 0),
          ],
          coefficients: Float64Array.from([
            ...Array.from(equation.coefficients, (part) => (1 - s) * part),
            ...Array.from(startCoefficients.subarray(4 * i, 4 * i + 4), (part) => s * part),
          ]),
        })),
      };
      const point = batch!.points.subarray(k * 6, k * 6 + 6);
      expect(newtonDistance(blended, affine(problem.homotopy, point))).toBeLessThan(1e-4);
    });
    expect(checked).toBeGreaterThan(0);
  });
});

describe('jobs', () => {
  const problem = makeCase(equations('noon4'), 'total-degree', 1);
  let tracker: GpuTracker;
  beforeAll(async () => {
    tracker = await GpuTracker.create(gpu, problem.homotopy.structure, problem.table);
  });

  const points = (batches: readonly TrackedBatch[]): Map<number, number[]> => {
    const length = 2 * problem.homotopy.structure.coordinates;
    return new Map(
      batches.flatMap((batch) =>
        Array.from(batch.ids, (id, k) => [
          id,
          [batch.status[k]!, ...batch.points.subarray(k * length, (k + 1) * length)],
        ]),
      ),
    );
  };

  it('gives every path the same end, bit by bit, whatever batch it is in', async () => {
    const { homotopy } = problem;
    const whole = points(
      await collect(tracker, { homotopy, paths: { ids: { first: 0, count: 81 } } }),
    );
    expect(whole.size).toBe(81);
    const streamed = await collect(tracker, {
      homotopy,
      paths: { ids: { first: 0, count: 81 } },
      batchSize: 7,
    });
    expect(streamed.map((batch) => batch.ids.length)).toEqual([
      ...new Array<number>(11).fill(7),
      4,
    ]);
    expect(points(streamed)).toEqual(whole);
    for (const ids of [Uint32Array.of(80), Uint32Array.of(5, 17, 3)]) {
      const part = points(await collect(tracker, { homotopy, paths: { ids } }));
      expect([...part.keys()]).toEqual([...ids]);
      for (const [id, end] of part) expect(end).toEqual(whole.get(id));
    }
    expect(await collect(tracker, { homotopy, paths: { ids: { first: 0, count: 0 } } })).toEqual(
      [],
    );
  });

  it('runs two jobs at once', async () => {
    const { homotopy } = problem;
    const one = collect(tracker, { homotopy, paths: { ids: { first: 0, count: 40 } } });
    const two = collect(tracker, { homotopy, paths: { ids: { first: 40, count: 41 } } });
    const both = points([...(await one), ...(await two)]);
    expect(both).toEqual(
      points(await collect(tracker, { homotopy, paths: { ids: { first: 0, count: 81 } } })),
    );
  });

  it('stops at an abort', async () => {
    const controller = new AbortController();
    let rounds = 0;
    const batches = await collect(tracker, {
      homotopy: problem.homotopy,
      paths: { ids: { first: 0, count: 81 } },
      batchSize: 9,
      signal: controller.signal,
      onRound({ done, total }) {
        expect(total).toBe(81);
        expect(done).toBeLessThanOrEqual(81);
        if (++rounds === 3) controller.abort();
      },
    });
    expect(batches.length).toBeLessThanOrEqual(3);
    expect(rounds).toBe(3);
    // The tracker is still good.
    const again = await collect(tracker, {
      homotopy: problem.homotopy,
      paths: { ids: { first: 0, count: 3 } },
    });
    expect(again[0]!.ids).toHaveLength(3);
  });

  it('waits for no submit that takes long after an abort', async () => {
    const controller = new AbortController();
    const { homotopy } = problem;
    const submitAndRead = gpu.submitAndRead.bind(gpu);
    let answer = (): void => undefined;
    const after = new Promise<void>((resolve) => (answer = resolve));
    gpu.submitAndRead = async (...all) => {
      controller.abort();
      await after;
      return submitAndRead(...all);
    };
    try {
      const job = { homotopy, paths: { ids: { first: 0, count: 81 } } };
      const batches = await collect(tracker, { ...job, signal: controller.signal });
      expect(batches.map(({ ids }) => ids.length)).toEqual([0]);
    } finally {
      gpu.submitAndRead = submitAndRead;
      answer();
    }
    expect(
      await collect(tracker, { homotopy, paths: { ids: { first: 0, count: 3 } } }),
    ).toHaveLength(1);
  });

  it('compiles nothing for another seed', async () => {
    const before = gpu.compileStatistics.compiled;
    const other = makeCase(equations('noon4'), 'total-degree', 77);
    const { arrivals } = await trackAll(other);
    expect(arrivals.length).toBeGreaterThan(60);
    expect(gpu.compileStatistics.compiled).toBe(before);
  });
});

describe('families', () => {
  it('leads given points to the zeros of many targets in one batch', async () => {
    // x^2 = a, x y = b: zeros (r, b / r) with r^2 = a.
    const member = (a: number, b: number) => toNumeric(parseSystem(`x^2 - (${a})\nx*y - (${b})`));
    const from = member(2, 3);
    const parameters = [
      [5, 1],
      [-4, 7],
      [0.5, -2],
      [9, 9],
    ] as const;
    const homotopies = parameters.map(([a, b]) =>
      coefficientHomotopies(from, [[0, 1]], [[2], [2]], [0.6, 0.8])(member(a, b)),
    );
    const tracker = await GpuTracker.create(gpu, homotopies[0]!.structure, null);
    const zeros = [Math.SQRT2, -Math.SQRT2].map((r) => [r, 0, 3 / r, 0, 1, 0]);
    const paths = parameters.flatMap((_, target) => zeros.map((zero) => ({ zero, target })));
    const [batch] = await collect(tracker, {
      homotopy: homotopies[0]!,
      paths: {
        startPoints: Float64Array.from(paths.flatMap(({ zero }) => zero)),
        targets: homotopies,
        targetOf: Uint32Array.from(paths, ({ target }) => target),
      },
    });
    tracker.close();
    expect(Array.from(batch!.status)).toEqual(paths.map(() => TrackStatus.arrived));
    parameters.forEach(([a, b], target) => {
      const found = [0, 1].map((k) => {
        const path = 2 * target + k;
        return affine(homotopies[0]!, batch!.points.subarray(6 * path, 6 * path + 6));
      });
      const root = a > 0 ? [Math.sqrt(a), 0] : [0, Math.sqrt(-a)];
      const signs = found.map(([re, im]) => Math.sign(re! * root[0]! + im! * root[1]!));
      expect(signs.reduce((sum, sign) => sum + sign, 0)).toBe(0);
      found.forEach((point, k) => {
        const [re, im] = root.map((part) => part * signs[k]!) as [number, number];
        const expected = [re, im, (b * re) / (re * re + im * im), (-b * im) / (re * re + im * im)];
        point.forEach((value, part) => {
          expect(Math.abs(value - expected[part]!)).toBeLessThan(1e-4);
        });
      });
    });
  });
});
