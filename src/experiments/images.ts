/** Smaller images for networks whose full-size training takes too long on two cores. */
import { describeDataset, type Dataset } from '../data/dataset.js';

/**
 * Means of 2 x 2 pixels.
 *
 * @param data images of even height and width
 * @throws RangeError for other data
 */
export function halveImages(data: Dataset): Dataset {
  const [height, width, channels] = data.shape;
  if (channels === undefined || height! % 2 !== 0 || width! % 2 !== 0) {
    throw new RangeError(
      `images of even height and width are needed, the samples of ${describeDataset(data)} are [${data.shape.join(', ')}]`,
    );
  }
  const [rows, columns] = [height! / 2, width! / 2];
  const planes = data.count * channels;
  const { inputs } = data;
  const isBytes = inputs instanceof Uint8Array;
  const halved = isBytes ? new Uint8Array(inputs.length / 4) : new Float32Array(inputs.length / 4);
  let place = 0;
  for (let plane = 0; plane < planes; plane++) {
    const first = plane * height! * width!;
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        const corner = first + 2 * row * width! + 2 * column;
        const sum =
          inputs[corner]! +
          inputs[corner + 1]! +
          inputs[corner + width!]! +
          inputs[corner + width! + 1]!;
        halved[place++] = isBytes ? Math.round(sum / 4) : sum / 4;
      }
    }
  }
  return { ...data, shape: [rows, columns, channels], inputs: halved };
}
