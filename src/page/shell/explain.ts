/** Errors as text for people: what, where, and what to do. */
import { LpsError } from '../../math/lps-error.js';
import { SystemError } from '../../polynomial/index.js';

/** Flags of the command line and options of the library, which a visitor has no use for. */
const FOR_OTHERS = /, or let random linear ones be added for points of each set|(?: \(--[^)]*\))/g;

/** Errors that were foreseen say all of it themselves; others are ours, and are reported as such. */
export function explain(error: unknown): string {
  if (error instanceof SystemError && error.excerpt !== undefined)
    return `${error.message.replaceAll(FOR_OTHERS, '')}\n${error.excerpt}`;
  if (error instanceof LpsError && error.kind !== 'internal')
    return error.message.replaceAll(FOR_OTHERS, '');
  const message = error instanceof Error ? error.message : String(error);
  return `This should not have happened, and it is a mistake of this page: ${message}. Please report it; what you entered is still here.`;
}
