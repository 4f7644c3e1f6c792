/** The hall of fame as a table and a picture. */
import { CHART_COLOURS } from '../../charts/line-look.js';
import { renderSvg } from '../../charts/render-svg.js';
import { wilsonInterval } from '../../liveness/index.js';
import type { ExperimentReport } from '../experiment.js';
import { markdownTable, meanText, percent } from '../markdown.js';
import { spreadOf } from '../statistics.js';
import { HALL_SETTINGS, shapeName, type HallResult, type HallTask } from './definition.js';

type Field = Exclude<keyof HallResult, 'cell'>;

/** What was measured of one initializer in one task, seeds in order. */
function valuesOf(
  results: readonly HallResult[],
  { data }: HallTask,
  method: string,
  field: Field,
): number[] {
  return results
    .filter(({ cell }) => cell.startsWith(`training/${data}/${method}/`))
    .flatMap((result) => result[field] ?? []);
}

export async function reportHall(results: readonly HallResult[]): Promise<ExperimentReport> {
  const { methods, liveness, training } = HALL_SETTINGS;
  const { shapes, networks, points, anchors, single } = liveness;
  const born = (method: string): string[] =>
    shapes.flatMap((shape) => {
      const id = `liveness/${shapeName(shape)}/${method}`;
      const own = results.find(({ cell }) => cell === id);
      if (own === undefined) return ['-', '-'];
      const count = own.networks!;
      const dead = percent(own.bornDead! / count);
      const units = percent(own.deadUnits! / (count * shape.depth * shape.width));
      if (count === 1) return [`${own.bornDead === 1 ? 'yes' : 'no'}`, units];
      const [low, high] = wilsonInterval(own.bornDead!, count);
      return [`${dead} (${percent(low)} to ${percent(high)})`, units];
    });
  const trained = (task: HallTask, method: string): string[] => {
    const values = (field: Field): number[] => valuesOf(results, task, method, field);
    return [
      meanText(values('trainingLoss')),
      meanText(values('testLoss')),
      ...(task.data === 'digits' ? [meanText(values('testAccuracy'), 100)] : []),
      `${meanOnly(values('deadBefore'))} -> ${meanOnly(values('deadAfter'))}`,
    ];
  };
  const meanOnly = (values: readonly number[]): string =>
    values.length === 0 ? '-' : percent(spreadOf(values)!.mean);
  const ranked = (task: HallTask): string[] => {
    const loss = (method: string): number =>
      spreadOf(valuesOf(results, task, method, 'trainingLoss'))?.mean ?? Infinity;
    return [...methods].sort((a, b) => loss(a) - loss(b));
  };
  const { rate, batchSize, seeds, firstSeed, lastSteps } = training;
  const markdown = [
    '# Hall of fame: every published initializer',
    `Definitions and what the public text leaves open: [initializer.md](../../initializer.md#beside-it). Seeds and settings were fixed in \`src/experiments/hall-of-fame/definition.ts\` before anything ran.`,
    '## Born dead',
    `Networks of 10 inputs, ${networks.toLocaleString('en-US')} a cell (${single.join(' and ')} draw no random numbers: one network), judged on ${points} inputs, ${anchors} of them shown to initializers that look at data. A network is born dead when a hidden layer has no unit that is active on any of them; share in %, with Wilson's 95% interval, and dead hidden units in %.`,
    markdownTable(
      [
        'initializer',
        ...shapes.flatMap((shape) => [`born dead, ${shapeName(shape)}`, 'dead units']),
      ],
      methods.map((method) => [method, ...born(method)]),
    ),
    ...training.tasks.flatMap((task) => [
      `## ${task.data}: ${task.network}`,
      `${task.steps} steps of Adam at ${rate}, batches of ${batchSize}, one rate for all; mean and 95% interval of ${seeds} seeds from ${firstSeed} on, one split, ordered by training loss (mean of the last ${lastSteps} steps).${task.data === 'diabetes' ? ' The target is standardized: a constant has a loss of about 1.' : ''}`,
      markdownTable(
        [
          'initializer',
          'training loss',
          'test loss',
          ...(task.data === 'digits' ? ['test %'] : []),
          'dead units % before -> after',
        ],
        ranked(task).map((method) => [method, ...trained(task, method)]),
      ),
    ]),
    '![Training losses and dead units by initializer](hall-of-fame.svg)',
  ].join('\n\n');
  const picture = await hallPicture(results, ranked(training.tasks[0]));
  return { markdown: `${markdown}\n`, pictures: new Map([['hall-of-fame.svg', picture]]) };
}

const ROW = 22;
const PANEL = 300;
const NAMES = 110;

/** A row per initializer: every run's training loss in each task, and dead units of the first shape. */
function hallPicture(results: readonly HallResult[], order: readonly string[]): Promise<string> {
  const { training, liveness } = HALL_SETTINGS;
  const [shape] = liveness.shapes;
  const names = [...order].reverse();
  const panels = [
    ...training.tasks.map((task) => ({
      title: `training loss, ${task.data} ${task.network}`,
      axis: 'each run (dot), mean (bar)',
      series: [
        {
          type: 'bar',
          data: names.map(
            (method) => spreadOf(valuesOf(results, task, method, 'trainingLoss'))?.mean ?? null,
          ),
        },
        {
          type: 'scatter',
          symbolSize: 6,
          data: names.flatMap((method, place) =>
            valuesOf(results, task, method, 'trainingLoss').map((loss) => [loss, place]),
          ),
        },
      ],
    })),
    {
      title: `dead units at the start, ${shapeName(shape)}`,
      axis: '% of hidden units',
      series: [
        {
          type: 'bar',
          data: names.map((method) => {
            const own = results.find(
              ({ cell }) => cell === `liveness/${shapeName(shape)}/${method}`,
            );
            if (own === undefined) return null;
            return (100 * own.deadUnits!) / (own.networks! * shape.depth * shape.width);
          }),
        },
      ],
    },
  ];
  const height = ROW * names.length;
  return renderSvg(
    {
      title: panels.map(({ title }, index) => ({
        text: title,
        left: NAMES + PANEL * index,
        top: 8,
        textStyle: { fontSize: 13 },
      })),
      grid: panels.map((_, index) => ({
        left: NAMES + PANEL * index,
        top: 36,
        width: PANEL - 40,
        height,
      })),
      xAxis: panels.map(({ axis }, index) => ({
        type: 'value',
        gridIndex: index,
        min: 0,
        name: axis,
        nameLocation: 'middle',
        nameGap: 26,
      })),
      yAxis: panels.map((_, index) => ({
        type: 'category',
        gridIndex: index,
        data: names,
        axisLabel: { show: index === 0, interval: 0 },
      })),
      series: panels.flatMap(({ series }, index) =>
        series.map((one) => ({
          ...one,
          xAxisIndex: index,
          yAxisIndex: index,
          itemStyle: { color: CHART_COLOURS[one.type === 'bar' ? 5 : 1] },
        })),
      ),
    },
    { width: NAMES + PANEL * panels.length, height: height + 90 },
  );
}
