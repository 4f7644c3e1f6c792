/** The resumable experiments by name. */
import { bornDead } from './born-dead/run.js';
import { digitsGrid } from './classification/digits-grid.js';
import { fashionMnist } from './classification/fashion-mnist.js';
import { deep } from './deep/run.js';
import { deepNarrow } from './deep-narrow/run.js';
import { directions } from './directions/run.js';
import { hallOfFame } from './hall-of-fame/run.js';
import { revival } from './revival/run.js';
import { uncentred } from './uncentred/run.js';
import { ExperimentError, type Experiment } from './experiment.js';

/** In the order in which they are worth reading. */
export const EXPERIMENTS: readonly Experiment[] = [
  bornDead,
  hallOfFame,
  deepNarrow,
  deep,
  directions,
  uncentred,
  revival,
  digitsGrid,
  fashionMnist,
];

/** @throws ExperimentError for a name that none has */
export function findExperiment(name: string): Experiment {
  const found = EXPERIMENTS.find((experiment) => experiment.name === name);
  if (found) return found;
  const known = ['digits', ...EXPERIMENTS.map((experiment) => experiment.name)];
  throw new ExperimentError(`there is no experiment "${name}"; known are ${known.join(', ')}`);
}
