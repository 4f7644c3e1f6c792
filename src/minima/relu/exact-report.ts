/** The JSON of an enumeration: what another program needs to check it from the data alone. */
import { networkLayout, stateDictionary, type TensorValues } from '../../network/architecture.js';
import type { DataTable } from '../../data/table.js';
import type { CompletenessCheck } from '../../homotopy/index.js';
import type { ReluMinima } from './relu-minima.js';
import type { ReluMinimum } from './relu-minimum.js';

export interface ExactReport {
  readonly units: number;
  /** Slope of the activation for z < 0. */
  readonly negativeSlope: number;
  readonly regularization: number;
  readonly partial: boolean;
  readonly combinations: number;
  readonly byUnits: ReluMinima['byUnits'];
  /** How many combinations intervals could not decide. */
  readonly undecided: number;
  readonly undecidedCombinations: ReluMinima['undecided'];
  /** By loss. */
  readonly minima: readonly (Omit<ReluMinimum, 'unknowns'> & {
    readonly parameters: Readonly<Record<string, TensorValues>>;
  })[];
  /** No network with one hidden layer, of any width, has a lower loss. */
  readonly lowerBound: number;
  readonly seconds: number;
}

/** What `lps minima --exact --json` prints, and `lps verify` takes. */
export interface ExactDocument {
  readonly exact: ExactReport;
  readonly completeness: readonly CompletenessCheck[];
  /** Rows as the network sees them, standardised or raw. */
  readonly samples: DataTable;
}

export function exactDocument(
  minima: ReluMinima,
  samples: DataTable,
  { negativeSlope, regularization }: Pick<ExactReport, 'negativeSlope' | 'regularization'>,
): ExactDocument {
  const layout = networkLayout({ layers: [samples.inputs[0]!.length, minima.units, 1] });
  const exact: ExactReport = {
    units: minima.units,
    negativeSlope,
    regularization,
    partial: minima.partial,
    combinations: minima.combinations,
    byUnits: minima.byUnits,
    undecided: minima.undecided.length,
    undecidedCombinations: minima.undecided,
    minima: minima.minima.map(({ unknowns, ...rest }) => ({
      ...rest,
      parameters: stateDictionary(layout, unknowns),
    })),
    lowerBound: minima.lowerBound,
    seconds: minima.seconds,
  };
  return {
    exact,
    completeness: exactCompleteness(exact),
    samples: {
      inputs: samples.inputs.map((row) => [...row]),
      targets: samples.targets.map((row) => [...row]),
    },
  };
}

/** Which checks ran, and what each proves, in a sentence for people. */
export function exactCompleteness(exact: ExactReport): CompletenessCheck[] {
  const { combinations, undecided, minima, partial, lowerBound } = exact;
  const checks: CompletenessCheck[] = [
    {
      check: 'combinations',
      value: { combinations, undecided, partial },
      proves: partial
        ? 'nothing: the enumeration was stopped before its end'
        : undecided === 0
          ? 'the list is complete: every combination of states of the units was solved or excluded by a bound, and each holds at most one local minimum'
          : `the list is complete but for ${undecided} combinations, each of which may hold one more local minimum`,
    },
  ];
  const best = minima[0];
  if (best === undefined) return checks;
  checks.push({
    check: 'dual norm',
    value: {
      dualNorm: best.dualNorm,
      lowerBound,
      gap: Math.max(0, best.lossBounds[1] - lowerBound),
    },
    proves: best.global
      ? 'the best minimum is the global one over all widths: its dual norm is at most 1'
      : `no network of any width has a loss below ${lowerBound.toPrecision(12)}`,
  });
  return checks;
}
