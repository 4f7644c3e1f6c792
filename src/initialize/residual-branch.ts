/** Where a layer stands in a residual branch: what Fixup and IDInit ask. */
import type { AffineLayer } from '../network/affine-layers.js';
import type { Network } from '../network/index.js';

/** "layers.3.body" of a layer that a residual's body holds itself; null of every other. */
const bodyOf = ({ label }: AffineLayer): string | null =>
  /^(.*\.body)\.\d+$/.exec(label)?.[1] ?? null;

/**
 * The branch that a layer belongs to.
 *
 * @returns null outside of residual branches (their shortcuts are outside); else how many layers with weights
 *   the branch has, whether this is the last of them, and how many branches the network has
 */
export function residualBranch(
  layer: AffineLayer,
  { affineLayers }: Network,
): { readonly depth: number; readonly isLast: boolean; readonly branches: number } | null {
  const body = bodyOf(layer);
  if (body === null) return null;
  const own = affineLayers.filter((other) => bodyOf(other) === body);
  const bodies = new Set(affineLayers.map(bodyOf).filter((other) => other !== null));
  return { depth: own.length, isLast: own.at(-1) === layer, branches: bodies.size };
}
