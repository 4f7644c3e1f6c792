/** From the solver's buffer to the plane: the value of one unknown on every path, round by round. */
import type { GpuDevice } from '../../gpu/index.js';
import type { PathPositions } from '../../homotopy/index.js';
import { GLIDE_MS, type PlaneElement } from './plane.js';

/** Paths that are drawn; more would only cover one another. */
const MOST_DRAWN = 20_000;
const WORD_BYTES = 4;

/**
 * Shows a round and holds the next one back until it has been seen: the GPU would be done before. A hidden page
 * holds nothing back.
 *
 * @param unknown index of the unknown whose plane it is
 */
export async function watchPaths(
  gpu: GpuDevice,
  plane: PlaneElement,
  positions: PathPositions,
  unknown: number,
): Promise<void> {
  if (document.hidden) return;
  const { buffer, stride } = positions;
  const paths = Math.min(positions.paths, MOST_DRAWN);
  const words = new Float32Array(await gpu.read(buffer, 0, WORD_BYTES * stride * paths));
  const { word, homogenizing, unit } = positions.unknowns[unknown]!;
  const points = new Float32Array(2 * paths);
  for (let path = 0; path < paths; path++) {
    const [re, im] = [words[path * stride + word]!, words[path * stride + word + 1]!];
    const zero = path * stride + homogenizing;
    const [zr, zi] = [words[zero]!, words[zero + 1]!];
    const scale = 2 ** unit / (zr * zr + zi * zi);
    // At infinity this is no number, and such points are not drawn.
    points[2 * path] = (re * zr + im * zi) * scale;
    points[2 * path + 1] = (im * zr - re * zi) * scale;
  }
  plane.move(points);
  await new Promise((resolve) => setTimeout(resolve, GLIDE_MS));
}
