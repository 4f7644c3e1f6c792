/** Trains autoencoders on inputs that are far from 0, and says what of it holds. */
import type { GpuDevice } from '../../gpu/index.js';
import { initializeOnHost } from '../../initialize/host.js';
import { randomStream } from '../../math/random.js';
import { inSlices } from '../../math/stepwise.js';
import { dense, network, relu, type Network } from '../../network/index.js';
import { unpackWeights } from '../../network/weights.js';
import {
  resultSchema,
  type Batch,
  type BatchContext,
  type Experiment,
  type ExperimentReport,
} from '../experiment.js';
import { markdownTable, meanText, percent } from '../markdown.js';
import { rounded, spreadOf } from '../statistics.js';
import {
  groupName,
  UNCENTRED_SETTINGS,
  uncentredBatches,
  type UncentredCell,
  type UncentredKind,
  type UncentredResult,
} from './definition.js';
import { autoencode, trainAutoencoder, type Autoencoder } from './sparse-autoencoder.js';

/** Random streams of a seed: what the features are, the samples to look at, the samples to train on. */
const STREAMS = { features: 1, samples: 2, training: 3 } as const;

/** Sparse sums of features that lie around a mean. */
interface FeatureData {
  /** [feature][input], of length 1 */
  readonly features: readonly Float64Array[];
  /** So many samples, [sample][input], less `centre`; each call goes on in the stream. */
  drawFrom(
    stream: ReturnType<typeof randomStream>,
    count: number,
    centre: Float64Array,
  ): Float64Array;
}

function featureData(seed: number, gamma: number): FeatureData {
  const { inputs, features: count, probability } = UNCENTRED_SETTINGS;
  const stream = randomStream(seed, STREAMS.features);
  const features = Array.from({ length: count }, () => {
    const direction = Float64Array.from({ length: inputs }, () => stream.normal());
    const length = Math.hypot(...direction);
    return direction.map((entry) => entry / length);
  });
  // Strengths of mean 1 and second moment 13/12; per input the deviation is 1.
  const variance = (count / inputs) * (probability * (13 / 12) - probability ** 2);
  const scale = 1 / Math.sqrt(variance);
  const mean = Float64Array.from({ length: inputs }, (_, j) => {
    const sparse = features.reduce((sum, feature) => sum + feature[j]!, 0);
    return gamma * stream.normal() - scale * probability * sparse;
  });
  return {
    features,
    drawFrom: (source, samples, centre) => {
      const rows = new Float64Array(samples * inputs);
      for (let start = 0; start < rows.length; start += inputs) {
        for (let j = 0; j < inputs; j++) rows[start + j] = mean[j]! - centre[j]!;
        for (const feature of features) {
          if (source.uniform() >= probability) continue;
          const strength = scale * (0.5 + source.uniform());
          for (let j = 0; j < inputs; j++) rows[start + j]! += strength * feature[j]!;
        }
      }
      return rows;
    },
  };
}

function meanOf(rows: Float64Array, inputs: number): Float64Array {
  const mean = new Float64Array(inputs);
  rows.forEach((value, index) => (mean[index % inputs]! += (value * inputs) / rows.length));
  return mean;
}

/** The autoencoder that an initializer makes of inputs - units - inputs. */
function initialAutoencoder(
  { choice: { method, ablation }, seed }: UncentredCell,
  samples: Float64Array,
): Autoencoder {
  const { inputs, units, anchors } = UNCENTRED_SETTINGS;
  const net: Network = network({ input: [inputs], layers: [dense(units), relu(), dense(inputs)] });
  const rows = Array.from({ length: anchors }, (_, k) =>
    samples.subarray(k * inputs, (k + 1) * inputs),
  );
  const { block } = initializeOnHost(net, {
    method,
    seed,
    anchors: rows,
    ...(method === 'lps' && { outputMean: [...meanOf(samples, inputs)] }),
    ...(ablation && { ablation }),
  });
  const { tensors } = unpackWeights(net.parameters, {
    parameters: block,
    statistics: new Float32Array(),
  });
  const dataOf = (name: string): Float64Array => Float64Array.from(tensors.get(name)!.data);
  const outgoing = dataOf('layers.2.weight');
  return {
    encoder: dataOf('layers.0.weight'),
    encoderBias: dataOf('layers.0.bias'),
    decoder: Float64Array.from(
      outgoing,
      (_, k) => outgoing[(k % inputs) * units + Math.floor(k / inputs)]!,
    ),
    decoderBias: dataOf('layers.2.bias'),
  };
}

async function runBatch(
  _gpu: GpuDevice,
  { cells }: Batch<UncentredCell>,
  { signal }: BatchContext<UncentredResult>,
): Promise<readonly UncentredResult[] | null> {
  const results: UncentredResult[] = [];
  for (const cell of cells) {
    try {
      results.push(await trainCell(cell, signal));
    } catch (error) {
      if (signal?.aborted) return null;
      throw error;
    }
  }
  return results;
}

