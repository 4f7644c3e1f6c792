/** The network that a command line names: in the notation, by name, or in a JSON file. */
import type { Dataset } from '../data/index.js';
import { readTextFile } from '../data/read-file.js';
import {
  activationFromNotation,
  networkFromJson,
  networkFromNotation,
  type Network,
} from '../network/index.js';

/**
 * Reads a network.
 *
 * @param data what it is for, if anything: gives input and outputs where the text leaves them open
 * @throws NetworkError or DataFileError
 */
export async function networkFromText(
  text: string,
  options: {
    readonly activation: string;
    readonly data: Dataset | null;
    /** Outputs of a named network, before those of the data. */
    readonly classes?: number | undefined;
  },
): Promise<Network> {
  if (text.endsWith('.json')) return networkFromJson(await readTextFile(text));
  const { activation, data } = options;
  const outputs =
    data && (data.targets.kind === 'class' ? data.targets.classes : data.targets.width);
  const classes = options.classes ?? outputs;
  return networkFromNotation(text, {
    activation: activationFromNotation(activation),
    ...(data && { input: data.shape }),
    ...(classes && { classes }),
  });
}
