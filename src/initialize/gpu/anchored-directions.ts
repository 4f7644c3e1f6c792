/** The first layer's directions from the anchors, made on the host for the kernels that go on with them. */
import type { BufferSet, GpuDevice } from '../../gpu/index.js';
import type { Network } from '../../network/index.js';
import type { LayerPlan, LpsSettings } from '../lps/layer-plan.js';
import { anchoredDirections } from '../lps/lps-layers.js';
import type { ReplicaAddress } from '../random-address.js';
import { padRows } from '../../network/gpu/rows.js';
import type { AnchorSource } from './anchor-rows.js';
import type { Slice } from './batch.js';

const FLOAT_BYTES = 4;

export interface AnchoredDirections {
  /** [replica][direction][weight stride], or none where a layer draws its own. */
  bufferOf(plan: LayerPlan, group: number): GPUBuffer | undefined;
  /** Makes and uploads those of a slice's replicas. */
  prepare(addresses: readonly ReplicaAddress[]): void;
}

/** Allocates them; for layers with as many directions as inputs, whose span is everything, none. */
export async function planAnchoredDirections(
  gpu: GpuDevice,
  buffers: BufferSet,
  slice: Slice,
  network: Network,
  plans: readonly LayerPlan[],
  settings: LpsSettings,
  source: AnchorSource,
): Promise<AnchoredDirections> {
  const plan = plans.find(({ layer }) => layer === settings.anchored);
  if (!plan || plan.directions >= plan.fanIn) {
    return { bufferOf: () => undefined, prepare: () => undefined };
  }
  const { directions, fanIn, groups } = plan;
  const { rowStride } = plan.layer.weight;
  const floats = directions * rowStride;
  const byGroup = await Promise.all(
    Array.from({ length: groups }, () =>
      buffers.storage('anchored directions', FLOAT_BYTES * floats * slice.replicas),
    ),
  );
  return {
    bufferOf: (other, group) => (other === plan ? byGroup[group] : undefined),
    prepare: (addresses) => {
      addresses.forEach((address, replica) => {
        const made = anchoredDirections(network, plan, source.of(address), address);
        for (const [group, matrix] of made.entries()) {
          const padded = padRows(Float32Array.from(matrix), fanIn, rowStride);
          gpu.write(byGroup[group]!, padded, FLOAT_BYTES * floats * replica);
        }
      });
    },
  };
}
