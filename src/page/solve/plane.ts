/** The complex plane: one unknown's value at the end of every path, and while paths are followed where they are. */
import type { GpuDevice } from '../../gpu/index.js';
import type { PathPositions } from '../../homotopy/index.js';
import { colour, onThemeChange } from '../shell/theme.js';
import { MovingPaths } from './moving-paths.js';
import type { PlaneWindow } from './path-painter.js';

/** A point where a path ended. */
export interface PlanePoint {
  readonly re: number;
  readonly im: number;
  readonly kind: 'real' | 'complex' | 'singular';
}

const HOME: Readonly<PlaneWindow> = { re: 0, im: 0, half: 2.2 };
/** Share of the points that "fit" shows where the others are far away, so far, and would make dust of these. */
const SHOWN_SHARE = 0.98;
const FAR = 2;
const FIT_MARGIN = 1.15;
const ZOOM = 1.25;
/** Of the window's height, for one press of an arrow key. */
const PAN = 0.1;
const MOST_DIGITS = 4;

export class PlaneElement extends HTMLElement {
  readonly #canvas = document.createElement('canvas');
  readonly #paths = new MovingPaths(this);
  readonly #window: PlaneWindow = { ...HOME };
  #unknown = 0;
  #ends: readonly PlanePoint[] = [];
  #frame = 0;
  #colours = readColours();

