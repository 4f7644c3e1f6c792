/** What proves solutions, and that they are different. */
export { boxInUnits, Certifier } from './certify.js';
export { BoxOverlaps } from './box-overlaps.js';
