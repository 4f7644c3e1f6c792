/** The training samples that initializers may look at. */
import type { Dataset } from '../data/index.js';
import type { InitializationOptions } from '../initialize/index.js';
import { networkInputs } from '../network/index.js';

/** At most so many samples are offered to the method. */
const ANCHOR_SAMPLES = 1024;

/** Evenly spread samples, as the network sees them. */
export function anchorsOf(data: Dataset): NonNullable<InitializationOptions['anchors']> {
  const stride = Math.ceil(data.count / ANCHOR_SAMPLES);
  const samples = Array.from({ length: Math.ceil(data.count / stride) }, (_, k) => k * stride);
  return { inputs: networkInputs(data, samples), count: samples.length };
}
