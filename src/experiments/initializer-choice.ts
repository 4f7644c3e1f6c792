/** The initializers that experiments compare, ablations of `lps` among them. */
import type { InitializationOptions, InitializerMethod, LpsAblation } from '../initialize/index.js';

export interface InitializerChoice {
  /** In cells and tables. */
  readonly label: string;
  readonly method: InitializerMethod;
  readonly ablation?: LpsAblation;
  readonly directions?: InitializationOptions['directions'];
}

/** Initializers by their own names. */
export function choicesOf(methods: readonly InitializerMethod[]): InitializerChoice[] {
  return methods.map((method) => ({ label: method, method }));
}

/** `lps` with one part left out each. */
export const ABLATIONS: readonly InitializerChoice[] = [
  { label: 'lps without cuts', method: 'lps', ablation: { cuts: false } },
  { label: 'lps without scale', method: 'lps', ablation: { scale: false } },
  { label: 'lps without pairs', method: 'lps', ablation: { antithetic: false } },
];
