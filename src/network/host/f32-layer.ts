/**
 * Products of dense and convolution layers in f32 (f32-product.ts), in shares of rows that several threads take.
 *
 * The images of a share are copied with their padding, so that the patches that a kernel cell sees are the image itself,
 * moved: a patch's column is gathered without a look at the image's edges (im2col, a panel at a time).
 */
import { F32Multiplier, rowsAsColumns, TILE_COLUMNS, type RightFactor } from './f32-product.js';
import type { Stepwise } from '../../math/stepwise.js';
import type { AffineLayer } from '../affine-layers.js';
import type { Conv2dLayer, DenseLayer } from '../layer.js';
import type { Shape, WindowAxis } from '../shape.js';
import type { Features } from './features.js';
import type { F32Products } from './forward-pass.js';

/** One layer on some rows, as it can be posted to a worker that sees the same memory. */
export interface LayerProducts {
  readonly layer: DenseLayer | Conv2dLayer;
  /** Of one row. */
  readonly inputShape: Shape;
  /** Of a convolution, along rows and columns. */
  readonly window: readonly [WindowAxis, WindowAxis] | null;
  readonly rows: number;
  /** Of a share; the last has what is left. */
  readonly rowsOfShare: number;
  readonly outputs: number;
  readonly fanIn: number;
  /** [out][fan in] */
  readonly weight: Float32Array;
  /** [row][entry] */
  readonly input: Float32Array;
  /** [out], or null for zeros. */
  readonly bias: Float32Array | null;
  /** [row][out, position] */
  readonly output: Float32Array;
}

/** Other threads that see the rows' memory. */
export interface RowHelpers {
  /** Whether one has room for a share. */
  readonly areIdle: boolean;
  /** Begins a share there. */
  begin(products: LayerProducts, share: number): SharedWork;
}

/** `state` changes between two turns of the event loop. */
export interface SharedWork {
  readonly state: 'away' | 'done' | 'failed';
}

/** Columns of a share, so that a thread packs weights seldom. */
const SHARE_COLUMNS = 512;

/** @param helpers see memory that threads share, in which rows must then be */
export function f32Products(helpers: RowHelpers | undefined): F32Products {
  return {
    write: (layer, window, input, weights, output) =>
      writeProducts(layer, window, input, weights, output, helpers),
  };
}

function* writeProducts(
  { layer, weight: { rows: outputs, columns: fanIn } }: AffineLayer,
  window: LayerProducts['window'],
  input: Features<Float32Array>,
  { weight, bias }: { readonly weight: ArrayLike<number>; readonly bias: ArrayLike<number> | null },
  output: Float32Array,
  helpers: RowHelpers | undefined,
): Stepwise<void> {
  const positions = output.length / (input.count * outputs);
  const products: LayerProducts = {
    layer,
    inputShape: input.shape,
    window,
    rows: input.count,
    rowsOfShare: Math.min(input.count, Math.ceil(SHARE_COLUMNS / positions)),
    outputs,
    fanIn,
    weight: copyOf(weight, helpers !== undefined),
    bias: bias && Float32Array.from(bias),
    input: input.data,
    output,
  };
  const own = new LayerShares(products);
  const waiting = Array.from(
    { length: Math.ceil(input.count / products.rowsOfShare) },
    (_, share) => share,
  );
  let away: { readonly share: number; readonly work: SharedWork }[] = [];
  while (waiting.length > 0 || away.length > 0) {
    while (helpers?.areIdle && waiting.length > 1) {
      const share = waiting.pop()!;
      away.push({ share, work: helpers.begin(products, share) });
    }
    const share = waiting.shift();
    if (share === undefined) yield;
    else yield* own.share(share);
    // What a helper could not do is done here.
    waiting.unshift(...away.flatMap(({ share, work }) => (work.state === 'failed' ? [share] : [])));
    away = away.filter(({ work }) => work.state === 'away');
  }
}

function copyOf(values: ArrayLike<number>, isShared: boolean): Float32Array {
  const bytes = Float32Array.BYTES_PER_ELEMENT * values.length;
  const copy = new Float32Array(isShared ? new SharedArrayBuffer(bytes) : new ArrayBuffer(bytes));
  copy.set(values);
  return copy;
}

/** The shares that one thread makes. */
export class LayerShares {
  constructor(private readonly products: LayerProducts) {}

