/** What a layer makes of the anchors: the figures of the report, wherever they are measured. */
import type { Layer } from '../network/index.js';
import type { Stepwise } from '../math/stepwise.js';
import {
  overPlanes,
  varianceSteps,
  type Features,
  type RowData,
} from '../network/host/features.js';

/** Pre-activations above 0. */
export interface UnitActivity {
  /** Of all pre-activations on the anchors. */
  readonly activeFraction: number;
  /** Units (channels) that are above 0 on no anchor: dead ones when the activation is ReLU. */
  readonly inactiveUnits: number;
}

/** A layer's outputs on the anchors, or a ReLU's. */
export interface MeasuredOutput {
  /** Over anchors, units and positions. */
  readonly variance: number;
  readonly activity: UnitActivity;
}

/** Measures the outputs of layers with weights and of ReLUs, in steps; `onLayer` is told of the former. */
export function measuring(
  outputs: Map<string, MeasuredOutput>,
  onLayer: (label: string) => void,
): (label: string, layer: Layer, input: unknown, output: Features<RowData>) => Stepwise<void> {
  return function* (label, layer, _input, output) {
    const isAffine = layer.type === 'dense' || layer.type === 'conv2d';
    if (!isAffine && layer.type !== 'relu') return;
    outputs.set(label, yield* measureOutput(output));
    if (isAffine) onLayer(label);
  };
}

/** Outputs that are here. */
function* measureOutput({
  count,
  channels,
  entries,
  data,
}: Features<RowData>): Stepwise<MeasuredOutput> {
  const cells = entries / channels;
  const active = new Float64Array(channels);
  yield* overPlanes(count * channels, cells, (first, end) => {
    for (let plane = first; plane < end; plane++) {
      active[plane % channels]! += countPositive(data, plane * cells, (plane + 1) * cells);
    }
  });
  return {
    variance: yield* varianceSteps(data),
    activity: {
      activeFraction: active.reduce((sum, count) => sum + count, 0) / data.length,
      inactiveUnits: active.reduce((sum, count) => sum + (count === 0 ? 1 : 0), 0),
    },
  };
}

/** Without a branch: of random signs every other one is mispredicted. */
function countPositive(data: RowData, start: number, end: number): number {
  let count = 0;
  for (let place = start; place < end; place++) count += Number(data[place]! > 0);
  return count;
}
