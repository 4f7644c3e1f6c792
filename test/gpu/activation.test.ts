/**
 * After this passes I believe that every activation is right to a few units of f32 wherever its
 * argument lies, tails included, and that NaN and infinity come out as what they are. The truth is
 * f64 arithmetic on the host, with the normal distribution from src/math's error function, whose own
 * test holds it against tabulated digits.
 */
import { expect, it } from 'vitest';
import { errorFunction } from '../../src/math/error-function.js';
import {
  type ActivationLayer,
  elu,
  gelu,
  leakyRelu,
  relu,
  sigmoid,
  silu,
  softplus,
  tanh,
} from '../../src/network/activations.js';
import { forEachEngine } from '../helpers/engine.js';

/** Both signs of everything from the smallest to far beyond every limit in activation.wgsl. */
const ARGUMENTS = [
  0, 1e-30, 1e-6, 1e-3, 0.01, 0.1, 0.3, 0.34, 0.36, 0.5, 0.7, 1, 1.5, 2, 2.5, 3, 4, 5,
]
  .concat([6, 8, 9.9, 10.9, 11.1, 13, 14.4, 14.6, 20, 50, 80, 87, 103, 105, 1000, 1e10, 3e38])
  .flatMap((x) => [x, -x])
  .map(Math.fround);
/** Their limits are the function's limits; NaN stays NaN. As text, because JSON has neither. */
const EXTREMES = ['Infinity', '-Infinity', 'NaN'];

/** The normal distribution function; its lower tail by the continued fraction, which cancels nothing. */
function normalDistribution(x: number): number {
  if (x > -3) return 0.5 * (1 + errorFunction(x / Math.SQRT2));
  let fraction = -x;
  for (let n = 100; n >= 1; n--) fraction = -x + n / fraction;
  return Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI) / fraction;
}

const logistic = (x: number): number => (x < 0 ? Math.exp(x) : 1) / (1 + Math.exp(-Math.abs(x)));

const CASES: readonly { layer: ActivationLayer; exact: (x: number) => number; limits: number[] }[] =
  [
    { layer: relu(), exact: (x) => Math.max(x, 0), limits: [Infinity, 0] },
    { layer: leakyRelu(0.25), exact: (x) => (x < 0 ? 0.25 * x : x), limits: [Infinity, -Infinity] },
    { layer: elu(1.5), exact: (x) => (x < 0 ? 1.5 * Math.expm1(x) : x), limits: [Infinity, -1.5] },
    { layer: tanh(), exact: Math.tanh, limits: [1, -1] },
    { layer: sigmoid(), exact: logistic, limits: [1, 0] },
    { layer: gelu(), exact: (x) => x * normalDistribution(x), limits: [Infinity, 0] },
    {
      layer: gelu({ approximation: 'tanh' }),
      exact: (x) => x * logistic(2 * Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)),
      limits: [Infinity, 0],
    },
    { layer: silu(), exact: (x) => x * logistic(x), limits: [Infinity, 0] },
    {
      layer: softplus(),
      exact: (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))),
      limits: [Infinity, 0],
    },
  ];

/**
 * WGSL gives exp(x) to 3 + 2 |x| units of 2^-24; arguments here reach 80 before results are denormal.
 * The rest of each formula is a dozen rounded operations.
 */
const tolerance = (x: number): number => (16 + 2 * Math.min(x * x, 200)) * 2 ** -24;
/** Numbers below may be flushed to zero, a factor of x among them. */
const SMALLEST_NORMAL = 2 ** -126;

forEachEngine((engine) => {
  it('is right to a few units of f32, in the tails and at infinity', async () => {
    const texts = [...ARGUMENTS.map(String), ...EXTREMES];
    const outputs = await engine.run(
      async (lps, gpu, { layers, inputs }) => {
        const results: string[][] = [];
        for (const layer of layers) {
          const net = lps.network({ input: [inputs.length], layers: [layer] });
          const weights = { tensors: new Map(), metadata: {} };
          const values = await lps.forward(gpu, net, weights, new Float32Array(inputs.map(Number)));
          results.push([...values].map(String));
        }
        return results;
      },
      { layers: CASES.map(({ layer }) => layer), inputs: texts },
    );
    CASES.forEach(({ layer, exact, limits }, index) => {
      const name = JSON.stringify(layer);
      const values = outputs[index]!.map(Number);
      const wrong = ARGUMENTS.map((x, place) => ({
        name,
        x,
        got: values[place]!,
        wanted: exact(x),
      })).filter(
        ({ x, got, wanted }) =>
          !(
            Math.abs(got - wanted) <=
            tolerance(x) * Math.abs(wanted) + SMALLEST_NORMAL * Math.max(1, Math.abs(x))
          ),
      );
      expect(wrong).toEqual([]);
      expect([name, ...values.slice(ARGUMENTS.length).map((value) => value + 0)]).toEqual([
        name,
        ...limits,
        NaN,
      ]);
    });
  });
});
