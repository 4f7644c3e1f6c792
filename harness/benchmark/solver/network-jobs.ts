/**
 * The networks whose critical points are solved for: diabetes bmi -> progression (the main job), other
 * columns of the same data, and four points (s8 of test/data/networks). All are
 * 1-2-1 with biases and the squared linear unit for ReLU, 465 simple solutions.
 */
import type * as library from '../../internals.js';

type Library = Pick<
  typeof library,
  'DIABETES_CSV' | 'DIABETES_TARGET' | 'readTable' | 'standardize' | 'stationarityProblem'
>;

export const NETWORK_SOLUTIONS = 465;
const REGULARIZATION = 0.01;

/** @param lps the build that is measured */
export function diabetesProblem(
  lps: Library,
  column: string,
  family?: library.NetworkFamily,
): library.StationarityProblem {
  const table = lps.readTable(lps.DIABETES_CSV, { x: [column], y: [lps.DIABETES_TARGET] });
  return networkProblem(lps, lps.standardize(table), family);
}

export function fourPointProblem(lps: Library): library.StationarityProblem {
  const csv = `x,t\n-1,1\n-0.5,0.2\n0.5,${-1 / 3}\n1,0.75\n`;
  return networkProblem(lps, lps.readTable(csv, { x: ['x'], y: ['t'] }));
}

function networkProblem(
  lps: Library,
  data: Parameters<Library['stationarityProblem']>[0]['data'],
  family?: library.NetworkFamily,
): library.StationarityProblem {
  return lps.stationarityProblem(
    {
      data,
      architecture: { layers: [1, 2, 1] },
      activation: { name: 'relu', degree: 2 },
      regularization: REGULARIZATION,
    },
    family,
  );
}

/** How all paths of a network's system are followed. */
export function networkOptions({ family, point }: library.StationarityProblem) {
  return {
    parameters: point.parameters,
    start: 'multihomogeneous',
    partition: family.layout.groups,
  } as const;
}
