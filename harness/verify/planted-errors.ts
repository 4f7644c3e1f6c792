/**
 * `node harness/run.mjs planted-errors FILE...`: each document of a solve or of minima is verified, and then again with each
 * of these errors planted in it, which must be refused. The exit code is 1 when a document is refused as it is, or an error
 * is not.
 */
import { ExitCode, UsageError } from '../../src/cli/errors.js';
import type { MinimaDocument } from '../../src/cli/network-solve.js';
import { readInput } from '../../src/cli/read-input.js';
import type { SolveDocument } from '../../src/cli/solve-output.js';
import type { ExactDocument } from '../../src/minima/relu/exact-report.js';
import { verifyDocument } from '../../src/verify/verify-document.js';
import { asTool } from '../tool.js';

type Mutable<T> = T extends object ? { -readonly [Key in keyof T]: Mutable<T[Key]> } : T;
type Solve = Mutable<SolveDocument>;
type Minima = Mutable<MinimaDocument>;
type Exact = Mutable<ExactDocument>;

export const main = asTool(run);

async function run(files: readonly string[]): Promise<ExitCode> {
  if (files.length === 0) throw new UsageError('no file is given: planted-errors FILE...');
  let isRight = true;
  for (const file of files) {
    const text = await readInput(file);
    const start = performance.now();
    const failures = failuresOf(JSON.parse(text));
    const seconds = ((performance.now() - start) / 1000).toFixed(1);
    print(`${file}: ${failures[0] ?? `verified in ${seconds} s`}`);
    isRight &&= failures.length === 0;
    for (const [error, plant] of errorsFor(parsed(text))) {
      const document = parsed(text);
      plant(document);
      const [refusal] = failuresOf(document);
      print(refusal === undefined ? `  NOT refused: ${error}` : `  ${error}: ${refusal}`);
      isRight &&= refusal !== undefined;
    }
  }
  return isRight ? ExitCode.success : ExitCode.failed;
}

/** What is not there of it is asked for before it is used. */
function parsed(text: string): Minima & Exact {
  return JSON.parse(text) as Minima & Exact;
}

function failuresOf(document: unknown): string[] {
  return verifyDocument(document).flatMap(({ check, failures }) =>
    failures.map((failure) => `${check}: ${failure}`),
  );
}

type Errors<Document> = readonly (readonly [string, (document: Document) => void])[];

/** Those for the parts that a document has. */
function errorsFor(document: Partial<Minima & Exact>): Errors<Minima & Exact> {
  return [
    ...(document.solutions?.length ? inSolutions : []),
    ...(document.solutions?.some(({ real }) => !real) ? inComplex : []),
    ...(document.criticalPoints ? inCriticalPoints : []),
    ...(document.polished ? inPolished : []),
    ...(document.exact ? inExact : []),
    ...(document.exact && document.exact.minima.length > 1 ? inSecond : []),
  ];
}

const inSolutions: Errors<Solve> = [
  [
    'a changed digit of a solution',
    ({ solutions }) => {
      const { coordinates } = solutions.at(-1)!;
      const largest = coordinates.reduce((a, b) => (Math.hypot(...b) > Math.hypot(...a) ? b : a));
      largest[0] *= 1 + 1e-9;
      largest[1] *= 1 + 1e-9;
    },
  ],
  [
    'a duplicate of a solution, and counts that fit',
    (document) => {
      const copy = structuredClone(document.solutions[0]!);
      document.solutions.push(copy);
      const copies = copiesOf(copy);
      document.counts.distinct += copies;
      document.counts.nonsingular += copy.singular ? 0 : copies;
      document.counts.real += copy.real ? copies : 0;
      document.start.paths++;
      document.paths.tracked++;
      document.paths.regular++;
    },
  ],
  ['a removed solution', ({ solutions }) => void solutions.pop()],
];

const inComplex: Errors<Solve> = [
  [
    'a false real flag, and counts that fit',
    ({ solutions, counts }) => {
      const one = solutions.find(({ real }) => !real)!;
      one.real = true;
      counts.real += copiesOf(one);
    },
  ],
];