  connectedCallback(): void {
    const canvas = this.#canvas;
    if (canvas.isConnected) return;
    canvas.tabIndex = 0;
    canvas.role = 'img';
    canvas.ariaLabel = 'Complex plane';
    canvas.ariaDescription = 'Arrow keys move, plus and minus zoom, 0 shows all.';
    this.append(canvas);
    canvas.addEventListener('keydown', (event) => this.#onKey(event));
    canvas.addEventListener('wheel', (event) => this.#onWheel(event), { passive: false });
    canvas.addEventListener('pointerdown', (event) => this.#onDrag(event));
    new ResizeObserver(() => this.#resize()).observe(this);
    document.addEventListener('visibilitychange', () => this.#draw());
    const recolour = () => {
      this.#colours = readColours();
      this.#paths.clearTrails();
      this.#draw();
    };
    onThemeChange(recolour);
    recolour();
  }

  /** Forgets all points; `label` says to a screen reader what is shown. */
  clear(label: string): void {
    this.#canvas.ariaLabel = label;
    this.#ends = [];
    this.#paths.clear();
    Object.assign(this.#window, HOME);
    this.#draw();
  }

  /** Index of the one whose plane it is, of moving paths. */
  set unknown(index: number) {
    this.#unknown = index;
    this.#changeWindow();
  }

  /**
   * Shows where paths are now, on their way from where they were.
   * @returns when it has been seen; a hidden page holds nothing back
   */
  async follow(gpu: GpuDevice, positions: PathPositions): Promise<void> {
    if (!document.hidden) await this.#paths.show(gpu, positions, () => this.#draw());
  }

  /** All ends, instead of the moving paths. */
  settle(ends: readonly PlanePoint[], label: string): void {
    this.#canvas.ariaLabel = label;
    this.#ends = ends;
    this.#paths.clear();
    this.fit();
  }

  /** Shows nearly all ends. */
  fit(): void {
    const parts = this.#ends.map(({ re, im }) => [re, im]);
    if (parts.length === 0) Object.assign(this.#window, HOME);
    else {
      const [re, im] = [
        middle(parts.map((part) => part[0]!)),
        middle(parts.map((part) => part[1]!)),
      ];
      const distances = parts
        .map((part) => Math.max(Math.abs(part[0]! - re) / this.#aspect, Math.abs(part[1]! - im)))
        .sort((a, b) => a - b);
      const most = distances[Math.ceil(SHOWN_SHARE * distances.length) - 1]!;
      const all = distances.at(-1)!;
      const reach = all <= FAR * most ? all : most;
      Object.assign(this.#window, { re, im, half: Math.max(FIT_MARGIN * reach, 1e-6) });
    }
    this.#changeWindow();
  }

  zoom(factor: number, re = this.#window.re, im = this.#window.im): void {
    const { half } = this.#window;
    const next = Math.min(Math.max(half / factor, 1e-9), 1e9);
    // What is under the pointer stays there.
    this.#window.re = re + ((this.#window.re - re) * next) / half;
    this.#window.im = im + ((this.#window.im - im) * next) / half;
    this.#window.half = next;
    this.#changeWindow();
  }

  get #aspect(): number {
    return this.#canvas.width / Math.max(this.#canvas.height, 1);
  }

  #changeWindow(): void {
    this.#paths.clearTrails();
    this.#draw();
  }

  #onKey(event: KeyboardEvent): void {
    const step = 2 * PAN * this.#window.half;
    const moves: Record<string, () => void> = {
      ArrowLeft: () => (this.#window.re -= step),
      ArrowRight: () => (this.#window.re += step),
      ArrowUp: () => (this.#window.im += step),
      ArrowDown: () => (this.#window.im -= step),
      '+': () => this.zoom(ZOOM),
      '=': () => this.zoom(ZOOM),
      '-': () => this.zoom(1 / ZOOM),
      '0': () => this.fit(),
    };
    const move = moves[event.key];
    if (!move || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    move();
    this.#changeWindow();
  }

  #onWheel(event: WheelEvent): void {
    // Without a key the wheel scrolls the page, as everywhere else.
    if (!event.ctrlKey && document.activeElement !== this.#canvas) return;
    event.preventDefault();
    const { re, im } = this.#valueAt(event.offsetX, event.offsetY);
    this.zoom(event.deltaY < 0 ? ZOOM : 1 / ZOOM, re, im);
  }

  #onDrag(down: PointerEvent): void {
    const canvas = this.#canvas;
    const grip = this.#valueAt(down.offsetX, down.offsetY);
    canvas.setPointerCapture(down.pointerId);
    const move = (event: PointerEvent) => {
      const now = this.#valueAt(event.offsetX, event.offsetY);
      this.#window.re += grip.re - now.re;
      this.#window.im += grip.im - now.im;
      this.#changeWindow();
    };
    const end = () => {
      canvas.removeEventListener('pointermove', move);
      canvas.removeEventListener('pointerup', end);
      canvas.removeEventListener('pointercancel', end);
    };
    canvas.addEventListener('pointermove', move);
    canvas.addEventListener('pointerup', end);
    canvas.addEventListener('pointercancel', end);
  }

  /** The value at a place in CSS pixels. */
  #valueAt(x: number, y: number): { re: number; im: number } {
    const { clientWidth: width, clientHeight: height } = this.#canvas;
    const unit = (2 * this.#window.half) / height;
    return {
      re: this.#window.re + (x - width / 2) * unit,
      im: this.#window.im - (y - height / 2) * unit,
    };
  }

  #resize(): void {
    const scale = Math.min(devicePixelRatio, 2);
    this.#canvas.width = Math.max(1, Math.round(this.clientWidth * scale));
    this.#canvas.height = Math.max(1, Math.round(this.clientHeight * scale));
    // A canvas of another size is empty: not until the next frame, which would show.
    this.#paint();
  }

  /** At the next frame, and at every one while something moves; a hidden page has no frames. */
  #draw(): void {
    if (this.#frame !== 0) return;
    this.#frame = requestAnimationFrame(() => {
      this.#frame = 0;
      this.#paint();
      if (this.#paths.isMoving) this.#draw();
    });
  }

  #paint(): void {
    const canvas = this.#canvas;
    const context = canvas.getContext('2d')!;
    const { width, height } = canvas;
    const scale = height / (2 * this.#window.half);
    const x = (re: number) => width / 2 + (re - this.#window.re) * scale;
    const y = (im: number) => height / 2 - (im - this.#window.im) * scale;
    const pixel = width / Math.max(canvas.clientWidth, 1);
    context.fillStyle = this.#colours.paper;
    context.fillRect(0, 0, width, height);
    this.#paintGrid(context, x, y, pixel);
    const { moving } = this.#colours;
    this.#paths.paint(
      { window: this.#window, unknown: this.#unknown, colour: moving, pixel },
      canvas,
    );
    for (const kind of ['complex', 'singular', 'real'] as const) {
      context.strokeStyle = this.#colours[kind];
      context.fillStyle = this.#colours[kind];
      context.lineWidth = 1.25 * pixel;
      for (const end of this.#ends) {
        if (end.kind !== kind) continue;
        context.beginPath();
        context.arc(x(end.re), y(end.im), (kind === 'complex' ? 3 : 3.75) * pixel, 0, 2 * Math.PI);
        if (kind === 'complex') context.stroke();
        else context.fill();
      }
    }
  }

  /** Axes and lines at round values, and the unit circle, where start systems have their solutions. */
  #paintGrid(
    context: CanvasRenderingContext2D,
    x: (re: number) => number,
    y: (im: number) => number,
    pixel: number,
  ): void {
    const { width, height } = context.canvas;
    const { half } = this.#window;
    const step = roundStep(half / 2);
    context.lineWidth = pixel;
    context.strokeStyle = this.#colours.grid;
    context.fillStyle = this.#colours.ink;
    context.font = `${11 * pixel}px system-ui, sans-serif`;
    const reach = half * Math.max(1, this.#aspect);
    const lines = (centre: number) => {
      const first = Math.ceil((centre - reach) / step);
      return Array.from(
        { length: Math.floor(2 * (reach / step)) + 2 },
        (_, k) => (first + k) * step,
      );
    };
    const digits = (value: number) => String(Number(value.toPrecision(MOST_DIGITS)));
    for (const re of lines(this.#window.re)) {
      line(context, [x(re), 0], [x(re), height], re === 0 ? this.#colours.ink : this.#colours.grid);
      context.fillText(digits(re), x(re) + 4 * pixel, height - 6 * pixel);
    }
    for (const im of lines(this.#window.im)) {
      line(context, [0, y(im)], [width, y(im)], im === 0 ? this.#colours.ink : this.#colours.grid);
      // At the bottom are those of the real part.
      if (im !== 0 && y(im) < height - 24 * pixel)
        context.fillText(`${digits(im)}i`, 6 * pixel, y(im) - 4 * pixel);
    }
    context.strokeStyle = this.#colours.ink;
    context.setLineDash([2 * pixel, 4 * pixel]);
    context.beginPath();
    context.arc(x(0), y(0), x(1) - x(0), 0, 2 * Math.PI);
    context.stroke();
    context.setLineDash([]);
  }
}

customElements.define('lps-plane', PlaneElement);

function readColours() {
  return {
    paper: colour('plane-paper'),
    grid: colour('plane-grid'),
    ink: colour('plane-ink'),
    real: colour('plane-real'),
    complex: colour('plane-complex'),
    singular: colour('plane-singular'),
    moving: parts(colour('plane-moving')),
  };
}

/** Of "rgb(1, 2, 3)", as computed styles are. */
function parts(computed: string): readonly [number, number, number] {
  const [red, green, blue] = computed.match(/[\d.]+/g)!.map(Number);
  return [red!, green!, blue!];
}

function line(
  context: CanvasRenderingContext2D,
  from: readonly [number, number],
  to: readonly [number, number],
  style: string,
): void {
  context.strokeStyle = style;
  context.beginPath();
  context.moveTo(...from);
  context.lineTo(...to);
  context.stroke();
}

/** 1, 2 or 5 times a power of ten, near to a length. */
function roundStep(length: number): number {
  const power = 10 ** Math.floor(Math.log10(length));
  const lead = length / power;
  return power * (lead < 1.5 ? 1 : lead < 3.5 ? 2 : lead < 7.5 ? 5 : 10);
}

function middle(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1]!;
}
