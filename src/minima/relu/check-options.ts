/** What the theorem needs, and what a machine can do: everything else is refused with a remedy. */
import { binomial } from '../../math/combinatorics.js';
import type { ActivationLayer } from '../../network/activations.js';
import { ReluMinimaError, TooManyCombinationsError } from './errors.js';
import type { ReluMinimaOptions, Screening } from './relu-minima.js';
import { MOST_GROUPS } from './group-lasso.js';
import { ALIGNED } from './plane-sweep.js';
import { checkScreening, screeningDevice } from './screening.js';
import { unitStates } from './unit-states.js';

/** Time of one combination in a thread, measured on the 442 patients; with four units nothing is known from fewer. */
const SECONDS_PER_COMBINATION = { few: 2e-6, four: 2e-5 } as const;
/** On GPU hardware, where it has not been measured: most of it is for the 0.3% that the CPU then decides. */
const SECONDS_PER_SCREENED = 1e-7;
const MOST_COMBINATIONS = 2e9;
const SCREENINGS: readonly Screening[] = ['auto', 'gpu', 'cpu'];
const MOST_SCREENED = 2e10;

/** Slope for z < 0 of relu or leaky relu; null for another activation. */
export function negativeSlopeOf(layer: ActivationLayer): number | null {
  if (layer.type === 'relu') return 0;
  return layer.type === 'leaky-relu' ? layer.slope : null;
}

/** @throws ReluMinimaError, TooManyCombinationsError */
export function checkReluOptions(options: ReluMinimaOptions): void {
  const { data, units, negativeSlope = 0, regularization } = options;
  if (!(regularization > 0) || !Number.isFinite(regularization)) {
    throw new ReluMinimaError(
      `the regularization lambda must be above 0, got ${String(regularization)}: without weight decay a unit can be scaled (v / s, s w, s b) at no cost, so that no minimum is an isolated point, and units may grow without end; give lambda, such as 0.01`,
    );
  }
  if (!(negativeSlope >= 0 && negativeSlope < 1)) {
    throw new ReluMinimaError(
      `the slope of leaky relu for z < 0 must lie in [0, 1), got ${String(negativeSlope)}`,
    );
  }
  if (!Number.isInteger(units) || units < 1) {
    throw new ReluMinimaError(
      `the number of hidden units must be a whole number from 1 to 4, got ${String(units)}`,
    );
  }
  const { screening = 'auto' } = options;
  if (!SCREENINGS.includes(screening)) {
    throw new ReluMinimaError(
      `screening must be one of ${SCREENINGS.join(', ')}, got ${String(screening)}`,
    );
  }
  checkRows(data);
  const inputs = data.inputs[0]!.length;
  const distinct = new Set(data.inputs.map((row) => row.join(' '))).size;
  if (distinct < 2) {
    throw new ReluMinimaError(
      `all ${data.inputs.length} rows have the same input, ${data.inputs[0]!.join(', ')}: every network is a constant on them; choose a column with different values`,
    );
  }
  if (inputs === 2) {
    if (screening === 'gpu') {
      throw new ReluMinimaError(
        'the GPU screens combinations of units with one input; with two, leave out screening "gpu"',
      );
    }
    checkPlane(options, distinct);
    return;
  }
  if (distinct < units) {
    throw new ReluMinimaError(
      `${distinct} different inputs (in ${data.inputs.length} rows) are fewer than the ${units} units: the outputs of different units are then linearly dependent on the rows, and minima need not be isolated; use at most ${distinct} units or a column with more values`,
    );
  }
  const states = unitStates(distinct, negativeSlope !== 0).length;
  checkScreening(options, states);
  checkSize(options, states);
}

function checkRows({ inputs, targets }: ReluMinimaOptions['data']): void {
  if (inputs.length === 0 || inputs.length !== targets.length) {
    throw new ReluMinimaError(
      `as many rows of inputs as of targets are needed, at least one; got ${inputs.length} and ${targets.length}`,
    );
  }
  const width = inputs[0]!.length;
  if (width !== 1 && width !== 2) {
    throw new ReluMinimaError(
      `the exact enumeration takes one input, or two with one hidden unit; this data has ${width} input columns`,
    );
  }
  for (const [kind, rows, size] of [
    ['input', inputs, width],
    ['target', targets, 1],
  ] as const) {
    rows.forEach((row, index) => {
      if (row.length !== size || !row.every(Number.isFinite)) {
        throw new ReluMinimaError(
          `row ${index + 1} of the ${kind}s is [${row.join(', ')}]; it must be ${size === 1 ? 'one finite number' : `${size} finite numbers`}`,
        );
      }
    });
  }
}

function checkPlane({ data, units }: ReluMinimaOptions, distinct: number): void {
  if (units > 1) {
    throw new ReluMinimaError(
      `with two inputs only one hidden unit can be enumerated, got ${units}: ${distinct} points have about ${(distinct * distinct).toExponential(0)} states of a unit, and pairs of them are too many; use --arch 2-1-1, or one input`,
    );
  }
  const first = data.inputs[0]!;
  const steps = data.inputs.map((row) => [row[0]! - first[0]!, row[1]! - first[1]!] as const);
  const [dx, dy] = steps.reduce((a, b) => (Math.hypot(...b) > Math.hypot(...a) ? b : a));
  const limit = ALIGNED * Math.hypot(dx, dy) ** 2;
  if (steps.every(([x, y]) => Math.abs(dx * y - dy * x) <= limit)) {
    throw new ReluMinimaError(
      `all inputs lie on one line (to ${ALIGNED} of its length), from (${first.join(', ')}) along (${dx}, ${dy}): weights across it do nothing; use one input, the position along the line`,
    );
  }
}

function checkSize(options: ReluMinimaOptions, states: number): void {
  const { units } = options;
  const device = screeningDevice(options, units, states);
  const onHardware = device !== null && !device.info.software;
  const { maxCombinations = onHardware ? MOST_SCREENED : MOST_COMBINATIONS } = options;
  const combinations = binomial(states, units);
  if (units <= MOST_GROUPS && combinations <= maxCombinations) return;
  const each = onHardware
    ? SECONDS_PER_SCREENED
    : SECONDS_PER_COMBINATION[units < MOST_GROUPS ? 'few' : 'four'];
  const time = `${timeText(combinations * each)} of ${onHardware ? 'this GPU' : 'one core'}`;
  const remedies = [
    `use at most ${units <= MOST_GROUPS ? units - 1 : MOST_GROUPS} units`,
    'round the inputs so that fewer differ',
    ...(units <= MOST_GROUPS ? [`allow them (maxCombinations, now ${maxCombinations})`] : []),
    ...(units === MOST_GROUPS && !onHardware ? ['use GPU hardware, which screens them'] : []),
  ];
  throw new TooManyCombinationsError(
    `${units} units with ${states} states each are ${combinations.toPrecision(3)} combinations, about ${time}; ` +
      `${remedies.join(', ')}, or take the polynomial network's minima, polished ("lps minima" without --exact): seconds up to twelve units`,
    combinations,
  );
}

function timeText(seconds: number): string {
  if (seconds < 5400) return `${(seconds / 60).toPrecision(2)} minutes`;
  const hours = seconds / 3600;
  return hours < 48 ? `${hours.toPrecision(2)} hours` : `${(hours / 24).toPrecision(2)} days`;
}
