/**
 * The activations: layers that work entry by entry. All that is known of one stands side by side in
 * ACTIVATIONS, and everything that names activations reads it there: the checks of JSON and notation,
 * the f64 reference, the kernels (shaders/lib/activation.wgsl has the WGSL under the same code), the
 * initializers' gains, the polynomials of src/minima, and the lists that help and errors show.
 *
 * For a polynomial fit an activation is split as  f(z) = exact(z) + g(z)  with a rational polynomial
 * `exact` and an even or odd remainder g; nearly all the usual ones split so: relu = z/2 + |z|/2,
 * sigmoid = 1/2 + tanh(z/2)/2, gelu, silu and softplus = z/2 + even. The fit then keeps the parity
 * exactly, and where g is itself a polynomial for z >= 0 (relu, leaky relu) the whole fit is rational.
 */
import type Fraction from 'fraction.js';
import { errorFunction } from '../math/error-function.js';
import { rationalFromDecimal, rationalFromNumber } from '../math/rational.js';
import { choice, number, numberList, optional, type Field } from './layer-fields.js';

/** A function and its derivative, in f64. */
export interface DifferentiableFunction {
  readonly value: (z: number) => number;
  /** At a kink the derivative from the left, as in PyTorch. */
  readonly derivative: (z: number) => number;
}

/** An activation that a kernel applies to what it stores (shaders/lib/activation.wgsl). */
export interface FusedActivation {
  /** Value of `override ACTIVATION`. */
  readonly code: number;
  /** Value of `override ACTIVATION_PARAMETER`: slope or alpha. */
  readonly parameter: number;
  /**
   * What its slope is computed from: its own output wherever that determines it, so that training
   * keeps one tensor per layer and not two, or the pre-activation, which the kernel then stores too.
   */
  readonly slopeFrom: 'output' | 'pre-activation';
}

/** f(z) = exact(z) + g(z). */
export interface ActivationSplit {
  /** Power coefficients of `exact`, lowest first. */
  readonly exact: readonly Fraction[];
  /** g, and its parity; null when f is `exact`. */
  readonly remainder: {
    readonly parity: 'even' | 'odd' | 'none';
    readonly value: (z: number) => number;
    /** Power coefficients of g on z >= 0 when it has a parity and is a polynomial there. */
    readonly positiveSide: readonly Fraction[] | null;
  } | null;
}

/** What is known of an activation with these options. */
interface ActivationDefinition<Options> {
  /** Its options in the order of their arguments in the notation. */
  readonly fields: { readonly [Name in keyof Options]: Field<Options[Name]> };
  /** How the notation writes it, when not by its type: a name, the option that takes all arguments. */
  readonly notation?: { readonly name: string; readonly list: string };
  /** f in f64. */
  value(options: Options): (z: number) => number;
  derivative(options: Options): (z: number) => number;
  /** Null for one whose options are data, which need a buffer and so a kernel of its own. */
  kernel(options: Options): FusedActivation | null;
  /** What weights make up for its shrinking with, if known; else src/initialize/gain.ts integrates. */
  gain?(options: Options): number;
  /** Whether it is bounded on both sides. */
  readonly saturates?: true;
  /** Nothing exact, no parity, unless stated. */
  split?(options: Options): ActivationSplit;
}

const fromOutput = (code: number, parameter = 0): FusedActivation => ({
  code,
  parameter,
  slopeFrom: 'output',
});
const fromPreActivation = (code: number, parameter = 0): FusedActivation => ({
  code,
  parameter,
  slopeFrom: 'pre-activation',
});

/** What a kernel without an activation applies. */
export const NO_ACTIVATION: FusedActivation = fromOutput(0);

const remainder = (
  parity: 'even' | 'odd',
  value: (z: number) => number,
  positiveSide: readonly Fraction[] | null = null,
): ActivationSplit['remainder'] => ({ parity, value, positiveSide });

/** Coefficients from decimals. */
const exactly = (...values: (string | number)[]): Fraction[] => values.map(rationalFromDecimal);

