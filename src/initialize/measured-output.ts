/** What a layer makes of the anchors: the figures of the report, wherever they are measured. */
import { varianceOf, type Features } from '../network/host/features.js';

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

/** Outputs that are here, in f64. */
export function measureOutput({ count, channels, entries, data }: Features): MeasuredOutput {
  const cells = entries / channels;
  const isActive = new Uint8Array(channels);
  let active = 0;
  for (let row = 0; row < count; row++) {
    for (let entry = 0; entry < entries; entry++) {
      if (data[row * entries + entry]! > 0) {
        active++;
        isActive[Math.floor(entry / cells)] = 1;
      }
    }
  }
  return {
    variance: varianceOf(data),
    activity: {
      activeFraction: active / data.length,
      inactiveUnits: channels - isActive.reduce((sum, flag) => sum + flag, 0),
    },
  };
}
