/**
 * A GPU stage that outlives its device. After a loss (a driver's reset, a machine asleep, `device.destroy()`) the rest is
 * asked of a device opened in its place; what a device has given stays. What becomes of a path does not depend on the
 * batch it is in, so that the result is the one without the loss.
 */
import { GpuOutOfMemoryError, type DeviceLostError, type GpuDevice } from '../../gpu/index.js';
import { unlessAborted } from '../../math/stepwise.js';
import type { SolveOptions } from './solve-options.js';

/** Losses without anything done in between: a device that is lost so often is of no use. */
const MOST_IN_A_ROW = 5;

export interface LossOptions {
  /** Whether the caller will have a GPU or nothing. */
  readonly insists: boolean;
  readonly signal: AbortSignal | undefined;
}

/** What the options of a solve say. */
export function lossOptions({
  precision,
  endgame,
  signal,
}: Pick<SolveOptions, 'precision' | 'endgame' | 'signal'>): LossOptions {
  return { insists: precision === 'gpu' || endgame === 'gpu', signal };
}

export class DeviceLosses {
  /** Where work goes on. */
  gpu: GpuDevice;
  /** What there is to say at the end. */
  private readonly notes: string[] = [];
  private lost: DeviceLostError | null = null;
  private count = 0;
  private inARow = 0;
  private smallest: number | null = null;

  constructor(
    gpu: GpuDevice,
    private readonly options: LossOptions,
  ) {
    this.gpu = gpu.current;
  }

  /** Warnings about what happened. */
  get warnings(): readonly string[] {
    const { count, lost, smallest, notes } = this;
    return [
      ...(count > 0
        ? [
            `the GPU device was lost ${count === 1 ? 'once' : `${count} times`} (${lost!.reason}) and opened again: what was at work was done again, and nothing is lost`,
          ]
        : []),
      ...(smallest === null
        ? []
        : [`the GPU has little free memory: paths were followed ${smallest} at a time`]),
      ...notes,
    ];
  }

  /** Remembers that batches of so many paths had to do. */
  readonly onSmaller = (paths: number): void => {
    this.smallest = paths;
  };

  /**
   * Does something on the device, and again on another when it is lost.
   *
   * @returns null when there is no device any more, or an abort came first
   * @throws what is no loss; the loss, when the caller insists on a GPU
   */
  async survive<Result>(work: (gpu: GpuDevice) => Promise<Result>): Promise<Result | null> {
    for (;;) {
      try {
        return await work(this.gpu);
      } catch (error) {
        if (!(await this.goesOnAfter(error))) return null;
      }
    }
  }

  /**
   * The pieces that a device gives, and after losses its successors. They end early when there is no device any more.
   *
   * @param start the pieces from a place on, and which share of a batch is to be done at a time
   * @param size how many places a piece takes
   * @throws what is no loss; the loss, when the caller insists on a GPU
   */
  async *outlive<Piece>(
    start: (gpu: GpuDevice, from: number, share: number) => AsyncIterable<Piece>,
    size: (piece: Piece) => number,
  ): AsyncGenerator<Piece, void, undefined> {
    let from = 0;
    for (;;) {
      try {
        // A batch that takes a device down again and again may be too large for it.
        for await (const piece of start(this.gpu, from, 2 ** -this.inARow)) {
          this.inARow = 0;
          from += size(piece);
          yield piece;
        }
        return;
      } catch (error) {
        if (!(await this.goesOnAfter(error))) return;
      }
    }
  }

  private async goesOnAfter(error: unknown): Promise<boolean> {
    const { signal, insists } = this.options;
    if (error instanceof GpuOutOfMemoryError && !insists) {
      this.notes.push(`${error.message}: the rest was followed on the CPU, in f64`);
      return false;
    }
    const loss = await this.gpu.lossBehind(error);
    if (!loss || loss.reason === 'closed') throw loss ?? error;
    this.lost = loss;
    const end = (why: string): false => {
      if (insists) throw this.lost!;
      this.notes.push(
        `the GPU device was lost (${loss.reason}) and ${why}: the rest was followed on the CPU, in f64`,
      );
      return false;
    };
    if (++this.inARow > MOST_IN_A_ROW) return end(`so were ${MOST_IN_A_ROW} opened after it`);
    try {
      const opened = await unlessAborted(this.gpu.replace(), signal);
      if (opened) this.gpu = opened.current;
      else return signal?.aborted ? false : end("is the app's own, which only the app can replace");
    } catch (failure) {
      const still = await this.gpu.lossBehind(failure);
      if (!still || still.reason === 'closed') throw still ?? failure;
      this.lost = still;
      return end('no other opens');
    }
    this.count++;
    return true;
  }
}
