/**
 * The floors of src/, lowest first, and of the rooms in src/homotopy: the one place where they are
 * written. A file imports from its own room, from rooms of floors below, and on its own floor from
 * rooms further left; types count as imports. Checked by `npm run lint` (.dependency-cruiser.js).
 */
export const floors = [
  ['math', 'gpu'],
  ['polynomial', 'data'],
  // verify comes first, so that what checks results imports nothing that makes them
  ['verify', 'homotopy', 'network'],
  ['minima', 'initialize', 'liveness'],
  ['charts', 'experiments'],
  ['page', 'cli', 'entries'],
];

export const homotopyFloors = [
  ['start'],
  ['program'],
  ['points', 'newton', 'gpu'],
  ['track', 'certify'],
  ['solve'],
];

/** Files outside src/cli that may use Node's own modules: a page never loads them. */
export const nodeFiles = [
  // types of them only
  'src/gpu/(platform-node|node)\\.ts',
  'src/data/[a-z-]+-file\\.ts',
];
