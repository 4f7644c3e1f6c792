/**
 * Believed afterwards: rounds are paired, a wrong contender is never timed, intervals hold what they
 * say, and CPU time is counted. The truth: contenders with known speeds, the binomial distribution,
 * this process's own clock.
 */
import { median } from 'simple-statistics';
import { describe, expect, it } from 'vitest';
import { CpuClock, hasSchedulerCounters } from '../../../src/cli/processes.js';
import {
  compare,
  pairedRatios,
  type Contender,
  type MeasureOptions,
} from '../../../harness/benchmark/page/compare.js';
import { medianInterval, shuffled, summarize } from '../../../harness/statistics.js';
import type { ProbeSample, Row } from '../../../harness/benchmark/page/types.js';
import { randomStream } from '../../../src/math/random.js';

/** A world whose clock is moved by the contenders alone. */
function world() {
  let cpu = 0;
  const rows: Row[] = [];
  const options: MeasureOptions = {
    host: {
      cpuSeconds: () => Promise.resolve(cpu),
      call: () => Promise.reject(new Error('not here')),
      note: () => undefined,
      row: (row) => {
        rows.push(row);
        return Promise.resolve();
      },
    },
    probes: {
      measure: (round: number): Promise<ProbeSample> =>
        Promise.resolve({ round, operations: 1e9, operationsPerCpuSecond: 1e9, bytes: 1e9 }),
    } as unknown as MeasureOptions['probes'],
    random: randomStream(1),
    claims: 'cpu',
    repeat: 6,
    repetitions: {},
    sampleMs: 0.01,
    budgetMs: 10_000,
  };
  const events: string[] = [];
  const contender = (name: string, seconds: number, error = 0): Contender => ({
    name,
    role: name === 'ours' ? 'ours' : 'peer',
    executes: 'cpu',
    prepare: () =>
      Promise.resolve({
        run(repetitions: number, round: number) {
          events.push(`${name} ${round}`);
          cpu += seconds * repetitions;
          return Promise.resolve();
        },
        check: () => Promise.resolve({ error, tolerance: 1e-6, against: 'the truth' }),
        close: () => {
          events.push(`${name} closed`);
        },
      }),
  });
  return { options, contender, events };
}