const inCriticalPoints: Errors<Minima> = [
  ['a removed minimum', ({ minima }) => void minima.shift()],
  [
    'a removed minimum, its critical point, its solution and all counts',
    (document) => {
      const { criticalPoints, solutions, counts, paths, start, completeness } = document;
      const [gone] = criticalPoints.splice(document.minima[0]!, 1);
      document.minima = criticalPoints.flatMap(({ morseIndex }, k) =>
        morseIndex === 0 ? [k] : [],
      );
      const unknowns = Object.values(gone!.parameters).flat(2);
      const place = solutions.findIndex(({ coordinates }) =>
        coordinates.every(([re], k) => Math.abs(re - unknowns[k]!) < 1e-8 * (1 + Math.abs(re))),
      );
      const copies = copiesOf(solutions.splice(place, 1)[0]!);
      counts.distinct -= copies;
      counts.nonsingular -= copies;
      counts.real -= copies;
      for (const { check, value } of completeness)
        if (check === 'certificates') (value as { certified: number }).certified--;
      document.eulerSum -= copies;
      paths.regular--;
      paths.tracked--;
      start.paths--;
    },
  ],
  [
    'a changed loss',
    ({ criticalPoints, minima }) => (criticalPoints[minima[0]!]!.loss *= 1 - 1e-9),
  ],
  ['a changed target', ({ samples }) => (samples.targets[0]![0]! += 1e-6)],
  ['an index', ({ criticalPoints }) => criticalPoints.at(-1)!.morseIndex++],
  [
    'a minimum of the polynomial network that is called global',
    ({ criticalPoints }) => Object.assign(criticalPoints[0]!, { global: true }),
  ],
  [
    'a claim of its own: global over all widths',
    ({ completeness }) =>
      completeness.push({ check: 'dual norm', value: {}, proves: 'global over all widths' }),
  ],
];

const inPolished: Errors<Minima> = [
  ['a changed loss of a polished minimum', ({ polished }) => (polished!.loss *= 1 - 1e-9)],
  [
    'a changed digit of a polished minimum',
    ({ polished }) => ((polished!.parameters['layers.2.bias'] as number[])[0]! += 1e-3),
  ],
];

const inExact: Errors<Exact> = [
  [
    'a changed digit of a true minimum',
    ({ exact }) => ((exact.minima[0]!.parameters['layers.2.bias'] as number[])[0]! += 1e-8),
  ],
  ['a changed loss of a true minimum', ({ exact }) => (exact.minima[0]!.loss += 1e-10)],
  [
    'a duplicate of a true minimum, and counts that fit',
    ({ exact }) => {
      const copy = structuredClone(exact.minima[0]!);
      exact.minima.splice(1, 0, copy);
      changeCount(exact, copy.distinctUnits, 1);
    },
  ],
  ['a removed true minimum', ({ exact }) => void exact.minima.pop()],
  [
    'the best true minimum removed, and counts that fit',
    ({ exact }) => {
      const [gone] = exact.minima.splice(0, 1);
      changeCount(exact, gone!.distinctUnits, -1);
    },
  ],
  ['a changed dual norm', ({ exact }) => (exact.minima[0]!.dualNorm[0] *= 1 - 1e-6)],
  ['a changed bound for all widths', ({ exact }) => (exact.lowerBound += 1e-4)],
];

const inSecond: Errors<Exact> = [
  ['a false global claim', ({ exact }) => Object.assign(exact.minima[1]!, { global: true })],
  [
    'a false global claim with a dual norm that fits',
    ({ exact }) =>
      Object.assign(exact.minima[1]!, {
        global: true,
        dualNorm: [1, 1],
        lowerBound: exact.minima[1]!.loss,
      }),
  ],
  [
    'a false or denied global claim of the best minimum',
    ({ exact }) => Object.assign(exact.minima[0]!, { global: !exact.minima[0]!.global }),
  ],
];

function changeCount(exact: Exact['exact'], units: number, by: number): void {
  (exact.byUnits[units - 1] as { minima: number }).minima += by;
}

function copiesOf(solution: object): number {
  return 'copies' in solution ? Number(solution.copies) : 1;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
