/**
 * How often networks are born dead: every initializer on the same harness, and `lps` judged on its
 * own anchors, where its theorem speaks.
 *
 * A network is born dead when a hidden layer has no unit that is active on any probe input. Judged
 * on the anchors alone, a unit has fewer inputs to be active on: no dead unit there implies none on
 * any inputs that contain them.
 */
import type { InitializerMethod } from '../../initialize/index.js';
import type { LivenessSpec } from '../../liveness/index.js';
import type { Batch, Cell, CellResult } from '../experiment.js';

export type BornDeadPart = 'comparison' | 'guarantee';

export interface BornDeadCell extends Cell, LivenessSpec {
  readonly part: BornDeadPart;
  readonly method: InitializerMethod;
}

const WIDTHS = [1, 2, 3, 4, 8];
const INPUTS = [1, 10];

export const BORN_DEAD_SETTINGS = {
  seed: 7001,
  anchors: 64,
  comparison: {
    methods: [
      'lps',
      'lps-generic',
      'he',
      'xavier',
      'orthogonal',
      'rai',
      'antithetic',
      'looks-linear',
    ],
    widths: WIDTHS,
    depths: [2, 5, 10, 20, 30],
    inputs: INPUTS,
    networks: 2000,
    points: 257,
  },
  guarantee: {
    methods: ['lps'],
    widths: WIDTHS,
    depths: [2, 5, 10, 20, 30, 100],
    inputs: INPUTS,
    networks: 10_000,
    /** As many as anchors: the anchors themselves. */
    points: 64,
  },
} as const;

export interface BornDeadResult extends CellResult, LivenessSpec {
  readonly part: BornDeadPart;
  readonly method: InitializerMethod;
  readonly networks: number;
  readonly points: number;
  /** Networks, units and (network, input) pairs. */
  readonly bornDead: number;
  readonly deadUnits: number;
  readonly zeroInputs: number;
  /** See LivenessCell. */
  readonly gradientRatio: number | null;
  /** Of the share of networks born dead. */
  readonly lowerBound: number;
  readonly upperBound: number;
}

/** CPU seconds of one cell, by the layers and units of its networks. */
function costOf(part: BornDeadPart, { width, depth }: LivenessSpec): number {
  const { networks, points } = BORN_DEAD_SETTINGS[part];
  const perLayer = 0.00005 + (points / 257) * 0.00001 * width;
  return networks * depth * perLayer;
}

/** A batch for every cell: one fills the GPU. */
export function bornDeadBatches(part: BornDeadPart): Batch<BornDeadCell>[] {
  const { methods, widths, depths, inputs } = BORN_DEAD_SETTINGS[part];
  return inputs.flatMap((input) =>
    widths.flatMap((width) =>
      depths.flatMap((depth) =>
        methods.map((method: InitializerMethod) => {
          const id = `${part}/${method}/width ${width}/depth ${depth}/inputs ${input}`;
          const spec = { input, width, depth };
          return { id, cells: [{ id, part, method, ...spec }], cost: costOf(part, spec) };
        }),
      ),
    ),
  );
}
