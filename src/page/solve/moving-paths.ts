/**
 * Where paths are while they are followed, over the plane: points go from where they were in one round to where they are
 * in the next, and leave trails that fade.
 */
import type { GpuDevice } from '../../gpu/index.js';
import type { PathPositions } from '../../homotopy/index.js';
import { CanvasPainter } from './canvas-painter.js';
import type { Frame, PathPainter } from './path-painter.js';
import { WebGpuPainter } from './webgpu-painter.js';

/** A point reaches its place after so long, ms. */
const GLIDE_MS = 200;
/** After so long there is nothing to be seen of a trail, ms. */
const FADE_MS = 1000;
/** Of a trail that is left after one frame of 60 a second. */
const TRAIL = 0.9;
const FRAME_MS = 1000 / 60;

export class MovingPaths {
  #painter: PathPainter | null = null;
  #round: PathPositions | null = null;
  #movedAt = -Infinity;
  #paintedAt = -Infinity;

  /** @param host gets a canvas that lies over its own */
  constructor(private readonly host: HTMLElement) {}

  /** Whether the next frame will be another. */
  get isMoving(): boolean {
    return this.#round !== null && performance.now() - this.#movedAt < GLIDE_MS + FADE_MS;
  }

  /**
   * Shows a round from now on.
   * @returns when it has been seen: the GPU would be done with the next ones before
   */
  async show(gpu: GpuDevice, positions: PathPositions, changed: () => void): Promise<void> {
    const before = this.#round;
    const painter = await this.#painterOn(gpu);
    await painter.take(positions, before !== null && isSame(before, positions));
    // Unless all was cleared meanwhile.
    if (this.#round !== before) return;
    this.#round = positions;
    this.#movedAt = performance.now();
    changed();
    await new Promise((resolve) => setTimeout(resolve, GLIDE_MS));
  }

  paint(view: Omit<Frame, 'share' | 'kept'>, { width, height }: HTMLCanvasElement): void {
    if (!this.#painter || !this.#round) return;
    const { canvas } = this.#painter;
    // Setting it would empty the canvas.
    if (canvas.width !== width || canvas.height !== height)
      Object.assign(canvas, { width, height });
    const now = performance.now();
    this.#painter.paint({
      ...view,
      share: Math.min(1, (now - this.#movedAt) / GLIDE_MS),
      kept: TRAIL ** ((now - this.#paintedAt) / FRAME_MS),
    });
    this.#paintedAt = now;
  }

  clearTrails(): void {
    this.#painter?.clearTrails();
  }

  /** Shows no paths until the next round. */
  clear(): void {
    this.#round = null;
    this.clearTrails();
  }

  async #painterOn(gpu: GpuDevice): Promise<PathPainter> {
    if (this.#painter?.gpu === gpu) return this.#painter;
    const painter = (await WebGpuPainter.open(gpu)) ?? new CanvasPainter(gpu);
    this.#drop();
    this.#painter = painter;
    painter.canvas.ariaHidden = 'true';
    this.host.append(painter.canvas);
    void gpu.lost.then(() => this.#painter === painter && this.#drop());
    return painter;
  }

  #drop(): void {
    this.#painter?.canvas.remove();
    this.#painter?.close();
    this.#painter = null;
    this.#round = null;
  }
}

/** Whether two rounds are of the same paths. */
function isSame(a: PathPositions, b: PathPositions): boolean {
  return a.buffer === b.buffer && a.first === b.first && a.paths === b.paths;
}
