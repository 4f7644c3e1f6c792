/** Anchors as the kernels read them, and whether all replicas have the same. */
import type { Network } from '../../network/index.js';
import { chooseAnchors } from '../anchors.js';
import type { Features } from '../../network/host/features.js';
import type { CommonOptions } from '../initializer.js';
import type { ReplicaAddress } from '../random-address.js';

/** Where the anchors of a batch come from. */
export interface AnchorSource {
  /** Rows per replica. */
  readonly count: number;
  /** A sample of the rows differs from replica to replica; all of them do not. */
  readonly areShared: boolean;
  of(address: ReplicaAddress): Features;
}

/** Looks at the options once. @throws InitializationError code 'anchors' */
export function anchorSource(network: Network, options: CommonOptions): AnchorSource {
  const of = (address: ReplicaAddress): Features => chooseAnchors(network, options, address);
  const { count } = of({ seed: 0, replica: 0 });
  const { anchors } = options;
  const available = anchors && 'inputs' in anchors ? anchors.count : anchors?.length;
  return { count, areShared: available === count, of };
}

/** Rows `first` to `first + count` of the anchors. */
export function someRows(features: Features, first: number, count: number): Features {
  const { entries, data } = features;
  return { ...features, count, data: data.subarray(first * entries, (first + count) * entries) };
}

/** [features][row][stride], f32 with zeros behind each row. */
export function paddedRows(all: readonly Features[], stride: number): Float32Array<ArrayBuffer> {
  const rows = new Float32Array(all.reduce((sum, { count }) => sum + count * stride, 0));
  let place = 0;
  for (const { count, entries, data } of all) {
    for (let row = 0; row < count; row++, place += stride) {
      rows.set(data.subarray(row * entries, (row + 1) * entries), place);
    }
  }
  return rows;
}
