/**
 * A million paths in constant memory: 20 independent quadratics, 2^20 solutions, streamed.
 *
 * Two sizes are compared: if memory grew with the number of paths, the larger job would show it.
 */
import * as lps from '../../internals.js';
import { clocked, type Clocks } from '../../clocks.js';

const SAMPLE_MS = 50;

export interface StreamingRow extends Clocks {
  readonly quadratics: number;
  readonly paths: number;
  readonly found: number;
  readonly failed: number;
  readonly complete: boolean;
  /** Bytes. */
  readonly residentBefore: number;
  readonly residentLargest: number;
}

/** @param quadratics unknowns; 2^quadratics paths */
export async function measureStreaming(
  gpu: lps.GpuDevice,
  quadratics: number,
): Promise<StreamingRow> {
  const variables = Array.from({ length: quadratics }, (_, k) => `x${k + 1}`);
  const system = lps.parseSystem({
    name: `${quadratics} quadratics`,
    variables,
    equations: variables.map((name, k) => `${name}^2 - ${k + 2}`),
  });
  let found = 0;
  let largest = 0;
  const sample = (): void => {
    largest = Math.max(largest, process.memoryUsage().rss);
  };
  const timer = setInterval(sample, SAMPLE_MS);
  const before = process.memoryUsage().rss;
  const { result, wall, cpu } = await clocked(() =>
    lps.solve(gpu, system, {
      start: 'total-degree',
      onSolutions(batch) {
        found += batch.length;
        sample();
      },
    }),
  );
  clearInterval(timer);
  return {
    quadratics,
    paths: result.start.paths,
    found,
    failed: result.paths.failed,
    complete: found === 2 ** quadratics,
    residentBefore: before,
    residentLargest: largest,
    wall,
    cpu,
  };
}
