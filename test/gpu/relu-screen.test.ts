/**
 * Believed afterwards: a combination that the GPU rejects holds no minimum, and all are counted. The truth is the search in f64,
 * which decides every combination on its own, and interval certificates of what both leave open.
 */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { DIABETES_CSV, readTable, standardize } from '../../src/data/index.js';
import type { DataTable } from '../../src/data/table.js';
import { binomial } from '../../src/math/combinatorics.js';
import { unitStates } from '../../src/minima/relu/unit-states.js';
import { forEachEngine, nodeEngine, type Engine } from '../helpers/engine.js';

interface Problem {
  readonly data: DataTable;
  readonly units: number;
  readonly negativeSlope: number;
  readonly regularization: number;
  /** Kept combinations that a dispatch can hand over. */
  readonly room?: number;
}

interface Compared {
  readonly combinations: number;
  /** Sum of all verdicts. */
  readonly counted: number;
  readonly handedOver: number;
  /** Combinations left by both searches and their certificates, as indices of states. */
  readonly screened: readonly string[];
  readonly searched: readonly string[];
}

/** Screens and searches the same combinations. */
function compare(engine: Engine, problem: Problem): Promise<Compared> {
  return engine.run(async (lps, gpu, { data, units, negativeSlope, regularization, room }) => {
    const samples = lps.mergeSamples(data);
    const setup = { problem: { samples, negativeSlope, regularization }, units };
    const screened = (await lps.ScreenedSearch.create(gpu, setup, room))!;
    const search = new lps.ShareSearch(setup);
    const states = lps.unitStates(samples.points.length, negativeSlope !== 0).length;
    const result = { combinations: 0, counted: 0, handedOver: 0 };
    const kept = { screened: [] as string[], searched: [] as string[] };
    for (let first = 0; first < states; first++) {
      const share = await screened.decide(first);
      const { combinations, handedOver, ...verdicts } = share.counts;
      result.combinations += combinations;
      result.handedOver += handedOver;
      result.counted += Object.values(verdicts).reduce((a, b) => a + b, 0);
      kept.screened.push(...share.kept.map(({ states }) => states.join(' ')));
      const other = lps.atOnce(search.share(first));
      kept.searched.push(...other.kept.map(({ states }) => states.join(' ')));
    }
    screened.close();
    return { ...result, ...kept };
  }, problem);
}

/** Rows with ascending inputs and a bent target. */
function bent(rows: number, seed: number, scaleX = 1, scaleT = 1): DataTable {
  let state = 7919 * seed;
  const next = (): number => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
  const x = Array.from({ length: rows }, () => 3 * next() - 1.5).sort((a, b) => a - b);
  const t = x.map((value) => Math.abs(value - 0.2) - 0.6 * Math.max(0, value) + next() - 0.7);
  return { inputs: x.map((v) => [scaleX * v]), targets: t.map((v) => [scaleT * v]) };
}

function expectSame(problem: Problem, result: Compared): void {
  const { data, units, negativeSlope } = problem;
  const states = unitStates(data.inputs.length, negativeSlope !== 0).length;
  expect(result.combinations).toBe(binomial(states, units));
  expect(result.counted).toBe(result.combinations);
  expect(result.screened).toEqual(result.searched);
}

forEachEngine((engine) => {
  it('two units: what the screen leaves are the minima of the search', async () => {
    for (const [negativeSlope, regularization] of [
      [0, 0.01],
      [0.2, 0.003],
    ] as const) {
      const problem = { data: bent(10, 5), units: 2, negativeSlope, regularization };
      const result = await compare(engine, problem);
      expectSame(problem, result);
      expect(result.searched.length).toBeGreaterThan(2);
      expect(result.handedOver).toBeLessThan(0.05 * result.combinations);
    }
  });
});

