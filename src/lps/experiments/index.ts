/** The experiments' public names. */
export {
  DIGITS_SETTINGS,
  digitsChart,
  runDigits,
  summarizeDigits,
  type DigitsOptions,
  type DigitsResult,
  type DigitsRun,
  type DigitsSummary,
} from './digits.js';
export { deadShare, spreadOf, type Spread } from './statistics.js';