  *share(number: number): Stepwise<object> {
    const { layer, rows, rowsOfShare, outputs, fanIn, weight, bias, input, output } = this.products;
    const multiplier = F32Multiplier.ofThread();
    const first = number * rowsOfShare;
    const count = Math.min(rowsOfShare, rows - first);
    const results = output.subarray(
      (first * output.length) / rows,
      ((first + count) * output.length) / rows,
    );
    const positions = results.length / (count * outputs);
    for (let start = 0; start < results.length; start += positions) {
      results.fill(bias?.[(start / positions) % outputs] ?? 0, start, start + positions);
    }
    if (layer.type === 'dense') {
      // Weights are the right factor here, so that each row of the result lies together.
      yield* multiplier.addProducts(
        { data: input, first: first * fanIn, rows: count, stride: fanIn },
        rowsAsColumns(weight, outputs, fanIn),
        fanIn,
        { data: results, first: 0, rowStride: outputs, run: outputs, runStride: 0 },
      );
      return {};
    }
    const images = padImages(this.products, { first, count });
    const perGroup = outputs / layer.groups;
    for (let group = 0; group < layer.groups; group++) {
      yield* multiplier.addProducts(
        { data: weight, first: group * perGroup * fanIn, rows: perGroup, stride: fanIn },
        patchColumns(layer, images, group, fanIn),
        fanIn,
        {
          data: results,
          first: group * perGroup * positions,
          rowStride: positions,
          run: positions,
          runStride: outputs * positions,
        },
      );
    }
    return {};
  }
}

/** The images of a share with zeros around them. */
interface PaddedImages {
  readonly data: Float32Array;
  readonly count: number;
  readonly channels: number;
  /** Cells of a row, and of a channel. */
  readonly width: number;
  readonly cells: number;
  /** Positions of the window in a row, and on an image. */
  readonly across: number;
  readonly positions: number;
}

function padImages(
  { inputShape, window, input }: LayerProducts,
  { first, count }: { readonly first: number; readonly count: number },
): PaddedImages {
  const [height, width, channels] = inputShape as readonly [number, number, number];
  const [rows, columns] = window!;
  const padded = {
    height: height + rows.before + rows.after,
    width: width + columns.before + columns.after,
  };
  const cells = padded.height * padded.width;
  const data = new Float32Array(count * channels * cells);
  for (let plane = 0; plane < count * channels; plane++) {
    for (let row = 0; row < height; row++) {
      const from = ((first * channels + plane) * height + row) * width;
      const to = plane * cells + (row + rows.before) * padded.width + columns.before;
      for (let column = 0; column < width; column++) data[to + column] = input[from + column]!;
    }
  }
  return {
    data,
    count,
    channels,
    width: padded.width,
    cells,
    across: columns.output,
    positions: rows.output * columns.output,
  };
}

/** The patches of a group's channels; columns count position by position and image by image. */
function patchColumns(
  { kernel, stride, dilation, groups }: Conv2dLayer,
  { data, count, channels, width, cells, across, positions }: PaddedImages,
  group: number,
  fanIn: number,
): RightFactor {
  const perGroup = channels / groups;
  // Of each term, from the first cell of a patch.
  const offsets = new Int32Array(fanIn);
  for (let term = 0; term < fanIn; term++) {
    const [inChannel, channel] = [
      term % (kernel[0] * kernel[1]),
      Math.floor(term / (kernel[0] * kernel[1])),
    ];
    const [i, j] = [Math.floor(inChannel / kernel[1]), inChannel % kernel[1]];
    offsets[term] =
      (group * perGroup + channel) * cells + i * dilation[0] * width + j * dilation[1];
  }
  const startOf = (column: number): number => {
    const position = column % positions;
    const image = (column - position) / positions;
    const x = position % across;
    const y = (position - x) / across;
    return image * channels * cells + y * stride[0] * width + x * stride[1];
  };
  return {
    columns: count * positions,
    pack: (target, { term, terms, column, columns }) => {
      for (let panel = 0; panel < columns; panel += TILE_COLUMNS) {
        // Columns of the last panel that do not exist repeat the last that does; nobody reads what they make.
        const start = (index: number) => startOf(column + Math.min(panel + index, columns - 1));
        const [a, b, c, d] = [start(0), start(1), start(2), start(3)];
        const [e, f, g, h] = [start(4), start(5), start(6), start(7)];
        let to = panel * terms;
        for (let index = term; index < term + terms; index++, to += TILE_COLUMNS) {
          const offset = offsets[index]!;
          target[to] = data[a + offset]!;
          target[to + 1] = data[b + offset]!;
          target[to + 2] = data[c + offset]!;
          target[to + 3] = data[d + offset]!;
          target[to + 4] = data[e + offset]!;
          target[to + 5] = data[f + offset]!;
          target[to + 6] = data[g + offset]!;
          target[to + 7] = data[h + offset]!;
        }
      }
    },
  };
}