async function trainCell(cell: UncentredCell, signal?: AbortSignal): Promise<UncentredResult> {
  const { inputs, units, samples, steps, rate, batchSize, penalty, kept, foundAt } =
    UNCENTRED_SETTINGS;
  const { kind, gamma, choice, seed } = cell;
  const data = featureData(seed, gamma);
  const look = (centre: Float64Array): Float64Array =>
    data.drawFrom(randomStream(seed, STREAMS.samples), samples, centre);
  const nothing = new Float64Array(inputs);
  const centre = choice.centre ? meanOf(look(nothing), inputs) : nothing;
  const seen = look(centre);
  const model = initialAutoencoder(cell, seen);
  const sparsity = kind === 'relu' ? { penalty, kept: null } : { penalty: 0, kept };
  const deadShare = (): number => {
    const used = new Uint8Array(units);
    autoencode(model, seen, sparsity, null, used);
    return used.filter((flag) => flag === 0).length / units;
  };
  const deadBefore = deadShare();
  const stream = randomStream(seed, STREAMS.training);
  const nextBatch = (): Float64Array => data.drawFrom(stream, batchSize, centre);
  await inSlices(trainAutoencoder(model, sparsity, { steps, rate, nextBatch }), signal);
  const { objective, error } = autoencode(model, seen, sparsity);
  const mean = meanOf(seen, inputs);
  const variance = seen.reduce((sum, value, k) => sum + (value - mean[k % inputs]!) ** 2, 0);
  const cosine = (feature: Float64Array, unit: number): number => {
    const row = model.decoder.subarray(unit * inputs, (unit + 1) * inputs);
    return row.reduce((sum, entry, j) => sum + entry * feature[j]!, 0) / Math.hypot(...row);
  };
  const found = data.features.filter((feature) =>
    Array.from({ length: units }, (_, unit) => cosine(feature, unit)).some((c) => c > foundAt),
  );
  return {
    cell: cell.id,
    deadBefore,
    deadAfter: deadShare(),
    objective: rounded(objective),
    unexplained: rounded(error / variance),
    found: found.length,
  };
}

function report(results: readonly UncentredResult[]): Promise<ExperimentReport> {
  const { gammas, choices, features, inputs, units, steps, rate, batchSize, seeds, firstSeed } =
    UNCENTRED_SETTINGS;
  const { penalty, kept, foundAt, samples } = UNCENTRED_SETTINGS;
  const of = (kind: UncentredKind, gamma: number, label: string): UncentredResult[] =>
    results.filter(({ cell }) => cell.startsWith(`${groupName(kind, gamma, label)}/`));
  const meanOfField = (own: readonly UncentredResult[], field: keyof UncentredResult): number =>
    spreadOf(own.map((result) => result[field] as number))!.mean;
  const sectionOf = (kind: UncentredKind, title: string): string[] => [
    `## ${title}`,
    ...gammas.flatMap((gamma) => {
      const reference = of(kind, gamma, 'he, centre');
      const rows = choices.flatMap(({ label }) => {
        const own = of(kind, gamma, label);
        if (own.length === 0) return [];
        const ratio =
          reference.length === 0
            ? '-'
            : (meanOfField(own, 'objective') / meanOfField(reference, 'objective')).toFixed(3);
        return [
          [
            label,
            `${percent(meanOfField(own, 'deadBefore'))} -> ${percent(meanOfField(own, 'deadAfter'))}`,
            meanText(own.map(({ objective }) => objective)),
            ratio,
            meanText(own.map(({ unexplained }) => unexplained)),
            own.map(({ found }) => found).join(', '),
          ],
        ];
      });
      return rows.length === 0
        ? []
        : [
            `### gamma = ${gamma}`,
            markdownTable(
              [
                'initializer',
                'dead units % before -> after',
                'objective',
                'over "he, centre"',
                'unexplained variance',
                `features found, of ${features}`,
              ],
              rows,
            ),
          ];
    }),
  ];
  const markdown = [
    '# Inputs that are not centred: sparse autoencoders',
    `Sparse sums of ${features} features in ${inputs} dimensions around a mean gamma times as large as the deviation; ${inputs} - ${units} - ${inputs} autoencoders, ${steps} steps of Adam at ${rate}, batches of ${batchSize}, seeds ${firstSeed} to ${firstSeed + seeds - 1}, means with their 95% intervals. "centre" subtracts the mean of ${samples} samples before the network (folded into the biases afterwards it is a plain network). A unit is dead when none of these samples uses it; a feature is found when a decoder row has a cosine above ${foundAt} with it.`,
    ...sectionOf('relu', `ReLU, penalty ${penalty}`),
    ...sectionOf('topk', `TopK, ${kept} units a sample`),
  ].join('\n\n');
  return Promise.resolve({ markdown: `${markdown}\n`, pictures: new Map() });
}

export const uncentred: Experiment<UncentredCell, UncentredResult> = {
  name: 'uncentred',
  title: 'sparse autoencoders on inputs whose mean is far from 0: dead units, features found',
  needsData: false,
  resultSchema: resultSchema<UncentredResult>({
    deadBefore: 'number',
    deadAfter: 'number',
    objective: 'number',
    unexplained: 'number',
    found: 'number',
  }),
  settings: UNCENTRED_SETTINGS,
  batches: uncentredBatches(),
  runBatch,
  report,
};
