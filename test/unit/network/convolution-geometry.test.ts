/**
 * Believed afterwards: whatever the stride, padding and dilation, the tiles of a convolution's sums
 * write every cell of the result exactly once (no two invocations race for one), read nothing in
 * front of their planes, pack every weight, and first-layer images that are planes already are not
 * copied. The truth is counting. Batches too large for a grid are refused with the limit's name.
 */
import { describe, expect, it } from 'vitest';
import { GpuLimitError } from '../../../src/gpu/index.js';
import { conv2d } from '../../../src/network/layer.js';
import {
  convolutionGeometry,
  forwardSum,
  inputGradientSums,
  packedPlaces,
  QUAD,
  TILE_CELLS,
  type ConvolutionGeometry,
  type SlidingSum,
} from '../../../src/network/gpu/operations/convolution-geometry.js';
import { planConvolution } from '../../../src/network/gpu/operations/convolution.js';
import { network } from '../../../src/network/network.js';
import { parametersOf } from '../../../src/network/parameter-layout.js';
import { convolutionData, planOf, randomCases } from '../../gpu/convolution-fixture.js';
import { PlanRecorder } from '../../helpers/plan-context.js';

const seed = 20261126;

/** How often the tiles of some sums write each cell of a height x width result; as the shader does. */
function writes(
  geometry: ConvolutionGeometry,
  sums: readonly SlidingSum[],
  height: number,
  width: number,
): number[] {
  const counts = Array.from({ length: height * width }, () => 0);
  for (const sum of sums)
    for (let tile = 0; tile < sum.tiles; tile++)
      for (let cell = 0; cell < TILE_CELLS; cell++) {
        const place =
          sum.first +
          Math.floor(tile / sum.tilesPerRun) * sum.runStride +
          (tile % sum.tilesPerRun) * TILE_CELLS +
          cell;
        const y = Math.floor(place / geometry.pitch) * sum.rowScale + sum.rowShift;
        const x = (place % geometry.pitch) * sum.columnScale + sum.columnShift;
        if (y >= 0 && y < height && x >= 0 && x < width) counts[y * width + x]!++;
      }
  return counts;
}

describe(`convolution geometry, seed ${seed}`, () => {
  const cases = randomCases(300, seed);

  it('writes every cell once, from whole quads inside the planes', () => {
    for (const { name, layer, image } of cases) {
      const geometry = convolutionGeometry(layer, image);
      const [outputHeight, outputWidth] = network({ input: image, layers: [layer] }).output;
      const forward = forwardSum(geometry);
      const backward = inputGradientSums(geometry);
      expect(new Set(writes(geometry, [forward], outputHeight!, outputWidth!)), name).toEqual(
        new Set([1]),
      );
      expect(new Set(writes(geometry, backward, image[0], image[1])), name).toEqual(new Set([1]));
      for (const { segments } of [forward, ...backward])
        for (const offset of segments)
          expect(Number.isInteger(offset) && offset >= 0, name).toBe(true);
      expect(
        [geometry.pitch % QUAD, geometry.sourcePlane % QUAD, geometry.gradientPlane % QUAD],
        name,
      ).toEqual([0, 0, 0]);
    }
  });

  it('packs every weight once forward, and once over all residues backward', () => {
    for (const { name, layer, image } of cases) {
      const geometry = convolutionGeometry(layer, image);
      const fanIn = geometry.channelsPerGroup * layer.kernel[0] * layer.kernel[1];
      const everyWeight = Array.from({ length: layer.filters * fanIn }, (_, index) => index);
      const packed = (sum: SlidingSum): number[] =>
        [...packedPlaces(geometry, sum, 0, fanIn, 'nowhere')].filter((place) => place < 2 ** 31);
      const sorted = (places: number[]): number[] => places.sort((a, b) => a - b);
      expect(sorted(packed(forwardSum(geometry))), name).toEqual(everyWeight);
      // Taps that meet no cell of the input (a stride beyond its edge) have no place in a gradient.
      const backward = sorted(inputGradientSums(geometry).flatMap(packed));
      expect(new Set(backward).size, name).toBe(backward.length);
    }
  });

  it('reads images that are planes already in place', () => {
    const inPlace = (image: [number, number, number], layer = conv2d(4, 3)): boolean =>
      convolutionGeometry(layer, image).sourceInPlace;
    expect(inPlace([28, 28, 1], conv2d(6, 5))).toBe(true);
    expect(inPlace([5, 12, 3])).toBe(true);
    expect(inPlace([12, 14, 3])).toBe(false);
    expect(inPlace([12, 12, 3], conv2d(4, 3, { padding: 'same' }))).toBe(false);
    expect(inPlace([12, 12, 3], conv2d(4, 3, { stride: 2 }))).toBe(false);
    expect(inPlace([12, 12, 3], conv2d(4, 7))).toBe(false);
  });

  it('makes one plan of few dispatches', async () => {
    const [test] = cases.filter(
      ({ layer, shared }) => !shared && layer.bias && layer.stride.every((step) => step === 1),
    );
    const plan = await planOf(
      { ...test!, activation: { type: 'relu' }, inputActivation: { type: 'relu' } },
      convolutionData(test!),
    );
    // At most: planes, weights, sums; planes, input gradient, weight gradient, bias gradient, sum.
    expect(plan.dispatches.length).toBeLessThanOrEqual(8);
  });

  it('refuses a batch that no grid can hold', async () => {
    const layer = conv2d(2, 3, { padding: 'same' });
    const net = network({ input: [3, 3, 1], layers: [layer] });
    const recorder = new PlanRecorder({
      mode: 'inference',
      batch: 70_000,
      replicas: 1,
      layout: net.parameters,
    });
    const plan = planConvolution(
      recorder.context,
      layer,
      parametersOf(net.parameters, 'layers.0'),
      {
        label: 'layers.0',
        input: recorder.tensor(net.input),
        output: recorder.tensor(net.output),
        activation: null,
        preActivation: null,
        outputGradient: null,
        inputGradient: null,
        inputSlope: null,
      },
    );
    await expect(plan).rejects.toThrow(GpuLimitError);
    await expect(plan).rejects.toThrow(/layers\.0.*maxComputeWorkgroupsPerDimension 70000.*65535/);
  });
});
