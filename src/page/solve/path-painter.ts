/** What draws moving paths over the plane: from the solver's buffer by WebGPU, or from numbers read back. */
import type { GpuDevice } from '../../gpu/index.js';
import type { PathPositions } from '../../homotopy/index.js';

/** Paths that are drawn; more would only cover one another. */
const MOST_DRAWN = 20_000;
/** Edge of a path's square, CSS pixels. */
export const POINT_EDGE = 2;

/** Centre and half the height of what is shown of the plane. */
export interface PlaneWindow {
  re: number;
  im: number;
  half: number;
}

/** One picture. */
export interface Frame {
  readonly window: Readonly<PlaneWindow>;
  /** Index of the unknown whose plane it is. */
  readonly unknown: number;
  /** 0..1 of the way from the round before the last to the last. */
  readonly share: number;
  /** 0..1 of the trails that is left of the frame before. */
  readonly kept: number;
  /** sRGB, 0..255. */
  readonly colour: readonly [red: number, green: number, blue: number];
  /** Of the canvas for one of CSS. */
  readonly pixel: number;
}

export interface PathPainter {
  /** Transparent where nothing is; its size is set by whoever shows it. */
  readonly canvas: HTMLCanvasElement;
  readonly gpu: GpuDevice;
  /**
   * Takes over a round: its buffer may be written to when the answer is there.
   * @param isNext whether these are the paths of the round before, which then go on from there
   */
  take(positions: PathPositions, isNext: boolean): Promise<void>;
  paint(frame: Frame): void;
  /** Takes the trails away. */
  clearTrails(): void;
  /** Frees what it has on the GPU. */
  close(): void;
}

/** How many of a round's paths are drawn. */
export function drawnOf({ paths }: PathPositions): number {
  return Math.min(paths, MOST_DRAWN);
}
