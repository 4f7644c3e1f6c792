/** Moving paths drawn by WebGPU from copies of the solver's buffer: no point ever leaves the GPU. */
import { pageMovingPaths } from '../../generated/shaders/page/moving-paths.js';
import type { GpuDevice } from '../../gpu/index.js';
import type { PathPositions } from '../../homotopy/index.js';
import { packUniform } from '../../network/gpu/uniforms.js';
import { drawnOf, POINT_EDGE, type Frame, type PathPainter } from './path-painter.js';

const WORD_BYTES = 4;
const TRANSPARENT = [0, 0, 0, 0];
const SQUARE_CORNERS = 4;
const WHOLE_CORNERS = 3;
/** What is painted over what is there, premultiplied. */
const OVER: GPUBlendComponent = { srcFactor: 'one', dstFactor: 'one-minus-src-alpha' };
/** A share of what is there (the blend constant), less a bit. */
const LESS: GPUBlendComponent = {
  operation: 'reverse-subtract',
  srcFactor: 'one',
  dstFactor: 'constant',
};

/** Two rounds of records, one after the other, and which of them is the later one. */
interface Rounds {
  positions: PathPositions;
  readonly records: GPUBuffer;
  readonly bindings: GPUBindGroup;
  later: 0 | 1;
  earlier: 0 | 1;
}

export class WebGpuPainter implements PathPainter {
  readonly #view: GPUBuffer;
  #rounds: Rounds | null = null;
  /** What the canvas shows, kept from frame to frame. */
  #trails: GPUTexture | null = null;

