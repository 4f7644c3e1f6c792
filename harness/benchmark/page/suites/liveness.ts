/**
 * Counting networks that are born dead: batches on the GPU against a plain loop in JavaScript.
 *
 * Both draw He's initialization; the share must lie where theory says it does.
 */
import { measureLiveness } from '../../../../src/liveness/index.js';
import { bornDeadBounds } from '../../../../src/liveness/born-dead-bounds.js';
import { randomStream } from '../../../../src/math/random.js';
import type { GpuDevice } from '../../../../src/gpu/index.js';
import { compare, type Contender, type Prepared } from '../compare.js';
import type { SuiteContext } from '../suite.js';
import { isWanted, type Agreement, type Fault } from '../types.js';

const BUDGET_MS = 20_000;
const POINTS = 257;
const STREAM = 0x6c76;
/** Standard deviations that a right share may lie outside the bounds. */
const DEVIATIONS = 4;

interface Cell {
  readonly input: number;
  readonly width: number;
  readonly depth: number;
  readonly networks: number;
}

const CELLS: readonly Cell[] = [
  { input: 1, width: 3, depth: 10, networks: 4096 },
  { input: 1, width: 16, depth: 10, networks: 2048 },
];
const QUICK_CELLS: readonly Cell[] = [{ input: 1, width: 2, depth: 3, networks: 256 }];

/** Runs the suite. */
export async function livenessSuite(context: SuiteContext): Promise<void> {
  const { options } = context;
  for (const cell of options.quick ? QUICK_CELLS : CELLS) {
    const { width, depth, networks } = cell;
    const id = `liveness/width-${width}-depth-${depth}`;
    if (!isWanted(id, options)) continue;
    const row = await compare(
      {
        id,
        title: `${networks} networks of ${depth} layers of ${width} units on ${POINTS} inputs: which are born dead?`,
        contenders: [
          ours(await context.gpu(), cell, options.seed, context.faultOf(id)),
          ...(options.peers ? [plainLoop(cell, options.seed)] : []),
        ],
      },
      { ...(await context.measuring()), budgetMs: BUDGET_MS },
    );
    await context.host.row(row);
  }
}

/** How far a share lies outside what theory allows, in standard deviations of a share of so many. */
function shareAgreement({ width, depth, networks }: Cell, share: number): Agreement {
  const { lower, upper } = bornDeadBounds(Array<number>(depth).fill(width), {
    symmetricRows: true,
    independentEntries: true,
  });
  const deviation = (bound: number): number =>
    Math.sqrt(Math.max(bound * (1 - bound), 1 / networks) / networks);
  return {
    error: Math.max((lower - share) / deviation(lower), (share - upper) / deviation(upper), 0),
    tolerance: DEVIATIONS,
    against: `bounds ${lower.toPrecision(3)} and ${upper.toPrecision(3)} of the share, in standard deviations`,
  };
}

function ours(gpu: GpuDevice, cell: Cell, seed: number, fault: Fault['kind'] | null): Contender {
  return {
    name: 'lps-webgpu',
    role: 'ours',
    executes: 'gpu',
    prepare(): Promise<Prepared> {
      const { networks } = cell;
      let share = NaN;
      const measure = async (count: number): Promise<void> => {
        const { cells } = await measureLiveness(gpu, [cell], {
          methods: ['he'],
          networks: count,
          seed,
          points: POINTS,
        });
        share = cells[0]!.bornDead.value;
      };
      return Promise.resolve({
        async run(repetitions) {
          for (let k = 0; k < repetitions; k++)
            await measure(fault === 'slow' ? 2 * networks : networks);
        },
        check: () => Promise.resolve(shareAgreement(cell, fault === 'wrong' ? 1 : share)),
        close: () => undefined,
      });
    },
  };
}

/** The same count, one network after the other, in f64. */
function plainLoop(cell: Cell, seed: number): Contender {
  return {
    name: 'JavaScript loop',
    role: 'peer',
    executes: 'cpu',
    prepare(): Promise<Prepared> {
      let share = NaN;
      return Promise.resolve({
        run(repetitions) {
          for (let k = 0; k < repetitions; k++) share = countInLoop(cell, seed) / cell.networks;
          return Promise.resolve();
        },
        check: () => Promise.resolve(shareAgreement(cell, share)),
        close: () => undefined,
      });
    },
  };
}

/** Networks with a layer that is zero on every input: inputs spread over [-sqrt 3, sqrt 3]. */
function countInLoop({ input, width, depth, networks }: Cell, seed: number): number {
  const random = randomStream(seed, STREAM);
  const points = Array.from(
    { length: POINTS },
    (_, k) => Math.sqrt(3) * ((2 * k) / (POINTS - 1) - 1),
  );
  let dead = 0;
  for (let network = 0; network < networks; network++) {
    let features: Float64Array[] = points.map((x) => new Float64Array(input).fill(x));
    let alive = true;
    for (let layer = 0; layer < depth && alive; layer++) {
      const inputs = features[0]!.length;
      const scale = Math.sqrt(2 / inputs);
      const weights = Float64Array.from({ length: width * inputs }, () => scale * random.normal());
      alive = false;
      features = features.map((row) => {
        const next = new Float64Array(width);
        for (let unit = 0; unit < width; unit++) {
          let sum = 0;
          for (let k = 0; k < inputs; k++) sum += weights[unit * inputs + k]! * row[k]!;
          next[unit] = Math.max(sum, 0);
          alive ||= sum > 0;
        }
        return next;
      });
    }
    if (!alive) dead++;
  }
  return dead;
}
