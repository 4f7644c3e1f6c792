/**
 * A convolution as a matrix product: the patches of input that its filters see (im2col). Padding
 * is zero; positions count row by row.
 */
import type { AffineLayer } from '../affine-layers.js';
import type { Conv2dLayer } from '../layer.js';
import { slideWindow2 } from '../shape.js';
import type { Features, RowData } from './features.js';

/**
 * Copies patches into rows.
 *
 * @param positions image * (positions per image) + position, one per row
 * @param group channels of which group
 * @returns [row][channel of the group, kernel row, kernel column]
 */
export function patchRows(
  layer: Conv2dLayer,
  input: Features<RowData>,
  positions: ArrayLike<number>,
  group: number,
): Float64Array {
  const [height, width, channels] = input.shape as readonly [number, number, number];
  const [down, across] = slideWindow2(layer, input.shape);
  const [kernelRows, kernelColumns] = layer.kernel;
  const groupChannels = channels / layer.groups;
  const fanIn = groupChannels * kernelRows * kernelColumns;
  const perImage = down.output * across.output;
  const rows = new Float64Array(positions.length * fanIn);
  for (let index = 0; index < positions.length; index++) {
    const image = Math.floor(positions[index]! / perImage);
    const position = positions[index]! % perImage;
    const top = Math.floor(position / across.output) * layer.stride[0] - down.before;
    const left = (position % across.output) * layer.stride[1] - across.before;
    let to = index * fanIn;
    for (let channel = 0; channel < groupChannels; channel++) {
      const plane = image * input.entries + (group * groupChannels + channel) * height * width;
      for (let i = 0; i < kernelRows; i++) {
        const y = top + i * layer.dilation[0];
        for (let j = 0; j < kernelColumns; j++, to++) {
          const x = left + j * layer.dilation[1];
          if (y >= 0 && y < height && x >= 0 && x < width) {
            rows[to] = input.data[plane + y * width + x]!;
          }
        }
      }
    }
  }
  return rows;
}

/** Multiplications of one row's way through the layers. */
export function productsPerRow(affineLayers: readonly AffineLayer[]): number {
  return affineLayers.reduce((sum, { layer, shape, weight }) => {
    const positions =
      layer.type === 'conv2d' ? positionsPerImage(layer, { shape: shape.input }) : 1;
    return sum + weight.rows * weight.columns * positions;
  }, 0);
}

/** Positions of the window on one image. */
export function positionsPerImage(layer: Conv2dLayer, input: Pick<Features, 'shape'>): number {
  const [down, across] = slideWindow2(layer, input.shape);
  return down.output * across.output;
}