  private constructor(
    readonly gpu: GpuDevice,
    readonly canvas: HTMLCanvasElement,
    private readonly context: GPUCanvasContext,
    private readonly pipelines: {
      readonly points: GPURenderPipeline;
      readonly fade: GPURenderPipeline;
    },
  ) {
    this.#view = gpu.device.createBuffer({
      label: 'view',
      size: pageMovingPaths.structs.View.size,
      usage: GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST,
    });
  }

  /** @returns null where the browser does not show what WebGPU draws on a canvas */
  static async open(gpu: GpuDevice): Promise<WebGpuPainter | null> {
    const canvas = document.createElement('canvas');
    const context = canvas.getContext('webgpu');
    if (!context) return null;
    const { device } = gpu;
    const format = navigator.gpu.getPreferredCanvasFormat();
    context.configure({
      device,
      format,
      alphaMode: 'premultiplied',
      usage: GPUTextureUsage.RENDER_ATTACHMENT | GPUTextureUsage.COPY_DST,
    });
    if (!showsWhatIsDrawn(device, context)) return null;
    const module = device.createShaderModule({
      label: pageMovingPaths.name,
      code: pageMovingPaths.code,
    });
    const pipeline = (
      vertex: string,
      fragment: string,
      topology: GPUPrimitiveTopology,
      blend: GPUBlendComponent,
    ) =>
      device.createRenderPipelineAsync({
        label: `${pageMovingPaths.name} ${fragment}`,
        layout: 'auto',
        vertex: { module, entryPoint: vertex },
        fragment: {
          module,
          entryPoint: fragment,
          targets: [{ format, blend: { color: blend, alpha: blend } }],
        },
        primitive: { topology },
      });
    const [points, fade] = await Promise.all([
      pipeline('corner', 'ink', 'triangle-strip', OVER),
      pipeline('whole', 'fade', 'triangle-list', LESS),
    ]);
    return new WebGpuPainter(gpu, canvas, context, { points, fade });
  }

  take(positions: PathPositions, isNext: boolean): Promise<void> {
    const bytes = bytesOf(positions);
    if (!this.#rounds || bytesOf(this.#rounds.positions) !== bytes) {
      this.#rounds?.records.destroy();
      this.#rounds = this.#makeRounds(positions);
      isNext = false;
    }
    const rounds = this.#rounds;
    rounds.positions = positions;
    const { later } = rounds;
    rounds.later = later === 0 ? 1 : 0;
    rounds.earlier = isNext ? later : rounds.later;
    const { device } = this.gpu;
    const encoder = device.createCommandEncoder({ label: 'positions' });
    encoder.copyBufferToBuffer(positions.buffer, 0, rounds.records, rounds.later * bytes, bytes);
    device.queue.submit([encoder.finish()]);
    return Promise.resolve();
  }

  paint(frame: Frame): void {
    const rounds = this.#rounds;
    if (!rounds) return;
    const { device } = this.gpu;
    const trails = this.#trailsOfSize();
    device.queue.writeBuffer(this.#view, 0, this.#viewOf(rounds, frame));
    const encoder = device.createCommandEncoder({ label: 'moving paths' });
    const pass = encoder.beginRenderPass({
      colorAttachments: [{ view: trails.createView(), loadOp: 'load', storeOp: 'store' }],
    });
    const { kept } = frame;
    pass.setBlendConstant([kept, kept, kept, kept]);
    pass.setPipeline(this.pipelines.fade);
    pass.draw(WHOLE_CORNERS);
    pass.setPipeline(this.pipelines.points);
    pass.setBindGroup(0, rounds.bindings);
    pass.draw(SQUARE_CORNERS, drawnOf(rounds.positions));
    pass.end();
    this.#show(encoder, trails);
  }

  clearTrails(): void {
    const trails = this.#trailsOfSize();
    const encoder = this.gpu.device.createCommandEncoder({ label: 'no trails' });
    clear(encoder, trails);
    this.#show(encoder, trails);
  }

  close(): void {
    this.#rounds?.records.destroy();
    this.#trails?.destroy();
    this.#view.destroy();
    this.context.unconfigure();
  }

  /** Submits, with the trails on the canvas. */
  #show(encoder: GPUCommandEncoder, trails: GPUTexture): void {
    const texture = this.context.getCurrentTexture();
    encoder.copyTextureToTexture({ texture: trails }, { texture }, [trails.width, trails.height]);
    // Not by `gpu.submit`, which would throw here what another call of the solver has to tell.
    this.gpu.device.queue.submit([encoder.finish()]);
  }

  #makeRounds(positions: PathPositions): Rounds {
    const { device } = this.gpu;
    const records = device.createBuffer({
      label: 'two rounds',
      size: 2 * bytesOf(positions),
      usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST,
    });
    const resources: Record<string, GPUBuffer> = { view: this.#view, records };
    const bindings = device.createBindGroup({
      layout: this.pipelines.points.getBindGroupLayout(0),
      entries: pageMovingPaths.bindings.map(({ name, binding }) => ({
        binding,
        resource: { buffer: resources[name]! },
      })),
    });
    return { positions, records, bindings, later: 0, earlier: 0 };
  }

  /** Those of the canvas's size; new ones are empty. */
  #trailsOfSize(): GPUTexture {
    const { width, height } = this.canvas;
    if (this.#trails?.width === width && this.#trails.height === height) return this.#trails;
    this.#trails?.destroy();
    this.#trails = this.gpu.device.createTexture({
      label: 'trails',
      size: [width, height],
      format: this.context.getCurrentTexture().format,
      usage: GPUTextureUsage.RENDER_ATTACHMENT | GPUTextureUsage.COPY_SRC,
    });
    return this.#trails;
  }

  #viewOf({ positions, later, earlier }: Rounds, frame: Frame): Uint8Array<ArrayBuffer> {
    const { width, height } = this.canvas;
    const { window, unknown, share, colour, pixel } = frame;
    const { word, homogenizing, unit } = positions.unknowns[unknown]!;
    const words = bytesOf(positions) / WORD_BYTES;
    // From the plane to clip space.
    const [across, up] = [height / (width * window.half), 1 / window.half];
    return packUniform(pageMovingPaths, 'View', {
      colour: [...colour.map((part) => part / 255), 1],
      scale: [2 ** unit * across, 2 ** unit * up],
      middle: [window.re * across, window.im * up],
      half_edge: [(POINT_EDGE * pixel) / width, (POINT_EDGE * pixel) / height],
      share,
      earlier: earlier * words,
      later: later * words,
      stride: positions.stride,
      word,
      homogenizing,
    });
  }
}

function bytesOf(positions: PathPositions): number {
  return WORD_BYTES * positions.stride * drawnOf(positions);
}

/** Paints all of a canvas, and looks whether it is there: some browsers without a graphics card leave it empty. */
function showsWhatIsDrawn(device: GPUDevice, context: GPUCanvasContext): boolean {
  const encoder = device.createCommandEncoder({ label: 'is it shown' });
  clear(encoder, context.getCurrentTexture(), [1, 1, 1, 1]);
  device.queue.submit([encoder.finish()]);
  const look = new OffscreenCanvas(1, 1).getContext('2d')!;
  look.drawImage(context.canvas, 0, 0);
  return look.getImageData(0, 0, 1, 1).data[3] === 255;
}

function clear(
  encoder: GPUCommandEncoder,
  texture: GPUTexture,
  clearValue: GPUColor = TRANSPARENT,
): void {
  encoder
    .beginRenderPass({
      colorAttachments: [
        { view: texture.createView(), loadOp: 'clear', storeOp: 'store', clearValue },
      ],
    })
    .end();
}