const logistic = (z: number): number => 0.5 + 0.5 * Math.tanh(z / 2);
const normalDistribution = (z: number): number => 0.5 * (1 + errorFunction(z * Math.SQRT1_2));
const DENSITY_AT_ZERO = 1 / Math.sqrt(2 * Math.PI);

/** tanh's argument in Hendrycks and Gimpel's approximation of GELU (arXiv:1606.08415, section 2). */
const GELU_SLOPE = Math.sqrt(2 / Math.PI);
const GELU_CUBE = 0.044715;
const geluAngle = (z: number): number => GELU_SLOPE * (z + GELU_CUBE * z ** 3);

/** Horner's rule, lowest power first. */
export function evaluatePolynomial(coefficients: readonly number[], z: number): number {
  return coefficients.reduceRight((value, coefficient) => value * z + coefficient, 0);
}

/** z (1 + slope)/2 + |z| (1 - slope)/2 */
function splitAtZero(negativeSlope: number): ActivationSplit {
  const slope = rationalFromDecimal(negativeSlope);
  const [zero, one] = exactly(0, 1) as [Fraction, Fraction];
  return {
    exact: [zero, one.add(slope).div(2)],
    remainder:
      negativeSlope === 1
        ? null
        : remainder('even', (z) => (Math.abs(z) * (1 - negativeSlope)) / 2, [
            zero,
            one.sub(slope).div(2),
          ]),
  };
}

/** Has an activation's options inferred from its fields. */
const define = <Options>(
  definition: ActivationDefinition<Options>,
): ActivationDefinition<Options> => definition;

