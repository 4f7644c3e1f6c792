/** Measures cells of the born-dead experiment. */
import type { GpuDevice } from '../../gpu/index.js';
import { measureLiveness } from '../../liveness/index.js';
import { resultSchema, type Batch, type BatchContext, type Experiment } from '../experiment.js';
import { rounded } from '../statistics.js';
import {
  BORN_DEAD_SETTINGS,
  bornDeadBatches,
  type BornDeadCell,
  type BornDeadResult,
} from './definition.js';
import { reportBornDead } from './report.js';

async function runBatch(
  gpu: GpuDevice,
  { cells }: Batch<BornDeadCell>,
  { signal, onProgress }: BatchContext<BornDeadResult>,
): Promise<readonly BornDeadResult[] | null> {
  const results: BornDeadResult[] = [];
  for (const { id, part, method, input, width, depth } of cells) {
    const { networks, points } = BORN_DEAD_SETTINGS[part];
    const measured = await measureLiveness(gpu, [{ input, width, depth }], {
      methods: [method],
      networks,
      points,
      anchors: BORN_DEAD_SETTINGS.anchors,
      seed: BORN_DEAD_SETTINGS.seed,
      ...(signal && { signal }),
      onProgress: ({ done, total }) => {
        onProgress?.((results.length + done / total) / cells.length);
      },
    });
    const [cell] = measured.cells;
    if (measured.partial || cell === undefined) return null;
    results.push({
      cell: id,
      part,
      method,
      input,
      width,
      depth,
      networks,
      points,
      bornDead: cell.bornDead.count,
      deadUnits: cell.deadUnits.count,
      zeroInputs: cell.zeroInputs.count,
      gradientRatio: cell.gradientRatio === null ? null : rounded(cell.gradientRatio),
      lowerBound: cell.bounds.lower,
      upperBound: cell.bounds.upper,
    });
  }
  return results;
}

export const bornDead: Experiment<BornDeadCell, BornDeadResult> = {
  name: 'born-dead',
  title: 'how often networks are born dead, by initializer, width, depth and inputs',
  needsData: false,
  resultSchema: resultSchema<BornDeadResult>({
    part: 'string',
    method: 'string',
    input: 'number',
    width: 'number',
    depth: 'number',
    networks: 'number',
    points: 'number',
    bornDead: 'number',
    deadUnits: 'number',
    zeroInputs: 'number',
    gradientRatio: 'number',
    lowerBound: 'number',
    upperBound: 'number',
  }),
  settings: BORN_DEAD_SETTINGS,
  batches: [...bornDeadBatches('guarantee'), ...bornDeadBatches('comparison')],
  runBatch,
  report: reportBornDead,
};