describe('node', () => {
  it.each([
    [3, 9, 2, 0.1, 0.001, 1, 1],
    [2, 12, 3, 0, 0.1, 1, 10],
    [2, 12, 4, 0, 1e-5, 1, 1e-3],
    [2, 12, 5, 0, 30, 1, 1e3],
    [2, 12, 6, 0, 1e-4, 1e-3, 1],
    [2, 9, 7, 0, 1, 1e3, 1],
  ])(
    '%i units, %i inputs, seed %i, negative slope %f, lambda %f, inputs times %f, targets times %f',
    async (units, rows, seed, negativeSlope, regularization, scaleX, scaleT) => {
      const data = bent(rows, seed, scaleX, scaleT);
      const problem = { data, units, negativeSlope, regularization };
      expectSame(problem, await compare(nodeEngine, problem));
    },
  );

  it('where a dispatch has no room for what it keeps it is halved, and nothing is lost', async () => {
    const data = bent(12, 6, 1e-3);
    const problem = { data, units: 2, negativeSlope: 0, regularization: 1e-4, room: 1 };
    const result = await compare(nodeEngine, problem);
    expectSame(problem, result);
    // More than one in some share.
    expect(result.handedOver).toBeGreaterThan(unitStates(12, false).length);
  });

  it('four units, and most is decided on the GPU', async () => {
    const problem = { data: bent(6, 3), units: 4, negativeSlope: 0, regularization: 0.0005 };
    const result = await compare(nodeEngine, problem);
    expectSame(problem, result);
    expect(result.searched.length).toBeGreaterThan(0);
    expect(result.handedOver).toBeLessThan(0.1 * result.combinations);
  });

  it('442 patients, bmi -> progression, 1-2-1: the minima of the independent enumeration', async () => {
    const data = standardize(readTable(DIABETES_CSV, { x: ['bmi'], y: ['progression'] }));
    const result = await nodeEngine.run(async (lps, gpu, data) => {
      const options = { data, units: 2, regularization: 0.01, gpu, screening: 'gpu' } as const;
      const { minima, byUnits, undecided } = await lps.enumerateReluMinima(options);
      return {
        minima: minima.map(({ distinctUnits, loss }) => [distinctUnits, loss] as const),
        two: byUnits[1]!,
        undecided: undecided.length,
      };
    }, data);
    const path = new URL('../data/minima/relu-bmi-2.txt', import.meta.url);
    const expected = readFileSync(path, 'utf8').trim().split('\n');
    expect(result.minima).toHaveLength(expected.length);
    expected.forEach((line, k) => {
      const [units, loss] = line.split(' ').map(Number);
      expect(result.minima[k]![0]).toBe(units);
      expect(Math.abs(result.minima[k]![1] - loss!)).toBeLessThan(1e-9);
    });
    expect(result.undecided).toBe(0);
    expect(result.two.combinations).toBe(210_276);
    expect(result.two.handedOver).toBeLessThan(210);
  });

  it('a run that is stopped goes on from its checkpoint, with another way of screening', async () => {
    const data = bent(10, 5);
    const [whole, part, rest] = await nodeEngine.run(async (lps, gpu, data) => {
      const options = { data, units: 2, regularization: 0.01, gpu };
      const whole = await lps.enumerateReluMinima({ ...options, screening: 'gpu' });
      const stop = new AbortController();
      let kept: unknown;
      const part = await lps.enumerateReluMinima({
        ...options,
        screening: 'gpu',
        signal: stop.signal,
        onProgress: ({ done }) => {
          if (done > 300) stop.abort();
        },
        onCheckpoint: (checkpoint) => {
          kept = JSON.parse(JSON.stringify(checkpoint));
        },
      });
      const resume = kept as NonNullable<Parameters<typeof lps.enumerateReluMinima>[0]['resume']>;
      const rest = await lps.enumerateReluMinima({ ...options, screening: 'cpu', resume });
      return [whole, part, rest].map(({ partial, combinations, minima, byUnits }) => ({
        partial,
        combinations,
        losses: minima.map(({ loss }) => loss),
        handedOver: byUnits[1]!.handedOver,
      }));
    }, data);
    expect(part!.partial).toBe(true);
    expect(part!.combinations).toBeLessThan(whole!.combinations);
    expect(rest!.combinations).toBe(whole!.combinations);
    expect(rest!.losses).toEqual(whole!.losses);
    expect(part!.handedOver).toBeGreaterThan(0);
    expect(rest!.handedOver).toBe(part!.handedOver);
  });

  it('says why it cannot be screened', async () => {
    const messages = await nodeEngine.run(
      async (lps, gpu, data) => {
        const options = { data, units: 2, regularization: 0.01, screening: 'gpu' } as const;
        const messageOf = (device: typeof gpu | null): Promise<string> =>
          lps.enumerateReluMinima({ ...options, gpu: device }).then(
            () => 'no error',
            (error: unknown) => (error as Error).message,
          );
        const untrusted = Object.create(gpu, {
          precision: { value: { ...gpu.precision, passed: false } },
          limits: { value: gpu.limits },
        }) as typeof gpu;
        const small = Object.create(gpu, {
          precision: { value: gpu.precision },
          limits: { value: { maxStorageBufferBindingSize: 1024, maxBufferSize: 1024 } },
        }) as typeof gpu;
        return Promise.all([null, untrusted, small].map(messageOf));
      },
      bent(8, 1),
    );
    expect(messages[0]).toMatch(/no GPU was given \(gpu: await openGpu\(\)\).*"cpu", or "auto"/);
    expect(messages[1]).toMatch(/failed the self-test/);
    expect(messages[2]).toMatch(/blocks of 29 states take 1 MiB/);
  });
});
