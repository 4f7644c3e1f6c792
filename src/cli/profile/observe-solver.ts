/** What the tracker and the progress line know, noted down while a command runs. */
import { GpuTracker } from '../../homotopy/gpu/index.js';
import type { SolveProgress } from '../../homotopy/index.js';
import { Terminal } from '../terminal.js';

/** Paths in flight after a batch of rounds, milliseconds of performance.now(). */
export interface ActivePaths {
  readonly time: number;
  readonly active: number;
  /** Paths that there were room and work for. */
  readonly batch: number;
}

export interface SolverObservations {
  readonly active: ActivePaths[];
  /** Newton iterations of each path on the GPU. */
  readonly iterations: number[];
  /** Accepted steps of each path on the GPU. */
  readonly steps: number[];
  /** When each stage of a solve began, and how many paths the solve has. */
  readonly stages: {
    readonly name: SolveProgress['stage'];
    readonly begin: number;
    readonly paths: number;
  }[];
}

/** Watches until the returned function is called. */
export function observeSolver(): { readonly observed: SolverObservations; stop(): void } {
  const observed: SolverObservations = { active: [], iterations: [], steps: [], stages: [] };
  const { prototype } = GpuTracker;
  const { track } = prototype;
  prototype.track = async function* (job) {
    const begin = performance.now();
    let isFirst = true;
    const batches = track.call(this, {
      ...job,
      onRound: (progress) => {
        const { done, total } = progress;
        const active = Math.max(0, total - done);
        // Only now it is known how many there were when tracking began.
        if (isFirst) observed.active.push({ time: begin, active: total, batch: total });
        isFirst = false;
        observed.active.push({ time: performance.now(), active, batch: total });
        job.onRound?.(progress);
      },
    });
    for await (const batch of batches) {
      for (const iterations of batch.iterations) observed.iterations.push(iterations);
      for (const steps of batch.steps) observed.steps.push(steps);
      yield batch;
    }
  };
  const { progress } = Terminal.prototype;
  Terminal.prototype.progress = function (label, state) {
    if (observed.stages.at(-1)?.name !== state.stage)
      observed.stages.push({
        name: state.stage,
        begin: performance.now(),
        paths: state.total,
      });
    progress.call(this, label, state);
  };
  return {
    observed,
    stop() {
      prototype.track = track;
      Terminal.prototype.progress = progress;
    },
  };
}
