/**
 * Believed afterwards: the activity counts of many small networks on the GPU are those of the
 * networks themselves, gradients included. The truth is a forward and a backward pass in f64 loops.
 */
import { expect, it } from 'vitest';
import { randomStream } from '../../src/math/random.js';
import { forEachEngine } from '../helpers/engine.js';

interface Verdict {
  readonly firstDeadLayer: number;
  readonly deadUnits: number;
  readonly zeroPoints: number;
  readonly logGradientRatio: number;
}

interface Affine {
  readonly weight: number[][];
  readonly bias: number[];
}

const SEED = 20261123;
/** Closer to zero than this, f32 and f64 may disagree about a sign. */
const AMBIGUOUS = 1e-5;

forEachEngine((engine) => {
  // Widths on both sides of a vec4f, and depths where hardly any network is alive: the text differs by the numbers only.
  const shapes = [
    { input: 10, width: 5, depth: 2, biased: true },
    { input: 1, width: 4, depth: 10, biased: true },
    { input: 1, width: 2, depth: 3, biased: false },
    { input: 3, width: 17, depth: 4, biased: false },
    { input: 1, width: 1, depth: 1, biased: true },
  ];
  it.each(engine.name === 'node' ? shapes : shapes.slice(0, 1))(
    'counts $input-$width x $depth as loops do',
    async ({ input, width, depth, biased }) => {
      const networks = 300;
      const random = randomStream(SEED, input, width);
      const sizes = [input, ...Array<number>(depth).fill(width), 1];
      const drawn = Array.from({ length: networks }, () =>
        sizes.slice(1).map((outputs, l): Affine => {
          const scale = Math.sqrt(2 / sizes[l]!);
          return {
            weight: Array.from({ length: outputs }, () =>
              Array.from({ length: sizes[l]! }, () => Math.fround(scale * random.normal())),
            ),
            bias: Array.from({ length: outputs }, () =>
              biased ? Math.fround(0.3 * random.normal()) : 0,
            ),
          };
        }),
      );
      const points = Array.from({ length: 33 }, () =>
        Array.from({ length: input }, () => Math.fround(2 * random.uniform() - 1)),
      );
      const counted = await engine.run(
        async (lps, gpu, { sizes, drawn, points }) => {
          const net = lps.network({
            input: [sizes[0]!],
            layers: sizes
              .slice(1)
              .flatMap((units, l) =>
                l < sizes.length - 2 ? [lps.dense(units), lps.relu()] : [lps.dense(units)],
              ),
          });
          const packed = lps.packWeights(
            net.parameters,
            drawn.map((layers) => ({
              metadata: {},
              tensors: new Map(
                layers.flatMap(({ weight, bias }, l) => [
                  [
                    `layers.${2 * l}.weight`,
                    {
                      shape: [bias.length, weight[0]!.length],
                      data: new Float32Array(weight.flat()),
                    },
                  ],
                  [`layers.${2 * l}.bias`, { shape: [bias.length], data: new Float32Array(bias) }],
                ]),
              ),
            })),
          );
          const buffers = gpu.createBuffers();
          const values = await buffers.storage('weights', new Float32Array(packed.parameters));
          const counter = await lps.createActivityCounter(gpu, net, values, points, 1);
          const counts = await counter.count(drawn.length);
          counter.close();
          buffers.close();
          return {
            firstDeadLayer: [...counts.firstDeadLayer],
            deadUnits: [...counts.deadUnits],
            zeroPoints: [...counts.zeroPoints],
            logGradientRatio: [...counts.logGradientRatio].map((x) => (Number.isNaN(x) ? null : x)),
          };
        },
        { sizes, drawn, points },
      );
      let compared = 0;
      drawn.forEach((layers, n) => {
        const truth = judge(layers, points);
        if (truth === null) return;
        compared++;
        expect(counted.firstDeadLayer[n]).toBe(truth.firstDeadLayer);
        expect(counted.deadUnits[n]).toBe(truth.deadUnits);
        expect(counted.zeroPoints[n]).toBe(truth.zeroPoints);
        if (Number.isNaN(truth.logGradientRatio)) expect(counted.logGradientRatio[n]).toBeNull();
        // A few dozen f32 operations per layer, and a logarithm of WGSL's accuracy.
        else expect(counted.logGradientRatio[n]).toBeCloseTo(truth.logGradientRatio, 3);
      });
      expect(compared).toBeGreaterThan(0.7 * networks);
    },
  );
});

/** The verdict in f64; null when some pre-activation is too close to zero to tell. */
function judge(layers: readonly Affine[], points: readonly number[][]): Verdict | null {
  const hidden = layers.slice(0, -1);
  const ever = hidden.map(({ bias }) => bias.map(() => false));
  let zeroPoints = 0;
  let ratios = 0;
  let ratioSum = 0;
  for (const point of points) {
    const features = [point];
    for (const [l, { weight, bias }] of hidden.entries()) {
      const sums = weight.map(
        (row, i) => row.reduce((sum, w, j) => sum + w * features[l]![j]!, 0) + bias[i]!,
      );
      const inputIsZero = features[l]!.every((f) => f === 0) && bias.every((b) => b === 0);
      if (!inputIsZero && sums.some((z) => Math.abs(z) < AMBIGUOUS)) return null;
      sums.forEach((z, i) => (ever[l]![i] ||= z > 0));
      features.push(sums.map((z) => Math.max(z, 0)));
    }
    const last = features.at(-1)!;
    if (last.every((f) => f === 0)) {
      zeroPoints++;
      continue;
    }
    const square = (row: readonly number[]): number => row.reduce((sum, x) => sum + x * x, 0);
    let gradient = [1];
    for (let l = layers.length - 1; l > 0; l--) {
      const { weight } = layers[l]!;
      gradient = features[l]!.map((f, j) =>
        f > 0 ? weight.reduce((sum, row, i) => sum + row[j]! * gradient[i]!, 0) : 0,
      );
    }
    const first = square(gradient) * (square(point) + 1);
    if (first > 0) {
      ratios++;
      ratioSum += 0.5 * Math.log2(first / (square(last) + 1));
    }
  }
  const dead = ever.findIndex((units) => units.every((active) => !active));
  return {
    firstDeadLayer: dead + 1,
    deadUnits: ever.flat().filter((active) => !active).length,
    zeroPoints,
    logGradientRatio: ratios === 0 ? NaN : ratioSum / ratios,
  };
}