/** Every activation by its type, in the order in which help lists them. */
const ACTIVATIONS = {
  relu: define({
    fields: {},
    // Without a branch, which of random signs every other one is mispredicted: six times as fast as Math.max.
    value: () => (z) => z / 2 + Math.abs(z) / 2,
    derivative: () => (z) => (z > 0 ? 1 : 0),
    kernel: () => fromOutput(1),
    gain: () => Math.SQRT2,
    split: () => splitAtZero(0),
  }),

  /** x below 0 becomes slope x. */
  'leaky-relu': define({
    fields: { slope: optional(number(), 0.01) },
    value:
      ({ slope }) =>
      (z) =>
        z > 0 ? z : slope * z,
    derivative:
      ({ slope }) =>
      (z) =>
        z > 0 ? 1 : slope,
    // A slope that is not positive maps two signs to one, so the output no longer tells the side.
    kernel: ({ slope }) => (slope > 0 ? fromOutput(2, slope) : fromPreActivation(2, slope)),
    gain: ({ slope }) => Math.sqrt(2 / (1 + slope ** 2)),
    split: ({ slope }) => splitAtZero(slope),
  }),

  /** x below 0 becomes alpha (exp(x) - 1). */
  elu: define({
    fields: { alpha: optional(number(), 1) },
    value:
      ({ alpha }) =>
      (z) =>
        z > 0 ? z : alpha * Math.expm1(z),
    derivative:
      ({ alpha }) =>
      (z) =>
        z > 0 ? 1 : alpha * Math.exp(z),
    kernel: ({ alpha }) => (alpha > 0 ? fromOutput(3, alpha) : fromPreActivation(3, alpha)),
  }),

  tanh: define({
    fields: {},
    value: () => Math.tanh,
    derivative: () => (z) => 1 - Math.tanh(z) ** 2,
    kernel: () => fromOutput(4),
    gain: () => 5 / 3,
    saturates: true,
    split: () => ({ exact: [], remainder: remainder('odd', Math.tanh) }),
  }),

  sigmoid: define({
    fields: {},
    value: () => logistic,
    derivative: () => (z) => logistic(z) * logistic(-z),
    kernel: () => fromOutput(5),
    gain: () => 1,
    saturates: true,
    split: () => ({
      exact: exactly('0.5'),
      remainder: remainder('odd', (z) => 0.5 * Math.tanh(z / 2)),
    }),
  }),

  /** x times the normal distribution function; 'tanh' is Hendrycks and Gimpel's approximation. */
  gelu: define({
    fields: { approximation: optional(choice('none', 'tanh'), 'none') },
    value: ({ approximation }) =>
      approximation === 'tanh'
        ? (z) => 0.5 * z * (1 + Math.tanh(geluAngle(z)))
        : (z) => z * normalDistribution(z),
    derivative: ({ approximation }) =>
      approximation === 'tanh'
        ? (z) => {
            const tangent = Math.tanh(geluAngle(z));
            const turn = GELU_SLOPE * (1 + 3 * GELU_CUBE * z ** 2);
            return 0.5 * (1 + tangent) + 0.5 * z * (1 - tangent ** 2) * turn;
          }
        : (z) => normalDistribution(z) + z * DENSITY_AT_ZERO * Math.exp((-z * z) / 2),
    kernel: ({ approximation }) => fromPreActivation(approximation === 'tanh' ? 7 : 6),
    split: ({ approximation }) => ({
      exact: exactly('0', '0.5'),
      remainder: remainder(
        'even',
        approximation === 'tanh'
          ? (z) => 0.5 * z * Math.tanh(geluAngle(z))
          : (z) => 0.5 * z * errorFunction(z / Math.SQRT2),
      ),
    }),
  }),

  silu: define({
    fields: {},
    value: () => (z) => z * logistic(z),
    derivative: () => (z) => logistic(z) * (1 + z * logistic(-z)),
    kernel: () => fromPreActivation(8),
    split: () => ({
      exact: exactly('0', '0.5'),
      remainder: remainder('even', (z) => 0.5 * z * Math.tanh(z / 2)),
    }),
  }),

  softplus: define({
    fields: {},
    // log1p of the smaller exponential: neither overflows nor cancels.
    value: () => (z) => Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z))),
    derivative: () => logistic,
    kernel: () => fromOutput(9),
    split: () => ({
      exact: exactly('0', '0.5'),
      remainder: remainder('even', (z) => Math.abs(z) / 2 + Math.log1p(Math.exp(-Math.abs(z)))),
    }),
  }),

  identity: define({
    fields: {},
    value: () => (z) => z,
    derivative: () => () => 1,
    kernel: () => NO_ACTIVATION,
    gain: () => 1,
    split: () => ({ exact: exactly(0, 1), remainder: null }),
  }),

  /** Lowest power first: [c0, c1, c2] is c0 + c1 x + c2 x^2. */
  polynomial: define({
    fields: {
      coefficients: numberList('a list of at least one finite number, lowest power first'),
    },
    notation: { name: 'poly', list: 'coefficients' },
    value:
      ({ coefficients }) =>
      (z) =>
        evaluatePolynomial(coefficients, z),
    derivative: ({ coefficients }) => {
      const slope = coefficients.slice(1).map((coefficient, power) => (power + 1) * coefficient);
      return (z) => evaluatePolynomial(slope, z);
    },
    kernel: () => null,
    split: ({ coefficients }) => ({
      exact: coefficients.map(rationalFromNumber),
      remainder: null,
    }),
  }),
};

type Definitions = typeof ACTIVATIONS;

type OptionsOf<Definition> =
  Definition extends ActivationDefinition<infer Options> ? Readonly<Options> : never;

/** Entry by entry: { type: 'relu' }, { type: 'leaky-relu', slope: 0.01 }, ... */
export type ActivationLayer = {
  [Type in keyof Definitions]: { readonly type: Type } & OptionsOf<Definitions[Type]>;
}[keyof Definitions];

export type ActivationType = ActivationLayer['type'];

/** The types of all activations, in the order in which help lists them. */
export const ACTIVATION_TYPES = Object.keys(ACTIVATIONS) as readonly ActivationType[];

const definitionOf = (type: ActivationType): ActivationDefinition<ActivationLayer> =>
  ACTIVATIONS[type] as unknown as ActivationDefinition<ActivationLayer>;

/** Whether a layer works entry by entry. */
export function isActivation(layer: { readonly type: string }): layer is ActivationLayer {
  return Object.hasOwn(ACTIVATIONS, layer.type);
}

/** The options that layers of a type have. */
export function activationFields(type: ActivationType): Readonly<Record<string, Field>> {
  return definitionOf(type).fields;
}

