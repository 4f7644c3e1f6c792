/**
 * Believed afterwards: a right exact result is accepted, and each of these planted errors is refused for
 * the right reason, by code that shares nothing with the enumeration.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import { enumerateReluMinima } from '../../../src/minima/relu/enumerate-relu-minima.js';
import { exactDocument, type ExactDocument } from '../../../src/minima/relu/exact-report.js';
import { DocumentError } from '../../../src/verify/read-fields.js';
import { verifyExact } from '../../../src/verify/relu/verify-exact.js';

type Plain = { -readonly [Key in keyof ExactDocument]: Mutable<ExactDocument[Key]> };
type Mutable<T> = T extends object ? { -readonly [Key in keyof T]: Mutable<T[Key]> } : T;

async function documentOf(width: number, units: number, rows: number): Promise<ExactDocument> {
  let state = 11;
  const random = (): number => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
  const inputs = Array.from({ length: rows }, () =>
    Array.from({ length: width }, () => 3 * random() - 1.5),
  );
  const targets = inputs.map((row) => [
    Math.abs(row[0]!) - 0.8 * row.at(-1)! + 0.6 * random() - 0.5,
  ]);
  const settings = { negativeSlope: 0, regularization: 0.02 };
  const minima = await enumerateReluMinima({ data: { inputs, targets }, units, ...settings });
  return exactDocument(minima, { inputs, targets }, settings);
}

function failuresOf(document: unknown): string {
  return verifyExact(JSON.parse(JSON.stringify(document)))
    .flatMap(({ check, failures }) => failures.map((failure) => `${check}: ${failure}`))
    .join('\n');
}

describe('one input, two units', () => {
  let right: ExactDocument;
  beforeAll(async () => {
    right = await documentOf(1, 2, 12);
  });

  it('accepts what the enumeration found', () => {
    expect(right.exact.minima.length).toBeGreaterThan(3);
    expect(failuresOf(right)).toBe('');
    const screened = structuredClone(right) as Plain;
    (screened.exact.byUnits[1] as { handedOver: number }).handedOver = 17;
    expect(failuresOf(screened)).toBe('');
  });

  const planted: [string, (document: Plain) => void, RegExp][] = [
    [
      'a digit of a loss',
      ({ exact }) => (exact.minima[1]!.loss += 1e-10),
      /minima: minimum 2: the loss/,
    ],
    [
      'a digit of a weight',
      ({ exact }) =>
        ((exact.minima[0]!.parameters['layers.0.weight'] as number[][])[1]![0]! += 1e-9),
      /minimum 1: it is not stationary|minimum 1: its margin/,
    ],
    [
      'the output bias',
      ({ exact }) => ((exact.minima[2]!.parameters['layers.2.bias'] as number[])[0]! += 1e-8),
      /minimum 3: it is not stationary/,
    ],
    ['a margin', ({ exact }) => (exact.minima[0]!.margin *= 1.01), /minimum 1: its margin is/],
    ['kinks', ({ exact }) => exact.minima[0]!.kinks++, /of its different units lie at kinks/],
    [
      'a dual norm',
      ({ exact }) => (exact.minima[1]!.dualNorm[0] *= 1 - 1e-6),
      /dual norm: minimum 2: its dual norm is/,
    ],
    ['a bound', ({ exact }) => (exact.minima[1]!.lowerBound += 1e-6), /minimum 2: the bound/],
    ['the best bound', ({ exact }) => (exact.lowerBound += 1e-4), /the best bound of the minima/],
    [
      'a false global claim',
      ({ exact }) => Object.assign(exact.minima[1]!, { global: true, dualNorm: [1, 1] }),
      /minimum 2: it is not proved to be the global minimum/,
    ],
    [
      'a duplicate',
      ({ exact }) => exact.minima.splice(1, 0, structuredClone(exact.minima[0]!)),
      /list: minimum 2 is minimum 1 again/,
    ],
    [
      'a duplicate with its units exchanged',
      ({ exact }) => {
        const copy = structuredClone(exact.minima[0]!);
        const { parameters } = copy as { parameters: Record<string, (number | number[])[]> };
        parameters['layers.0.weight']!.reverse();
        parameters['layers.0.bias']!.reverse();
        (parameters['layers.2.weight']![0] as number[]).reverse();
        exact.minima.splice(1, 0, copy);
      },
      /list: minimum 2 is minimum 1 again/,
    ],
    [
      'a minimum left out',
      ({ exact }) => exact.minima.splice(0, 1),
      /counts: .* are listed, .* were found/,
    ],
    [
      'the best minimum left out, the count changed',
      ({ exact }) => {
        const [gone] = exact.minima.splice(0, 1);
        (exact.byUnits[gone!.distinctUnits - 1] as { minima: number }).minima--;
      },
      /descents: a minimum of loss .* is missing/,
    ],
    ['combinations', ({ exact }) => exact.combinations--, /counts: the combinations add up/],
    [
      'a verdict more than combinations',
      ({ exact }) => (exact.byUnits[1] as { zeroUnit: number }).zeroUnit++,
      /counts: of \d+ combinations of 2 units \d+ are accounted for/,
    ],
    [
      'more left to f64 than there are',
      ({ exact }) => ((exact.byUnits[1] as { handedOver: number }).handedOver = 1e9),
      /counts: 1000000000 of \d+ combinations of 2 units are said to have been left to f64/,
    ],
    [
      'undecided ones',
      ({ exact }) => (exact.undecided = 1),
      /counts: 1 combinations are undecided/,
    ],
    [
      'a target',
      ({ samples }) => (samples.targets[3]![0]! += 1e-6),
      /minimum 1: the loss of its parameters/,
    ],
    ['lambda 0', ({ exact }) => (exact.regularization = 0), /the theorem needs it above 0/],
  ];

  it.each(planted)('refuses %s', (_, change, reason) => {
    const document = structuredClone(right) as Plain;
    change(document);
    expect(failuresOf(document)).toMatch(reason);
  });

  it('says which field is missing or wrong', () => {
    expect(() => verifyExact({})).toThrow(/no "exact" part/);
    expect(() => verifyExact([])).toThrow(DocumentError);
    const document = structuredClone(right) as unknown as {
      exact: { minima: { loss: unknown }[] };
    };
    document.exact.minima[0]!.loss = 'low';
    expect(() => verifyExact(document)).toThrow(/exact\.minima\[0\]\.loss is "low"/);
  });
});

it('two inputs, one unit: accepts what the enumeration found', async () => {
  const document = await documentOf(2, 1, 25);
  expect(document.exact.minima.length).toBeGreaterThan(1);
  expect(document.exact.minima.some(({ kinks }) => kinks > 0)).toBe(true);
  expect(failuresOf(document)).toBe('');
});
