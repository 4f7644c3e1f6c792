/** Public names of the polynomial layer. */
export { parseSystem, type ParseOptions, type SystemFormat } from './parse.js';
export { formatSystem } from './format.js';
export {
  member,
  parseFamily,
  type Denominator,
  type FamilyOptions,
  type FamilyTerm,
  type ParameterValue,
  type SystemFamily,
} from './family.js';
export {
  COMPLEX_PRIMES,
  countModulo,
  countSolutions,
  REAL_PRIMES,
  reduceModulo,
  type CountLimits,
  type CountStatus,
  type ExactCount,
  type ModularSystem,
} from './exact-count/exact-count.js';
export {
  SystemError,
  SystemSyntaxError,
  type Place as SystemErrorPlace,
  type SystemErrorCode,
} from './errors.js';
export { evaluate, toNumeric } from './numeric.js';
export { residual } from './residual.js';
export type {
  ExactComplex,
  NumericPolynomial,
  NumericSystem,
  PolynomialSystem,
  Term,
} from './system.js';