describe('a comparison', () => {
  it('finds known ratios and claims what is aimed at, not over other CPU backends', async () => {
    const { options, contender } = world();
    const row = await compare(
      {
        id: 'any/thing',
        title: '',
        contenders: [contender('ours', 1), contender('peer', 3), contender('other', 2)],
        aims: { peer: 2 },
      },
      options,
    );
    const other = row.ratios.find(
      ({ clock, numerator }) => clock === 'cpu' && numerator === 'other',
    )!;
    expect(other.median).toBeCloseTo(2, 9);
    expect(other.claimed).toBe(false);
    const ratio = row.ratios.find(({ clock }) => clock === 'cpu')!;
    expect(ratio.median).toBeCloseTo(3, 9);
    expect(ratio).toMatchObject({ numerator: 'peer', denominator: 'ours', claimed: true });
    expect(row.ratios.find(({ clock }) => clock === 'wall')?.claimed ?? false).toBe(false);
    expect(row.contenders[1]!.cpuMs!.median).toBeCloseTo(3000, 6);
    expect(row.probes).toHaveLength(6);
  });

  it.each([1e-5, Infinity, NaN])('never times a result that is off by %s', async (error) => {
    const { options, contender, events } = world();
    const row = await compare(
      {
        id: 'any/thing',
        title: '',
        contenders: [contender('ours', 1, error), contender('peer', 1)],
      },
      options,
    );
    const [ours] = row.contenders;
    expect(ours).toMatchObject({ status: 'wrong', samples: [], wallMs: null, cpuMs: null });
    expect(ours!.firstMs).toBeUndefined();
    expect(ours!.reason).toMatch(/off by .* from the truth/);
    expect(row.ratios).toEqual([]);
    expect(events.filter((event) => event.startsWith('ours'))).toEqual(['ours -1', 'ours closed']);
  });

  it('runs every contender once a round, in changing order, and closes all', async () => {
    const { options, contender, events } = world();
    const names = ['ours', 'b', 'c'];
    await compare(
      { id: 'any/thing', title: '', contenders: names.map((name) => contender(name, 1)) },
      options,
    );
    const orders = Array.from({ length: 6 }, (_, round) =>
      events.filter((event) => event.endsWith(` ${round}`)).map((event) => event.split(' ')[0]!),
    );
    for (const order of orders) expect([...order].sort()).toEqual(['b', 'c', 'ours']);
    expect(new Set(orders.map((order) => order.join())).size).toBeGreaterThan(1);
    expect(events.filter((event) => event.endsWith('closed'))).toHaveLength(3);
  });

  it('runs ours as often in a sample as an earlier result did', async () => {
    const { options, contender } = world();
    const { contenders } = await compare(
      {
        id: 'any/thing',
        title: '',
        contenders: [contender('ours', 1), contender('peer', 3)],
      },
      { ...options, repetitions: { 'any/thing': 37, 'another/thing': 5 } },
    );
    const [ours, peer] = contenders.map(({ samples }) => samples.map((s) => s.repetitions));
    expect(ours).toEqual(Array(6).fill(37));
    expect(peer).not.toContain(37);
  });

  it('goes on without a contender that throws, and says why', async () => {
    const { options, contender } = world();
    const broken: Contender = {
      ...contender('broken', 1),
      prepare: () => Promise.reject(new TypeError('no such backend')),
    };
    const row = await compare(
      { id: 'any/thing', title: '', contenders: [contender('ours', 1), broken] },
      options,
    );
    expect(row.contenders[0]!.status).toBe('measured');
    expect(row.contenders[1]!.reason).toContain('TypeError: no such backend');
  });
});

describe('statistics', () => {
  it('pairs samples of the same round only', () => {
    const sample = (round: number, wallMs: number, cpuMs: number | null) => ({
      round,
      repetitions: 1,
      wallMs,
      cpuMs,
    });
    const above = [sample(0, 6, 1), sample(2, 8, null)];
    const below = [sample(0, 2, 4), sample(1, 1, 1), sample(2, 4, 1)];
    expect(pairedRatios(above, below, 'wall')).toEqual([3, 2]);
    expect(pairedRatios(above, below, 'cpu')).toEqual([0.25]);
  });

  it('covers the true median about 95 times of 100', () => {
    const random = randomStream(5);
    let covered = 0;
    const trials = 200;
    for (let trial = 0; trial < trials; trial++) {
      const values = Array.from({ length: 15 }, () => random.normal());
      const { low, high } = medianInterval(values, random);
      expect(low).toBeLessThanOrEqual(median(values));
      expect(high).toBeGreaterThanOrEqual(median(values));
      if (low <= 0 && high >= 0) covered++;
    }
    // Binomial with p = 0.95: below 176 of 200 has probability 1e-5.
    expect(covered).toBeGreaterThan(176);
  });

  it('sums up, and shuffles without losing anything', () => {
    expect(summarize([3, 1, 2])).toEqual({ median: 2, min: 1, max: 3, count: 3 });
    expect(summarize([])).toBeNull();
    expect(shuffled([1, 2, 3, 4], randomStream(2)).sort()).toEqual([1, 2, 3, 4]);
  });
});

describe.runIf(hasSchedulerCounters)('the CPU clock', () => {
  it('counts what this process computes, and nothing of one that is gone', () => {
    const clock = new CpuClock();
    const begin = clock.seconds([process.pid]);
    const until = process.cpuUsage();
    while (process.cpuUsage(until).user < 60_000);
    const used = clock.seconds([process.pid]) - begin;
    expect(used).toBeGreaterThan(0.03);
    expect(new CpuClock().seconds([2 ** 22 + 1])).toBe(0);
  });
});
