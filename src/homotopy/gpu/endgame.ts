/**
 * The endgame on the GPU: paths that arrived in f32 or are handed over at s = 0.1 go on to the decision where they
 * end, in double-single arithmetic (shaders/tracker/endgame.wgsl). What it cannot decide goes to the f64 stage.
 */
import type { GpuDevice } from '../../gpu/index.js';
import type { PathBatch } from './path-batch.js';
import type { TrackedBatch } from './records.js';
import { RoundSchedule } from './round-schedule.js';
import { EndOutcome } from './status.js';
import { wordsOf } from './struct-words.js';
import type { EndgameKernels } from './tracker-kernels.js';

export class DeviceEndgame {
  private readonly schedule: RoundSchedule;

  constructor(
    private readonly gpu: GpuDevice,
    private readonly kernels: EndgameKernels,
  ) {
    const { operationsPerIteration } = kernels.tables;
    this.schedule = new RoundSchedule(
      { operationsPerIteration, iterationsPerTurn: 1 },
      gpu.info.software,
    );
  }

  /**
   * Plays the endgame of a batch that has been collected.
   *
   * @returns the batch with outcomes and ends; after an abort without those that are not decided yet.
   */
  async play(
    batch: PathBatch,
    tracked: TrackedBatch,
    signal: AbortSignal | undefined,
  ): Promise<TrackedBatch> {
    const { gpu, kernels, schedule } = this;
    const { buffers } = batch;
    const paths = tracked.ids.length;
    const invocations: readonly [number] = [Math.ceil(paths / 64)];
    gpu.write(buffers.counters, Uint32Array.of(0, 0, 0, 0));
    let running = paths;
    let fresh = true;
    let iterations = 0;
    while (running > 0 && !(signal?.aborted && !fresh)) {
      const { turns, rounds } = schedule.next(running, fresh);
      const { capacity } = batch.sizes;
      gpu.write(buffers.end_round, wordsOf(kernels.roundLayout, { capacity, paths, trips: turns }));
      const encoder = gpu.createEncoder('endgame');
      const pass = encoder.beginComputePass({ label: 'endgame' });
      if (fresh) {
        batch.encode(pass, kernels.begin, invocations);
        batch.encode(pass, kernels.advance, [1]);
      }
      for (let round = 0; round < rounds; round++) {
        batch.encode(pass, kernels.play, 'survivors');
        batch.encode(pass, kernels.advance, [1]);
      }
      pass.end();
      const begin = performance.now();
      const [counters] = await gpu.submitAndRead(encoder, [{ buffer: buffers.counters, size: 16 }]);
      const [left, , , soFar] = new Uint32Array(counters!) as unknown as [
        number,
        number,
        number,
        number,
      ];
      schedule.measured(soFar - iterations, performance.now() - begin);
      iterations = soFar;
      running = left;
      fresh = false;
    }
    const encoder = gpu.createEncoder('collect ends');
    const pass = encoder.beginComputePass({ label: 'collect ends' });
    batch.encode(pass, kernels.collect, invocations);
    pass.end();
    const [results] = await gpu.submitAndRead(encoder, [
      { buffer: buffers.end_results, size: paths * kernels.resultSize },
    ]);
    return this.read(tracked, results!);
  }

  private read(tracked: TrackedBatch, results: ArrayBuffer): TrackedBatch {
    const width = this.kernels.resultSize / 4;
    const words = new Uint32Array(results);
    const floats = new Float32Array(results);
    const length = width / 2 - 2;
    const paths = tracked.ids.length;
    const ends = new Float64Array(paths * length);
    for (let k = 0; k < paths; k++) {
      const at = k * width;
      const outcome = words[at]!;
      tracked.outcome[k] = outcome;
      tracked.iterations[k]! += words[at + 1]!;
      if (outcome === EndOutcome.undecided) continue;
      tracked.pivotRatio[k] = floats[at + 2]!;
      if (outcome === EndOutcome.atInfinity) {
        tracked.s[k] = Math.exp(floats[at + 3]!);
        continue;
      }
      for (let part = 0; part < length; part++) {
        ends[k * length + part] = floats[at + 4 + 2 * part]! + floats[at + 5 + 2 * part]!;
      }
    }
    return { ...tracked, ends };
  }
}
