/** Which checks of completeness ran and what they prove, for people. */
import type { CompletenessCheck } from '../homotopy/index.js';

/** One line a check; none for none. */
export function describeCompleteness(checks: readonly CompletenessCheck[]): string[] {
  if (checks.length === 0) return [];
  const width = Math.max(...checks.map(({ check }) => check.length));
  return [
    '',
    'What is proved',
    ...checks.map(({ check, proves }) => `  ${check.padEnd(width)}  ${proves}`),
  ];
}