/** How the notation writes an activation: its name, and the option that takes all arguments. */
export function activationNotation(type: ActivationType): {
  readonly name: string;
  readonly list?: string;
} {
  return definitionOf(type).notation ?? { name: type };
}

/** f and its derivative in f64. */
export function activationFunction(layer: ActivationLayer): DifferentiableFunction {
  const definition = definitionOf(layer.type);
  return { value: definition.value(layer), derivative: definition.derivative(layer) };
}

/** How a polynomial fit takes an activation apart. */
export function activationSplit(layer: ActivationLayer): ActivationSplit {
  const definition = definitionOf(layer.type);
  return (
    definition.split?.(layer) ?? {
      exact: [],
      remainder: { parity: 'none', value: definition.value(layer), positiveSide: null },
    }
  );
}

/** The gain that is known in closed form or by convention; null for none. */
export function knownGain(layer: ActivationLayer): number | null {
  return definitionOf(layer.type).gain?.(layer) ?? null;
}

/** Whether an activation is bounded on both sides. */
export function saturates(layer: ActivationLayer): boolean {
  return definitionOf(layer.type).saturates ?? false;
}

/**
 * Whether f(t) - f(-t) = k t exactly, with k not 0 and f not odd itself: then a unit and its mirror
 * image carry t together, and neither is redundant.
 */
export function isAntithetic(layer: ActivationLayer | null): boolean {
  if (layer === null) return false;
  const { exact, remainder: rest } = activationSplit(layer);
  const isZero = (power: number): boolean => (exact[power]?.n ?? 0n) === 0n;
  const powers = exact.map((_, power) => power).filter((power) => !isZero(power));
  const hasEvenPart = rest?.parity === 'even' || powers.some((power) => power % 2 === 0);
  const oddPartIsLinear =
    (rest === null || rest.parity === 'even') &&
    !isZero(1) &&
    powers.every((power) => power < 2 || power % 2 === 0);
  return hasEvenPart && oddPartIsLinear;
}

/**
 * How a kernel applies an activation to what it stores.
 *
 * @returns null for a polynomial, whose coefficients are data
 */
export function fusedActivation(layer: ActivationLayer): FusedActivation | null {
  return definitionOf(layer.type).kernel(layer);
}

/** The override values of activation.wgsl. */
export function activationConstants(activation: FusedActivation | null): {
  readonly ACTIVATION: number;
  readonly ACTIVATION_PARAMETER: number;
} {
  const { code, parameter } = activation ?? NO_ACTIVATION;
  return { ACTIVATION: code, ACTIVATION_PARAMETER: parameter };
}

/** max(x, 0) */
export function relu(): ActivationLayer {
  return { type: 'relu' };
}

/** max(x, slope x) for slopes below 1; PyTorch's slope unless stated. */
export function leakyRelu(slope = 0.01): ActivationLayer {
  return { type: 'leaky-relu', slope };
}

/** x, or alpha (exp(x) - 1) below 0. */
export function elu(alpha = 1): ActivationLayer {
  return { type: 'elu', alpha };
}

/** The hyperbolic tangent. */
export function tanh(): ActivationLayer {
  return { type: 'tanh' };
}

/** 1 / (1 + exp(-x)) */
export function sigmoid(): ActivationLayer {
  return { type: 'sigmoid' };
}

/** x times the normal distribution function, exact unless stated. */
export function gelu(options: { readonly approximation?: 'none' | 'tanh' } = {}): ActivationLayer {
  return { type: 'gelu', approximation: options.approximation ?? 'none' };
}

/** x sigmoid(x) */
export function silu(): ActivationLayer {
  return { type: 'silu' };
}

/** log(1 + exp(x)) */
export function softplus(): ActivationLayer {
  return { type: 'softplus' };
}

/** x */
export function identity(): ActivationLayer {
  return { type: 'identity' };
}

/** c0 + c1 x + c2 x^2 + ..., lowest power first. */
export function polynomial(coefficients: readonly number[]): ActivationLayer {
  return { type: 'polynomial', coefficients: [...coefficients] };
}
