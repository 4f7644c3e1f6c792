/** A profile for the terminal. */
import { duration } from '../numbers.js';
import { textTable } from '../text-table.js';
import type { HistogramBin, ProfileDocument } from './summary.js';

const BAR = 40;

/** The lines to print. */
export function describeProfile(profile: ProfileDocument): string[] {
  const { gpu, kernels, stages, tracker } = profile;
  const lines = [
    `${profile.command}: ${duration(profile.totalMs)}, ${gpu.submits} submits, ${gpu.dispatches} dispatches, ${kibibytes(gpu.bytesWritten)} written, ${kibibytes(gpu.bytesRead)} read`,
    '',
    ...textTable(
      [
        { title: 'kernel', align: 'left' },
        { title: 'dispatches' },
        { title: 'GPU ms' },
        { title: 'share' },
        { title: 'us each' },
      ],
      kernels.map(({ kernel, dispatches, totalMs, share, meanMicroseconds }) => [
        kernel,
        String(dispatches),
        totalMs.toFixed(2),
        `${(100 * share).toFixed(1)}%`,
        meanMicroseconds.toFixed(1),
      ]),
    ),
    '',
    `kernels ${gpu.kernelMs.toFixed(1)} ms of ${gpu.spanMs.toFixed(1)} ms between first and last timestamps of the submits; compiling ${gpu.compileMs.toFixed(0)} ms, waiting for results ${gpu.waitMs.toFixed(0)} ms`,
  ];
  const { kernelsMs, hostMs } = profile.cpu;
  lines.push(
    `CPU ${kernelsMs.toFixed(0)} ms inside kernels, ${hostMs.toFixed(0)} ms outside${profile.paths > 0 ? `: ${((1000 * hostMs) / profile.paths).toFixed(0)} us for each of ${profile.paths} paths` : ''}`,
  );
  if (gpu.untimed > 0) lines.push(`${gpu.untimed} dispatches without timestamps`);
  if (stages.length > 0)
    lines.push(`stages: ${stages.map(({ name, ms }) => `${name} ${ms.toFixed(1)} ms`).join(', ')}`);
  if (tracker) {
    const { paths, occupancy, steps, newtonIterations } = tracker;
    lines.push(
      `lanes with a path to follow: ${(100 * occupancy).toFixed(0)}% on average over time`,
      '',
      `accepted steps on the GPU, ${paths} paths`,
      ...bars(steps),
      '',
      `Newton iterations on the GPU, ${paths} paths`,
      ...bars(newtonIterations),
    );
  }
  return lines;
}

function bars(bins: readonly HistogramBin[]): string[] {
  const largest = Math.max(...bins.map(({ count }) => count));
  return bins.map(
    ({ from, to, count }) =>
      `${`${from}-${to - 1}`.padStart(9)} ${String(count).padStart(7)} ${'#'.repeat(Math.round((BAR * count) / largest))}`,
  );
}

function kibibytes(bytes: number): string {
  return `${(bytes / 1024).toFixed(0)} KiB`;
}
