/** The true network's minima for people. */
import type { ReluMinima } from '../minima/relu/relu-minima.js';
import type { ReluMinimum } from '../minima/relu/relu-minimum.js';
import type { PolishedMinimum } from '../minima/polish.js';
import { count, duration, plural, significant } from './numbers.js';
import { textTable } from './text-table.js';

/** Rows of the table; the document has all. */
const MOST_ROWS = 40;
const DIGITS = 10;

/** Counts, table, and what is proved. */
export function describeExact(minima: ReluMinima, activation: string): string[] {
  const excluded = minima.byUnits.reduce(
    (sum, counts) => sum + counts.excluded + counts.sameAsSmaller,
    0,
  );
  const handedOver = minima.byUnits.reduce((sum, counts) => sum + counts.handedOver, 0);
  const isolated = minima.minima.filter(({ distinctUnits }) => distinctUnits === minima.units);
  return [
    `true       ${plural(minima.minima.length, 'local minimum').replace('minimums', 'minima')} of the ${activation} network itself: ${isolated.length} with ${plural(minima.units, 'different unit')}, ${minima.minima.length - isolated.length} with fewer (flat families, one unit split)`,
    `exact      ${plural(minima.distinctInputs, 'different input')} (rows that have one in common count as one, with their mean target), ${count(minima.combinations)} combinations of states, ${count(excluded)} excluded before solving, ${handedOver > 0 ? `${count(handedOver)} left by the GPU to f64, ` : ''}${count(minima.undecided.length)} undecided, ${duration(1000 * minima.seconds)}${minima.partial ? '; STOPPED before the end' : ''}`,
    ...describeProof(minima),
    '',
    ...minimaTable(minima.minima),
    ...(minima.minima.length > MOST_ROWS
      ? [`and ${minima.minima.length - MOST_ROWS} more, in the document of --json`]
      : []),
  ];
}

function describeProof({ minima, lowerBound, undecided, partial }: ReluMinima): string[] {
  const best = minima[0];
  if (best === undefined) return [];
  const complete =
    partial || undecided.length > 0
      ? []
      : ['proof      complete: every combination was decided by a bound or by interval arithmetic'];
  return [
    ...complete,
    best.global
      ? `global     the best is the global minimum over all widths: its dual norm is ${best.dualNorm[1]}`
      : `global     the best has dual norm ${significant(best.dualNorm[0], 6)}: no network of any width is below ${significant(lowerBound, 9)}, ${significant(best.loss - lowerBound, 2)} less`,
  ];
}

function minimaTable(minima: readonly ReluMinimum[]): string[] {
  return textTable(
    [
      { title: 'minimum' },
      { title: 'loss' },
      { title: 'units' },
      { title: 'at kinks' },
      { title: 'margin' },
      { title: 'dual norm' },
      { title: '', align: 'left' },
    ],
    minima
      .slice(0, MOST_ROWS)
      .map(({ loss, distinctUnits, kinks, margin, dualNorm, global }, place) => [
        String(place + 1),
        significant(loss, DIGITS),
        String(distinctUnits),
        String(kinks),
        margin === 0 ? 'tie' : margin.toExponential(1),
        significant(dualNorm[1], 6),
        global ? 'global over all widths' : '',
      ]),
  );
}

/** Where the true network could not be enumerated: what polishing gives. */
export function describePolishedMinima(
  polished: readonly PolishedMinimum[],
  activation: string,
  reason: string,
): string[] {
  return [
    `true       minima of the ${activation} network, polished from every minimum of the polynomial one: nothing is proved, others may exist (${reason})`,
    '',
    ...textTable(
      ['minimum', 'loss', 'before polishing', 'gradient'].map((title) => ({ title })),
      polished.map(({ loss, lossBefore, gradientNorm }, place) => [
        String(place + 1),
        significant(loss, DIGITS),
        significant(lossBefore, 7),
        gradientNorm.toExponential(1),
      ]),
    ),
  ];
}
