/** Moving paths on a 2D canvas, from numbers that are read back: where the browser shows nothing that WebGPU draws. */
import type { GpuDevice } from '../../gpu/index.js';
import type { PathPositions } from '../../homotopy/index.js';
import { drawnOf, POINT_EDGE, type Frame, type PathPainter } from './path-painter.js';

const WORD_BYTES = 4;

export class CanvasPainter implements PathPainter {
  readonly canvas = document.createElement('canvas');
  readonly #context = this.canvas.getContext('2d')!;
  #positions: PathPositions | null = null;
  #earlier = new Float32Array();
  #later = new Float32Array();

  constructor(readonly gpu: GpuDevice) {}

  async take(positions: PathPositions, isNext: boolean): Promise<void> {
    const { buffer, stride } = positions;
    const size = WORD_BYTES * stride * drawnOf(positions);
    const words = new Float32Array(await this.gpu.read(buffer, 0, size));
    this.#earlier = isNext ? this.#later : words;
    this.#later = words;
    this.#positions = positions;
  }

  paint({ window, unknown, share, kept, colour, pixel }: Frame): void {
    const { width, height } = this.canvas;
    const context = this.#context;
    context.globalCompositeOperation = 'destination-in';
    context.fillStyle = `rgb(0 0 0 / ${kept})`;
    context.fillRect(0, 0, width, height);
    context.globalCompositeOperation = 'source-over';
    context.fillStyle = `rgb(${colour.join(' ')})`;
    const scale = height / (2 * window.half);
    const size = POINT_EDGE * pixel;
    const earlier = this.#values(this.#earlier, unknown);
    const later = this.#values(this.#later, unknown);
    // At infinity these are no numbers, and nothing is drawn.
    for (let k = 0; k < later.length; k += 2) {
      const re = earlier[k]! + share * (later[k]! - earlier[k]!);
      const im = earlier[k + 1]! + share * (later[k + 1]! - earlier[k + 1]!);
      const [x, y] = [(re - window.re) * scale, (im - window.im) * scale];
      context.fillRect((width - size) / 2 + x, (height - size) / 2 - y, size, size);
    }
  }

  clearTrails(): void {
    this.#context.clearRect(0, 0, this.canvas.width, this.canvas.height);
  }

  close(): void {
    this.#positions = null;
    this.#earlier = this.#later = new Float32Array();
  }

  /** re and im of one unknown on every path. */
  #values(words: Float32Array, unknown: number): Float64Array {
    if (!this.#positions) return new Float64Array();
    const { stride, unknowns } = this.#positions;
    const { word, homogenizing, unit } = unknowns[unknown]!;
    const values = new Float64Array((2 * words.length) / stride);
    for (let k = 0; k < values.length; k += 2) {
      const record = (k / 2) * stride;
      const [re, im] = [words[record + word]!, words[record + word + 1]!];
      const [zr, zi] = [words[record + homogenizing]!, words[record + homogenizing + 1]!];
      const scale = 2 ** unit / (zr * zr + zi * zi);
      values[k] = (re * zr + im * zi) * scale;
      values[k + 1] = (im * zr - re * zi) * scale;
    }
    return values;
  }
}
