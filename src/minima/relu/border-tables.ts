/** The border points of cells, and how much the conditions there depend on the network's output. */
import { BLOCK, type StateTables } from './state-tables.js';

/** Border points of open cells, and how sensitive the moments there are. */
export interface BorderTables {
  readonly low: Int32Array;
  readonly high: Int32Array;
  /** 1 when the unit's root lies between the two, else it lies outside both. */
  readonly crosses: Uint8Array;
  readonly atLow: Float64Array;
  readonly atHigh: Float64Array;
  /** Of the moments in the state's own variables together. */
  readonly whole: Float64Array;
}

export function borderTables(tables: StateTables): BorderTables {
  const { states, x, bases } = tables;
  const count = states.length;
  const result = {
    low: new Int32Array(count),
    high: new Int32Array(count),
    crosses: new Uint8Array(count),
    atLow: new Float64Array(count),
    atHigh: new Float64Array(count),
    whole: new Float64Array(count),
  };
  states.forEach(({ from, to, kink }, s) => {
    const m = x.length;
    const at = BLOCK * s;
    if (kink !== null) {
      result.atLow[s] = tables.sensitivity(s, bases[at + 2]!, bases[at + 3]!);
      result.whole[s] = tables.sensitivity(s, bases[at]!, bases[at + 1]!);
      return;
    }
    const border = from > 0 ? from : to < m && to > 0 ? to : null;
    const [low, high] = border === null ? [0, m - 1] : [border - 1, border];
    result.low[s] = low;
    result.high[s] = high;
    result.crosses[s] = border === null ? 0 : 1;
    result.atLow[s] = tables.sensitivity(s, x[low]!, 1);
    result.atHigh[s] = tables.sensitivity(s, x[high]!, 1);
    result.whole[s] =
      Math.hypot(tables.sensitivity(s, 1, 0), tables.sensitivity(s, 0, 1)) * (1 + 1e-12);
  });
  return result;
}
