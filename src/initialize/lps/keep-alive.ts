/**
 * The last step of a layer of `lps`: the theorem's claim survives rounding. A unit whose largest
 * pre-activation on the anchors is at rounding level, or below 0, has its bias raised.
 */

/** Share of the scale that the largest pre-activation must reach. */
export const LIVE_MARGIN = 1e-6;

/**
 * Raises biases in place.
 *
 * @param units pre-activations without biases, [anchor][unit]
 * @param margin what each unit's largest pre-activation must reach
 */
export function keepAlive(units: Float64Array, bias: Float32Array, margin: number): void {
  bias.forEach((shift, unit) => {
    let highest = -Infinity;
    for (let row = unit; row < units.length; row += bias.length) {
      highest = Math.max(highest, units[row]!);
    }
    if (highest + shift < margin) bias[unit] = margin - highest;
  });
}
