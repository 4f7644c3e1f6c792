/**
 * What `lps` does to each layer, decided from the network and the options alone: how its rows
 * come about, which columns are antisymmetric, and its constants.
 */
import type { Network } from '../../network/index.js';
import { isAntithetic, saturates } from '../../network/activations.js';
import type { AffineLayer } from '../../network/affine-layers.js';
import type { Features } from '../../network/host/features.js';
import { InitializationError } from '../errors.js';

/** Hidden layers beyond which tanh and sigmoid networks are scaled down. */
const DEEP = 10;
/** tau there: the gradient then grows by 1.05 a layer and not by 1.22 (tanh). */
const DEEP_SATURATING_SCALE = 0.5;

/** Values of the option `directions`. */
export const DIRECTIONS = ['anchors', 'haar'] as const;

/** Hidden layers from which on the nonlinearity is that of a stack of this depth. */
const DEEPEST_FULL = 20;

/** The part of the options that only `lps` reads. */
export interface LpsOptions {
  /** Share of each pair's overlap, 0 to 0.98; min(0.98, (2 / width)^2) unless stated. */
  readonly nonlinearity?: number;
  /**
   * Where the first layer's directions lie: in the span of the anchors' leading principal directions, or
   * anywhere ('haar').
   */
  readonly directions?: (typeof DIRECTIONS)[number];
  /** Means of the outputs over the anchors, which the last biases make: those of targets. 0 unless stated. */
  readonly outputMean?: readonly number[];
  /** Deviation of the pre-activations on the anchors; 1 (deep tanh and sigmoid nets 0.5). */
  readonly scale?: number;
  /** Parts of the method switched off, to measure what each is good for. */
  readonly ablation?: LpsAblation;
}

/** Parts of `lps` to leave out; all are in unless stated. */
export interface LpsAblation {
  /** false: biases are 0. */
  readonly cuts?: boolean;
  /** false: directions keep their norm. */
  readonly scale?: boolean;
  /** false: no mirrored rows, and so no antisymmetric columns. */
  readonly antithetic?: boolean;
}

/** The largest overlap of a pair: at 1 a column can be exactly 0. */
export const MAXIMUM_NONLINEARITY = 0.98;

/** What `lps` does to all layers. */
export interface LpsSettings {
  readonly cuts: boolean;
  readonly scale: boolean;
  readonly antithetic: boolean;
  readonly centredOutput: boolean;
  /** tau: deviation of a hidden layer's pre-activations on the anchors. */
  readonly deviation: number;
  /** null: by each layer's width. */
  readonly nonlinearity: number | null;
  /** Share of that by width which a layer of so deep a network gets. */
  readonly depthShare: number;
  /** The first layer, when its directions come from the anchors. */
  readonly anchored: AffineLayer | null;
  readonly outputMean: readonly number[] | null;
}

/** One layer; sizes are those of each of its groups. */
export interface LayerPlan {
  readonly layer: AffineLayer;
  /**
   * 'pairs': rows 2i and 2i + 1 are mirror images, directions are half as many as rows; 'single':
   * every row its own direction; 'output': small random rows, centred.
   */
  readonly rows: 'pairs' | 'single' | 'output';
  readonly groups: number;
  readonly outputs: number;
  readonly fanIn: number;
  readonly directions: number;
  /**
   * Columns of channels 2i and 2i + 1 are antisymmetric: `channels` of `cells` columns each;
   * null when the features below are not paired.
   */
  readonly pairedColumns: { readonly channels: number; readonly cells: number } | null;
  /** nu: share of a pair's overlap. */
  readonly nonlinearity: number;
  /** s: share of the symmetric part in paired columns. */
  readonly mixing: number;
}

/**
 * Reads the options, with defaults by the network.
 *
 * @throws InitializationError code 'option' for a nonlinearity that no layer could use
 */
export function lpsSettings(network: Network, options: LpsOptions): LpsSettings {
  const { cuts = true, scale = true, antithetic = true } = options.ablation ?? {};
  const hidden = network.affineLayers.filter(({ isOutput }) => !isOutput);
  const isBounded = hidden.some(({ activation }) => activation !== null && saturates(activation));
  const hasPairs = hidden.some(
    ({ activation, directlyActivated }) => directlyActivated && isAntithetic(activation),
  );
  if (options.nonlinearity !== undefined && !(hasPairs && antithetic)) {
    throw new InitializationError(
      'option',
      `nonlinearity is the overlap of mirrored units, which this network has none of: it needs an activation with f(t) - f(-t) = k t (relu, leaky-relu, gelu, silu, softplus) straight after a dense or conv2d layer${antithetic ? '' : ' and antithetic rows'}; leave the option out`,
    );
  }
  return {
    cuts,
    scale,
    antithetic,
    centredOutput: true,
    deviation: options.scale ?? (isBounded && hidden.length > DEEP ? DEEP_SATURATING_SCALE : 1),
    nonlinearity: options.nonlinearity ?? null,
    depthShare: Math.min(1, DEEPEST_FULL / Math.max(1, hidden.length)),
    anchored: options.directions === 'anchors' ? (hidden[0] ?? null) : null,
    outputMean: readOutputMean(network, options.outputMean),
  };
}

/**
 * Looks-linear initialization (Balduzzi, Frean, Leary, Lewis, Ma, McWilliams 2017, section 4): mirrored
 * orthogonal rows, antisymmetric columns, no biases, no data.
 */
export function looksLinearSettings(network: Network): LpsSettings {
  const plain = lpsSettings(network, { ablation: { cuts: false, scale: false } });
  return { ...plain, centredOutput: false, nonlinearity: 0 };
}

function readOutputMean(
  { affineLayers }: Network,
  mean: readonly number[] | undefined,
): readonly number[] | null {
  if (mean === undefined) return null;
  const outputs = affineLayers.find(({ isOutput }) => isOutput)?.weight.rows ?? 0;
  if (mean.length !== outputs || !mean.every(Number.isFinite)) {
    throw new InitializationError(
      'option',
      `outputMean must be ${outputs} finite numbers, one per output, got ${mean.length}: ${mean.slice(0, 5).join(', ')}`,
    );
  }
  return mean;
}

/** Plans one layer. @param input what is known of the features that reach it */
export function planLayer(
  layer: AffineLayer,
  input: Pick<Features, 'structure' | 'channels' | 'entries'>,
  settings: LpsSettings,
): LayerPlan {
  const { weight, groups, isOutput, activation, directlyActivated } = layer;
  const outputs = weight.rows / groups;
  const channels = input.channels / groups;
  const isPaired = directlyActivated && isAntithetic(activation) && settings.antithetic;
  const rows = isOutput ? 'output' : isPaired ? 'pairs' : 'single';
  // A pair that two groups share reaches neither of them whole.
  const columnsArePaired =
    input.structure === 'paired' && settings.antithetic && (groups === 1 || channels % 2 === 0);
  const byWidth = Math.min(MAXIMUM_NONLINEARITY, (2 / outputs) ** 2);
  const nonlinearity = settings.nonlinearity ?? settings.depthShare * byWidth;
  return {
    layer,
    rows,
    groups,
    outputs,
    fanIn: weight.columns,
    directions: rows === 'pairs' ? Math.ceil(outputs / 2) : outputs,
    pairedColumns: columnsArePaired ? { channels, cells: weight.columns / channels } : null,
    nonlinearity,
    mixing: nonlinearity / 2,
  };
}
